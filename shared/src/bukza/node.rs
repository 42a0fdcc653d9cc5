//! The request's body as a tree in which every scalar is text, because accounts write `10` or `"10"`.
//! Numbers keep their spelling: a code may look like `1234E5`.

use std::{borrow::Cow, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, Visitor},
};
use serde_json::value::RawValue;

use super::{key::Key, known_name::KnownName, names::Names};

/// Deepest nesting; templates have far less.
const DEPTH_MAX: usize = 100;

/// A JSON value, or a form's fields.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Node<'a> {
    Null,
    Text(Cow<'a, str>),
    List(Vec<Node<'a>>),
    Object(Object<'a>),
}

/// Names and values in order. The first of two equal names counts: a template has the code before the
/// visitor's name, and that input must not replace the code.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Object<'a>(pub(super) Vec<(Key<'a>, Node<'a>)>);

impl<'a> Object<'a> {
    /// The first value under a name.
    pub(super) fn get(&self, name: &KnownName) -> Option<&Node<'a>> {
        self.values(name).next()
    }

    /// Every value under a name.
    pub(super) fn values(&self, name: &KnownName) -> impl Iterator<Item = &Node<'a>> {
        self.0.iter().filter(move |(key, _)| key.is(name)).map(|(_, node)| node)
    }

    /// The first value under any of the names.
    pub(super) fn first(&self, of: Names) -> Option<&Node<'a>> {
        self.all(of).next()
    }

    /// Every value under any of the names, in the object's order.
    pub(super) fn all(&self, of: Names) -> impl Iterator<Item = &Node<'a>> {
        self.0.iter().filter(move |(key, _)| key.is_one_of(of)).map(|(_, node)| node)
    }
}

impl<'a> Node<'a> {
    /// Reads JSON.
    ///
    /// # Errors
    /// When the text is no JSON, or nested more than 100 levels deep.
    pub(super) fn parse(text: &'a str) -> Result<Self, serde_json::Error> {
        Self::read(text.trim_ascii(), DEPTH_MAX)
    }

    fn read(text: &'a str, depth: usize) -> Result<Self, serde_json::Error> {
        let below = || depth.checked_sub(1).ok_or_else(|| Error::custom("nested too deep"));
        Ok(match text.as_bytes().first() {
            Some(b'"') => Self::Text(serde_json::from_str::<Text<'_>>(text)?.0),
            Some(b'[') => {
                let depth = below()?;
                let items: Vec<&RawValue> = serde_json::from_str(text)?;
                Self::List(
                    items
                        .into_iter()
                        .map(|item| Self::read(item.get(), depth))
                        .collect::<Result<_, _>>()?,
                )
            }
            Some(b'{') => {
                let depth = below()?;
                let Entries(entries) = serde_json::from_str(text)?;
                let entries = entries
                    .into_iter()
                    .map(|(Text(key), value)| Ok((Key::new(key), Self::read(value.get(), depth)?)));
                Self::Object(Object(entries.collect::<Result<_, serde_json::Error>>()?))
            }
            _ => match serde_json::from_str::<&RawValue>(text)?.get() {
                "null" => Self::Null,
                text => Self::Text(Cow::Borrowed(text)),
            },
        })
    }

    pub(super) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Null | Self::List(_) | Self::Object(_) => None,
        }
    }
}

/// A string, borrowed from the body unless it has escapes.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// An object's entries, in order.
struct Entries<'a>(Vec<(Text<'a>, &'a RawValue)>);

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(EntriesVisitor)
    }
}

struct EntriesVisitor;

impl<'de> Visitor<'de> for EntriesVisitor {
    type Value = Entries<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        let mut all = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            all.push(entry);
        }
        Ok(Entries(all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_are_text_as_written_and_the_first_of_two_counts() {
        let text = r#"{"a":10,"b":8990.0,"c":1234E5,"d":true,"e":null,"f":"x\n","A":"later","g":"\u0041"}"#;
        let Node::Object(object) = Node::parse(text).unwrap() else { panic!("no object") };
        let text = |name| {
            let mut entries = object.0.iter();
            entries.find(|(key, _)| key.is_same(&Key::from(name))).and_then(|(_, it)| it.as_text())
        };
        for (name, expected) in [
            ("a", Some("10")),
            ("b", Some("8990.0")),
            ("c", Some("1234E5")),
            ("d", Some("true")),
            ("e", None),
            ("F", Some("x\n")),
            ("g", Some("A")),
        ] {
            assert_eq!(text(name), expected, "{name}");
        }
    }

    #[test]
    fn what_is_no_json_or_too_deep_is_an_error() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(Node::parse(&nested(100)).is_ok());
        for text in
            [nested(101), nested(20_000), "[".repeat(20_000), "{".into(), "\"\\ud800\"".into()]
        {
            assert!(Node::parse(&text).is_err());
        }
    }
}
