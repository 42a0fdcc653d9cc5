//! Finds texts that hold a field of the template, `… "phone": …`: an attempt to inject that field.

use super::{
    Fault,
    key::Key,
    names::{self, CODE, Names, PAID, PHONE, RESERVATIONS, START},
    node::{Node, Object},
};

/// Fields that decide about a booking or a client.
const GUARDED: &[Names] = &[CODE, START, PHONE, PAID, RESERVATIONS];
/// Longest name that is compared, in bytes.
const NAME_MAX: usize = 60;

/// A fault for each entry whose name or text holds a guarded field.
pub(super) fn faults(object: &Object<'_>) -> Vec<Fault> {
    let message = "holds what looks like a field of the template";
    let found = |(key, node): &(Key<'_>, Node<'_>)| {
        (holds_field(key) || in_node(node)).then(|| Fault::new(names::shown(key), message))
    };
    object.0.iter().filter_map(found).collect()
}

fn in_node(node: &Node<'_>) -> bool {
    match node {
        Node::Null => false,
        Node::Text(text) => holds_field(text),
        Node::List(items) => items.iter().any(in_node),
        Node::Object(Object(entries)) => {
            entries.iter().any(|(key, node)| holds_field(key) || in_node(node))
        }
    }
}

/// Whether the text has a quote between a guarded name and a colon.
fn holds_field(text: &str) -> bool {
    let mut start = 0;
    for (at, _) in text.match_indices('"') {
        let name = text[start..at].trim();
        start = at + 1;
        if name.len() <= NAME_MAX && text[start..].trim_start().starts_with(':') && is_guarded(name)
        {
            return true;
        }
    }
    false
}

fn is_guarded(name: &str) -> bool {
    let name = Key::from(name);
    GUARDED.iter().any(|names| name.is_one_of(names))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guarded_field_in_a_text_is_found() {
        for text in [
            r#"x" "phone": "1"#,
            r#"phone": "1"#,
            r#"x", "reservation_code" : "A"#,
            r#"{"reservations":[]}"#,
            r#" Start ":"#,
        ] {
            assert!(holds_field(text), "{text}");
        }
        for text in [
            "",
            "phone: 1",
            r#"ООО "Ромашка": чай"#,
            r#"мой "phone" 1"#,
            r#"x "name": "y"#,
            "\"\"\":",
        ] {
            assert!(!holds_field(text), "{text}");
        }
        for piece in ["\"", "\" ", "phone\"", "\":", " "] {
            let _ = holds_field(&piece.repeat(64 * 1024 / piece.len()));
        }
    }
}
