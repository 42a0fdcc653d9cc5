//! The Fluent files that are built into the program.

use shared::domain::venue::Locale;
use unic_langid::{LanguageIdentifier, langid};

pub(super) const RU: &str = include_str!("../../locales/ru/bot.ftl");
pub(super) const EN: &str = include_str!("../../locales/en/bot.ftl");

/// A built-in Fluent file is broken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the texts of {locale:?} are broken: {reason}")]
pub struct TextsError {
    pub(super) locale: Locale,
    pub(super) reason: String,
}

/// The source of a language, as built in.
pub(super) fn source(locale: Locale) -> (LanguageIdentifier, &'static str) {
    match locale {
        Locale::Ru => (langid!("ru"), RU),
        Locale::En => (langid!("en"), EN),
    }
}
