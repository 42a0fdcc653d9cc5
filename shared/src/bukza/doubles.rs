//! What a template cannot have meant: one thing given twice, in two ways. A visitor's text that imitates
//! the template's structure makes such doubles, and must never speak for a booking.

use super::{
    Fault, Parameter, Rules,
    fields::{CODE, PAID, PHONE, START},
    lookup::filled,
    node::{Node, Object},
};
use crate::domain::{money::Money, phone::Phone};

/// The list of an order's reservations.
pub(super) const RESERVATIONS: &str = "reservations";

/// Most fields of one object, or parameters of one URL: each is compared with all before it.
const FIELDS_MAX: usize = 500;
const TWICE: &str = "is given twice, with different values";

/// Every double in the request; none in one that a template alone has made.
pub(super) fn faults(body: &Object<'_>, query: &[Parameter<'_>], rules: &Rules) -> Vec<Fault> {
    let mut faults = Vec::new();
    in_object(body, rules, "", &mut faults);
    in_query(query, rules, &mut faults);
    let codes = [codes(body), codes_of_query(query)].concat();
    if lists(body) > 0 && !codes.is_empty() {
        faults.push(Fault::new(RESERVATIONS, "stands beside a code: a template has one of them"));
    }
    if lists(body) > 1 {
        faults.push(Fault::new(RESERVATIONS, "is given twice"));
    }
    if faults.is_empty() && differ(codes) {
        faults.push(Fault::new("code", "differs between URL and body"));
    }
    faults
}

/// Doubles of one object and of all that it holds.
fn in_object(object: &Object<'_>, rules: &Rules, within: &str, faults: &mut Vec<Fault>) {
    let Object(entries) = object;
    if entries.len() > FIELDS_MAX {
        faults.push(too_many());
        return;
    }
    for (at, (key, value)) in entries.iter().enumerate() {
        let mut before = entries[..at].iter();
        if before.any(|(other, earlier)| same_key(other, key) && earlier != value) {
            faults.push(Fault::new(format!("{within}{}", name_of(key)), TWICE));
        }
        in_node(value, rules, &format!("{within}{}", name_of(key)), faults);
    }
    let values = |names: &[&str]| -> Vec<String> {
        let named = entries.iter().filter(|(key, _)| named(key, names));
        named.filter_map(|(_, value)| Some(filled(value.as_text()?)?.into_owned())).collect()
    };
    aliases(values, rules, within, faults);
}

fn in_node(node: &Node<'_>, rules: &Rules, name: &str, faults: &mut Vec<Fault>) {
    match node {
        Node::Object(object) => in_object(object, rules, &format!("{name}."), faults),
        Node::List(items) => {
            for (index, item) in items.iter().enumerate() {
                in_node(item, rules, &format!("{name}[{index}]"), faults);
            }
        }
        Node::Null | Node::Text(_) => {}
    }
}

fn in_query(query: &[Parameter<'_>], rules: &Rules, faults: &mut Vec<Fault>) {
    if query.len() > FIELDS_MAX {
        faults.push(too_many());
        return;
    }
    for (at, (key, value)) in query.iter().enumerate() {
        let mut before = query[..at].iter();
        if before.any(|(other, earlier)| same_key(other, key) && earlier.trim() != value.trim()) {
            faults.push(Fault::new(name_of(key), TWICE));
        }
    }
    let values = |names: &[&str]| -> Vec<String> {
        let named = query.iter().filter(|(key, _)| named(key, names));
        named.filter_map(|(_, value)| Some(filled(value)?.into_owned())).collect()
    };
    aliases(values, rules, "", faults);
}

/// One thing under two of its names.
fn aliases(
    values: impl Fn(&[&str]) -> Vec<String>,
    rules: &Rules,
    within: &str,
    faults: &mut Vec<Fault>,
) {
    let starts = values(START).into_iter().map(|text| match rules.zone.parse(&text) {
        Ok(at) => at.to_rfc3339(),
        Err(_) => text,
    });
    let phones =
        values(PHONE).into_iter().filter_map(|text| Phone::parse(&text, rules.region).ok());
    let paid = values(PAID).into_iter().filter_map(|text| Money::parse(&text).ok());
    for (name, twice) in [
        ("code", differ(values(CODE))),
        ("start", differ(starts)),
        ("phone", differ(phones)),
        ("paid", differ(paid)),
    ] {
        let field = format!("{within}{name}");
        if twice && !faults.iter().any(|fault| fault.field == field) {
            faults.push(Fault::new(field, TWICE));
        }
    }
}

fn too_many() -> Fault {
    Fault::new("body", format!("has more than {FIELDS_MAX} fields in one object"))
}

fn codes(body: &Object<'_>) -> Vec<String> {
    let entries = body.0.iter().filter(|(key, _)| named(key, CODE));
    entries.filter_map(|(_, value)| Some(filled(value.as_text()?)?.into_owned())).collect()
}

fn codes_of_query(query: &[Parameter<'_>]) -> Vec<String> {
    let codes = query.iter().filter(|(key, _)| named(key, CODE));
    codes.filter_map(|(_, value)| Some(filled(value)?.into_owned())).collect()
}

/// How many lists of reservations with something in them there are.
fn lists(body: &Object<'_>) -> usize {
    let filled = |node: &Node<'_>| matches!(node, Node::List(items) if !items.is_empty());
    body.0.iter().filter(|(key, node)| same_key(key, RESERVATIONS) && filled(node)).count()
}

fn differ<T: PartialEq>(values: impl IntoIterator<Item = T>) -> bool {
    let mut values = values.into_iter();
    let first = values.next();
    values.any(|value| Some(value) != first)
}

fn named(key: &str, names: &[&str]) -> bool {
    names.iter().any(|name| same_key(key, name))
}

fn same_key(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

/// A key as a fault may show it: one that a visitor may have made up is no name of a field.
fn name_of(key: &str) -> &str {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let plain = !key.is_empty() && key.len() <= 40 && key.bytes().all(is_plain);
    if plain { key } else { "body" }
}
