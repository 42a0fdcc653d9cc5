//! Where a request claims one thing: each value under any of its names, and whether a visitor's words
//! stand before it.

use super::{
    Parameter,
    filled::content,
    names::{self, Names, RESERVATIONS},
    node::{Node, Object},
};

/// A value under one of a thing's names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claim {
    /// `None`: unfilled, or no text.
    pub(super) text: Option<String>,
    /// Nothing stands before it that a visitor may have typed. Behind it they may have typed this, too.
    pub(super) trusted: bool,
}

/// The claims of an object. Those in what it holds count where a visitor's words may have wrapped up what
/// the template says; the list of reservations has its own.
pub(super) fn in_object(object: &Object<'_>, names: Names) -> Vec<Claim> {
    let mut claims = Vec::new();
    // Where a visitor's words begin is looked up only where it matters.
    let mut typed = None;
    for (at, (key, node)) in object.0.iter().enumerate() {
        let mut trusted = || {
            let mut entries = object.0.iter();
            let typed = typed.get_or_insert_with(|| entries.position(|it| !names::is_given(&it.0)));
            typed.is_none_or(|typed| at <= typed)
        };
        if names::is_one_of(key, names) {
            claims.push(Claim { text: text_of(node), trusted: trusted() });
        }
        let holds_more = matches!(node, Node::Object(_) | Node::List(_));
        if holds_more && !names::is_one_of(key, RESERVATIONS) && !trusted() {
            wrapped_up(node, names, &mut claims);
        }
    }
    claims
}

fn wrapped_up(node: &Node<'_>, names: Names, claims: &mut Vec<Claim>) {
    match node {
        Node::Object(object) => {
            for (key, node) in &object.0 {
                if names::is_one_of(key, names) {
                    claims.push(Claim { text: text_of(node), trusted: false });
                }
                wrapped_up(node, names, claims);
            }
        }
        Node::List(items) => items.iter().for_each(|item| wrapped_up(item, names, claims)),
        Node::Null | Node::Text(_) => {}
    }
}

fn text_of(node: &Node<'_>) -> Option<String> {
    Some(content(node.as_text()?)?.trim().to_owned())
}

/// The claims of a URL.
pub(super) fn in_query(query: &[Parameter<'_>], names: Names) -> Vec<Claim> {
    let claims = query.iter().enumerate().filter(|(_, (key, _))| names::is_one_of(key, names));
    claims
        .map(|(at, (_, value))| {
            let trusted = query[..at].iter().all(|(key, _)| names::is_given(key));
            Claim { text: content(value).map(|text| text.into_owned()), trusted }
        })
        .collect()
}

/// Whether the claims cannot all be meant: two that differ, or one that a visitor may have typed beside one
/// that says nothing.
pub(super) fn conflict<T: PartialEq>(claims: &[Claim], read: impl Fn(String) -> Option<T>) -> bool {
    if claims.len() < 2 {
        return false;
    }
    let read = |claim: &Claim| (claim.text.clone().and_then(&read), claim.trusted);
    let (filled, unfilled): (Vec<_>, Vec<_>) =
        claims.iter().map(read).partition(|it| it.0.is_some());
    let differ = filled.windows(2).any(|pair| pair[0].0 != pair[1].0);
    differ || (!unfilled.is_empty() && filled.iter().any(|(_, trusted)| !trusted))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claims(text: &str) -> Vec<(Option<String>, bool)> {
        let Ok(Node::Object(object)) = Node::parse(text) else { panic!("{text}") };
        let claims = in_object(&object, names::PHONE).into_iter();
        claims.map(|claim| (claim.text, claim.trusted)).collect()
    }

    #[test]
    fn a_claim_behind_a_visitors_words_is_not_trusted() {
        let given = |text: &str, trusted| (Some(text.to_owned()), trusted);
        for (text, expected) in [
            (r#"{"code":"A","phone":"1"}"#, vec![given("1", true)]),
            (r#"{"name":"A","phone":"1"}"#, vec![given("1", false)]),
            (r#"{"unknown":"A","tel":"1"}"#, vec![given("1", false)]),
            (r#"{"phone":"","tel":"1"}"#, vec![(None, true), given("1", false)]),
            (r#"{"name":"A","z":{"a":[{"phone":"1"}]}}"#, vec![given("1", false)]),
            (r#"{"order":{"phone":"1"},"reservations":[{"phone":"1"}]}"#, vec![]),
        ] {
            assert_eq!(claims(text), expected, "{text}");
        }
    }

    #[test]
    fn claims_conflict_that_cannot_all_be_meant() {
        let claim = |text: &str, trusted| {
            let text = Some(text.to_owned()).filter(|text| !text.is_empty());
            Claim { text, trusted }
        };
        for (claims, expected) in [
            (vec![], false),
            (vec![claim("a", false)], false),
            (vec![claim("a", true), claim("a", false)], false),
            (vec![claim("a", true), claim("b", true)], true),
            (vec![claim("", true), claim("b", true)], false),
            (vec![claim("a", true), claim("", false)], false),
            (vec![claim("", true), claim("b", false)], true),
            (vec![claim("", true), claim("", false)], false),
        ] {
            assert_eq!(conflict(&claims, Some), expected, "{claims:?}");
        }
    }
}
