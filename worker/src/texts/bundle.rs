//! How a message is formatted from a language's texts.
//! The tests find a broken text; at run time such a text shows its key and never panics.

use fluent_bundle::{FluentArgs, FluentResource, FluentValue, concurrent::FluentBundle};
use shared::domain::venue::Locale;
use unic_langid::LanguageIdentifier;

use super::{
    built_in::{TextsError, source},
    untrusted,
};

/// Longest code of a booking, in characters.
const CODE_MAX: usize = 100;

/// The texts of one language.
pub(super) struct Language {
    bundle: FluentBundle<FluentResource>,
}

impl std::fmt::Debug for Language {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Language").field("locales", &self.bundle.locales).finish()
    }
}

impl Language {
    /// Reads the built-in file of `locale`.
    pub(super) fn built_in(locale: Locale) -> Result<Self, TextsError> {
        Self::load(locale, std::iter::empty())
    }

    /// The same with the owner's messages in place of the built-in ones.
    pub(super) fn load<'a>(
        locale: Locale,
        own: impl Iterator<Item = &'a str>,
    ) -> Result<Self, TextsError> {
        let (id, source) = source(locale);
        Self::parse(locale, id, source, own)
    }

    /// Reads a file in `locale`, with the owner's messages in place of its own.
    pub(super) fn parse<'a>(
        locale: Locale,
        id: LanguageIdentifier,
        source: &str,
        own: impl Iterator<Item = &'a str>,
    ) -> Result<Self, TextsError> {
        let broken = |reason: String| TextsError { locale, reason };
        let resource = FluentResource::try_new(source.to_owned())
            .map_err(|(_, errors)| broken(format!("{errors:?}")))?;
        let mut bundle = FluentBundle::new_concurrent(vec![id]);
        // Isolation marks are invisible characters that end up in copied codes and phone numbers.
        bundle.set_use_isolating(false);
        bundle.add_resource(resource).map_err(|errors| broken(format!("{errors:?}")))?;
        for text in own {
            let own = FluentResource::try_new(text.to_owned())
                .map_err(|(_, errors)| broken(format!("{errors:?}")))?;
            bundle.add_resource_overriding(own);
        }
        Ok(Self { bundle })
    }

    /// The text of `key`.
    pub(super) fn get(&self, key: &str, args: Args<'_>) -> String {
        let mut errors = Vec::new();
        let pattern = self.bundle.get_message(key).and_then(|message| message.value());
        let text = pattern.map(|pattern| {
            self.bundle.format_pattern(pattern, Some(&args.0), &mut errors).into_owned()
        });
        if text.is_none() || !errors.is_empty() {
            debug_assert!(false, "text {key}: {errors:?}");
            tracing::error!(key, ?errors, "a text cannot be formatted");
        }
        text.unwrap_or_else(|| key.to_owned())
    }

    /// The text of `key`, which takes no values.
    pub(super) fn plain(&self, key: &str) -> String {
        self.get(key, Args::new())
    }
}

/// The values of one message.
#[derive(Debug)]
pub(super) struct Args<'a>(FluentArgs<'a>);

impl<'a> Args<'a> {
    pub(super) fn new() -> Self {
        Self(FluentArgs::new())
    }

    /// An untrusted value, as words that link nothing.
    pub(super) fn untrusted(mut self, name: &'a str, value: &str) -> Self {
        self.0.set(name, untrusted::harmless(value));
        self
    }

    /// The same, cut at `max` characters.
    pub(super) fn untrusted_short(mut self, name: &'a str, value: &str, max: usize) -> Self {
        self.0.set(name, untrusted::harmless_short(value, max));
        self
    }

    /// A value that stands inside a `<code>` or `<a>` of the text, cut at `max` characters.
    pub(super) fn literal(mut self, name: &'a str, value: &str, max: usize) -> Self {
        self.0.set(name, untrusted::literal(value, max));
        self
    }

    /// A booking's code, which the text shows inside `<code>`.
    pub(super) fn code(self, value: &str) -> Self {
        self.literal("code", value, CODE_MAX)
    }

    /// A text of ours, or one escaped already.
    pub(super) fn html(mut self, name: &'a str, value: impl Into<String>) -> Self {
        self.0.set(name, value.into());
        self
    }

    /// A number, which chooses the plural form.
    pub(super) fn number(mut self, name: &'a str, value: impl Into<i64>) -> Self {
        self.0.set(name, FluentValue::from(value.into()));
        self
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use crate::texts::built_in::{EN, RU};

    /// Each key of a file with the names of its values.
    fn keys(source: &str) -> BTreeMap<String, BTreeSet<String>> {
        let mut keys: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut key = String::new();
        for line in source.lines().filter(|line| !line.starts_with('#')) {
            if let Some((name, _)) = line.split_once(" =").filter(|_| !line.starts_with([' ', '*']))
            {
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

    #[test]
    fn both_languages_say_the_same_things_with_the_same_values() {
        assert!(keys(RU).len() > 90);
        assert_eq!(keys(RU), keys(EN));
    }

    #[test]
    fn every_key_is_used() {
        let sources = concat!(
            include_str!("mod.rs"),
            include_str!("time.rs"),
            include_str!("booking.rs"),
            include_str!("calendar.rs"),
            include_str!("replies.rs"),
            include_str!("list.rs"),
            include_str!("staff.rs"),
            include_str!("card.rs"),
            include_str!("staff_list.rs"),
            include_str!("together.rs"),
            include_str!("money.rs"),
            include_str!("notes.rs"),
            include_str!("refused.rs"),
            include_str!("labels.rs"),
            include_str!("menu.rs"),
            include_str!("place.rs"),
            include_str!("keyboard.rs"),
            include_str!("languages.rs"),
            include_str!("visit.rs"),
            include_str!("requests.rs"),
            include_str!("settings.rs"),
            include_str!("consent.rs"),
            include_str!("invitation.rs"),
            include_str!("agenda.rs"),
            include_str!("venue_stats.rs"),
            include_str!("replay.rs"),
            include_str!("urgent.rs"),
            include_str!("tutor.rs"),
            include_str!("table.rs"),
        );
        for key in keys(RU).keys().filter(|key| !matches!(key.as_str(), "weekday" | "month")) {
            assert!(sources.contains(&format!("\"{key}\"")), "{key} is used nowhere");
        }
    }
}
