//! What is stored and sent stays as it is, whatever the code calls it: each file of `shared/golden` is
//! compared with the values of today.

#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "../common/mod.rs"]
mod common;
mod contents;
mod held;
mod histories;
mod locks;
mod payloads;
mod payloads_before;
mod redis_keys;
mod rows;
mod samples;
mod schema;
mod settings;
mod words;

/// The files of `shared/golden`.
const FILES: &[&str] = &[
    "contents.txt",
    "histories.txt",
    "job_ids.txt",
    // Held beside the catalogue of metrics.
    "metrics.txt",
    "payloads.txt",
    "payloads_before.txt",
    "redis_keys.txt",
    "rows.txt",
    "schema.txt",
    "settings.txt",
    "words.txt",
];

#[test]
fn every_golden_file_is_held_by_a_test() {
    held::hold_all_files();
}
