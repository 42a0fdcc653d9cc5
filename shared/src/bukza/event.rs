//! Builds the events of a request: one for each reservation, with its change, status and details.

use chrono::{DateTime, Utc};

use super::{
    Fault, Rules,
    body::Body,
    conflicts, fields,
    lookup::{Layers, Parameter},
    names::RESERVATIONS,
    node::Node,
    reading, status,
};
use crate::domain::{
    event::{BookingEvent, Change},
    ids::EventId,
    status::Meaning,
};

/// Most reservations in one request.
const RESERVATIONS_MAX: usize = 100;

/// The events of the request, or every fault in it.
pub(super) fn events(
    body: &Body<'_>,
    query: &[Parameter<'_>],
    rules: &Rules,
    received_at: DateTime<Utc>,
) -> Result<Vec<BookingEvent>, Vec<Fault>> {
    let conflicts = conflicts::faults(body, query, rules);
    if !conflicts.is_empty() {
        return Err(conflicts);
    }
    let Some(items) = reservations(body) else {
        let layers = Layers { item: None, body, query };
        let mut events = vec![one(&layers, rules, received_at)?];
        add_reading(&layers, rules, &mut events);
        return Ok(events);
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
            Node::Null | Node::Text(_) | Node::List(_) => {
                Err(vec![Fault::new("", "is not an object")])
            }
        };
        match read.and_then(|event| distinct(event, &events)) {
            Ok(event) => events.extend(event),
            Err(found) => faults.extend(found.into_iter().map(|fault| within(index, fault))),
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    if let Some(Node::Object(first)) = items.first() {
        add_reading(&Layers { item: Some(first), body, query }, rules, &mut events);
    }
    Ok(events)
}

/// Adds how the request was read to its first event. Equal events are found without it.
fn add_reading(layers: &Layers<'_>, rules: &Rules, events: &mut [BookingEvent]) {
    let others = events.len().saturating_sub(1);
    if let Some(first) = events.first_mut() {
        first.reading = Some(Box::new(reading::of(layers, rules, first, others)));
    }
}

/// The list of reservations, unless it is missing or empty.
fn reservations<'a>(body: &'a Body<'a>) -> Option<&'a [Node<'a>]> {
    match body.fields.first(RESERVATIONS)? {
        Node::List(items) if !items.is_empty() => Some(items),
        _ => None,
    }
}

/// Drops a repeated event. Two different events of one code are a fault.
fn distinct(
    event: BookingEvent,
    events: &[BookingEvent],
) -> Result<Option<BookingEvent>, Vec<Fault>> {
    match events.iter().find(|other| other.code == event.code) {
        None => Ok(Some(event)),
        Some(other) if event.repeats(other) => Ok(None),
        Some(_) => Err(vec![Fault::new("code", "is the code of another reservation here, too")]),
    }
}

fn within(index: usize, fault: Fault) -> Fault {
    let dot = if fault.field.is_empty() { "" } else { "." };
    Fault { field: format!("reservations[{index}]{dot}{}", fault.field), ..fault }
}

/// The event of one reservation. A cancellation needs only the code: unreadable times are left out.
pub(super) fn one(
    layers: &Layers<'_>,
    rules: &Rules,
    received_at: DateTime<Utc>,
) -> Result<BookingEvent, Vec<Fault>> {
    let code = fields::code(layers);
    let (visit_time, wall_clock) = match fields::visit_time(layers, rules) {
        Ok((visit_time, wall_clock)) => (Ok(visit_time), wall_clock),
        Err(faults) => (Err(faults), None),
    };
    let status = status::read(layers, rules);
    let change = match status.meaning {
        Meaning::Cancelled => Ok(Change::Cancelled(visit_time.ok())),
        Meaning::Ignored | Meaning::NoShow | Meaning::Pending | Meaning::Stands => {
            visit_time.map(Change::Stands)
        }
    };
    match (code, change) {
        (Ok(code), Ok(change)) => {
            let details = fields::details(layers, rules);
            let id = EventId::fresh();
            Ok(BookingEvent {
                id,
                received_at,
                code,
                change,
                status,
                details,
                reading: None,
                wall_clock,
            })
        }
        (code, change) => {
            Err(code.err().into_iter().chain(change.err().into_iter().flatten()).collect())
        }
    }
}
