//! Finding a field: in the reservation's own part of the body, in the body as a whole, in the URL.
//! What a template left unfilled counts as not given.

use std::borrow::Cow;

use super::{
    Parameter,
    node::{Node, Object},
};

/// Where one reservation's fields are looked for, the nearest first.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layers<'a> {
    /// The item of `reservations`, if the body has such a list.
    pub(super) item: Option<&'a Object<'a>>,
    pub(super) body: &'a Object<'a>,
    pub(super) query: &'a [Parameter<'a>],
}

impl<'a> Layers<'a> {
    /// The first filled value under one of `names`, the nearest layer first.
    pub(super) fn given(&self, names: &[&str]) -> Option<Cow<'a, str>> {
        self.given_in_body(names).or_else(|| self.given_in_query(names))
    }

    pub(super) fn given_in_body(&self, names: &[&str]) -> Option<Cow<'a, str>> {
        self.objects().find_map(|object| {
            names.iter().find_map(|name| filled(object.get(name).and_then(Node::as_text)?))
        })
    }

    pub(super) fn given_in_query(&self, names: &[&str]) -> Option<Cow<'a, str>> {
        let query = self.query;
        names.iter().find_map(|name| {
            let mut values = query.iter().filter(|(key, _)| key.eq_ignore_ascii_case(name));
            values.find_map(|(_, value)| filled(value))
        })
    }

    /// The custom form fields, `[{"name": …, "value": …}]` or `{name: value}`: the filled ones.
    pub(super) fn custom_fields(&self) -> impl Iterator<Item = (&'a str, Cow<'a, str>)> {
        self.objects().filter_map(|object| object.get("fields")).flat_map(pairs)
    }

    fn objects(&self) -> impl Iterator<Item = &'a Object<'a>> + use<'a> {
        self.item.into_iter().chain([self.body])
    }
}

fn pairs<'a>(fields: &'a Node<'a>) -> Vec<(&'a str, Cow<'a, str>)> {
    match fields {
        Node::List(items) => items.iter().filter_map(named_value).collect(),
        Node::Object(Object(entries)) => entries
            .iter()
            .filter_map(|(name, value)| Some((name.as_ref(), filled(value.as_text()?)?)))
            .collect(),
        Node::Null | Node::Text(_) => Vec::new(),
    }
}

fn named_value<'a>(item: &'a Node<'a>) -> Option<(&'a str, Cow<'a, str>)> {
    let Node::Object(field) = item else { return None };
    Some((field.get("name")?.as_text()?, filled(field.get("value")?.as_text()?)?))
}

/// The text without unfilled placeholders and surrounding spaces; `None` if nothing is left, or
/// only a word or dash that stands for nothing. A leading space is kept for no one: a phone that
/// lost its `+` to it is understood without.
pub(super) fn filled(text: &str) -> Option<Cow<'_, str>> {
    let text = without_placeholders(text);
    let trimmed = text.trim();
    let nothing = matches!(trimmed, "" | "-" | "–" | "—")
        || trimmed.eq_ignore_ascii_case("null")
        || trimmed.eq_ignore_ascii_case("undefined");
    if nothing {
        return None;
    }
    Some(match &text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(_) => Cow::Owned(trimmed.to_owned()),
    })
}

/// Takes out `[bukza_…]` and `{…}`, wherever they stand.
fn without_placeholders(text: &str) -> Cow<'_, str> {
    if !text.bytes().any(|byte| matches!(byte, b'[' | b'{')) {
        return Cow::Borrowed(text);
    }
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['[', '{']) {
        kept.push_str(&rest[..at]);
        rest = &rest[at..];
        let taken = placeholder_len(rest);
        if taken == 0 {
            let bracket = &rest[..1];
            kept.push_str(bracket);
        }
        rest = &rest[taken.max(1)..];
    }
    kept.push_str(rest);
    Cow::Owned(kept)
}

/// The length of the placeholder that `text` starts with, in bytes; 0 if it starts with none.
pub(super) fn placeholder_len(text: &str) -> usize {
    const LONGEST: usize = 80;
    let (close, prefix) = match text.as_bytes().first() {
        Some(b'[') => (']', "bukza_"),
        Some(b'{') => ('}', ""),
        _ => return 0,
    };
    let inside = text[1..].split(close).next().unwrap_or_default();
    let closed = text.len() > inside.len() + 1;
    let name = inside.trim_start_matches('{');
    let sound = name.get(..prefix.len()).is_some_and(|p| p.eq_ignore_ascii_case(prefix))
        && !name.is_empty()
        && inside.len() <= LONGEST
        && name.chars().all(|c| c.is_alphanumeric() || "_-. ".contains(c));
    if !closed || !sound {
        return 0;
    }
    // `{{name}}` closes twice.
    let braces = inside.len() - name.len();
    let tail = &text[1 + inside.len()..];
    1 + inside.len() + tail.chars().take(1 + braces).take_while(|c| *c == close).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unfilled_placeholders_are_nothing() {
        for text in [
            "",
            " ",
            "-",
            "—",
            "null",
            "[bukza_phone]",
            "{phone}",
            " {{phone}} ",
            "[BUKZA_First_Name]",
            "[bukza_first_name] [bukza_last_name]",
            "{имя}",
        ] {
            assert_eq!(filled(text), None, "{text}");
        }
        for (text, left) in [
            (" Алина ", "Алина"),
            ("Алина [bukza_last_name]", "Алина"),
            ("[VIP] Алина", "[VIP] Алина"),
            ("{", "{"),
            ("a [bukza_", "a [bukza_"),
            ("{\"a\": 1}", "{\"a\": 1}"),
            ("{}", "{}"),
        ] {
            assert_eq!(filled(text).as_deref(), Some(left), "{text}");
        }
    }

    #[test]
    fn the_nearest_filled_value_counts() {
        fn object(text: &str) -> Object<'_> {
            match serde_json::from_str(text).unwrap() {
                Node::Object(object) => object,
                other => panic!("{other:?}"),
            }
        }
        let item = object(r#"{"start":"item","end":"-"}"#);
        let body = object(r#"{"start":"body","END":"body","code":""}"#);
        let query = [("code".into(), "{code}".into()), ("CODE".into(), "query".into())];
        let layers = Layers { item: Some(&item), body: &body, query: &query };
        assert_eq!(layers.given(&["begin", "start"]).as_deref(), Some("item"));
        assert_eq!(layers.given(&["end"]).as_deref(), Some("body"));
        assert_eq!(layers.given(&["code"]).as_deref(), Some("query"));
        assert_eq!(layers.given(&["nothing"]), None);
    }
}
