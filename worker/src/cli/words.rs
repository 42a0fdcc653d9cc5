//! The words of the operator's commands, from the Fluent files `locales/*/{commands,doctor,import,setup}.ftl`, in the venue's
//! language. What others say, such as an error of PostgreSQL, stays as it came.

use fluent_bundle::{FluentArgs, FluentValue};
use shared::domain::venue::Locale;

use crate::texts::{Args, Language};

/// The files of a language, as built in.
const fn sources(locale: Locale) -> [&'static str; 4] {
    match locale {
        Locale::Ru => [
            include_str!("../../locales/ru/commands.ftl"),
            include_str!("../../locales/ru/doctor.ftl"),
            include_str!("../../locales/ru/import.ftl"),
            include_str!("../../locales/ru/setup.ftl"),
        ],
        Locale::En => [
            include_str!("../../locales/en/commands.ftl"),
            include_str!("../../locales/en/doctor.ftl"),
            include_str!("../../locales/en/import.ftl"),
            include_str!("../../locales/en/setup.ftl"),
        ],
    }
}

/// A text that is not worded yet: a key with its values, or words that are the same in each language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Words {
    Plain(String),
    Text { key: &'static str, values: Vec<(&'static str, Value)> },
}

/// A value within a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// Chooses the plural form.
    Number(u64),
    Words(Words),
    /// Joined by commas.
    List(Vec<Words>),
}

/// The text of a key.
pub(crate) fn say(key: &'static str) -> Words {
    Words::Text { key, values: Vec::new() }
}

/// A length, as a number for a text.
pub(crate) fn count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

impl Words {
    /// With a value: a text of its own, or words as they are.
    #[must_use]
    pub(crate) fn with(self, name: &'static str, value: impl Into<Words>) -> Self {
        self.and(name, Value::Words(value.into()))
    }

    /// With a number.
    #[must_use]
    pub(crate) fn number(self, name: &'static str, value: u64) -> Self {
        self.and(name, Value::Number(value))
    }

    /// With a list.
    #[must_use]
    pub(crate) fn list(self, name: &'static str, values: impl IntoIterator<Item = Words>) -> Self {
        self.and(name, Value::List(values.into_iter().collect()))
    }

    fn and(mut self, name: &'static str, value: Value) -> Self {
        match &mut self {
            Self::Text { values, .. } => values.push((name, value)),
            Self::Plain(_) => {}
        }
        self
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        matches!(self, Self::Plain(text) if text.is_empty())
    }
}

impl From<&str> for Words {
    fn from(text: &str) -> Self {
        Self::Plain(text.to_owned())
    }
}

impl From<String> for Words {
    fn from(text: String) -> Self {
        Self::Plain(text)
    }
}

/// The texts of one language.
#[derive(Debug)]
pub struct Wording(Language);

impl Wording {
    /// Reads the built-in files. The tests find a broken one; at run time its texts show their keys.
    #[must_use]
    pub fn of(locale: Locale) -> Self {
        let language = Language::read(locale, sources(locale));
        debug_assert!(language.is_ok(), "{language:?}");
        Self(language.unwrap_or_else(|_| Language::of(locale, [])))
    }

    /// The words in this language.
    #[must_use]
    pub fn text(&self, words: &Words) -> String {
        let (key, values) = match words {
            Words::Plain(text) => return text.clone(),
            Words::Text { key, values } => (*key, values),
        };
        let mut args = FluentArgs::new();
        for (name, value) in values {
            args.set(*name, self.value(value));
        }
        self.0.get(key, args.into())
    }

    /// A text that takes no values.
    pub(crate) fn plain(&self, key: &str) -> String {
        self.0.plain(key)
    }

    /// A text with these values, as they are.
    pub(crate) fn with(&self, key: &str, values: &[(&str, &str)]) -> String {
        let args = values.iter().fold(Args::new(), |args, (name, value)| args.html(name, *value));
        self.0.get(key, args)
    }

    /// What a finding is about.
    pub(super) fn about(&self, about: &str) -> String {
        let key = format!("about-{}", about.replace(' ', "-"));
        if self.0.has(&key) { self.0.plain(&key) } else { about.to_owned() }
    }

    fn value(&self, value: &Value) -> FluentValue<'static> {
        match value {
            Value::Number(number) => (*number).into(),
            Value::Words(words) => self.text(words).into(),
            Value::List(list) => {
                let list: Vec<String> = list.iter().map(|words| self.text(words)).collect();
                list.join(", ").into()
            }
        }
    }
}

/// The words in Russian and in English.
#[cfg(test)]
pub(super) fn in_both<'a>(words: impl IntoIterator<Item = &'a Words>) -> [Vec<String>; 2] {
    let words: Vec<&Words> = words.into_iter().collect();
    [Locale::Ru, Locale::En].map(|locale| {
        let wording = Wording::of(locale);
        words.iter().map(|words| wording.text(words)).collect()
    })
}

#[cfg(test)]
mod tests {
    use std::{
        collections::{BTreeMap, BTreeSet},
        fs,
        path::Path,
    };

    use super::*;
    use crate::texts::keys;

    /// Each key of a language with the names of its values.
    fn all_keys(locale: Locale) -> BTreeMap<String, BTreeSet<String>> {
        keys::keys(&sources(locale).concat())
    }

    /// The sources below a folder, as one text.
    fn code(folder: &Path) -> String {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let text = |path: &Path| match path.is_dir() {
            true => code(path),
            false => fs::read_to_string(path).unwrap(),
        };
        entries.filter(|path| !path.ends_with("words.rs")).map(|path| text(&path)).collect()
    }

    #[test]
    fn every_key_is_used_and_every_used_one_is_there() {
        let code = code(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/cli"));
        let keys = all_keys(Locale::En);
        assert!(keys.len() > 250, "{}", keys.len());
        for key in keys.keys() {
            let name = key.strip_prefix("about-").map(|about| about.replace('-', " "));
            let quoted = format!("\"{}\"", name.as_ref().unwrap_or(key));
            assert!(code.contains(&quoted), "{key} is used nowhere");
        }
        for key in code.split("say(\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(keys.contains_key(key), "{key} is no text");
        }
    }

    #[test]
    fn every_text_formats_with_its_values_in_its_language() {
        for locale in Locale::ALL.iter().copied() {
            let wording = Wording::of(locale);
            for (key, names) in all_keys(locale) {
                for number in [0_u64, 1, 2, 5, 21] {
                    let mut args = FluentArgs::new();
                    for name in &names {
                        args.set(name.clone(), FluentValue::from(number));
                    }
                    let text = wording.0.get(&key, args.into());
                    let is_plain = !text.contains(['{', '<']);
                    assert!(!text.trim().is_empty() && is_plain, "{key}: {text}");
                    assert!(key.starts_with("setup-") || !text.contains('\n'), "{key}: {text}");
                }
            }
        }
        // What is not translated stays as it is.
        let russian = Wording::of(Locale::Ru);
        assert_eq!(russian.text(&"connection refused".into()), "connection refused");
        assert_eq!(russian.about("redis"), "redis");
        assert_eq!(russian.about("time zone"), "часовой пояс");
    }
}
