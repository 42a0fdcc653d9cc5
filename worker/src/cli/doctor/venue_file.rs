//! Shows what `venue.toml` changes, and checks its texts. A fault in its resources is one of the settings.

use shared::settings::WorkerSettings;

use super::{Finding, Words, say};
use crate::texts::Languages;

/// Most keys and faults that are named.
const NAMED: usize = 20;

pub(super) fn check(settings: &WorkerSettings) -> Finding {
    let about = "venue file";
    let file = &settings.venue.file;
    let Some(path) = &file.path else { return Finding::ok(about, say("file-none")) };
    let texts = match Languages::load(&settings.venue) {
        Ok(texts) => texts,
        Err(error) => return Finding::fail(about, error.to_string(), say("file-install")),
    };
    let own = texts.own().map(|(locale, key)| format!("{}.{key}", locale.as_str()).into());
    let own: Vec<Words> = own.collect();
    let counted = |key| {
        let found = say(key).with("path", path.to_string());
        found.number("resources", file.resources.len() as u64).number("texts", own.len() as u64)
    };
    let found = match own.len() {
        0 => counted("file-read"),
        _ => counted("file-read-texts").list("own", named(own.clone())),
    };
    let broken = texts.broken();
    if broken.is_empty() {
        return Finding::ok(about, found);
    }
    let lines = broken.iter().map(|fault| format!("\n  {fault}").into()).collect();
    let found = say("file-broken").with("found", found).list("broken", named(lines));
    Finding::warn(about, found, say("file-mend"))
}

/// The first of them, and how many more there are.
fn named(mut all: Vec<Words>) -> Vec<Words> {
    let more = all.len().saturating_sub(NAMED);
    all.truncate(NAMED);
    if more > 0 {
        all.push(say("file-more").number("n", more as u64));
    }
    all
}
