//! How a message is formatted from a language's texts.
//! The tests find a broken text; at run time such a text shows its key and never panics.

use std::{iter, sync::Arc};

use fluent_bundle::{
    FluentArgs, FluentError, FluentResource, FluentValue, concurrent::FluentBundle,
};
use shared::domain::venue::Locale;

use super::{
    built_in::{TextsError, identifier, source},
    untrusted,
};

/// Longest code of a booking, in characters.
const CODE_MAX: usize = 100;

/// The texts of one language.
pub(crate) struct Language {
    bundle: FluentBundle<Arc<FluentResource>>,
}

impl std::fmt::Debug for Language {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Language").field("locales", &self.bundle.locales).finish()
    }
}

/// Reads a file in `locale`.
pub(super) fn file(locale: Locale, source: &str) -> Result<Arc<FluentResource>, TextsError> {
    let resource = FluentResource::try_new(source.to_owned());
    let broken = |errors| TextsError { locale, reason: format!("{errors:?}") };
    resource.map(Arc::new).map_err(|(_, errors)| broken(errors))
}

impl Language {
    /// Reads the built-in file of `locale`.
    pub(super) fn built_in(locale: Locale) -> Result<Self, TextsError> {
        Self::load(locale, iter::empty())
    }

    /// The same with the owner's messages in place of the built-in ones.
    pub(super) fn load<'a>(
        locale: Locale,
        own: impl Iterator<Item = &'a str>,
    ) -> Result<Self, TextsError> {
        Self::read(locale, iter::once(source(locale)).chain(own))
    }

    /// Reads files in `locale`. A message takes the place of one with its key in a file before.
    pub(crate) fn read<'a>(
        locale: Locale,
        sources: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, TextsError> {
        let files = sources.into_iter().map(|source| file(locale, source));
        files.collect::<Result<Vec<_>, _>>().map(|files| Self::of(locale, files))
    }

    /// [`Language::read`] for files that were read already.
    pub(crate) fn of(locale: Locale, files: impl IntoIterator<Item = Arc<FluentResource>>) -> Self {
        let mut bundle = FluentBundle::new_concurrent(vec![identifier(locale)]);
        // Isolation marks are invisible characters that end up in copied codes and phone numbers.
        bundle.set_use_isolating(false);
        for file in files {
            bundle.add_resource_overriding(file);
        }
        Self { bundle }
    }

    /// Whether there is such a message.
    pub(crate) fn has(&self, key: &str) -> bool {
        self.bundle.has_message(key)
    }

    /// The text of `key`, and what is wrong with it. `None`: there is no such text.
    pub(super) fn format(
        &self,
        key: &str,
        args: &FluentArgs<'_>,
    ) -> Option<(String, Vec<FluentError>)> {
        let pattern = self.bundle.get_message(key)?.value()?;
        let mut errors = Vec::new();
        let text = self.bundle.format_pattern(pattern, Some(args), &mut errors).into_owned();
        Some((text, errors))
    }

    /// The text of `key`.
    pub(crate) fn get(&self, key: &str, args: Args<'_>) -> String {
        let formatted = self.format(key, &args.0);
        let errors = formatted.as_ref().map(|(_, errors)| errors.as_slice());
        if errors.is_none_or(|errors| !errors.is_empty()) {
            debug_assert!(false, "text {key}: {errors:?}");
            tracing::error!(key, ?errors, "a text cannot be formatted");
        }
        formatted.map_or_else(|| key.to_owned(), |(text, _)| text)
    }

    /// The text of `key`, which takes no values.
    pub(crate) fn plain(&self, key: &str) -> String {
        self.get(key, Args::new())
    }
}

/// The values of one message.
#[derive(Debug)]
pub(crate) struct Args<'a>(FluentArgs<'a>);

impl<'a> From<FluentArgs<'a>> for Args<'a> {
    fn from(args: FluentArgs<'a>) -> Self {
        Self(args)
    }
}

impl<'a> Args<'a> {
    pub(crate) fn new() -> Self {
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
    pub(crate) fn html(mut self, name: &'a str, value: impl Into<String>) -> Self {
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
    use super::*;
    use crate::texts::keys::keys;

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
        for key in keys(source(Locale::Ru))
            .keys()
            .filter(|key| !matches!(key.as_str(), "weekday" | "month"))
        {
            assert!(sources.contains(&format!("\"{key}\"")), "{key} is used nowhere");
        }
    }
}
