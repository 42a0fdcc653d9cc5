//! The texts of `worker setup`, from Fluent files of their own: plain text for a terminal.

use shared::domain::venue::Locale;
use unic_langid::langid;

use super::{
    built_in::TextsError,
    bundle::{Args, Language},
};

pub(super) const RU: &str = include_str!("../../locales/ru/setup.ftl");
pub(super) const EN: &str = include_str!("../../locales/en/setup.ftl");

/// The texts of a set-up in one language.
#[derive(Debug)]
pub struct SetupTexts(Language);

impl SetupTexts {
    /// Reads the built-in file of a language.
    ///
    /// # Errors
    /// When it is broken. A test checks both.
    pub fn load(locale: Locale) -> Result<Self, TextsError> {
        let (id, source) = match locale {
            Locale::Ru => (langid!("ru"), RU),
            Locale::En => (langid!("en"), EN),
        };
        Language::parse(locale, id, source, std::iter::empty()).map(Self)
    }

    /// A text that takes no values.
    #[must_use]
    pub fn plain(&self, key: &str) -> String {
        self.0.plain(key)
    }

    /// A text with these values, as they are: a terminal knows no markup.
    #[must_use]
    pub fn with(&self, key: &str, values: &[(&str, &str)]) -> String {
        let args = values.iter().fold(Args::new(), |args, (name, value)| args.html(name, *value));
        self.0.get(key, args)
    }
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs, path::Path};

    use super::*;

    fn keys(source: &str) -> BTreeSet<&str> {
        let lines = source.lines().filter(|line| line.starts_with("setup-"));
        lines.filter_map(|line| line.split_once(" =").map(|(key, _)| key)).collect()
    }

    fn values<'a>(source: &'a str, key: &str) -> BTreeSet<&'a str> {
        let text = source.split(&format!("\n{key} =")).nth(1).unwrap();
        let text = text.split("\nsetup-").next().unwrap();
        text.split("{ $").skip(1).map(|rest| rest.split(' ').next().unwrap()).collect()
    }

    #[test]
    fn both_languages_have_the_same_texts_with_the_same_values() {
        assert!(keys(RU).len() > 30);
        assert_eq!(keys(RU), keys(EN));
        for locale in [Locale::Ru, Locale::En] {
            let texts = SetupTexts::load(locale).unwrap();
            for key in keys(RU) {
                assert_eq!(values(RU, key), values(EN, key), "{key}");
                let given: Vec<(&str, &str)> =
                    values(RU, key).into_iter().map(|name| (name, "x")).collect();
                let text = texts.with(key, &given);
                assert!(!text.trim().is_empty() && !text.contains(['{', '<']), "{key}: {text}");
            }
        }
    }

    #[test]
    fn every_text_is_used() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli/setup");
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let sources: String = files.map(|file| fs::read_to_string(file).unwrap()).collect();
        for key in keys(RU) {
            assert!(sources.contains(&format!("\"{key}\"")), "{key} is used nowhere");
        }
    }
}
