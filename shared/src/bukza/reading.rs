//! How a request was read, field by field: what is empty, unreadable, missing or unknown in it. It never changes what was
//! read, and is shown to the staff with the first requests of an installation.

use super::{
    Rules, fields,
    key::Key,
    lookup::Layers,
    names::{
        COMMENT, END, LAST_NAME, MESSAGE, NAME, Names, ORDER, ORDER_PAGE, PAID, PEOPLE, PHONE,
        PREPAYMENT, SERVICE, START, STATUS, TECHNICAL_END, TOTAL, ZONE,
    },
    node::{Node, Object},
    placeholders::{filled, placeholder_len},
    status,
};
use crate::domain::{
    event::BookingEvent,
    reading::{Field, Reading},
    status::Meaning,
};

/// Longest value that is shown of a field that was not read, in characters.
const VALUE_MAX_CHARS: usize = 60;
/// Longest unknown name that is shown. Longer ones are counted.
const NAME_MAX_CHARS: usize = 40;
/// Most digits in it: more may be a phone that a visitor typed.
const NAME_MAX_DIGITS: usize = 4;
/// Most names or words in one of the lists.
const LISTED_MAX: usize = 8;

/// How the request was read whose first event this is. `others`: how many reservations it has beside.
pub(super) fn of(
    layers: &Layers<'_>,
    rules: &Rules,
    event: &BookingEvent,
    others: usize,
) -> Reading {
    let mut reading = Reading { more_reservations: others, ..Reading::default() };
    for field in Field::ALL.iter().copied().filter(|field| !is_read(*field, layers, event)) {
        match found(layers, field) {
            Found::Nothing => reading.absent.push(field),
            Found::Empty => reading.unfilled.push(field),
            Found::Value(value) => reading.unread.push((field, value)),
        }
    }
    let words = event.status.words.as_deref();
    reading.words_known = event.meaning() != Meaning::Stands
        || words.is_some_and(|words| status::confirms(words, rules));
    for text in status::statuses(layers).chain(status::events(layers)) {
        let Some(text) = fields::clean(&text) else { continue };
        let is_new = Some(text.as_str()) != words && !reading.other_words.contains(&text);
        if is_new && reading.other_words.len() < LISTED_MAX {
            reading.other_words.push(text);
        }
    }
    add_names(layers, &mut reading);
    reading
}

/// Whether the event has the field.
fn is_read(field: Field, layers: &Layers<'_>, event: &BookingEvent) -> bool {
    let details = &event.details;
    match field {
        Field::Start | Field::End => event.visit_time().is_some(),
        Field::Status => status::statuses(layers).next().is_some(),
        Field::Service => details.service.is_some(),
        Field::Zone => details.zone.is_some(),
        Field::Phone => details.phone.is_some(),
        Field::Name => details.client_name.is_some(),
        Field::LastName => details.last_name.is_some(),
        Field::People => details.people.is_some(),
        Field::Total => details.total.is_some(),
        Field::Prepayment => details.prepayment.is_some(),
        Field::Paid => details.paid.is_some(),
        Field::Order => details.order.is_some(),
        Field::OrderPage => details.order_page.is_some(),
        Field::Comment => details.comment.is_some(),
    }
}

/// The names of a field, and those that stand in for it.
fn names_of(field: Field) -> [Names; 2] {
    const NONE: Names = &[];
    match field {
        Field::Start => [START, NONE],
        Field::End => [END, TECHNICAL_END],
        Field::Status => [STATUS, NONE],
        Field::Service => [SERVICE, NONE],
        Field::Zone => [ZONE, NONE],
        Field::Phone => [PHONE, NONE],
        Field::Name => [NAME, NONE],
        Field::LastName => [LAST_NAME, NONE],
        Field::People => [PEOPLE, NONE],
        Field::Total => [TOTAL, NONE],
        Field::Prepayment => [PREPAYMENT, NONE],
        Field::Paid => [PAID, NONE],
        Field::Order => [ORDER, NONE],
        Field::OrderPage => [ORDER_PAGE, NONE],
        Field::Comment => [COMMENT, NONE],
    }
}

/// What stands in the request for a field that was not read.
enum Found {
    Nothing,
    /// Empty values and unfilled placeholders alone.
    Empty,
    Value(String),
}

fn found(layers: &Layers<'_>, field: Field) -> Found {
    let names = names_of(field);
    let is_of = |name: &Key<'_>| names.iter().any(|names| name.is_one_of(names));
    let mut found = Found::Nothing;
    for object in objects(layers) {
        for (_, node) in object.0.iter().filter(|(name, _)| is_of(name)) {
            match node {
                Node::Text(text) => match value(text) {
                    Some(value) => return Found::Value(value),
                    None => found = Found::Empty,
                },
                Node::Null => found = Found::Empty,
                Node::List(_) => return Found::Value("[…]".to_owned()),
                Node::Object(_) => return Found::Value("{…}".to_owned()),
            }
        }
    }
    for (_, text) in layers.query.iter().filter(|(name, _)| is_of(name)) {
        match value(text) {
            Some(value) => return Found::Value(value),
            None => found = Found::Empty,
        }
    }
    found
}

/// The value as one bounded line. `None` if it is empty, or a placeholder stands in it: `+7 ([bukza_phone])`.
fn value(text: &str) -> Option<String> {
    let brackets = text.match_indices(['[', '{']);
    let unfilled = brackets.take(LISTED_MAX).any(|(at, _)| placeholder_len(&text[at..]) > 0);
    filled(text).filter(|_| !unfilled).and_then(|text| fields::line(&text, VALUE_MAX_CHARS))
}

/// The reservation, the body, and the object of what a visitor types.
fn objects<'a>(layers: &Layers<'a>) -> impl Iterator<Item = &'a Object<'a>> {
    layers.objects().chain(layers.body.visitor.as_ref().map(|visitor| &visitor.fields))
}

/// Names that are unknown, or known and not read.
fn add_names(layers: &Layers<'_>, reading: &mut Reading) {
    let in_objects = objects(layers).flat_map(|object| object.0.iter().map(|(name, _)| name));
    for name in in_objects.chain(layers.query.iter().map(|(name, _)| name)) {
        if name.is_unused() {
            let is_new = !reading.unused.iter().any(|known| name.is_same(&known.as_str().into()));
            if is_new && reading.unused.len() < LISTED_MAX {
                reading.unused.push(name.trim().to_owned());
            }
            continue;
        }
        if name.is_given() || name.is_typed() || name.is_one_of(MESSAGE) {
            continue;
        }
        if reading.unknown.iter().any(|known| name.is_same(&known.as_str().into())) {
            continue;
        }
        if reading.unknown.len() < LISTED_MAX && is_plain(name) {
            reading.unknown.push(name.trim().to_owned());
        } else {
            reading.unknown_more += 1;
        }
    }
}

/// Whether a name can be one that an owner wrote. Any other is counted: a visitor may have typed it.
fn is_plain(name: &str) -> bool {
    let chars = || name.trim().chars();
    chars().next().is_some_and(char::is_alphanumeric)
        && chars().nth(NAME_MAX_CHARS).is_none()
        && chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | ' '))
        && chars().filter(|c| c.is_numeric()).count() <= NAME_MAX_DIGITS
}

#[cfg(test)]
#[path = "field_reading_tests.rs"]
mod tests;
