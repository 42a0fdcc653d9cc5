//! The owner's texts from `venue.toml`: those that can be used, and why the others can't. The built-in text stands
//! where one can't.

use std::fmt;

use shared::domain::{own_text::OwnText, venue::Locale};

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
