//! What a booking of the old bot changes here. Nobody is notified: reminders and the question that are still to come are
//! planned, and those that the old bot has sent are not.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::{ReadBooking, SentBefore};
use crate::domain::{
    booking::{Booking, BookingStatus, Stars},
    event::{BookingEvent, VisitTime},
    history::History,
    ids::MessageId,
    merge::Merged,
    message::{MessageKind, Planned},
    plan::BookingState,
    retime::{offset, visit_messages},
    status::Meaning,
    venue::Venue,
    wall_clock::VisitClock,
};

/// A reminder of the old bot stands for one that is to come so long after it, or earlier.
const NEAR: TimeDelta = TimeDelta::hours(1);

/// A booking that is known here.
#[derive(Debug, Clone)]
pub struct KnownBooking {
    pub booking: Booking,
    /// Messages about it to its client that wait.
    pub waiting: Vec<WaitingMessage>,
    /// The keys of the old bot's messages that were taken over already.
    pub taken_over: HashSet<String>,
}

/// A message that waits.
#[derive(Debug, Clone)]
pub struct WaitingMessage {
    pub id: MessageId,
    pub kind: MessageKind,
    pub dedup_key: String,
}

/// What the import does with a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportEffect {
    Created,
    Changed,
    /// Everything in the row is known, or older than what is known.
    Unchanged,
}

/// A booking of the old bot as it is to be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportPlan {
    pub effect: ImportEffect,
    /// The booking from now on. `None`: it stays as it is.
    pub state: Option<BookingState>,
    /// A rating that is new here.
    pub rating: Option<(Stars, DateTime<Utc>)>,
    /// Reminders and the question.
    pub planned: Vec<Planned>,
    /// What the old bot has sent and is not known here.
    pub sent: Vec<SentBefore>,
    /// What waits and is not to be sent.
    pub cancelled: Vec<MessageId>,
}

impl ImportPlan {
    /// Decides about one booking. `sent`: what the old bot has sent about it.
    #[must_use]
    pub fn of(
        known: Option<&KnownBooking>,
        old: &ReadBooking,
        sent: &[SentBefore],
        venue: &Venue,
        now: DateTime<Utc>,
    ) -> Self {
        let booking = known.map(|known| &known.booking);
        let event = newer_than_before(booking, &old.event);
        let merged = History::merge(booking, &event).in_zone(booking, venue.zone);
        let change = Change::of(booking, &merged);
        let rating = old.rating.filter(|rating| is_new_rating(booking, *rating));
        let is_rated = old.rating.is_some() || booking.is_some_and(|known| known.rating.is_some());
        let before = Before { sent, is_rated, visit_time: merged.visit_time };
        let mut plan = Self {
            effect: change.effect(booking, rating.is_some()),
            state: None,
            rating,
            planned: Vec::new(),
            sent: new_ones(known, sent),
            cancelled: Vec::new(),
        };
        let stands = merged.history.standing().meaning == Meaning::Stands;
        let waiting = known.map(|known| known.waiting.as_slice()).unwrap_or_default();
        if change == Change::News {
            plan.cancelled = waiting.iter().map(|message| message.id).collect();
            let visit_time = merged.visit_time.filter(|time| stands && time.end() > now);
            let planned = visit_time.into_iter().flat_map(|visit_time| {
                visit_messages(visit_time, venue, now, before.announced_at())
            });
            plan.planned = planned
                .filter(|it| it.due_at > now && !before.has(it.kind, &it.dedup_key))
                .collect();
        } else {
            // The times that the old bot knew are those that count: it has announced them.
            let same_times = old.event.visit_time() == merged.visit_time;
            let is_known = |message: &&WaitingMessage| {
                let stands_so = same_times || message.kind != MessageKind::Confirmation;
                stands_so && before.has(message.kind, &message.dedup_key)
            };
            plan.cancelled = waiting.iter().filter(is_known).map(|message| message.id).collect();
        }
        if change != Change::Nothing {
            plan.state = Some(state(booking, merged, change, now));
        }
        plan
    }
}

/// Whatever its time says, a row counts as newer than the same row as it was read before.
fn newer_than_before(booking: Option<&Booking>, event: &BookingEvent) -> BookingEvent {
    let mut event = event.clone();
    if let Some((at, id)) = booking.map(|booking| &booking.last_event)
        && *id == event.id
        && event.received_at <= *at
    {
        event.received_at = *at + TimeDelta::microseconds(1);
    }
    event
}

/// How much of a booking changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    /// Everything is known. Only marks of the history would change.
    Nothing,
    Details,
    /// What a client would hear of: the booking has another version.
    News,
}

impl Change {
    fn of(booking: Option<&Booking>, merged: &Merged) -> Self {
        let Some(before) = booking else { return Self::News };
        let times = |clock: Option<VisitClock>| clock.map(|clock| clock.times);
        let same_time = before.visit_time == merged.visit_time
            || before.clock.is_some() && times(before.clock) == times(merged.clock);
        let same_client = before.details.phone == merged.details.phone;
        // A service that becomes known is no other service.
        let service = &before.details.service;
        let same_service = service.is_none() || *service == merged.details.service;
        let same_meaning = before.meaning == merged.history.standing().meaning;
        if !(same_time && same_client && same_service && same_meaning) {
            return Self::News;
        }
        let same_details = before.details == merged.details;
        if same_details && before.visit_time == merged.visit_time {
            Self::Nothing
        } else {
            Self::Details
        }
    }

    fn effect(self, booking: Option<&Booking>, is_rated: bool) -> ImportEffect {
        match (booking, self) {
            (None, _) => ImportEffect::Created,
            (Some(_), Self::Nothing) if !is_rated => ImportEffect::Unchanged,
            (Some(_), Self::Nothing | Self::Details | Self::News) => ImportEffect::Changed,
        }
    }
}

fn is_new_rating(booking: Option<&Booking>, (stars, at): (Stars, DateTime<Utc>)) -> bool {
    booking.is_none_or(|known| match (known.rating, known.rated_at) {
        (None, _) => true,
        (Some(before), rated_at) => {
            before != stars && rated_at.is_none_or(|rated_at| at > rated_at)
        }
    })
}

fn new_ones(known: Option<&KnownBooking>, sent: &[SentBefore]) -> Vec<SentBefore> {
    let is_new = |message: &&SentBefore| {
        known.is_none_or(|known| !known.taken_over.contains(&message.dedup_key()))
    };
    let mut new: Vec<SentBefore> = sent.iter().filter(is_new).cloned().collect();
    new.sort_by_key(|message| message.sent_at);
    new
}

fn state(
    booking: Option<&Booking>,
    merged: Merged,
    change: Change,
    now: DateTime<Utc>,
) -> BookingState {
    let Merged { mut history, newest, details, visit_time, clock } = merged;
    let standing = history.standing();
    let raised = i32::from(change == Change::News);
    let version = booking.map_or(1, |booking| booking.version + raised);
    let is_cancelled = standing.meaning == Meaning::Cancelled;
    if booking.is_none() || (is_cancelled && change == Change::News) {
        history.new_since = version;
    }
    let over = visit_time.is_some_and(|visit_time| visit_time.end() <= now);
    let status = match standing.meaning {
        Meaning::Cancelled => BookingStatus::Cancelled,
        Meaning::Ignored | Meaning::NoShow | Meaning::Pending | Meaning::Stands => {
            if over {
                BookingStatus::Completed
            } else {
                BookingStatus::Active
            }
        }
    };
    BookingState {
        details,
        visit_time,
        clock,
        status,
        meaning: standing.meaning,
        status_words: standing.words,
        history,
        version,
        last_event: newest,
    }
}

/// What the old bot has sent about a booking.
struct Before<'a> {
    sent: &'a [SentBefore],
    is_rated: bool,
    visit_time: Option<VisitTime>,
}

impl Before<'_> {
    fn announced_at(&self) -> Option<DateTime<Utc>> {
        self.last(MessageKind::Confirmation)
    }

    fn last(&self, kind: MessageKind) -> Option<DateTime<Utc>> {
        self.sent.iter().filter(|message| message.kind == kind).map(|it| it.sent_at).max()
    }

    /// Whether the client has read such a message already.
    fn has(&self, kind: MessageKind, dedup_key: &str) -> bool {
        let last = self.last(kind);
        let start = self.visit_time.map(|visit_time| visit_time.start());
        if kind == MessageKind::Reminder {
            // By the distance to the visit, not by the due time, which quiet hours postpone.
            let nominal = start.zip(offset(dedup_key)).map(|(start, before)| start - before);
            nominal.zip(last).is_some_and(|(nominal, last)| nominal <= last + NEAR)
        } else if kind == MessageKind::Feedback {
            self.is_rated || last.is_some_and(|last| start.is_none_or(|start| last >= start))
        } else {
            last.is_some()
        }
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
