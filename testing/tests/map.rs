//! The map in docs/architecture.md is true: every file that it and the other documents name exists.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::{
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// The names in backticks that look like a path in the project: from its root, or the end of one, such as
/// `queue/keys.rs`.
fn paths(document: &str) -> Vec<&str> {
    let rooms = ["ingest", "worker", "shared", "migrations", "simulator", "testing", "xtask"];
    let named = document.split('`').skip(1).step_by(2).filter(|name| !name.contains(' '));
    let is_path = |name: &&str| {
        let Some((first, _)) = name.split_once('/') else { return false };
        let is_source = [".rs", ".sql", ".lua"].iter().any(|end| name.ends_with(end));
        rooms.contains(&first) || is_source
    };
    named.filter(is_path).collect()
}

/// All files and folders below a folder.
fn all_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let hidden = path.file_name().unwrap().to_string_lossy().starts_with('.');
        if hidden || path.ends_with("target") {
            continue;
        }
        if path.is_dir() {
            all_below(&path, found);
        }
        found.push(path);
    }
}

#[test]
fn every_file_that_the_documents_name_exists() {
    let mut files = Vec::new();
    all_below(&root(), &mut files);
    let mut named = 0;
    let documents = fs::read_dir(root().join("docs")).unwrap().map(|entry| entry.unwrap().path());
    for document in documents.chain([root().join("README.md")]) {
        if document.extension().is_none_or(|extension| extension != "md") {
            continue;
        }
        let text = fs::read_to_string(&document).unwrap();
        for path in paths(&text) {
            let exists = files.iter().any(|file| file.ends_with(path));
            assert!(exists, "{} names {path}", document.display());
            named += 1;
        }
    }
    assert!(named > 80, "{named}");
}
