//! The object `visitor` of our templates: the last field of the body, with all visitor input.
//!
//! Bukza fills a template as plain text, so visitor input can close its string and add fields. The body is
//! therefore cut before the first `"visitor": {`. The part before it is read alone: no input behind it can change
//! a field of the booking.

use super::{
    json_repair,
    key::Key,
    names::Names,
    node::{Node, Object},
    placeholders::filled,
};
use std::borrow::Cow;

const VISITOR: &str = "visitor";

/// Visitor input.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Visitor<'a> {
    pub(super) fields: Object<'a>,
    /// No name occurs twice and nothing follows the object: the input does not imitate the template.
    pub(super) plain: bool,
}

/// A body cut before its visitor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cut<'a> {
    /// The text before the name `visitor`.
    pub(super) head: &'a str,
    /// The text from the object's bracket on.
    pub(super) object: &'a str,
}

impl<'a> Cut<'a> {
    /// Cuts before the first `"visitor": {`.
    pub(super) fn of(text: &'a str) -> Option<Self> {
        let starts_name = |pair: &[u8]| pair[0] == b'"' && matches!(pair[1], b'v' | b'V');
        let pairs = text.as_bytes().windows(2).enumerate();
        pairs.filter(|(_, pair)| starts_name(pair)).find_map(|(at, _)| {
            let name = text.get(at + 1..at + 1 + VISITOR.len())?;
            let after = text[at + 1 + VISITOR.len()..].strip_prefix('"')?;
            let object = after.trim_start().strip_prefix(':')?.trim_start();
            let found = name.eq_ignore_ascii_case(VISITOR) && object.starts_with('{');
            found.then(|| Self { head: &text[..at], object })
        })
    }
}

impl<'a> Visitor<'a> {
    /// Reads the object at the start of `text`. `mended` owns its text after a repair.
    pub(super) fn read(text: &'a str, mended: &'a mut String) -> Self {
        if let Some(fields) = strict(text) {
            return Self { plain: each_once(&fields), fields };
        }
        let (object, behind) = json_repair::repair_start(text);
        *mended = object;
        let Ok(Node::Object(fields)) = Node::parse(mended) else { return Self::default() };
        Self { plain: behind.is_some_and(is_end) && each_once(&fields), fields }
    }

    /// The first value under any of the names, if it is filled. A second one is visitor input.
    pub(super) fn given(&self, names: Names) -> Option<Cow<'_, str>> {
        filled(self.fields.first(names)?.as_text()?)
    }
}

/// The object, if it needs no repair and the body ends behind it.
fn strict(text: &str) -> Option<Object<'_>> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<serde::de::IgnoredAny>();
    values.next()?.ok()?;
    let (object, behind) = text.split_at(values.byte_offset());
    match Node::parse(object).ok().filter(|_| is_end(behind))? {
        Node::Object(fields) => Some(fields),
        Node::Null | Node::Text(_) | Node::List(_) => None,
    }
}

/// Whether only the end of the body follows.
fn is_end(behind: &str) -> bool {
    let behind = behind.trim().trim_start_matches(',').trim_start();
    behind.strip_prefix('}').is_some_and(str::is_empty)
}

fn each_once(fields: &Object<'_>) -> bool {
    let Object(entries) = fields;
    let twice = |(at, (key, _)): (usize, &(Key<'_>, _))| {
        entries[..at].iter().any(|(other, _)| key.is_same(other))
    };
    entries.len() < 50 && !entries.iter().enumerate().any(twice)
}

#[cfg(test)]
mod tests {
    use super::{super::names::NAME, *};

    fn name(text: &str) -> (Option<String>, bool) {
        let mut mended = String::new();
        let visitor = Visitor::read(text, &mut mended);
        (visitor.given(NAME).map(Cow::into_owned), visitor.plain)
    }

    #[test]
    fn is_cut_at_the_first() {
        let cut = Cut::of(r#"{"a":"visitor","Visitor" :{"x":1},"visitor":{}}"#).unwrap();
        assert_eq!(cut, Cut { head: r#"{"a":"visitor","#, object: r#"{"x":1},"visitor":{}}"# });
        for text in [r#"{"visitor":"A"}"#, r#"{"visitors":{}}"#, r#"{"a":"visitor"}"#, "\"", ""] {
            assert_eq!(Cut::of(text), None, "{text}");
        }
    }

    #[test]
    fn what_a_visitor_types_is_read_as_far_as_it_goes() {
        for (text, expected, plain) in [
            (r#"{"name":"Алина"}}"#, Some("Алина"), true),
            (r#"{"name":"Алина",},}"#, Some("Алина"), true),
            (
                r#"{"name":"ООО "Ромашка" "Лютик": x","comment":""}}"#,
                Some("ООО \"Ромашка\" \"Лютик\": x"),
                true,
            ),
            (r#"{"name":"Кафе "}","comment":"x"}}"#, Some("Кафе \"}"), true),
            ("{\"name\":\"a\"\n\"comment\":\"x\"}}", Some("a\"\n\"comment\":\"x"), true),
            (r#"{"name":"a","name":"b"}}"#, Some("a"), false),
            (r#"{"name":"a"},"code":"OTHER"}"#, Some("a"), false),
            (r#"{"name":"a","comment":"x}}"#, Some("a"), false),
            (r#"{"name":"a","fields":[{"name":"b","value":"x"},{"na"#, Some("a"), false),
            (r#"{"name":"a"#, None, false),
            ("{", None, false),
        ] {
            let (read, is_plain) = name(text);
            assert_eq!((read.as_deref(), is_plain), (expected, plain), "{text}");
        }
    }
}
