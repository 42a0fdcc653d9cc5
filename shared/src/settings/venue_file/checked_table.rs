//! A table of a TOML file whose faults are collected with line and key.

use std::ops::Range;

use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

/// Longest key that a message repeats, in characters.
const KEY_SHOWN: usize = 60;

/// A fault with its place.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Fault {
    pub(super) line: usize,
    /// The path of the key. Empty: the line can't be read at all.
    pub(super) key: String,
    pub(super) message: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}", self.line)?;
        if !self.key.is_empty() {
            write!(f, ", {}", self.key)?;
        }
        write!(f, ": {}", self.message)
    }
}

/// The faults of one file.
#[derive(Debug)]
pub(super) struct Faults<'a> {
    source: &'a str,
    pub(super) found: Vec<Fault>,
}

impl<'a> Faults<'a> {
    pub(super) fn of(source: &'a str) -> Self {
        Self { source, found: Vec::new() }
    }

    /// The line of a place, from 1 on.
    pub(super) fn line(&self, span: &Range<usize>) -> usize {
        let before = self.source.as_bytes().get(..span.start).unwrap_or_default();
        before.iter().filter(|byte| **byte == b'\n').count() + 1
    }

    pub(super) fn add(&mut self, span: &Range<usize>, key: &str, message: impl Into<String>) {
        let line = self.line(span);
        self.found.push(Fault { line, key: key.to_owned(), message: message.into() });
    }
}

/// A table, and where it stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Table<'a> {
    entries: &'a DeTable<'a>,
    /// The path of its keys: empty, or with a dot at its end.
    path: &'a str,
}

/// A value, with the path of its key.
#[derive(Debug, Clone)]
pub(super) struct Value<'a> {
    pub(super) key: String,
    pub(super) value: &'a Spanned<DeValue<'a>>,
}

impl<'a> Table<'a> {
    pub(super) fn new(entries: &'a DeTable<'a>, path: &'a str) -> Self {
        Self { entries, path }
    }

    /// Refuses all keys but these.
    pub(super) fn allow(self, keys: &[&str], faults: &mut Faults<'_>) {
        for key in self.entries.keys() {
            if !keys.contains(&key.get_ref().as_ref()) {
                let message = format!("is not known; known are {}", keys.join(", "));
                faults.add(&key.span(), &self.path_of(key.get_ref()), message);
            }
        }
    }

    pub(super) fn get(self, key: &str) -> Option<Value<'a>> {
        let value = self.entries.get(key)?;
        Some(Value { key: self.path_of(key), value })
    }

    /// All values with their keys.
    pub(super) fn all(self) -> impl Iterator<Item = (&'a str, Value<'a>)> {
        self.entries.iter().map(move |(key, value)| {
            let key: &str = key.get_ref();
            (key, Value { key: self.path_of(key), value })
        })
    }

    fn path_of(self, key: &str) -> String {
        let key: String = key.chars().filter(|c| !c.is_control()).take(KEY_SHOWN).collect();
        format!("{}{key}", self.path)
    }
}

impl<'a> Value<'a> {
    pub(super) fn span(&self) -> Range<usize> {
        self.value.span()
    }

    pub(super) fn refuse(&self, faults: &mut Faults<'_>, message: impl Into<String>) {
        faults.add(&self.span(), &self.key, message);
    }

    fn refuse_type(&self, faults: &mut Faults<'_>, expected: &str) {
        let given = self.value.get_ref().type_str();
        self.refuse(faults, format!("is a value of type {given}: expected {expected}"));
    }

    pub(super) fn text(&self, faults: &mut Faults<'_>) -> Option<&'a str> {
        let text = self.value.get_ref().as_str();
        if text.is_none() {
            self.refuse_type(faults, "a text in quotes");
        }
        text
    }

    pub(super) fn table(&self, faults: &mut Faults<'_>) -> Option<&'a DeTable<'a>> {
        let table = self.value.get_ref().as_table();
        if table.is_none() {
            self.refuse_type(faults, "a table");
        }
        table
    }

    /// The items of a list.
    pub(super) fn items(&self, faults: &mut Faults<'_>, expected: &str) -> Vec<Value<'a>> {
        let Some(items) = self.value.get_ref().as_array() else {
            self.refuse_type(faults, expected);
            return Vec::new();
        };
        let key = &self.key;
        let items = items.iter().enumerate();
        items.map(|(at, value)| Value { key: format!("{key}[{}]", at + 1), value }).collect()
    }
}
