//! The rules of the house: what an event does to a booking, which messages follow from it, and
//! when they are due. Pure: everything they depend on is passed in.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    booking::{Booking, BookingStatus, EventMark},
    event::{BookingEvent, Change, Details, Slot},
    message::{Content, MessageKind, Planned},
};

/// How long a confirmation or a cancellation is worth telling when the visit is over already
/// (bookings entered afterwards), and how long after the visit one may still be asked to rate it.
const AFTERWARDS: TimeDelta = TimeDelta::hours(24);

/// The settings that the rules depend on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// How long before the start reminders are due.
    pub reminder_before: Vec<TimeDelta>,
    /// How long after the end the feedback request is due.
    pub feedback_after: TimeDelta,
    /// Whether there is a staff chat to tell.
    pub tell_staff: bool,
}

/// What the rules need to know of the world beside the booking and the event.
#[derive(Debug, Clone)]
pub struct Situation {
    pub now: DateTime<Utc>,
    /// A client may have been told of the booking: a confirmation or move was sent or tried.
    pub announced: bool,
    /// The confirmation or move of the booking's present version, if it still waits to be said.
    pub waiting: Option<(MessageKind, Option<Content>)>,
}

/// What an event does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// Older than the last event applied, or that event again: changes nothing.
    Stale,
    /// Says what is known; only details and the order of events are noted.
    Noted(BookingState),
    /// A change that must be told: messages of older versions are void.
    Changed { state: BookingState, transition: Transition, messages: Vec<Planned> },
}

/// The booking after the event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookingState {
    pub details: Details,
    pub slot: Option<Slot>,
    pub status: BookingStatus,
    pub version: i32,
    pub last_event: EventMark,
}

/// The kinds of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transition {
    Created,
    Moved,
    Cancelled,
}

/// Decides what `event` does to the booking with its code (`None`: unknown so far).
#[must_use]
pub fn apply(
    booking: Option<&Booking>,
    event: &BookingEvent,
    policy: &Policy,
    situation: &Situation,
) -> Verdict {
    let mark = (event.received_at, event.id.clone());
    if booking.is_some_and(|b| mark <= b.last_event) {
        return Verdict::Stale;
    }
    let details = merged(booking.map(|b| &b.details), &event.details);
    let known_slot = booking.and_then(|b| b.slot);
    let status = booking.map(|b| b.status);
    let state = |slot, status, raise: bool| BookingState {
        details: details.clone(),
        slot,
        status,
        version: booking.map_or(1, |b| b.version + i32::from(raise)),
        last_event: mark.clone(),
    };
    match event.change {
        Change::Cancelled(told_slot) => {
            let slot = told_slot.or(known_slot);
            if status == Some(BookingStatus::Cancelled) {
                return Verdict::Noted(state(slot, BookingStatus::Cancelled, false));
            }
            let messages = cancelled_messages(booking, slot, policy, situation);
            let state = state(slot, BookingStatus::Cancelled, true);
            Verdict::Changed { state, transition: Transition::Cancelled, messages }
        }
        Change::Stands(slot) => {
            let standing = booking.filter(|b| b.status != BookingStatus::Cancelled);
            let Some(before) = standing else {
                let messages =
                    announced_messages(MessageKind::Confirmation, None, slot, policy, situation);
                let state = state(Some(slot), BookingStatus::Active, true);
                return Verdict::Changed { state, transition: Transition::Created, messages };
            };
            let same_client = before.details.phone == details.phone;
            let same_visit = before.slot == Some(slot) && before.details.service == details.service;
            if same_client && same_visit {
                return Verdict::Noted(state(Some(slot), before.status, false));
            }
            let (kind, from) = match &situation.waiting {
                // What was not said yet is said as it is now: from what the client knows.
                Some((kind, from)) if same_client => (*kind, from.clone()),
                _ if situation.announced && same_client => (MessageKind::Moved, moved_from(before)),
                _ => (MessageKind::Confirmation, None),
            };
            let mut messages = announced_messages(kind, from, slot, policy, situation);
            if policy.tell_staff {
                messages.retain(|m| m.kind != MessageKind::StaffCreated);
                messages.push(staff(MessageKind::StaffMoved, moved_from(before), situation.now));
            }
            let state = state(Some(slot), BookingStatus::Active, true);
            Verdict::Changed { state, transition: Transition::Moved, messages }
        }
    }
}

/// The messages that a booking's time brings with it: reminders and the feedback request.
#[must_use]
pub fn visit_messages(slot: Slot, policy: &Policy, now: DateTime<Utc>) -> Vec<Planned> {
    let mut offsets = policy.reminder_before.clone();
    offsets.sort_unstable_by(|a, b| b.cmp(a));
    offsets.dedup();
    let mut messages = Vec::new();
    for (i, before) in offsets.iter().enumerate() {
        let due_at = slot.start() - *before;
        if due_at <= now {
            continue;
        }
        // Once the next reminder is due, the one before has nothing left to say.
        let expires_at = offsets.get(i + 1).map_or(slot.start(), |next| slot.start() - *next);
        messages.push(Planned {
            kind: MessageKind::Reminder,
            slot: format!("{}s", before.num_seconds()),
            due_at,
            expires_at: Some(expires_at),
            content: None,
        });
    }
    let due_at = slot.end() + policy.feedback_after;
    let expires_at = due_at + AFTERWARDS;
    if expires_at > now {
        messages.push(Planned {
            kind: MessageKind::Feedback,
            slot: String::new(),
            due_at,
            expires_at: Some(expires_at),
            content: None,
        });
    }
    messages
}

fn announced_messages(
    kind: MessageKind,
    from: Option<Content>,
    slot: Slot,
    policy: &Policy,
    &Situation { now, .. }: &Situation,
) -> Vec<Planned> {
    let mut messages = vec![client(kind, from, Some(slot), now)];
    if policy.tell_staff {
        messages.push(staff(MessageKind::StaffCreated, None, now));
    }
    messages.extend(visit_messages(slot, policy, now));
    messages
}

fn cancelled_messages(
    booking: Option<&Booking>,
    slot: Option<Slot>,
    policy: &Policy,
    &Situation { now, .. }: &Situation,
) -> Vec<Planned> {
    // A visit that is over and is then marked (a no-show) is no news to its client. A booking that
    // was entered after its time says nothing of that kind.
    let over = booking
        .is_some_and(|b| b.slot.is_some_and(|slot| slot.end() <= now && slot.end() > b.created_at));
    let mut messages = Vec::new();
    if !over {
        messages.push(client(MessageKind::Cancelled, None, slot, now));
    }
    if policy.tell_staff {
        messages.push(staff(MessageKind::StaffCancelled, None, now));
    }
    messages
}

fn client(
    kind: MessageKind,
    content: Option<Content>,
    slot: Option<Slot>,
    now: DateTime<Utc>,
) -> Planned {
    let expires_at = slot.map_or(now, |slot| slot.end()).max(now + AFTERWARDS);
    Planned { kind, slot: String::new(), due_at: now, expires_at: Some(expires_at), content }
}

fn staff(kind: MessageKind, content: Option<Content>, now: DateTime<Utc>) -> Planned {
    Planned { kind, slot: String::new(), due_at: now, expires_at: None, content }
}

fn moved_from(before: &Booking) -> Option<Content> {
    let slot = before.slot?;
    Some(Content::MovedFrom { start: slot.start(), service: before.details.service.clone() })
}

/// What the event says, over what was known; what it leaves out stays.
fn merged(known: Option<&Details>, told: &Details) -> Details {
    let Some(known) = known else { return told.clone() };
    let known = known.clone();
    let told = told.clone();
    Details {
        service: told.service.or(known.service),
        zone: told.zone.or(known.zone),
        client_name: told.client_name.or(known.client_name),
        last_name: told.last_name.or(known.last_name),
        phone: told.phone.or(known.phone),
        people: told.people.or(known.people),
        total: told.total.or(known.total),
        paid: told.paid.or(known.paid),
        prepayment: told.prepayment.or(known.prepayment),
        order: told.order.or(known.order),
        order_page: told.order_page.or(known.order_page),
        comment: told.comment.or(known.comment),
        fields: if told.fields.is_empty() { known.fields } else { told.fields },
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
