//! The map of the house is true: files that the documents name exist, and the layers of `shared` hold.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::{
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The names in backticks that look like a path in the project.
fn paths(document: &str) -> Vec<&str> {
    let rooms =
        ["ingest/", "worker/", "shared/", "migrations/", "simulator/", "testing/", "xtask/"];
    let named = document.split('`').skip(1).step_by(2);
    named.filter(|name| rooms.iter().any(|room| name.starts_with(room))).collect()
}

/// The Rust files below a folder.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The rooms of `shared` that a file imports: the first segment after `crate::`, also within braces.
fn imports(source: &str) -> Vec<String> {
    let code: String = source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| [line, "\n"])
        .collect();
    let mut rooms = Vec::new();
    for rest in code.split("crate::").skip(1) {
        let names = match rest.strip_prefix('{') {
            None => vec![rest],
            Some(list) => top_level(list),
        };
        let word = |name: &str| {
            let name = name.trim_start();
            let end = name.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(name.len());
            name.get(..end).unwrap_or_default().to_owned()
        };
        rooms.extend(names.into_iter().map(word));
    }
    rooms
}

/// The parts between the commas of a list in braces, up to its end.
fn top_level(list: &str) -> Vec<&str> {
    let (mut depth, mut from, mut parts) = (0, 0, Vec::new());
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                parts.push(&list[from..at]);
                return parts;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&list[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts
}

/// The rank of a room of `shared`; `None` for the helpers that any room may use.
fn rank(room: &str) -> Option<u8> {
    Some(match room {
        "domain" => 0,
        "bukza" => 1,
        "settings" | "queue" => 2,
        "telemetry" => 3,
        "store" => 4,
        _ => return None,
    })
}

#[test]
fn every_file_that_the_documents_name_exists() {
    let mut named = 0;
    for document in ["docs/architecture.md", "docs/queue.md", "docs/operations.md", "README.md"] {
        let text = fs::read_to_string(root().join(document)).unwrap();
        for path in paths(&text) {
            assert!(root().join(path).exists(), "{document} names {path}");
            named += 1;
        }
    }
    assert!(named > 60, "{named}");
}

#[test]
fn the_layers_of_shared_hold() {
    let mut looked_at = 0;
    for room in ["domain", "bukza", "settings", "queue", "telemetry", "store"] {
        let mut files = Vec::new();
        sources(&root().join("shared/src").join(room), &mut files);
        for file in files {
            let source = fs::read_to_string(&file).unwrap();
            for import in imports(&source).iter().filter(|import| *import != room) {
                let above = rank(import) > rank(room)
                    || rank(import).is_some() && rank(import) == rank(room);
                assert!(!above, "{} imports {import}", file.display());
                looked_at += 1;
            }
        }
    }
    assert!(looked_at > 50, "{looked_at}");
}

#[test]
fn imports_are_found_in_lists_too() {
    let source =
        "use crate::{\n    domain::{a::B, c},\n    store::x,\n};\nuse crate::queue;\n// crate::no";
    assert_eq!(imports(source), ["domain", "store", "", "queue"]);
}
