//! The name of a field in a request, and which known name it is. That is found once, when the request is read:
//! its names are compared with known ones thousands of times.

use std::{borrow::Cow, collections::HashMap, ops::Deref, sync::LazyLock};

use super::{
    known_name::{KnownName, has_same_letters, hash},
    names::{EMAIL, FIELD_VALUE, GIVEN, MESSAGE, Names, TYPED, UNREAD},
};

/// Who fills a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FilledBy {
    Account,
    Visitor,
    /// The account, or a visitor: a message, or the value of a custom form field.
    Either,
}

/// Every known name by its hash, and who fills it.
static KNOWN: LazyLock<HashMap<u64, (&str, FilledBy)>> = LazyLock::new(|| {
    let either = &[MESSAGE, FIELD_VALUE];
    [(GIVEN, FilledBy::Account), (TYPED, FilledBy::Visitor), (either, FilledBy::Either)]
        .into_iter()
        .flat_map(|(fields, filled_by)| fields.iter().map(move |names| (*names, filled_by)))
        .flat_map(|(names, filled_by)| names.iter().map(move |name| (name, filled_by)))
        .map(|(name, filled_by)| (name.hash(), (name.text(), filled_by)))
        .collect()
});

/// A name as it was written. Two are [the same](Self::is_same) if they differ only in case, underscores,
/// dashes and spaces: `client_phone` is `clientPhone`.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Key<'a> {
    text: Cow<'a, str>,
    hash: u64,
    /// `None`: the name is unknown.
    filled_by: Option<FilledBy>,
}

impl<'a> Key<'a> {
    pub(super) fn new(text: Cow<'a, str>) -> Self {
        let hash = hash(&text);
        let found = KNOWN.get(&hash).filter(|(known, _)| has_same_letters(&text, known));
        Self { hash, filled_by: found.map(|(_, filled_by)| *filled_by), text }
    }

    /// The letters of a known name were compared when it was found, and no two known names have one hash.
    pub(super) fn is(&self, name: &KnownName) -> bool {
        self.filled_by.is_some() && self.hash == name.hash()
    }

    /// Whether the name is one of `names`.
    pub(super) fn is_one_of(&self, names: Names) -> bool {
        names.iter().any(|name| self.is(name))
    }

    pub(super) fn is_same(&self, other: &Key<'_>) -> bool {
        self.hash == other.hash
            && ((self.filled_by.is_some() && other.filled_by.is_some())
                || has_same_letters(&self.text, &other.text))
    }

    /// Whether only Bukza or the account fills the name.
    pub(super) fn is_given(&self) -> bool {
        self.filled_by == Some(FilledBy::Account)
    }

    /// Whether the name is known and never read.
    pub(super) fn is_unused(&self) -> bool {
        self.is_one_of(UNREAD) || self.is_one_of(EMAIL)
    }

    /// Whether a visitor fills the name.
    pub(super) fn is_typed(&self) -> bool {
        self.filled_by == Some(FilledBy::Visitor)
    }
}

impl<'a> From<&'a str> for Key<'a> {
    fn from(text: &'a str) -> Self {
        Self::new(Cow::Borrowed(text))
    }
}

impl Deref for Key<'_> {
    type Target = str;
    fn deref(&self) -> &str {
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use super::{super::names::CODE, *};

    fn same(one: &str, other: &str) -> bool {
        Key::from(one).is_same(&Key::from(other))
    }

    #[test]
    fn names_are_one_however_they_are_joined() {
        for (one, other) in [
            ("client_phone", "clientPhone"),
            ("client_phone", "Client-Phone"),
            ("client_phone", "CLIENT PHONE"),
            ("комментарий", "Комментарий"),
            // The Kelvin sign.
            ("kolvo", "\u{212a}olvo"),
        ] {
            assert!(same(one, other), "{one} {other}");
        }
        for (one, other) in [("code", "codes"), ("code", "cоde"), ("end", "teh_end"), ("", "a")] {
            assert!(!same(one, other), "{one} {other}");
        }
    }

    #[test]
    fn each_known_name_is_found_and_no_two_have_one_hash() {
        let fields = GIVEN.iter().chain(TYPED).chain(&[MESSAGE, FIELD_VALUE]);
        let all: Vec<_> = fields.copied().flatten().collect();
        for (at, name) in all.iter().enumerate() {
            let key = Key::new(Cow::Owned(name.text().to_uppercase()));
            assert!(key.is(name), "{} is not found", name.text());
            assert!(!all[..at].iter().any(|other| key.is(other)), "{} stands twice", name.text());
        }
    }

    #[test]
    fn a_name_with_the_hash_of_a_known_one_is_not_taken_for_it() {
        let code = Key::from("code");
        let forged = Key { text: Cow::Borrowed("forged"), hash: code.hash, filled_by: None };
        assert!(code.is_one_of(CODE) && !forged.is_one_of(CODE));
        assert!(!forged.is_same(&code) && !code.is_same(&forged));
    }
}
