//! The documents list exactly what the code has: settings, metrics and log messages.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

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

/// The tables of settings, in English and in Russian.
fn tables_of_settings() -> [(&'static str, String); 2] {
    let readme = read("README.md");
    let settings = readme.split("\n## Settings").nth(1).expect("the section");
    let settings = settings.split("\n## ").next().expect("its end").to_owned();
    [("README.md", settings), ("docs/ru/настройки.md", read("docs/ru/настройки.md"))]
}

#[test]
fn both_languages_list_every_setting() {
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
    assert!(there.len() > 30, "{there:?}");
    for (document, settings) in tables_of_settings() {
        assert_same(document, &listed(&settings, 0), &there);
    }
}

/// Each setting's default: what stands between backquotes, or that it is required.
fn defaults(settings: &str) -> BTreeMap<String, Vec<String>> {
    let rows = settings.lines().filter(|line| line.starts_with("| "));
    rows.flat_map(|row| {
        let default = row.split('|').nth(2).unwrap_or_default();
        let required = ["required", "обязательно"].iter().any(|word| default.contains(word));
        // "(webhook)" is a word in one table and a value in the other.
        let values = listed(row, 1).into_iter().filter(|_| !required);
        let default: Vec<String> = values.chain(required.then(|| "required".to_owned())).collect();
        listed(row, 0).into_iter().map(move |setting| (setting, default.clone()))
    })
    .collect()
}

#[test]
fn both_languages_name_the_same_defaults() {
    let [(_, english), (_, russian)] = tables_of_settings();
    let (english, russian) = (defaults(&english), defaults(&russian));
    assert!(english.values().filter(|default| !default.is_empty()).count() > 20, "{english:?}");
    for (setting, default) in &english {
        assert_eq!(russian.get(setting), Some(default), "{setting}");
    }
}

#[test]
fn each_attempt_of_security_md_is_a_test() {
    let document = read("SECURITY.md");
    let table = document.split("## Who may try").nth(1).expect("the section");
    let named = listed(table.split("\n## ").next().expect("its end"), 3);
    assert!(named.len() > 15, "{named:?}");
    let sources = sources(Project::find().expect("the project").root());
    let missing: Vec<_> = named
        .iter()
        .filter(|name| *name != "cargo xtask test --attempts")
        .filter(|name| !sources.contains(&format!("fn {name}(")))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// All Rust files below a folder, as one text. What was built or run there is left out.
fn sources(folder: &Path) -> String {
    let entries = fs::read_dir(folder).expect("a folder").filter_map(Result::ok);
    entries
        .map(|entry| entry.path())
        .filter(|path| !path.ends_with("target") && !path.ends_with(".dev"))
        .map(|path| match path.extension() {
            _ if path.is_dir() => sources(&path),
            Some(extension) if extension == "rs" => fs::read_to_string(path).unwrap_or_default(),
            _ => String::new(),
        })
        .collect()
}

#[test]
fn the_notices_accept_the_licences_that_deny_toml_allows() {
    let licences = |file: &str, key: &str| -> Names {
        let text = read(file);
        let list = text.split(&format!("\n{key} = [")).nth(1).expect("the list");
        let list = list.split(']').next().expect("its end");
        list.split('"').skip(1).step_by(2).map(str::to_owned).collect()
    };
    let allowed = licences("deny.toml", "allow");
    assert!(allowed.len() > 5, "{allowed:?}");
    assert_same("about.toml", &licences("about.toml", "accepted"), &allowed);
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
        let source = sources(&root.join(part));
        for level in ["info", "warn", "error"] {
            let calls = format!("tracing::{level}!(");
            there.extend(source.split(&calls).skip(1).filter_map(message));
        }
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
