//! Looks up a field in layers: the reservation's item, the whole body, the URL. Visitor input is looked up in
//! the template's object for it.

use std::borrow::Cow;

use super::{
    body::Body,
    key::Key,
    names::{FIELD_NAME, FIELD_VALUE, FIELDS, Names},
    node::{Node, Object},
    placeholders::filled,
};

/// A parameter of the URL: its name and value, decoded.
pub(super) type Parameter<'a> = (Key<'a>, Cow<'a, str>);

/// The layers of one reservation, the nearest first.
#[derive(Debug, Clone, Copy)]
pub(super) struct Layers<'a> {
    /// The item of `reservations`, if the body has such a list.
    pub(super) item: Option<&'a Object<'a>>,
    pub(super) body: &'a Body<'a>,
    pub(super) query: &'a [Parameter<'a>],
}

impl<'a> Layers<'a> {
    /// The first filled value under one of `names`, the nearest layer first.
    pub(super) fn given(&self, names: Names) -> Option<Cow<'a, str>> {
        let in_body = self.objects().find_map(|object| {
            names.iter().find_map(|name| filled(object.get(name).and_then(Node::as_text)?))
        });
        in_body.or_else(|| find(self.query, names))
    }

    /// As [`Self::given`], without the part of the URL behind visitor input.
    pub(super) fn given_before_typed(&self, names: Names) -> Option<Cow<'a, str>> {
        let typed = self.query.iter().position(|(name, _)| name.is_typed());
        let query = &self.query[..typed.unwrap_or(self.query.len())];
        Layers { query, ..*self }.given(names)
    }

    /// Visitor input under one of `names`: from the object `visitor` alone, if the template has it.
    pub(super) fn typed(&self, names: Names) -> Option<Cow<'a, str>> {
        match &self.body.visitor {
            Some(visitor) => visitor.given(names),
            None => self.given(names),
        }
    }

    /// Every filled value of the reservation and the body, in the order of `names`.
    pub(super) fn all_in_body(&self, names: Names) -> impl Iterator<Item = Cow<'a, str>> {
        self.objects()
            .flat_map(move |object| names.iter().flat_map(move |name| object.values(name)))
            .filter_map(|node| filled(node.as_text()?))
    }

    /// Every filled value under any of the names in the URL.
    pub(super) fn all_in_query(&self, names: Names) -> impl Iterator<Item = Cow<'a, str>> {
        let named = self.query.iter().filter(move |(name, _)| name.is_one_of(names));
        named.filter_map(|(_, value)| filled(value))
    }

    /// The filled custom form fields: `[{"name": …, "value": …}]` or `{name: value}`.
    pub(super) fn custom_fields(&self) -> impl Iterator<Item = (&'a str, Cow<'a, str>)> {
        let visitor = self.body.visitor.as_ref();
        let elsewhere = self.objects().filter(move |_| visitor.is_none());
        let lists = visitor.map(|visitor| &visitor.fields).into_iter().chain(elsewhere);
        lists.filter_map(|object| object.first(FIELDS)).flat_map(pairs)
    }

    pub(super) fn objects(&self) -> impl Iterator<Item = &'a Object<'a>> + use<'a> {
        self.item.into_iter().chain([&self.body.fields])
    }
}

/// The first filled parameter under one of `names`.
fn find<'a>(query: &'a [Parameter<'a>], names: Names) -> Option<Cow<'a, str>> {
    names.iter().find_map(|name| {
        let named = query.iter().filter(|(key, _)| key.is(name));
        named.map(|(_, value)| value.as_ref()).find_map(filled)
    })
}

fn pairs<'a>(fields: &'a Node<'a>) -> Vec<(&'a str, Cow<'a, str>)> {
    match fields {
        Node::List(items) => items.iter().filter_map(named_value).collect(),
        Node::Object(Object(entries)) => entries
            .iter()
            .filter_map(|(name, value)| Some((&**name, filled(value.as_text()?)?)))
            .collect(),
        Node::Null | Node::Text(_) => Vec::new(),
    }
}

fn named_value<'a>(item: &'a Node<'a>) -> Option<(&'a str, Cow<'a, str>)> {
    let Node::Object(field) = item else { return None };
    Some((field.first(FIELD_NAME)?.as_text()?, filled(field.first(FIELD_VALUE)?.as_text()?)?))
}

#[cfg(test)]
mod tests {
    use super::{
        super::names::{CODE, END, SERVICE, START, STATUS},
        *,
    };

    fn object(text: &str) -> Object<'_> {
        match Node::parse(text).unwrap() {
            Node::Object(object) => object,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_nearest_filled_value_counts() {
        let item = object(r#"{"start":"item","end":"-"}"#);
        let fields = object(r#"{"start":"body","END":"body","code":"","order_status":"x"}"#);
        let body = Body { fields, ..Body::default() };
        let query = [("code".into(), "{code}".into()), ("CODE".into(), "query".into())];
        let layers = Layers { item: Some(&item), body: &body, query: &query };
        assert_eq!(layers.given(START).as_deref(), Some("item"));
        assert_eq!(layers.given(END).as_deref(), Some("body"));
        assert_eq!(layers.given(CODE).as_deref(), Some("query"));
        assert_eq!(layers.given(STATUS).as_deref(), Some("x"));
        assert_eq!(layers.given(SERVICE), None);
        assert_eq!(layers.all_in_body(START).collect::<Vec<_>>(), ["item", "body"]);
        assert_eq!(layers.all_in_query(CODE).collect::<Vec<_>>(), ["query"]);
    }
}
