//! The map in docs/architecture.md is true: every file that it and the other documents name exists.

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
