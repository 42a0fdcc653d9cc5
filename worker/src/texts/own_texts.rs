//! The owner's texts from `venue.toml`: those that can be used, and why the others can't. The built-in text stands
//! where one can't.

use std::fmt;

use shared::domain::venue::{Locale, OwnText};

use super::{
    built_in::TextsError,
    bundle::Language,
    check::Checker,
    labels::{bare, command_of, labels},
};
use crate::bot::command::Command;

/// Longest key in a message, in characters.
const KEY_SHOWN: usize = 60;

/// A text that can't be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrokenText {
    pub locale: Locale,
    pub key: String,
    pub line: usize,
    /// Follows the key.
    pub reason: String,
}

impl fmt::Display for BrokenText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, locale) = (self.line, self.locale.as_str());
        write!(f, "line {line}, texts.{locale}.{}: {}", self.key, self.reason)
    }
}

/// The texts that are used, as messages of a Fluent file, and those that can't be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct OwnTexts {
    used: Vec<(Locale, String, String)>,
    broken: Vec<BrokenText>,
    /// The labels of the menu among those that are used.
    labels: Vec<(String, Command)>,
}

impl OwnTexts {
    /// # Errors
    /// When a built-in file is broken.
    pub(super) fn check(texts: &[OwnText]) -> Result<Self, TextsError> {
        let mut own = Self::default();
        for locale in Locale::ALL.iter().copied() {
            let mut texts = texts.iter().filter(|text| text.locale == locale).peekable();
            if texts.peek().is_none() {
                continue;
            }
            let checker = Checker::new(locale)?;
            for text in texts {
                own.add(&checker, text)?;
            }
        }
        own.broken.sort_by_key(|text| text.line);
        Ok(own)
    }

    fn add(&mut self, checker: &Checker, text: &OwnText) -> Result<(), TextsError> {
        let checked = match checker.check(&text.key, &text.pattern) {
            Ok(checked) => self.label(&text.key, &checked.shown)?.map(|()| checked.message),
            Err(reason) => Err(reason),
        };
        match checked {
            Ok(message) => self.used.push((text.locale, text.key.clone(), message)),
            Err(reason) => {
                let key = text.key.chars().filter(|c| !c.is_control()).take(KEY_SHOWN).collect();
                let (locale, line) = (text.locale, text.line);
                self.broken.push(BrokenText { locale, key, line, reason });
            }
        }
        Ok(())
    }

    /// A label of the menu, in whatever language, means one command, also where a client's menu is from before.
    fn label(&mut self, key: &str, shown: &str) -> Result<Result<(), String>, TextsError> {
        let Some(command) = command_of(key) else { return Ok(Ok(())) };
        let label = bare(shown);
        if label.is_empty() {
            return Ok(Err("has no letter".to_owned()));
        }
        let mut others = self.labels.clone();
        for locale in Locale::ALL.iter().copied() {
            others.extend(labels(&Language::built_in(locale)?));
        }
        if others.iter().any(|(other, of)| *other == label && *of != command) {
            return Ok(Err("is the label of another button of the menu".to_owned()));
        }
        self.labels.push((label, command));
        Ok(Ok(()))
    }

    /// The messages of a language.
    pub(super) fn of(&self, locale: Locale) -> impl Iterator<Item = &str> {
        let own = self.used.iter().filter(move |(it, ..)| *it == locale);
        own.map(|(.., message)| message.as_str())
    }

    /// Language and key of each that is used.
    pub(super) fn used(&self) -> impl Iterator<Item = (Locale, &str)> {
        self.used.iter().map(|(locale, key, _)| (*locale, key.as_str()))
    }

    pub(super) fn broken(&self) -> &[BrokenText] {
        &self.broken
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(texts: &[(Locale, &str, &str)]) -> OwnTexts {
        let text = |(line, (locale, key, pattern)): (usize, &(Locale, &str, &str))| OwnText {
            locale: *locale,
            key: (*key).to_owned(),
            pattern: (*pattern).to_owned(),
            line: line + 1,
        };
        OwnTexts::check(&texts.iter().enumerate().map(text).collect::<Vec<_>>()).unwrap()
    }

    fn shown(texts: &OwnTexts) -> Vec<String> {
        texts.broken().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_broken_text_hinders_no_other() {
        let texts = own(&[
            (Locale::En, "created-end", "See you, {"),
            (Locale::Ru, "created-end", "Ждём!"),
            (Locale::Ru, "created-e\u{1b}nd\n", "Ждём!"),
            (Locale::En, "visit-kept", "Fine."),
        ]);
        let used: Vec<_> = texts.used().collect();
        assert_eq!(used, [(Locale::Ru, "created-end"), (Locale::En, "visit-kept")]);
        let broken = shown(&texts);
        assert!(broken[0].starts_with("line 1, texts.en.created-end: can't be read: "));
        assert_eq!(broken[1], "line 3, texts.ru.created-end: is the key of no text");
        assert_eq!(broken.len(), 2);
        let shown_as =
            |locale| Language::load(locale, texts.of(locale)).unwrap().plain("created-end");
        assert_eq!(shown_as(Locale::Ru), "Ждём!");
        assert_eq!(
            shown_as(Locale::En),
            Language::built_in(Locale::En).unwrap().plain("created-end")
        );
    }

    #[test]
    fn a_label_of_the_menu_means_one_command() {
        let texts = own(&[
            (Locale::Ru, "menu-help", "🆘 Спасите"),
            (Locale::Ru, "menu-address", "📅 мои  ЗАПИСИ"),
            (Locale::Ru, "menu-contacts", "❓"),
            (Locale::En, "menu-address", "Help"),
            (Locale::En, "menu-contacts", "спасите!"),
            (Locale::En, "menu-help", "Спасите"),
        ]);
        let of_another = "is the label of another button of the menu";
        assert_eq!(
            shown(&texts),
            [
                format!("line 2, texts.ru.menu-address: {of_another}"),
                "line 3, texts.ru.menu-contacts: has no letter".to_owned(),
                format!("line 4, texts.en.menu-address: {of_another}"),
                format!("line 5, texts.en.menu-contacts: {of_another}"),
            ]
        );
    }
}
