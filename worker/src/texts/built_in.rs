//! The Fluent files that are built into the program.

use shared::domain::venue::Locale;
use unic_langid::{LanguageIdentifier, langid};

/// A built-in Fluent file is broken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the texts of {locale:?} are broken: {reason}")]
pub struct TextsError {
    pub(super) locale: Locale,
    pub(super) reason: String,
}

/// The source of a language, as built in.
pub(super) fn source(locale: Locale) -> &'static str {
    match locale {
        Locale::Ru => include_str!("../../locales/ru/bot.ftl"),
        Locale::En => include_str!("../../locales/en/bot.ftl"),
    }
}

/// The language's plural rules.
pub(super) fn identifier(locale: Locale) -> LanguageIdentifier {
    match locale {
        Locale::Ru => langid!("ru"),
        Locale::En => langid!("en"),
    }
}
