//! What a request does to a booking, which messages follow from it, and when they are due. Pure:
//! everything it depends on is passed in.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    booking::{Booking, BookingStatus},
    event::{BookingEvent, Details, EventMark, VisitTime},
    history::{History, Standing},
    ids::EventId,
    merge::Merged,
    message::{Content, MessageKind, Note, Planned},
    news::{ClientNews, News, Phase, Plans, StaffNews, Transition},
    retime::visit_messages,
    status::Meaning,
    together::CARDS_WAIT,
    venue::Venue,
    wall_clock::VisitClock,
};

/// How long after a visit's end the staff still get a card of a booking that was unknown.
const LATE_CARD: TimeDelta = TimeDelta::hours(24);

/// What the rules need besides the booking and the event.
#[derive(Debug, Clone)]
pub struct PlanContext {
    pub now: DateTime<Utc>,
    /// The client may know of the booking: a confirmation or move was sent, or attempted, since the booking was
    /// new to them.
    pub announced: bool,
    /// The last that the client may have heard of the booking is that it stands, or was moved.
    pub believes_booked: bool,
    /// When the last question about the visit was sent.
    pub last_question_at: Option<DateTime<Utc>>,
    /// The confirmation or move of the booking's present version, if it still waits to be sent.
    pub waiting: Option<(MessageKind, Option<Content>)>,
}

/// A change of a booking, with the messages that follow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    pub state: BookingState,
    pub effect: Effect,
    pub messages: Vec<Planned>,
    /// The visit has another instant, and nobody hears of it: what waits keeps its version and is
    /// [retimed](super::retime).
    pub retimes: bool,
}

/// The booking after the event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookingState {
    pub details: Details,
    pub visit_time: Option<VisitTime>,
    pub clock: Option<VisitClock>,
    pub status: BookingStatus,
    pub meaning: Meaning,
    pub status_words: Option<String>,
    pub history: History,
    /// Messages of older versions are cancelled.
    pub version: i32,
    pub last_event: EventMark,
}

/// What an event did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Everything in it is known, or older than what is known.
    Stale,
    /// Details, or the order of requests: news for nobody, except perhaps a note to the staff.
    Noted,
    Created,
    Moved,
    Cancelled,
    /// Its status means something else than before.
    Restated,
}

/// One event on its way into a booking.
#[derive(Debug)]
pub struct Step<'a> {
    booking: Option<&'a Booking>,
    /// When the visit was to be, by the zone's present rules: a change of law moves no visit.
    time_before: Option<VisitTime>,
    pub(super) merged: Merged,
    standing: Standing,
    /// The cancellation that was contradicted before the event, too.
    contradicted_before: Option<EventMark>,
    venue: &'a Venue,
    pub context: PlanContext,
}

impl<'a> Step<'a> {
    /// Merges `event` into the booking with its code (`None`: unknown so far). `None`: nothing changes, because
    /// everything in the event is known, or older than what is known.
    #[must_use]
    pub fn of(
        booking: Option<&'a Booking>,
        event: &BookingEvent,
        venue: &'a Venue,
        context: PlanContext,
    ) -> Option<Self> {
        let merged = History::merge(booking, event).in_zone(booking, venue.zone);
        let time_before = booking.and_then(|booking| booking.visit_time_in(venue.zone));
        let before = booking.map(History::of);
        if let (Some(booking), Some(before)) = (booking, &before)
            && *before == merged.history
            && booking.details == merged.details
            && booking.visit_time == merged.visit_time
            && booking.clock == merged.clock
        {
            return None;
        }
        let standing = merged.history.standing();
        let contradicted_before = before.and_then(|history| history.standing().contradicted);
        Some(Self { booking, time_before, merged, standing, contradicted_before, venue, context })
    }

    /// Whether somebody may hear of it, notes to the staff apart.
    #[must_use]
    pub fn may_be_news(&self) -> bool {
        let Transition { from, to, moved, .. } = self.transition();
        from != Some(to) || moved
    }

    /// The booking's new state, and the messages that follow.
    #[must_use]
    pub fn plan(mut self) -> Plan {
        let transition = self.transition();
        let news = News::of(transition);
        let raised = self.booking.is_none() || news.plans != Plans::Keep;
        let version = self.booking.map_or(1, |b| b.version + i32::from(raised));
        let is_new = news.client == ClientNews::Confirmation || self.is_other_client();
        if is_new || (raised && transition.to == Meaning::Cancelled) {
            self.merged.history.new_since = version;
        }
        let retimes = news.plans == Plans::Keep && self.is_corrected();
        let mut messages = self.messages(news);
        if self.venue.staff_chat.get().is_some() {
            messages.extend(self.card(news.staff, transition.announced));
            messages.extend(self.notes(news.staff));
        }
        let state = BookingState {
            status: self.status(),
            meaning: self.standing.meaning,
            status_words: self.standing.words,
            details: self.merged.details,
            visit_time: self.merged.visit_time,
            clock: self.merged.clock,
            history: self.merged.history,
            version,
            last_event: self.merged.newest,
        };
        Plan { state, effect: effect(transition, news), messages, retimes }
    }

    pub(super) fn transition(&self) -> Transition {
        let now = self.context.now;
        let after = phase(self.merged.visit_time, now);
        Transition {
            from: self.booking.map(|booking| booking.meaning),
            to: self.standing.meaning,
            announced: self.is_announced() && !self.is_other_client() && !self.is_back(),
            moved: self.is_moved() || self.is_other_client(),
            before: self.booking.map_or(after, |_| phase(self.time_before, now)),
            after,
        }
    }

    /// Whether the client counts on the booking. What ends it is sent to a client who last heard that it
    /// stands, even if it was cancelled and made anew without a message in between.
    fn is_announced(&self) -> bool {
        match self.standing.meaning {
            Meaning::Cancelled | Meaning::Ignored => {
                self.context.announced || self.context.believes_booked
            }
            Meaning::Pending | Meaning::Stands | Meaning::NoShow => self.context.announced,
        }
    }

    /// The booking was cancelled: its client takes it for cancelled, whatever it is now.
    fn is_back(&self) -> bool {
        self.booking.is_some_and(|booking| booking.meaning == Meaning::Cancelled)
    }

    fn is_moved(&self) -> bool {
        self.booking.is_some_and(|before| {
            let service = &self.merged.details.service;
            // A service that becomes known is no other service.
            let other_service =
                before.details.service.is_some() && before.details.service != *service;
            !self.is_same_time(before) || other_service
        })
    }

    /// The same instants, or the same hours on the venue's clocks: people keep to these when the rules of the zone change.
    fn is_same_time(&self, before: &Booking) -> bool {
        let times = |clock: Option<VisitClock>| clock.map(|clock| clock.times);
        let same_hours = before.clock.is_some() && times(before.clock) == times(self.merged.clock);
        same_hours || self.time_before == self.merged.visit_time
    }

    /// The visit has other instants than were stored, and was not moved.
    fn is_corrected(&self) -> bool {
        self.booking.is_some_and(|before| {
            before.visit_time != self.merged.visit_time && self.is_same_time(before)
        })
    }

    /// A client whose phone becomes known is the same one.
    pub(super) fn is_other_client(&self) -> bool {
        self.booking.is_some_and(|before| {
            before.details.phone.is_some() && before.details.phone != self.merged.details.phone
        })
    }

    fn has_phone(&self) -> bool {
        self.merged.details.phone.is_some()
    }

    /// `bookings.status`, which builds before know.
    fn status(&self) -> BookingStatus {
        let over = phase(self.merged.visit_time, self.context.now) == Phase::Over;
        match (self.standing.meaning, self.booking.map(|booking| booking.status)) {
            (Meaning::Cancelled, _) => BookingStatus::Cancelled,
            (_, Some(BookingStatus::Completed)) if over => BookingStatus::Completed,
            _ => BookingStatus::Active,
        }
    }

    /// To the client: the news, and what the visit brings with it.
    fn messages(&self, news: News) -> Vec<Planned> {
        let (now, visit_time) = (self.context.now, self.merged.visit_time);
        let mut messages = Vec::new();
        match news.client {
            ClientNews::Nothing => {}
            ClientNews::Confirmation => {
                let confirmation =
                    |time| Planned::to_client(MessageKind::Confirmation, None, time, now);
                messages.extend(visit_time.map(confirmation));
            }
            ClientNews::Moved => {
                // A message that was not sent yet is replaced: it starts from what the client knows.
                let (kind, from) = match &self.context.waiting {
                    Some((kind, from)) if !self.is_other_client() => (*kind, from.clone()),
                    _ => (MessageKind::Moved, self.moved_from()),
                };
                messages.extend(visit_time.map(|time| Planned::to_client(kind, from, time, now)));
            }
            ClientNews::Cancelled => messages.push(Planned::cancelled(visit_time, now)),
        }
        match news.plans {
            Plans::Keep | Plans::Void => {}
            Plans::Renew => {
                let announced_at = (news.client != ClientNews::Nothing).then_some(now);
                messages.extend(
                    visit_time
                        .into_iter()
                        .flat_map(|visit_time| self.visit(visit_time, announced_at)),
                );
            }
        }
        messages
    }

    fn visit(&self, visit_time: VisitTime, announced_at: Option<DateTime<Utc>>) -> Vec<Planned> {
        let mut messages = visit_messages(visit_time, self.venue, self.context.now, announced_at);
        if phase(Some(visit_time), self.context.now) != Phase::Ahead && self.was_questioned() {
            messages.retain(|message| message.kind != MessageKind::Feedback);
        }
        messages
    }

    fn moved_from(&self) -> Option<Content> {
        let before = self.booking?;
        let start = before.shown_time_in(self.venue.zone)?.start();
        Some(Content::MovedFrom { start, service: before.details.service.clone() })
    }

    /// Whether the question about the visit as it was known before was sent, or the visit was rated.
    fn was_questioned(&self) -> bool {
        let Some(before) = self.booking else { return false };
        let begun = before.visit_time.map(|visit_time| visit_time.start());
        let since = |at: Option<DateTime<Utc>>| at.is_some_and(|at| begun.is_none_or(|b| at >= b));
        since(self.context.last_question_at) || (before.rating.is_some() && since(before.rated_at))
    }

    fn card(&self, news: StaffNews, announced: bool) -> Option<Planned> {
        let now = self.context.now;
        let is_late = self.booking.is_none()
            && self.merged.visit_time.is_some_and(|visit_time| visit_time.end() + LATE_CARD <= now);
        if is_late {
            return None;
        }
        let due_at = self.card_due();
        let card = |kind, content| Some(Planned::to_staff(kind, String::new(), content, due_at));
        let note = |note| Some(self.note(note, self.merged.newest.1.to_string()));
        match news {
            StaffNews::Nothing => None,
            StaffNews::Created => card(MessageKind::StaffCreated, None),
            StaffNews::Moved => card(MessageKind::StaffMoved, self.moved_from()),
            StaffNews::Cancelled => card(MessageKind::StaffCancelled, None),
            StaffNews::Waits if announced => note(Note::Waits),
            StaffNews::Waits => note(Note::WaitsUntold),
            StaffNews::Confirmed => note(Note::Confirmed),
            StaffNews::NoShow => note(Note::NoShow),
            StaffNews::BelievesBooked => note(Note::BelievesBooked),
        }
    }

    /// Notes to the staff besides the table, each once.
    fn notes(&self, news: StaffNews) -> Vec<Planned> {
        let mut notes = Vec::new();
        let contradicted = self.standing.contradicted.as_ref();
        if let Some(cancellation) = contradicted
            && self.contradicted_before.as_ref() != contradicted
        {
            notes.push(self.note(Note::StandsAfterCancel, cancellation.1.to_string()));
        }
        let phone_added =
            self.has_phone() && self.booking.is_some_and(|before| before.details.phone.is_none());
        let is_shown = match self.standing.meaning {
            Meaning::Pending | Meaning::Stands => news == StaffNews::Nothing,
            Meaning::Cancelled | Meaning::Ignored | Meaning::NoShow => false,
        };
        if phone_added && is_shown && phase(self.merged.visit_time, self.context.now) != Phase::Over
        {
            notes.push(self.note(Note::PhoneAdded, "phone".to_owned()));
        }
        notes
    }

    /// `dedup_key` tells two notes of one version apart.
    fn note(&self, note: Note, dedup_key: String) -> Planned {
        Planned::to_staff(
            MessageKind::StaffNote,
            dedup_key,
            Some(Content::Note(note)),
            self.card_due(),
        )
    }

    /// Cards about an order wait for those of its other reservations.
    fn card_due(&self) -> DateTime<Utc> {
        let waits = self.merged.details.order.is_some();
        self.context.now + if waits { CARDS_WAIT } else { TimeDelta::zero() }
    }
}

fn effect(transition: Transition, news: News) -> Effect {
    match (transition.from, transition.to) {
        (None, Meaning::Cancelled) => Effect::Cancelled,
        (None, _) => Effect::Created,
        (Some(from), to) if from == to => match news.plans {
            Plans::Keep => Effect::Noted,
            Plans::Void | Plans::Renew => Effect::Moved,
        },
        (Some(_), Meaning::Cancelled) => Effect::Cancelled,
        (Some(Meaning::Cancelled), _) => Effect::Created,
        (Some(_), _) if news.client == ClientNews::Moved => Effect::Moved,
        (Some(_), _) => Effect::Restated,
    }
}

/// A visit without times lies ahead.
fn phase(visit_time: Option<VisitTime>, now: DateTime<Utc>) -> Phase {
    match visit_time {
        Some(visit_time) if visit_time.end() <= now => Phase::Over,
        Some(visit_time) if visit_time.start() <= now => Phase::Running,
        Some(_) | None => Phase::Ahead,
    }
}

/// A note about words of a status that look like a cancellation and do not count as one.
#[must_use]
pub fn held_back(words: &str, event: &EventId, now: DateTime<Utc>) -> Planned {
    let note = Note::HeldBack { words: words.to_owned() };
    let dedup_key = format!("held back {event}");
    let content = Some(Content::Note(note));
    Planned::to_staff(MessageKind::StaffNote, dedup_key, content, now + CARDS_WAIT)
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "plan_visit_tests.rs"]
mod visit_tests;
