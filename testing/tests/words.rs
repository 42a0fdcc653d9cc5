//! The project speaks in the field's own words: no file uses a word of the dialect it once had.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::{
    fs, mem,
    path::{Path, PathBuf},
};

use testing::harness::project::Project;

/// Words and phrases with a plain name of their own: sent, recorded, requested, sender, batcher, …
const BANNED: &str = "aftermath, arrivals, asked, clerk, clerks, courier, couriers, crew, crews, desk, \
     desks, freshen, gather, gathers, gathered, insist, intake, said, salvage, salvaged, situation, \
     surroundings, told, the house, operator room, who has gone";

/// Files that are read, by the end of their names. Texts for people (`*.ftl`), wordings that owners
/// type (`*.tsv`) and golden files are not.
const READ: &str = ".rs .sql .lua .md .sh .yml .toml .conf .service .timer .example /Dockerfile \
     deploy/backup deploy/bridge deploy/logrotate/nginx deploy/nginx-settings deploy/ready deploy/restore .ci/run";

/// The history has to name what was renamed, and this test what is banned.
const NOT_READ: &[&str] = &["CHANGELOG.md", "testing/tests/words.rs"];

/// What may stand in the files below a path, because it is stored or typed by people.
const ALLOWED: &[(&str, &str)] = &[
    // Reasons in the column `messages.reason`.
    ("", "told_recently"),
    ("", "asked_recently"),
    // Words of statuses that owners type: «pay at the desk», «asked to cancel».
    ("shared/src/domain/status", "\"desk\""),
    ("shared/src/domain/status/lists.rs", " asks asked asking "),
    // Titles in golden files, which a rename leaves as they are.
    ("shared/tests/golden", "\"note: waits, and the client was not told\""),
    ("shared/tests/golden", "\"stands, with what its status said\""),
];

/// The words of a text in small letters, with their lines. `snake_case` and `CamelCase` are several words.
fn words(text: &str) -> Vec<(usize, String)> {
    let mut words = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let (mut word, mut after_small) = (String::new(), false);
        for letter in line.chars().chain([' ']) {
            let ends = !letter.is_alphanumeric() || letter.is_uppercase() && after_small;
            if ends && !word.is_empty() {
                words.push((number, mem::take(&mut word)));
            }
            if letter.is_alphanumeric() {
                word.extend(letter.to_lowercase());
            }
            after_small = letter.is_lowercase();
        }
    }
    words
}

/// The banned words and phrases in a file, with their lines. A phrase may go on in the next line.
fn banned(path: &str, text: &str) -> Vec<(usize, String)> {
    let allowed = ALLOWED.iter().filter(|(below, _)| path.starts_with(below));
    let text = allowed.fold(text.to_owned(), |text, (_, allowed)| text.replace(allowed, ""));
    let words = words(&text);
    let phrases: Vec<Vec<&str>> =
        BANNED.split(", ").map(|phrase| phrase.split(' ').collect()).collect();
    let starts = |at: usize, phrase: &[&str]| {
        let here = words[at..].iter().take(phrase.len()).map(|(_, word)| word.as_str());
        here.eq(phrase.iter().copied())
    };
    (0..words.len())
        .filter_map(|at| Some((at, phrases.iter().find(|phrase| starts(at, phrase))?)))
        .map(|(at, phrase)| (words[at].0, phrase.join(" ")))
        .collect()
}

/// The paths of the files to read, from the project's root. Hidden folders but CI's are left out.
fn files(root: &Path, folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if name != "target" && (!name.starts_with('.') || name == ".ci") {
                files(root, &path, found);
            }
        } else if READ.split(' ').any(|end| path.to_string_lossy().ends_with(end)) {
            found.push(path.strip_prefix(root).unwrap().to_owned());
        }
    }
}

#[test]
fn no_file_uses_a_word_of_the_dialect() {
    let root = Project::find().unwrap().root().to_owned();
    let mut found = Vec::new();
    files(&root, &root, &mut found);
    found.sort();
    assert!(found.len() > 400, "{}", found.len());
    let mut hits = Vec::new();
    for path in found {
        let path = path.to_str().unwrap();
        if !NOT_READ.contains(&path) {
            let text = fs::read_to_string(root.join(path)).unwrap();
            let lines = banned(path, &text).into_iter();
            hits.extend(lines.map(|(line, phrase)| format!("{path}:{line}: {phrase}")));
        }
    }
    assert!(hits.is_empty(), "{} uses of banned words:\n{}", hits.len(), hits.join("\n"));
}

#[test]
fn a_banned_word_is_found_in_names_and_across_lines() {
    let text =
        "let was_told = Told;\nNobodyAsked(untold, `told_recently`)\n// Keeps the\n// house.";
    let found = [(1, "told"), (1, "told"), (2, "asked"), (3, "the house")];
    assert_eq!(banned("x.rs", text), found.map(|(line, word)| (line, word.to_owned())));
}
