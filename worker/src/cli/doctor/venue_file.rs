//! Shows what `venue.toml` changes, and checks its texts. A fault in its resources is one of the settings.

use shared::settings::WorkerSettings;

use super::Finding;
use crate::texts::Languages;

/// Most keys and faults that are named.
const NAMED: usize = 20;

pub(super) fn check(settings: &WorkerSettings) -> Finding {
    let about = "venue file";
    let file = &settings.venue.file;
    let Some(path) = &file.path else {
        return Finding::ok(about, "none: the settings and the built-in texts hold everywhere");
    };
    let texts = match Languages::load(&settings.venue) {
        Ok(texts) => texts,
        Err(error) => return Finding::fail(about, error.to_string(), "install the release again"),
    };
    let own = texts.own().map(|(locale, key)| format!("{}.{key}", locale.as_str()));
    let own: Vec<String> = own.collect();
    let mut found = format!("{path}: {} resources, {} texts", file.resources.len(), own.len());
    if !own.is_empty() {
        found.push_str(&format!(" ({})", named(&own, ", ")));
    }
    let broken: Vec<String> = texts.broken().iter().map(ToString::to_string).collect();
    if broken.is_empty() {
        return Finding::ok(about, found);
    }
    let found = format!("{found}; not used:\n  {}", named(&broken, "\n  "));
    Finding::warn(
        about,
        found,
        "mend these texts and restart the workers, which read the file at their start: until then the built-in \
         ones are used",
    )
}

fn named(all: &[String], between: &str) -> String {
    let mut named = all.iter().take(NAMED).cloned().collect::<Vec<_>>().join(between);
    if all.len() > NAMED {
        named.push_str(&format!("{between}and {} more", all.len() - NAMED));
    }
    named
}
