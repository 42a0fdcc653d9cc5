//! Whether a text can be used: held for every built-in one by a test, and for those of the owner at start. Such a text is
//! formatted with every kind of value that it may get, so that no message becomes one that Telegram refuses.

use std::{collections::BTreeSet, sync::Arc};

use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use fluent_syntax::ast;
use shared::domain::venue::Locale;

use super::{
    built_in::{TextsError, source},
    bundle::{self, Language},
    html::{Token, Tokens, telegram_accepts, telegram_len},
    pattern::{self, Parts},
    untrusted,
};

/// Longest text as it is written, in characters.
const WRITTEN_MAX: usize = 4_000;
/// A text may be this long, in Telegram's units, and thrice as long as the built-in one.
const LENGTH_MIN: usize = 300;
/// The values that are numbers. Only by these a text may choose its form.
const NUMBERS: &[&str] = &["n", "weekday", "day", "month", "year"];
/// Numbers that together have every form of both languages, every month and every weekday.
const COUNTS: [i64; 15] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 21, 101];
/// A value with markup, as the name of a service that looks like a link.
const WITH_MARKUP: &str = "<code>x</code>";
/// Stands for a value in a text, to find its place.
const MARK: &str = "\u{e000}";

/// The built-in texts of a language, by which others are judged.
pub(super) struct Checker {
    locale: Locale,
    built_in: Arc<FluentResource>,
    language: Language,
}

/// A text that can be used.
#[derive(Debug)]
pub(super) struct Checked {
    /// As a message of a Fluent file.
    pub(super) message: String,
    /// As it is shown, with some values.
    pub(super) shown: String,
}

/// What the values of one run are.
#[derive(Clone, Copy)]
struct Fill<'a> {
    n: i64,
    /// Of all values but those of `literals`.
    value: &'a str,
    literals: (&'a BTreeSet<String>, &'a str),
}

impl Checker {
    /// # Errors
    /// When the built-in file is broken.
    pub(super) fn new(locale: Locale) -> Result<Self, TextsError> {
        let built_in = bundle::file(locale, source(locale))?;
        let language = Language::of(locale, [Arc::clone(&built_in)]);
        Ok(Self { locale, built_in, language })
    }

    /// Whether the text can be used in place of the built-in one of `key`.
    ///
    /// # Errors
    /// The reason why not.
    pub(super) fn check(&self, key: &str, text: &str) -> Result<Checked, String> {
        if !self.language.has(key) {
            return Err("is the key of no text".to_owned());
        }
        if text.chars().count() > WRITTEN_MAX {
            return Err(format!("is longer than {WRITTEN_MAX} characters"));
        }
        if text.trim().is_empty() {
            return Err("is empty".to_owned());
        }
        let message = pattern::message(key, text);
        let own = FluentResource::try_new(message.clone()).map_err(|(_, errors)| {
            let reason = errors.first().map(ToString::to_string).unwrap_or_default();
            format!("can't be read: {reason}")
        })?;
        let parts = pattern::only_message(&own, key).map(Parts::of);
        let parts = parts.ok_or("can't be read: it is more than one text")?;
        let allowed = self.allowed(key);
        pattern::judge(&parts, &allowed, NUMBERS, self.locale)?;
        let literals = self.literals(key, &allowed);
        let own = Language::of(self.locale, [Arc::clone(&self.built_in), Arc::new(own)]);
        let limit = self.limit(key, &allowed, &literals);
        let mut shown = String::new();
        for n in COUNTS.into_iter().chain(parts.numbers.iter().copied()) {
            for value in ["x", WITH_MARKUP] {
                let value = if is_plain(key) { "x" } else { value };
                let fill = |literal| Fill { n, value, literals: (&literals, literal) };
                let text = format(&own, key, &allowed, fill("x"))?;
                judge_formatted(key, &text, limit)?;
                shown = text;
                let marked = format(&own, key, &allowed, fill(MARK))?;
                if !is_plain(key) && !marks_are_inside(&marked) {
                    let names = names(&literals);
                    return Err(format!(
                        "shows {names} outside of <code> or <a>, where it could become a link"
                    ));
                }
            }
        }
        Ok(Checked { message, shown })
    }

    /// What the built-in text names, by itself and through other texts.
    fn allowed(&self, key: &str) -> Parts {
        let mut allowed = Parts::default();
        let mut next = vec![key.to_owned()];
        while let Some(key) = next.pop() {
            let Some(message) = self.message(&key) else { continue };
            let parts = Parts::of(message);
            let new = parts.references.iter().filter(|it| !allowed.references.contains(*it));
            next.extend(new.cloned());
            allowed.add(parts);
        }
        allowed
    }

    fn message(&self, key: &str) -> Option<&ast::Message<&str>> {
        self.built_in.entries().find_map(|entry| match entry {
            ast::Entry::Message(message) if message.id.name == key => Some(message),
            _ => None,
        })
    }

    /// The values that the built-in text has inside `<code>` or `<a>`: they come without markup, and could become a link
    /// elsewhere.
    fn literals(&self, key: &str, allowed: &Parts) -> BTreeSet<String> {
        if is_plain(key) {
            return BTreeSet::new();
        }
        let takes_no_markup = |name: &&String| {
            let only = BTreeSet::from([(*name).clone()]);
            COUNTS.into_iter().any(|n| {
                let fill = Fill { n, value: "x", literals: (&only, WITH_MARKUP) };
                let text = format(&self.language, key, allowed, fill);
                text.is_ok_and(|text| telegram_accepts(&text).is_err())
            })
        };
        allowed.variables.iter().filter(takes_no_markup).cloned().collect()
    }

    fn limit(&self, key: &str, allowed: &Parts, literals: &BTreeSet<String>) -> usize {
        match key {
            "bot-description" => 512,
            "bot-short-description" => 120,
            key if key.starts_with("command-") => 256,
            key if is_plain(key) => 64,
            key => {
                let lengths = COUNTS.into_iter().filter_map(|n| {
                    let fill = Fill { n, value: "x", literals: (literals, "x") };
                    format(&self.language, key, allowed, fill).ok()
                });
                let longest = lengths.map(|text| telegram_len(&text)).max().unwrap_or(0);
                (longest * 3).max(LENGTH_MIN)
            }
        }
    }
}

/// Texts that are shown without markup: on buttons, in menus, in the calendar.
pub(super) fn is_plain(key: &str) -> bool {
    let parts_of_labels = ["calendar-code", "day", "day-with-year", "month"];
    ["button-", "menu-", "command-", "bot-"].iter().any(|start| key.starts_with(start))
        || parts_of_labels.contains(&key)
}

fn format(
    language: &Language,
    key: &str,
    allowed: &Parts,
    fill: Fill<'_>,
) -> Result<String, String> {
    let mut args = FluentArgs::new();
    for name in &allowed.variables {
        let value = if NUMBERS.contains(&name.as_str()) {
            FluentValue::from(fill.n)
        } else if fill.literals.0.contains(name) {
            FluentValue::from(fill.literals.1)
        } else {
            FluentValue::from(fill.value)
        };
        args.set(name.as_str(), value);
    }
    let (text, errors) = language.format(key, &args).ok_or("has no value")?;
    match errors.first() {
        None => Ok(text),
        Some(error) => Err(format!("can't be filled in: {error}")),
    }
}

fn judge_formatted(key: &str, text: &str, limit: usize) -> Result<(), String> {
    if !untrusted::is_visible(text) {
        return Err("is empty".to_owned());
    }
    if text.chars().any(untrusted::is_hidden) {
        return Err("holds a character that nobody sees".to_owned());
    }
    let length = if is_plain(key) {
        if text.contains(['<', '&', '\n']) {
            return Err("is shown without markup, in one line: leave out < and &".to_owned());
        }
        text.chars().count()
    } else {
        telegram_accepts(text)?;
        telegram_len(text)
    };
    if length > limit {
        return Err(format!("is {length} characters long: {limit} at most"));
    }
    Ok(())
}

/// Whether each mark stands inside `<code>` or `<a>`.
fn marks_are_inside(html: &str) -> bool {
    let mut open = Vec::new();
    Tokens(html).all(|token| match token {
        Token::Open { name, .. } => {
            open.push(name);
            true
        }
        Token::Close(_) => {
            open.pop();
            true
        }
        Token::Char(MARK) => matches!(open.last(), Some(&"code" | &"a")),
        Token::Char(_) | Token::Entity(_) => true,
    })
}

/// `{ $code }, { $name }`
fn names(variables: &BTreeSet<String>) -> String {
    let names: Vec<String> = variables.iter().map(|name| format!("{{ ${name} }}")).collect();
    names.join(", ")
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
