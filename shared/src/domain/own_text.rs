//! A text that the owner wrote in place of a built-in one, in `venue.toml`. Whether it can be used is checked by worker,
//! which has the built-in texts.

use super::venue::Locale;

/// A text as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnText {
    pub locale: Locale,
    /// The key of the built-in text.
    pub key: String,
    /// The value in the form of Project Fluent.
    pub pattern: String,
    /// Where it stands in the file.
    pub line: usize,
}
