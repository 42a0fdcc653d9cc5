//! The requests of one booking, as far as they decide what it is: the newest of each sort, and the
//! newest that gave each detail. What follows never depends on the order in which they are applied.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{
    booking::{Booking, BookingStatus, EventMark},
    event::{BookingEvent, Details, VisitTime},
    status::Meaning,
};

/// How long after a cancellation another request does not undo it. A cancellation has two triggers
/// ("cancelled" and "order changed"), and the second may still carry the reservation's old status.
const SECOND_TRIGGER: TimeDelta = TimeDelta::seconds(30);

/// The newest requests of each sort.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct History {
    #[serde(skip_serializing_if = "Option::is_none")]
    cancelled: Option<PastRequest>,
    /// Says in so many words that the booking stands again.
    #[serde(skip_serializing_if = "Option::is_none")]
    restored: Option<PastRequest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    other: Option<PastRequest>,
    /// Details that are older than the newest request, with the request that gave them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    details: BTreeMap<Detail, EventMark>,
    /// The version since which the client counts as told or not: the booking was new to them then.
    pub new_since: i32,
}

/// A request that was applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct PastRequest {
    mark: EventMark,
    meaning: Meaning,
    #[serde(skip_serializing_if = "Option::is_none")]
    words: Option<String>,
}

/// What the requests come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub meaning: Meaning,
    /// The words of the request that decided.
    pub words: Option<String>,
    /// The cancellation that a later request did not undo, as it came within [`SECOND_TRIGGER`].
    pub contradicted: Option<EventMark>,
}

/// The parts of a request that can be given or left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Detail {
    Times,
    Service,
    Zone,
    ClientName,
    LastName,
    Phone,
    People,
    Total,
    Paid,
    Prepayment,
    Order,
    OrderPage,
    Comment,
    Fields,
}

/// A booking's details and times after a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    pub history: History,
    pub newest: EventMark,
    pub details: Details,
    pub visit_time: Option<VisitTime>,
}

impl History {
    /// The history of a stored booking. A build before keeps none: what it has written counts as one
    /// request that gave everything.
    #[must_use]
    pub fn of(booking: &Booking) -> Self {
        let recorded = booking.history.clone().unwrap_or_default();
        if recorded.newest() == Some(&booking.last_event) {
            return recorded;
        }
        let cancelled = booking.status == BookingStatus::Cancelled;
        let meaning = if cancelled { Meaning::Cancelled } else { Meaning::Stands };
        let request = PastRequest { mark: booking.last_event.clone(), meaning, words: None };
        let mut history = Self { details: BTreeMap::new(), ..recorded };
        history.keep(request, false);
        history
    }

    /// Adds a request to a booking's history, and its details to what is known.
    #[must_use]
    pub fn merge(booking: Option<&Booking>, event: &BookingEvent) -> Merged {
        let mark: EventMark = (event.received_at, event.id.clone());
        let mut history = booking.map(Self::of).unwrap_or_default();
        let known_newest = history.newest().cloned();
        let mut details = booking.map(|b| b.details.clone()).unwrap_or_default();
        let mut visit_time = booking.and_then(|b| b.visit_time);
        let newest = known_newest.clone().map_or(mark.clone(), |known| known.max(mark.clone()));
        let mut merge =
            Merge { known_newest, mark: &mark, newest: &newest, marks: BTreeMap::new() };
        let given = event.details.clone();
        let old = &history.details;
        merge.field(old, Detail::Times, &mut visit_time, event.visit_time());
        merge.field(old, Detail::Service, &mut details.service, given.service);
        merge.field(old, Detail::Zone, &mut details.zone, given.zone);
        merge.field(old, Detail::ClientName, &mut details.client_name, given.client_name);
        merge.field(old, Detail::LastName, &mut details.last_name, given.last_name);
        merge.field(old, Detail::Phone, &mut details.phone, given.phone);
        merge.field(old, Detail::People, &mut details.people, given.people);
        merge.field(old, Detail::Total, &mut details.total, given.total);
        merge.field(old, Detail::Paid, &mut details.paid, given.paid);
        merge.field(old, Detail::Prepayment, &mut details.prepayment, given.prepayment);
        merge.field(old, Detail::Order, &mut details.order, given.order);
        merge.field(old, Detail::OrderPage, &mut details.order_page, given.order_page);
        merge.field(old, Detail::Comment, &mut details.comment, given.comment);
        let mut fields = (!details.fields.is_empty()).then_some(details.fields);
        let given = (!given.fields.is_empty()).then_some(given.fields);
        merge.field(old, Detail::Fields, &mut fields, given);
        details.fields = fields.unwrap_or_default();
        history.details = merge.marks;
        // Neither text nor jsonb of PostgreSQL holds NUL.
        let words = event.status.words.as_ref().map(|words| words.replace('\0', "\u{fffd}"));
        let request = PastRequest { mark, meaning: event.meaning(), words };
        history.keep(request, event.status.restores);
        Merged { history, newest, details, visit_time }
    }

    /// What the requests come to. The booking is cancelled where the newest cancellation is newer than
    /// the newest restoring request, and no other came 30 s after it or later. Else the newest request
    /// counts.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let standing = |request: &PastRequest, contradicted| Standing {
            meaning: request.meaning,
            words: request.words.clone(),
            contradicted,
        };
        let lasting = self.restored.iter().chain(&self.other).max_by_key(|request| &request.mark);
        match (&self.cancelled, lasting) {
            (Some(cancelled), other) if self.outlasts(cancelled) => {
                let later = other.filter(|other| {
                    other.mark > cancelled.mark
                        && matches!(other.meaning, Meaning::Stands | Meaning::Pending)
                });
                standing(cancelled, later.map(|_| cancelled.mark.clone()))
            }
            (_, Some(other)) => standing(other, None),
            (Some(cancelled), None) => standing(cancelled, None),
            (None, None) => Standing { meaning: Meaning::Stands, words: None, contradicted: None },
        }
    }

    fn outlasts(&self, cancelled: &PastRequest) -> bool {
        let restored = self.restored.as_ref().is_some_and(|it| it.mark > cancelled.mark);
        let until = cancelled.mark.0 + SECOND_TRIGGER;
        let revived = self.other.as_ref().is_some_and(|it| it.mark.0 >= until);
        !restored && !revived
    }

    fn newest(&self) -> Option<&EventMark> {
        let requests = [&self.cancelled, &self.restored, &self.other];
        requests.into_iter().flatten().map(|request| &request.mark).max()
    }

    fn keep(&mut self, request: PastRequest, restores: bool) {
        let place = match request.meaning {
            Meaning::Cancelled => &mut self.cancelled,
            Meaning::Ignored | Meaning::NoShow | Meaning::Pending | Meaning::Stands => {
                if restores {
                    &mut self.restored
                } else {
                    &mut self.other
                }
            }
        };
        if place.as_ref().is_none_or(|known| known.mark < request.mark) {
            *place = Some(request);
        }
    }
}

/// The details of one request on their way into a booking.
struct Merge<'a> {
    /// The newest request so far. It gave each detail that no older one is recorded for.
    known_newest: Option<EventMark>,
    mark: &'a EventMark,
    /// The newest request from now on.
    newest: &'a EventMark,
    marks: BTreeMap<Detail, EventMark>,
}

impl Merge<'_> {
    /// The newest request that gives a detail wins. What is empty is filled by any.
    fn field<T>(
        &mut self,
        old: &BTreeMap<Detail, EventMark>,
        detail: Detail,
        known: &mut Option<T>,
        given: Option<T>,
    ) {
        let mut mark = known.as_ref().and_then(|_| old.get(&detail).or(self.known_newest.as_ref()));
        if given.is_some() && mark.is_none_or(|mark| mark < self.mark) {
            *known = given;
            mark = Some(self.mark);
        }
        if let Some(mark) = mark.filter(|mark| *mark != self.newest) {
            self.marks.insert(detail, mark.clone());
        }
    }
}

#[cfg(test)]
#[path = "history_tests.rs"]
mod tests;
