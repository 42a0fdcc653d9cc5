//! Reads a Bukza web request: URL parameters and body become booking events, or a list of faults by
//! field. Pure. Used by ingest for each request and by worker for a replay. The rows of Bukza's own table are read
//! by the same rules.
//!
//! Each account's owner writes the request's template by hand, and Bukza fills it as plain text: names
//! vary, numbers come as text, parameters stay unfilled, and a quote in a name breaks the JSON. All of
//! that is read. A request that remains unreadable is refused with every fault named.

mod body;
mod candidates;
mod conflicts;
mod event;
mod fault;
mod fault_kind;
mod fields;
mod injected_fields;
mod json_repair;
mod key;
mod known_name;
mod lookup;
mod names;
mod node;
mod phones;
mod placeholders;
mod reading;
mod status;
mod table_row;
mod visitor;

use std::{borrow::Cow, fmt};

use chrono::{DateTime, Utc};
pub use fault::{Fault, cause, lines};
pub use fault_kind::{FaultKind, Recognized};
use key::Key;
pub use table_row::{RowFaults, TableCell, read_table_row, table_field};

use crate::domain::{
    event::BookingEvent, phone::PhoneRegion, status::StatusRules, time::VenueZone,
};

/// A parameter of a URL: its name and value, decoded.
pub type Parameter<'a> = (Cow<'a, str>, Cow<'a, str>);

/// A web request with a valid secret, as received.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// Without the secret.
    pub query: &'a [Parameter<'a>],
    /// The header `Content-Type`.
    pub content_type: Option<&'a str>,
    pub body: &'a [u8],
}

impl fmt::Debug for Request<'_> {
    /// Sizes only: the content is a client's.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("query_parameters", &self.query.len())
            .field("content_type", &self.content_type)
            .field("body_bytes", &self.body.len())
            .finish()
    }
}

/// The venue's settings that reading depends on.
#[derive(Debug, Clone)]
pub struct Rules {
    pub zone: VenueZone,
    pub region: PhoneRegion,
    pub statuses: StatusRules,
}

/// Why a request is refused: every fault in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct Refusal {
    pub kind: RefusalKind,
    /// At least one.
    pub faults: Vec<Fault>,
}

/// The stage at which reading failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RefusalKind {
    /// The body is neither a JSON object nor a form.
    NotJson,
    /// Fields are missing or impossible.
    InvalidFields,
}

impl Refusal {
    fn not_json(message: impl ToString) -> Self {
        Self { kind: RefusalKind::NotJson, faults: vec![Fault::new("body", message)] }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, fault) in self.faults.iter().enumerate() {
            let separator = if i == 0 { "" } else { "; " };
            write!(f, "{separator}{} {}", fault.field, fault.message)?;
        }
        Ok(())
    }
}

/// Reads the request: one event for each reservation it names, at least one.
///
/// # Errors
/// [`Refusal`] names every fault. An unreadable phone, sum or number of people is no fault: the event
/// leaves it out.
pub fn read(
    request: &Request<'_>,
    rules: &Rules,
    received_at: DateTime<Utc>,
) -> Result<Vec<BookingEvent>, Refusal> {
    let mut texts = body::Texts::default();
    let body = body::parse(request.content_type, request.body, &mut texts)?;
    let query: Vec<lookup::Parameter<'_>> = request
        .query
        .iter()
        .map(|(name, value)| (Key::from(name.as_ref()), Cow::Borrowed(value.as_ref())))
        .collect();
    event::events(&body, &query, rules, received_at)
        .map_err(|faults| Refusal { kind: RefusalKind::InvalidFields, faults })
}

#[cfg(test)]
mod promise_tests;
#[cfg(test)]
mod reading_tests;
#[cfg(test)]
mod request_tests;
#[cfg(test)]
mod template_tests;
