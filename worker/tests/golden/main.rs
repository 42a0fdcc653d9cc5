//! What is stored and sent stays as it is, whatever the code calls it: each file of `worker/golden` is
//! compared with the values of today.

#![allow(clippy::unwrap_used, reason = "tests")]

mod answers;
mod callbacks;
#[path = "../../../shared/tests/golden/held.rs"]
mod held;
mod redis_keys;

/// The files of `worker/golden`.
const FILES: &[&str] = &["answers.txt", "callbacks.txt", "redis_keys.txt"];

#[test]
fn every_golden_file_is_held_by_a_test() {
    held::hold_all_files();
}
