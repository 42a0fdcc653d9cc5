//! The words of findings, from the Fluent files `locales/*/doctor.ftl`, in the venue's language. What others say, such as
//! an error of PostgreSQL, stays as it came.

use std::fmt;

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use shared::domain::venue::Locale;
use unic_langid::langid;

/// The source of a language, as built in.
pub(super) fn source(locale: Locale) -> &'static str {
    match locale {
        Locale::Ru => include_str!("../../../locales/ru/doctor.ftl"),
        Locale::En => include_str!("../../../locales/en/doctor.ftl"),
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
pub(super) fn say(key: &'static str) -> Words {
    Words::Text { key, values: Vec::new() }
}

impl Words {
    /// With a value: a text of its own, or words as they are.
    #[must_use]
    pub(super) fn with(self, name: &'static str, value: impl Into<Words>) -> Self {
        self.and(name, Value::Words(value.into()))
    }

    /// With a number.
    #[must_use]
    pub(super) fn number(self, name: &'static str, value: u64) -> Self {
        self.and(name, Value::Number(value))
    }

    /// With a list.
    #[must_use]
    pub(super) fn list(self, name: &'static str, values: impl IntoIterator<Item = Words>) -> Self {
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
pub struct Wording(FluentBundle<FluentResource>);

impl fmt::Debug for Wording {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Wording").field(&self.0.locales).finish()
    }
}

impl Wording {
    /// Reads the built-in file. The tests find a broken text; it shows its key at run time.
    #[must_use]
    pub fn of(locale: Locale) -> Self {
        let id = match locale {
            Locale::Ru => langid!("ru"),
            Locale::En => langid!("en"),
        };
        let mut bundle = FluentBundle::new(vec![id]);
        bundle.set_use_isolating(false);
        let resource = FluentResource::try_new(source(locale).to_owned());
        let broken = bundle.add_resource(resource.unwrap_or_else(|(readable, _)| readable));
        debug_assert!(broken.is_ok(), "{broken:?}");
        Self(bundle)
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
        self.format(key, &args).unwrap_or_else(|| key.to_owned())
    }

    /// What a finding is about.
    pub(super) fn about(&self, about: &str) -> String {
        let key = format!("about-{}", about.replace(' ', "-"));
        self.format(&key, &FluentArgs::new()).unwrap_or_else(|| about.to_owned())
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

    fn format(&self, key: &str, args: &FluentArgs<'_>) -> Option<String> {
        let pattern = self.0.get_message(key)?.value()?;
        let mut errors = Vec::new();
        let text = self.0.format_pattern(pattern, Some(args), &mut errors).into_owned();
        debug_assert!(errors.is_empty(), "{key}: {errors:?}");
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    /// Each key with the names of its values.
    fn keys(locale: Locale) -> BTreeMap<String, BTreeSet<String>> {
        let mut keys: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut key = String::new();
        for line in source(locale).lines().filter(|line| !line.starts_with('#')) {
            if let Some((name, _)) = line.split_once(" =").filter(|_| !line.starts_with(' ')) {
                key = name.to_owned();
                assert!(
                    keys.insert(key.clone(), BTreeSet::new()).is_none(),
                    "{key} is there twice"
                );
            }
            for name in line.split('$').skip(1) {
                let name = name.split(|c: char| !c.is_alphanumeric() && c != '-').next().unwrap();
                keys.get_mut(&key).unwrap().insert(name.to_owned());
            }
        }
        keys
    }

    const SOURCES: &str = concat!(
        include_str!("mod.rs"),
        include_str!("backup.rs"),
        include_str!("bukza_table.rs"),
        include_str!("machine.rs"),
        include_str!("redis.rs"),
        include_str!("statuses.rs"),
        include_str!("store.rs"),
        include_str!("telegram.rs"),
        include_str!("telegram_ways.rs"),
        include_str!("venue_file.rs"),
        include_str!("visits.rs"),
        include_str!("zone_data.rs"),
    );

    #[test]
    fn both_languages_have_the_same_keys_with_the_same_values() {
        assert!(keys(Locale::En).len() > 60);
        assert_eq!(keys(Locale::En), keys(Locale::Ru));
    }

    #[test]
    fn every_key_is_used_and_every_used_one_is_there() {
        let keys = keys(Locale::En);
        for key in keys.keys() {
            let name = key.strip_prefix("about-").map(|about| about.replace('-', " "));
            let quoted = format!("\"{}\"", name.as_ref().unwrap_or(key));
            assert!(SOURCES.contains(&quoted), "{key} is used nowhere");
        }
        for key in SOURCES.split("say(\"").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(keys.contains_key(key), "{key} is no text");
        }
    }

    #[test]
    fn every_text_formats_with_its_values_in_its_language() {
        for locale in Locale::ALL.iter().copied() {
            let wording = Wording::of(locale);
            for (key, names) in keys(locale) {
                for number in [0_u64, 1, 2, 5, 21] {
                    let mut args = FluentArgs::new();
                    for name in &names {
                        args.set(name.clone(), FluentValue::from(number));
                    }
                    let text = wording.format(&key, &args).unwrap();
                    assert!(
                        !text.trim().is_empty() && !text.contains(['{', '\n']),
                        "{key}: {text}"
                    );
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
