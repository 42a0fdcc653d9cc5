//! Merging a request into a booking: its details and times, by the newest request that gave each.

use std::collections::BTreeMap;

use super::{
    booking::{Booking, BookingStatus},
    event::{BookingEvent, Details, EventMark, VisitTime},
    history::{Detail, History, PastRequest},
    status::Meaning,
    time::VenueZone,
    wall_clock::WallClock,
};

/// A booking's details and times after a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    pub history: History,
    pub newest: EventMark,
    pub details: Details,
    pub visit_time: Option<VisitTime>,
    pub wall_clock: Option<WallClock>,
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
        let mut history = recorded;
        history.details.clear();
        history.has_wall_clock = false;
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
        let mut times = booking.and_then(|b| Some((b.visit_time?, b.wall_clock)));
        let newest = known_newest.clone().map_or(mark.clone(), |known| known.max(mark.clone()));
        let mut merge =
            Merge { known_newest, mark: &mark, newest: &newest, marks: BTreeMap::new() };
        let given = event.details.clone();
        let old = &history.details;
        merge.field(
            old,
            Detail::Times,
            &mut times,
            event.visit_time().map(|visit_time| (visit_time, event.wall_clock)),
        );
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
        let (visit_time, wall_clock) = times.unzip();
        let wall_clock = wall_clock.flatten();
        history.has_wall_clock = wall_clock.is_some();
        Merged { history, newest, details, visit_time, wall_clock }
    }
}

impl Merged {
    /// With the instants that the wall-clock time has by the zone's present rules: the booking or the request may be
    /// from before they changed.
    #[must_use]
    pub fn in_zone(self, zone: VenueZone) -> Self {
        let present = self.wall_clock.and_then(|wall_clock| wall_clock.visit_time(zone));
        Self { visit_time: present.or(self.visit_time), ..self }
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
#[path = "merge_tests.rs"]
mod tests;
