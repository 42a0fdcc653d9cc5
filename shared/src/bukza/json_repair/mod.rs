//! Repairs JSON broken by plain-text filling: a raw quote, line break or backslash inside a string, an
//! unquoted or empty value, a superfluous or missing comma. Only used after strict parsing failed.
//!
//! A quote ends a string only if the following text fits the structure: a colon after a name; after a value
//! a comma with the next name, or the closing brackets. A text that imitates all of that cannot be
//! distinguished from the template.

mod structure;

use std::str::CharIndices;

use structure::{Commas, Container, fits, plain_name};

use super::placeholders::placeholder_len;

/// Deepest nesting; templates have far less.
const DEPTH_MAX: usize = 100;

/// Why a text cannot be repaired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Broken {
    /// The text does not have the structure of a JSON object.
    NoObject,
    /// A comma is missing before the field of this name, in a line of its own or not.
    NoComma { before: String },
}

/// The repaired text of a JSON object.
pub(super) fn repair(text: &str) -> Result<String, Broken> {
    let mut repair = Repair::of(text, Vec::new(), Commas::Mended);
    repair.value()?;
    while !repair.open.is_empty() {
        repair.entry()?;
    }
    if repair.rest.trim().is_empty() { Ok(repair.out) } else { Err(Broken::NoObject) }
}

/// The repaired object at the start of `text`, and the text behind it if the object has an end. Keeps the part
/// with the structure of an object: what a visitor typed must cost no more than itself.
pub(super) fn repair_start(text: &str) -> (String, Option<&str>) {
    let mut repair = Repair::of(text, vec![Container::Object], Commas::AsWritten);
    if repair.value().is_err() {
        return (String::new(), None);
    }
    while repair.open.len() > 1 {
        let sound = (repair.out.len(), repair.open.clone());
        if repair.entry().is_err() {
            repair.out.truncate(sound.0);
            let closing = sound.1.iter().skip(1).rev().map(|container| container.close());
            repair.out.extend(closing);
            return (repair.out, None);
        }
    }
    (repair.out, Some(repair.rest))
}

struct Repair<'a> {
    rest: &'a str,
    out: String,
    /// The open containers, the innermost last.
    open: Vec<Container>,
    commas: Commas,
}

impl<'a> Repair<'a> {
    fn of(text: &'a str, open: Vec<Container>, commas: Commas) -> Self {
        Self { rest: text, out: String::with_capacity(text.len() + 64), open, commas }
    }

    /// One entry of the innermost container, or its end.
    fn entry(&mut self) -> Result<(), Broken> {
        let container = *self.open.last().ok_or(Broken::NoObject)?;
        self.skip_spaces();
        // A comma is written before each entry but the first.
        while self.take(',') {
            self.skip_spaces();
        }
        if self.take(container.close()) {
            self.open.pop();
            self.out.push(container.close());
            return Ok(());
        }
        if !self.out.ends_with(['{', '[']) {
            self.out.push(',');
        }
        if container == Container::Object {
            if !self.take('"') {
                return Err(Broken::NoObject);
            }
            self.string(Place::Name)?;
            self.skip_spaces();
            if !self.take(':') {
                return Err(Broken::NoObject);
            }
            self.out.push(':');
        }
        self.value()
    }

    /// A string, an empty value, or the beginning of a container.
    fn value(&mut self) -> Result<(), Broken> {
        self.skip_spaces();
        let placeholder = placeholder_len(self.rest);
        if placeholder > 0 && self.ends_before(&self.rest[placeholder..]) {
            self.rest = &self.rest[placeholder..];
            self.out.push_str("null");
            return Ok(());
        }
        if self.take('"') {
            return self.string(Place::Value);
        }
        for container in [(Container::Object, '{'), (Container::List, '[')] {
            if self.take(container.1) {
                if self.open.len() == DEPTH_MAX {
                    return Err(Broken::NoObject);
                }
                self.open.push(container.0);
                self.out.push(container.1);
                return Ok(());
            }
        }
        self.bare()
    }

    /// An unquoted value, up to where the structure continues: kept if it is JSON, otherwise quoted.
    fn bare(&mut self) -> Result<(), Broken> {
        // Checks only the first of several line breaks: the check skips the others.
        let mut breaks = 0;
        let candidates = self.rest.char_indices().filter(|(_, c)| {
            breaks = if c.is_whitespace() { breaks + i32::from(*c == '\n') } else { 0 };
            matches!(c, ',' | '}' | ']') || (*c == '\n' && breaks == 1)
        });
        let mut ends =
            candidates.map(|(at, _)| at).filter(|at| self.ends_before(&self.rest[*at..]));
        let end = ends.next().ok_or(Broken::NoObject)?;
        let (word, rest) = self.rest.split_at(end);
        let word = word.trim();
        if let Some(quote) = word.find('"') {
            self.no_comma_before(&word[quote..])?;
        }
        if word.contains(['"', '{', '}', '[', ']', '\n']) {
            return Err(Broken::NoObject);
        }
        self.rest = rest;
        if word.is_empty() {
            self.out.push_str("null");
        } else if serde_json::from_str::<serde_json::Value>(word).is_ok() {
            self.out.push_str(word);
        } else {
            self.out.push_str(&serde_json::Value::from(word).to_string());
        }
        Ok(())
    }

    /// The rest of a string, to the quote that ends it.
    fn string(&mut self, place: Place) -> Result<(), Broken> {
        self.out.push('"');
        let ends = |after: &str| match place {
            Place::Name => after.trim_start().starts_with(':'),
            Place::Value => fits(&self.open, after, self.commas),
        };
        let mut chars = self.rest.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' if ends(&self.rest[at + 1..]) => {
                    self.rest = &self.rest[at + 1..];
                    self.out.push('"');
                    return Ok(());
                }
                '"' => {
                    if place == Place::Value {
                        self.no_comma_before(&self.rest[at + 1..])?;
                    }
                    self.out.push_str("\\\"");
                }
                '\\' => {
                    let after = &self.rest[at + 1..];
                    let ends_here = after.strip_prefix('"').is_some_and(ends);
                    let length = if ends_here { 0 } else { escape_len(after) };
                    self.out.push_str(if length == 0 { "\\\\" } else { "\\" });
                    copy(&mut chars, length, &mut self.out);
                }
                '\n' => self.out.push_str("\\n"),
                '\r' => self.out.push_str("\\r"),
                '\t' => self.out.push_str("\\t"),
                c if c < ' ' => self.out.push_str(&format!("\\u{:04x}", u32::from(c))),
                c => self.out.push(c),
            }
        }
        Err(Broken::NoObject)
    }

    /// Whether the structure can continue with `after`.
    fn ends_before(&self, after: &str) -> bool {
        fits(&self.open, after, self.commas)
    }

    /// A missing comma between a value and `"name":` is a mistake of the template. Within one line it is
    /// ambiguous where the value ends.
    fn no_comma_before(&self, after: &str) -> Result<(), Broken> {
        let in_object = self.open.last() == Some(&Container::Object);
        match plain_name(after).filter(|_| in_object && self.commas == Commas::Mended) {
            Some(name) => Err(Broken::NoComma { before: name.to_owned() }),
            None => Ok(()),
        }
    }

    fn skip_spaces(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, c: char) -> bool {
        match self.rest.strip_prefix(c) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }
}

/// The role of a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Name,
    Value,
}

/// Length in bytes of the escape after a backslash; 0 if it is no escape.
fn escape_len(after: &str) -> usize {
    let unit = |text: &str| {
        let digits = text.get(..4).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
        u32::from_str_radix(digits, 16).ok()
    };
    match after.as_bytes().first() {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => 1,
        Some(b'u') => match unit(&after[1..]) {
            None | Some(0xdc00..=0xdfff) => 0,
            Some(0xd800..=0xdbff) => {
                let low = after[5..].strip_prefix("\\u").and_then(unit);
                if matches!(low, Some(0xdc00..=0xdfff)) { 11 } else { 0 }
            }
            Some(_) => 5,
        },
        _ => 0,
    }
}

fn copy(chars: &mut CharIndices<'_>, count: usize, out: &mut String) {
    out.extend(chars.take(count).map(|(_, c)| c));
}

#[cfg(test)]
mod repair_tests;
