//! Conflicts in a request: one field given twice with different values. No template does that; a visitor's
//! text that imitates the template's structure does, and must never change a booking.

use super::{
    Fault, Rules,
    body::Body,
    candidates::{Candidate, conflict, in_object, in_query},
    injected_fields,
    lookup::Parameter,
    names::{self, CODE, Names, PAID, PHONE, RESERVATIONS, START},
    node::{Node, Object},
    visitor::Visitor,
};
use crate::domain::{money::Money, phone::Phone};

/// Most fields of one object, or parameters of one URL: each is compared with all before it.
const FIELDS_MAX: usize = 500;
/// Most faults that a refusal names.
const FAULTS_MAX: usize = 20;
const TWICE: &str = "is given twice, with different values";

/// Every conflict in the request. A request of a template alone has none.
pub(super) fn faults(body: &Body<'_>, query: &[Parameter<'_>], rules: &Rules) -> Vec<Fault> {
    let mut found = Conflicts { rules, faults: Vec::new() };
    found.names_twice("", &body.fields);
    found.parameters_twice(query);
    if found.faults.iter().any(|fault| fault.field == "body") {
        return found.faults;
    }
    found.fields_twice("", |names| in_object(&body.fields, names));
    found.fields_twice("", |names| in_query(query, names));
    found.lists(&body.fields, query);
    let codes = [in_query(query, CODE), in_object(&body.fields, CODE)].concat();
    if found.faults.is_empty() && conflict(&codes, Some) {
        found.add("code", "differs between URL and body");
    }
    match &body.visitor {
        Some(visitor) => found.beside_visitor(&body.fields, query, visitor),
        None => found.faults.extend(injected_fields::faults(&body.fields)),
    }
    found.faults
}

struct Conflicts<'a> {
    rules: &'a Rules,
    faults: Vec<Fault>,
}

impl Conflicts<'_> {
    fn add(&mut self, field: impl Into<String>, message: &str) {
        let field = field.into();
        if self.faults.len() < FAULTS_MAX && !self.faults.iter().any(|fault| fault.field == field) {
            self.faults.push(Fault::new(field, message));
        }
    }

    /// One name twice in an object or in a nested one.
    fn names_twice(&mut self, within: &str, object: &Object<'_>) {
        let Object(entries) = object;
        if entries.len() > FIELDS_MAX {
            self.too_many();
            return;
        }
        for (at, (key, value)) in entries.iter().enumerate() {
            let name = || format!("{within}{}", names::shown(key));
            let mut before = entries[..at].iter();
            if before.any(|(other, earlier)| other.is_same(key) && earlier != value) {
                self.add(name(), TWICE);
            }
            match value {
                Node::Object(_) | Node::List(_) => self.names_twice_in(&name(), value),
                Node::Null | Node::Text(_) => {}
            }
        }
    }

    fn names_twice_in(&mut self, name: &str, node: &Node<'_>) {
        match node {
            Node::Object(object) => self.names_twice(&format!("{name}."), object),
            Node::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.names_twice_in(&format!("{name}[{index}]"), item);
                }
            }
            Node::Null | Node::Text(_) => {}
        }
    }

    fn parameters_twice(&mut self, query: &[Parameter<'_>]) {
        if query.len() > FIELDS_MAX {
            self.too_many();
            return;
        }
        for (at, (key, value)) in query.iter().enumerate() {
            let mut before = query[..at].iter();
            if before.any(|(other, earlier)| other.is_same(key) && earlier.trim() != value.trim()) {
                self.add(names::shown(key), TWICE);
            }
        }
    }

    fn too_many(&mut self) {
        self.add("body", &format!("has more than {FIELDS_MAX} fields in one object"));
    }

    /// One field under two of its names.
    fn fields_twice(&mut self, within: &str, candidates: impl Fn(Names) -> Vec<Candidate>) {
        let rules = self.rules;
        let code = conflict(&candidates(CODE), Some);
        let start = conflict(&candidates(START), |text| rules.zone.parse(&text).ok());
        let phone = conflict(&candidates(PHONE), |text| Phone::parse(&text, rules.region).ok());
        let paid = conflict(&candidates(PAID), |text| Money::parse(&text).ok());
        for (name, twice) in [("code", code), ("start", start), ("phone", phone), ("paid", paid)] {
            if twice {
                self.add(format!("{within}{name}"), TWICE);
            }
        }
    }

    /// Conflicts of the lists of reservations, and within their items.
    fn lists(&mut self, fields: &Object<'_>, query: &[Parameter<'_>]) {
        let lists = in_object(fields, RESERVATIONS);
        let items = |node: &Node<'_>| matches!(node, Node::List(items) if !items.is_empty());
        if !fields.all(RESERVATIONS).any(items) {
            return;
        }
        if lists.len() > 1 {
            self.add("reservations", "is given twice");
        }
        // Behind visitor input the list may be typed. Then it conflicts with an unfilled code as well.
        let typed = lists.iter().any(|list| !list.trusted);
        let codes = [in_query(query, CODE), in_object(fields, CODE)].concat();
        if codes.iter().any(|code| typed || code.text.is_some()) {
            self.add("reservations", "stands beside a code: a template has one of them");
        }
        let lists = fields.all(RESERVATIONS).filter_map(|node| match node {
            Node::List(items) => Some(items),
            Node::Null | Node::Text(_) | Node::Object(_) => None,
        });
        for items in lists {
            let objects = items.iter().enumerate().filter_map(|(index, item)| match item {
                Node::Object(item) => Some((index, item)),
                Node::Null | Node::Text(_) | Node::List(_) => None,
            });
            for (index, item) in objects {
                let within = format!("reservations[{index}].");
                self.fields_twice(&within, |names| in_object(item, names));
                // Visitor input in one item can add further items.
                if let Some(name) = typed_names(item).next().filter(|_| items.len() > 1) {
                    self.add(
                        format!("{within}{}", names::shown(name)),
                        "stands in the list of reservations: a visitor's words belong outside",
                    );
                }
            }
        }
    }

    /// Visitor input outside of the object `visitor`, in a template that has one.
    fn beside_visitor(
        &mut self,
        head: &Object<'_>,
        query: &[Parameter<'_>],
        visitor: &Visitor<'_>,
    ) {
        let items = head.all(RESERVATIONS).flat_map(|node| match node {
            Node::List(items) => items.as_slice(),
            Node::Null | Node::Text(_) | Node::Object(_) => &[],
        });
        let objects = items.filter_map(|item| match item {
            Node::Object(item) => Some(item),
            Node::Null | Node::Text(_) | Node::List(_) => None,
        });
        for object in objects.chain([head]) {
            for name in typed_names(object) {
                self.add(names::shown(name), "stands beside the visitor, where it belongs");
            }
            let unknown = object.0.iter().map(|(name, _)| name);
            // An unknown field may hold visitor input. Then the object may have been typed as well.
            for name in unknown.filter(|name| !name.is_given() && !name.is_typed()) {
                if !visitor.plain {
                    self.add(
                        names::shown(name),
                        "is no known name, and a visitor's words imitate the template",
                    );
                }
            }
        }
        let read = |text: &str| Phone::parse(text, self.rules.region).ok();
        let own = visitor.given(PHONE).and_then(|text| read(&text));
        let others =
            in_query(query, PHONE).into_iter().filter_map(|candidate| read(&candidate.text?));
        if own.is_some_and(|own| others.into_iter().any(|other| other != own)) {
            self.add("phone", TWICE);
        }
    }
}

fn typed_names<'a>(object: &'a Object<'_>) -> impl Iterator<Item = &'a str> {
    object.0.iter().filter(|(name, _)| name.is_typed()).map(|(name, _)| &**name)
}
