//! From the looked-up fields to events: how many reservations a request speaks of, and whether
//! each stands or is cancelled.

use chrono::{DateTime, Utc};

use super::{
    Fault, Parameter, Rules, doubles, fields,
    lookup::Layers,
    node::{Node, Object},
};
use crate::domain::{
    event::{BookingEvent, Change, StatusSaid},
    ids::EventId,
    status::Meaning,
};

/// Most reservations in one request.
const RESERVATIONS_MAX: usize = 100;

/// What the words for a cancellation start with, of an event (`cancel`, `order_cancelled`,
/// `otmena`, «Отмена заказа»).
const CANCEL_WORDS: &[&str] = &["cancel", "otmen", "отмен", "delet", "удал", "annul", "аннул"];

/// The events of the request, or every fault in it.
pub(super) fn events(
    body: &Object<'_>,
    query: &[Parameter<'_>],
    rules: &Rules,
    received_at: DateTime<Utc>,
) -> Result<Vec<BookingEvent>, Vec<Fault>> {
    let doubles = doubles::faults(body, query, rules);
    if !doubles.is_empty() {
        return Err(doubles);
    }
    let Some(items) = reservations(body) else {
        return one(&Layers { item: None, body, query }, rules, received_at)
            .map(|event| vec![event]);
    };
    if items.len() > RESERVATIONS_MAX {
        let message = format!("are more than {RESERVATIONS_MAX}");
        return Err(vec![Fault::new("reservations", message)]);
    }
    let mut events: Vec<BookingEvent> = Vec::with_capacity(items.len());
    let mut faults = Vec::new();
    for (index, item) in items.iter().enumerate() {
        let read = match item {
            Node::Object(item) => {
                one(&Layers { item: Some(item), body, query }, rules, received_at)
            }
            _ => Err(vec![Fault::new("", "is not an object")]),
        };
        match read.and_then(|event| distinct(event, &events)) {
            Ok(event) => events.extend(event),
            Err(found) => faults.extend(found.into_iter().map(|fault| within(index, fault))),
        }
    }
    if faults.is_empty() { Ok(events) } else { Err(faults) }
}

/// The list of reservations, if the body has one with something in it.
fn reservations<'a>(body: &'a Object<'a>) -> Option<&'a [Node<'a>]> {
    match body.get(doubles::RESERVATIONS)? {
        Node::List(items) if !items.is_empty() => Some(items),
        _ => None,
    }
}

/// One code stands for one booking. The same said twice is said once; two things said of one code
/// cannot both be meant.
fn distinct(
    event: BookingEvent,
    events: &[BookingEvent],
) -> Result<Option<BookingEvent>, Vec<Fault>> {
    match events.iter().find(|other| other.code == event.code) {
        None => Ok(Some(event)),
        Some(other) if other.change == event.change && other.details == event.details => Ok(None),
        Some(_) => Err(vec![Fault::new("code", "is the code of another reservation here, too")]),
    }
}

fn within(index: usize, fault: Fault) -> Fault {
    let dot = if fault.field.is_empty() { "" } else { "." };
    Fault { field: format!("reservations[{index}]{dot}{}", fault.field), ..fault }
}

/// The event of one reservation. A cancellation needs the code alone: times that cannot be read
/// are left out.
fn one(
    layers: &Layers<'_>,
    rules: &Rules,
    received_at: DateTime<Utc>,
) -> Result<BookingEvent, Vec<Fault>> {
    let code = fields::code(layers);
    let slot = fields::slot(layers, rules);
    let change = if is_cancelled(layers, rules) {
        Ok(Change::Cancelled(slot.ok()))
    } else {
        slot.map(Change::Stands)
    };
    match (code, change) {
        (Ok(code), Ok(change)) => {
            let details = fields::details(layers, rules);
            Ok(BookingEvent {
                id: EventId::fresh(),
                received_at,
                code,
                change,
                status: StatusSaid::default(),
                details,
            })
        }
        (code, change) => {
            Err(code.err().into_iter().chain(change.err().into_iter().flatten()).collect())
        }
    }
}

/// Cancelled if its status says so, or else if the event's word does. Every other word, or none, leaves the booking standing.
fn is_cancelled(layers: &Layers<'_>, rules: &Rules) -> bool {
    fields::status(layers)
        .is_some_and(|status| rules.statuses.read(&status).meaning == Meaning::Cancelled)
        || fields::event_word(layers).is_some_and(|word| means_cancel(&word))
}

/// Whether an event's word is one for a cancellation. Longer texts are a person's, not a trigger's.
fn means_cancel(word: &str) -> bool {
    let lower = word.to_lowercase();
    let words: Vec<&str> =
        lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let negated = words.iter().any(|word| matches!(*word, "not" | "не" | "no"));
    let cancels = |word: &&str| CANCEL_WORDS.iter().any(|start| word.starts_with(start));
    words.len() <= 4 && !negated && words.iter().any(cancels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_events_are_told_apart() {
        for word in [
            "cancel",
            "CANCELLED",
            "canceled",
            "order_cancelled",
            "otmena",
            "Отмена заказа",
            "отменён",
            "delete",
            "booking.deleted",
            "Удалено",
            "annul",
            "аннулирована",
        ] {
            assert!(means_cancel(word), "{word}");
        }
        for word in [
            "newrega",
            "update",
            "",
            "?!",
            "not_cancelled",
            "uncancel",
            "перенос",
            "Если что, отмените, пожалуйста, и верните деньги",
        ] {
            assert!(!means_cancel(word), "{word}");
        }
    }
}
