//! The documents list exactly what the code has: settings, metrics and log messages.

use std::{collections::BTreeSet, fs, path::Path};

use testing::harness::project::Project;

type Names = BTreeSet<String>;

fn read(path: &str) -> String {
    let root = Project::find().expect("the project").root().to_owned();
    fs::read_to_string(root.join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The names between backquotes in one column of a document's tables.
fn listed(document: &str, column: usize) -> Names {
    let rows = document.lines().filter(|line| line.starts_with("| "));
    rows.filter_map(|row| row.split('|').nth(column + 1))
        .flat_map(|cell| cell.split('`').skip(1).step_by(2))
        .map(str::to_owned)
        .collect()
}

fn assert_same(document: &str, listed: &Names, there: &Names) {
    let missing: Vec<_> = there.difference(listed).collect();
    let gone: Vec<_> = listed.difference(there).collect();
    assert!(
        missing.is_empty() && gone.is_empty(),
        "{document} lacks {missing:?}, and has {gone:?}"
    );
}

#[test]
fn the_readme_lists_every_setting() {
    let is_setting = |name: &str| {
        name.len() > 3 && name.bytes().all(|b| b.is_ascii_uppercase() || b"_2".contains(&b))
    };
    let example = read(".env.example");
    let there: Names = example
        .lines()
        .filter_map(|line| line.trim_start_matches(['#', ' ']).split_once('='))
        .filter(|(name, _)| name.contains('_') || ["TIMEZONE", "LOCALE", "CURRENCY"].contains(name))
        .map(|(name, _)| name.to_owned())
        .filter(|name| is_setting(name) || name == "LINK_2GIS")
        .collect();
    let readme = read("README.md");
    let settings = readme.split("## Settings").nth(1).expect("the section");
    let settings = settings.split("\n## ").next().expect("its end");
    let listed = listed(settings, 0);
    assert!(there.len() > 30, "{there:?}");
    assert_same("README.md", &listed, &there);
}

#[test]
fn metrics_md_lists_every_metric() {
    let catalogue = read("shared/src/telemetry/metrics/catalogue.rs");
    let there: Names = catalogue
        .lines()
        .filter(|line| line.contains("\": ") && line.contains(" = \""))
        .filter_map(|line| line.split('"').nth(1))
        .map(str::to_owned)
        .collect();
    let document = read("docs/metrics.md");
    let tables = document.split("## Labels").next().expect("the tables");
    let unmeasured = tables.lines().filter(|line| line.starts_with("Named in the program"));
    let unmeasured = unmeasured.flat_map(|line| line.split('`').skip(1).step_by(2));
    let is_metric = |name: &String| name.contains('_') && !name.contains('(');
    let mut listed: Names = listed(tables, 0).into_iter().filter(is_metric).collect();
    listed.extend(unmeasured.map(str::to_owned));
    assert!(there.len() > 20, "{there:?}");
    assert_same("docs/metrics.md", &listed, &there);
}

#[test]
fn logging_md_lists_every_message() {
    let root = Project::find().expect("the project").root().to_owned();
    let mut there = Names::new();
    for part in ["ingest/src", "worker/src", "shared/src", "migrations/src"] {
        collect_messages(&root.join(part), &mut there);
    }
    let document = read("docs/logging.md");
    let tables = document.split("## ingest").nth(1).expect("the tables");
    // Messages may contain backquotes. Only the cell's outer ones are removed.
    let listed: Names = tables
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| level"))
        .filter_map(|line| line.split(" | ").nth(1))
        .map(|cell| cell.trim().trim_end_matches(" (migrate)"))
        .filter_map(|cell| cell.strip_prefix('`')?.strip_suffix('`'))
        .map(str::to_owned)
        .collect();
    assert!(there.len() > 40, "{there:?}");
    assert_same("docs/logging.md", &listed, &there);
}

/// Collects the log messages of info and above in the sources below `folder`.
fn collect_messages(folder: &Path, messages: &mut Names) {
    for entry in fs::read_dir(folder).expect("a folder").filter_map(Result::ok) {
        let path = entry.path();
        if path.is_dir() {
            collect_messages(&path, messages);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let source = fs::read_to_string(&path).expect("a source");
            for level in ["info", "warn", "error"] {
                for call in source.split(&format!("tracing::{level}!(")).skip(1) {
                    messages.extend(message(call));
                }
            }
        }
    }
}

/// The message of a logging call: the last string before its closing bracket. Fields before it may
/// contain strings and calls.
fn message(call: &str) -> Option<String> {
    let (mut depth, mut last, mut rest) = (1, None, call);
    while depth > 0 {
        let at = rest.find(['(', ')', '"'])?;
        let (found, after) = (&rest[at..=at], &rest[at + 1..]);
        match found {
            "(" => depth += 1,
            ")" => depth -= 1,
            _ => {
                let end = after.find('"')?;
                last = (depth == 1).then(|| after[..end].to_owned()).or(last);
                rest = &after[end + 1..];
                continue;
            }
        }
        rest = after;
    }
    let text = last?;
    // A backslash joins lines.
    let joined: Vec<&str> = text.split("\\\n").map(str::trim_start).collect();
    Some(joined.concat())
}
