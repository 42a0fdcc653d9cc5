//! Which room may use what.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{fs, path::Path};

/// The Rust files below `folder`.
fn sources(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            found.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
        }
    }
    found
}

/// Checks that the words stand in this room of `src` alone.
fn assert_room_of(words: &str, room: &str) {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let room = src.join(room).display().to_string();
    let (inside, outside): (Vec<_>, Vec<_>) =
        sources(&src).into_iter().partition(|(path, _)| path.starts_with(&room));
    let uses = |(_, text): &(String, String)| text.contains(words);
    assert!(inside.iter().any(uses), "the room has moved");
    let strays: Vec<_> = outside.iter().filter(|file| uses(file)).map(|(path, _)| path).collect();
    assert!(strays.is_empty(), "{strays:?}");
}

#[test]
fn only_the_room_telegram_uses_teloxide() {
    assert_room_of("teloxide", "telegram");
}

#[test]
fn only_the_room_bukza_table_calls_bukzas_api() {
    assert_room_of("reservation-tables", "bukza_table");
}
