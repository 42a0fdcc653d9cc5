//! Merging a request into a booking: its details and times, by the newest request that gave each.

use std::collections::BTreeMap;

use super::{
    booking::{Booking, BookingStatus},
    event::{BookingEvent, Details, EventMark, VisitTime},
    history::{Detail, History, PastRequest},
    status::Meaning,
    time::VenueZone,
    wall_clock::{ClockSource, VisitClock},
};

/// A booking's details and times after a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merged {
    pub history: History,
    pub newest: EventMark,
    pub details: Details,
    pub visit_time: Option<VisitTime>,
    pub clock: Option<VisitClock>,
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
        history.clock = None;
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
        let mut times = booking.and_then(|b| Some((b.visit_time?, b.clock)));
        let newest = known_newest.clone().map_or(mark.clone(), |known| known.max(mark.clone()));
        let mut merge =
            Merge { known_newest, mark: &mark, newest: &newest, marks: BTreeMap::new() };
        let given = event.details.clone();
        let old = &history.details;
        let written = event.wall_clock.map(|times| (times, ClockSource::Written));
        let clock = written.map(|(times, source)| VisitClock { times, source });
        let given_times = event.visit_time().map(|visit_time| (visit_time, clock));
        merge.field(old, Detail::Times, &mut times, given_times);
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
        let (visit_time, clock) = times.unzip();
        let clock = clock.flatten();
        history.clock = clock.map(|clock| clock.source);
        Merged { history, newest, details, visit_time, clock }
    }
}

impl Merged {
    /// With the instants that a written wall-clock time has by the zone's present rules: `booking` or the request may be
    /// from before they changed. Where Bukza gave the instants, with what the venue's clocks show.
    #[must_use]
    pub fn in_zone(mut self, booking: Option<&Booking>, zone: VenueZone) -> Self {
        match self.clock {
            Some(VisitClock { times, source: ClockSource::Written }) => {
                self.visit_time = zone.visit_time(times).or(self.visit_time);
            }
            Some(VisitClock { source: ClockSource::Shown, .. }) => {}
            None => {
                self.clock = self.visit_time.map(|visit_time| {
                    let source = ClockSource::Shown;
                    // The same instants as before: the client knows what was shown then.
                    let before = booking.filter(|it| it.visit_time == Some(visit_time));
                    let known = before.and_then(|booking| booking.clock);
                    let anew = || VisitClock { times: zone.shown(visit_time), source };
                    known.filter(|clock| clock.source == source).unwrap_or_else(anew)
                });
            }
        }
        self.history.clock = self.clock.map(|clock| clock.source);
        self
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
