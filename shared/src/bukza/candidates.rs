//! Candidate values of one field: every value under any of its names, and whether it can be trusted.
//! A value behind visitor input is untrusted: the visitor may have typed it.

use super::{
    lookup::Parameter,
    names::{Names, RESERVATIONS},
    node::{Node, Object},
    placeholders::filled_untrimmed,
};

/// A value under one of a field's names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Candidate {
    /// `None` for an unfilled value or one that is no text.
    pub(super) text: Option<String>,
    /// No visitor input precedes the value.
    pub(super) trusted: bool,
}

/// The candidates in an object. Nested ones count only behind visitor input, which may have nested the
/// template's fields. The list of reservations is skipped: its items are read apart.
pub(super) fn in_object(object: &Object<'_>, names: Names) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    // Index of the first visitor input, found at the first use.
    let mut typed = None;
    for (at, (key, node)) in object.0.iter().enumerate() {
        let mut trusted = || {
            let mut entries = object.0.iter();
            let typed = typed.get_or_insert_with(|| entries.position(|it| !it.0.is_given()));
            typed.is_none_or(|typed| at <= typed)
        };
        if key.is_one_of(names) {
            candidates.push(Candidate { text: text_of(node), trusted: trusted() });
        }
        let is_nested = matches!(node, Node::Object(_) | Node::List(_));
        if is_nested && !key.is_one_of(RESERVATIONS) && !trusted() {
            nested(node, names, &mut candidates);
        }
    }
    candidates
}

fn nested(node: &Node<'_>, names: Names, candidates: &mut Vec<Candidate>) {
    match node {
        Node::Object(object) => {
            for (key, node) in &object.0 {
                if key.is_one_of(names) {
                    candidates.push(Candidate { text: text_of(node), trusted: false });
                }
                nested(node, names, candidates);
            }
        }
        Node::List(items) => items.iter().for_each(|item| nested(item, names, candidates)),
        Node::Null | Node::Text(_) => {}
    }
}

fn text_of(node: &Node<'_>) -> Option<String> {
    Some(filled_untrimmed(node.as_text()?)?.trim().to_owned())
}

/// The candidates in a URL.
pub(super) fn in_query(query: &[Parameter<'_>], names: Names) -> Vec<Candidate> {
    let candidates = query.iter().enumerate().filter(|(_, (key, _))| key.is_one_of(names));
    candidates
        .map(|(at, (_, value))| {
            let trusted = query[..at].iter().all(|(key, _)| key.is_given());
            Candidate { text: filled_untrimmed(value).map(|text| text.into_owned()), trusted }
        })
        .collect()
}

/// Whether the candidates contradict each other: two differ, or an untrusted one stands beside an unfilled
/// one.
pub(super) fn conflict<T: PartialEq>(
    candidates: &[Candidate],
    read: impl Fn(String) -> Option<T>,
) -> bool {
    if candidates.len() < 2 {
        return false;
    }
    let read = |candidate: &Candidate| (candidate.text.clone().and_then(&read), candidate.trusted);
    let (filled, unfilled): (Vec<_>, Vec<_>) =
        candidates.iter().map(read).partition(|it| it.0.is_some());
    let differ = filled.windows(2).any(|pair| pair[0].0 != pair[1].0);
    differ || (!unfilled.is_empty() && filled.iter().any(|(_, trusted)| !trusted))
}

#[cfg(test)]
mod tests {
    use super::{super::names::PHONE, *};

    fn candidates(text: &str) -> Vec<(Option<String>, bool)> {
        let Ok(Node::Object(object)) = Node::parse(text) else { panic!("{text}") };
        let candidates = in_object(&object, PHONE).into_iter();
        candidates.map(|candidate| (candidate.text, candidate.trusted)).collect()
    }

    #[test]
    fn a_candidate_behind_visitor_input_is_not_trusted() {
        let given = |text: &str, trusted| (Some(text.to_owned()), trusted);
        for (text, expected) in [
            (r#"{"code":"A","phone":"1"}"#, vec![given("1", true)]),
            (r#"{"name":"A","phone":"1"}"#, vec![given("1", false)]),
            (r#"{"unknown":"A","tel":"1"}"#, vec![given("1", false)]),
            (r#"{"phone":"","tel":"1"}"#, vec![(None, true), given("1", false)]),
            (r#"{"name":"A","z":{"a":[{"phone":"1"}]}}"#, vec![given("1", false)]),
            (r#"{"order":{"phone":"1"},"reservations":[{"phone":"1"}]}"#, vec![]),
        ] {
            assert_eq!(candidates(text), expected, "{text}");
        }
    }

    #[test]
    fn contradicting_candidates_conflict() {
        let candidate = |text: &str, trusted| {
            let text = Some(text.to_owned()).filter(|text| !text.is_empty());
            Candidate { text, trusted }
        };
        for (candidates, expected) in [
            (vec![], false),
            (vec![candidate("a", false)], false),
            (vec![candidate("a", true), candidate("a", false)], false),
            (vec![candidate("a", true), candidate("b", true)], true),
            (vec![candidate("", true), candidate("b", true)], false),
            (vec![candidate("a", true), candidate("", false)], false),
            (vec![candidate("", true), candidate("b", false)], true),
            (vec![candidate("", true), candidate("", false)], false),
        ] {
            assert_eq!(conflict(&candidates, Some), expected, "{candidates:?}");
        }
    }
}
