//! The rules by tables, and by random histories: whatever the order in which workers see events,
//! the booking ends as its last event left it.

use proptest::prelude::*;

use super::*;
use crate::domain::{
    event::StatusSaid,
    ids::{BookingCode, BookingId, EventId},
    message::Content,
    phone::{Phone, PhoneRegion},
    status::Meaning,
};

fn noon() -> DateTime<Utc> {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn policy() -> Policy {
    Policy {
        reminder_before: vec![TimeDelta::hours(2), TimeDelta::hours(24)],
        feedback_after: TimeDelta::minutes(30),
        tell_staff: true,
    }
}

fn slot(hours: i64) -> Slot {
    let start = noon() + TimeDelta::hours(hours);
    Slot::new(start, start + TimeDelta::hours(1)).unwrap()
}

fn phone(last: u8) -> Phone {
    let region = PhoneRegion::parse("RU").unwrap();
    Phone::parse(&format!("+799912345{last:02}"), region).unwrap()
}

fn event(second: i64, change: Change) -> BookingEvent {
    BookingEvent {
        id: EventId(format!("{second:04}")),
        received_at: noon() + TimeDelta::seconds(second),
        code: BookingCode::parse("A1").unwrap(),
        change,
        status: StatusSaid::default(),
        details: Details { phone: Some(phone(67)), ..Details::default() },
    }
}

fn stored(state: &BookingState) -> Booking {
    Booking {
        id: BookingId(1),
        code: BookingCode::parse("A1").unwrap(),
        user: None,
        details: state.details.clone(),
        slot: state.slot,
        status: state.status,
        meaning: Meaning::Stands,
        status_words: None,
        version: state.version,
        rating: None,
        last_event: state.last_event.clone(),
        created_at: noon(),
    }
}

fn decide(booking: Option<&Booking>, event: &BookingEvent, announced: bool) -> Verdict {
    let situation = Situation { now: event.received_at, announced, waiting: None };
    apply(booking, event, &policy(), &situation)
}

fn changed(verdict: Verdict) -> (BookingState, Vec<Planned>) {
    match verdict {
        Verdict::Changed { state, messages, .. } => (state, messages),
        other => panic!("expected a change, got {other:?}"),
    }
}

fn kinds(messages: &[Planned]) -> Vec<&'static str> {
    messages.iter().map(|m| m.kind.as_str()).collect()
}

#[test]
fn reminders_and_the_question_are_due_around_the_visit() {
    let messages = visit_messages(slot(48), &policy(), noon());
    let times: Vec<_> = messages
        .iter()
        .map(|m| {
            (m.kind.as_str(), (m.due_at - noon()).num_minutes(), m.expires_at.unwrap() - noon())
        })
        .collect();
    assert_eq!(
        times,
        [
            // The first reminder is worth nothing once the second is due.
            ("reminder", 24 * 60, TimeDelta::hours(46)),
            ("reminder", 46 * 60, TimeDelta::hours(48)),
            ("feedback", 49 * 60 + 30, TimeDelta::minutes(73 * 60 + 30)),
        ]
    );
}

#[test]
fn what_is_past_when_the_booking_is_made_is_not_planned() {
    assert_eq!(kinds(&visit_messages(slot(23), &policy(), noon())), ["reminder", "feedback"]);
    assert_eq!(kinds(&visit_messages(slot(1), &policy(), noon())), ["feedback"]);
    assert_eq!(kinds(&visit_messages(slot(2), &policy(), noon())), ["feedback"]);
    assert_eq!(kinds(&visit_messages(slot(-24 * 300), &policy(), noon())), [""; 0]);
}

/// Offsets are true hours; the local hour of a reminder differs when the clocks changed meanwhile.
#[test]
fn reminders_keep_their_distance_on_days_when_the_clocks_change() {
    use crate::domain::time::VenueZone;
    let berlin = VenueZone(chrono_tz::Europe::Berlin);
    let ufa = VenueZone(chrono_tz::Asia::Yekaterinburg);
    for (zone, visit, reminders) in [
        (berlin, "29.03.2026 12:00", ["28.03 11:00", "29.03 10:00"]),
        (berlin, "29.03.2026 03:30", ["28.03 02:30", "29.03 00:30"]),
        (berlin, "25.10.2026 12:00", ["24.10 13:00", "25.10 10:00"]),
        (berlin, "25.10.2026 03:30", ["24.10 04:30", "25.10 02:30"]),
        (berlin, "25.10.2026 02:30", ["24.10 02:30", "25.10 00:30"]),
        (ufa, "25.10.2026 12:00", ["24.10 12:00", "25.10 10:00"]),
    ] {
        let start = zone.parse(visit).unwrap();
        let slot = Slot::new(start, start + TimeDelta::hours(1)).unwrap();
        let planned = visit_messages(slot, &policy(), noon());
        let due = |n: usize| zone.local(planned[n].due_at).format("%d.%m %H:%M").to_string();
        assert_eq!([due(0), due(1)], reminders, "{visit}");
        assert_eq!(start - planned[0].due_at, TimeDelta::hours(24));
        assert_eq!(planned[1].expires_at, Some(start));
    }
}

#[test]
fn a_booking_entered_after_its_time_is_confirmed_all_the_same() {
    let (state, messages) = changed(decide(None, &event(0, Change::Stands(slot(-9000))), false));
    assert_eq!(kinds(&messages), ["confirmation", "staff_created"]);
    let (_, messages) =
        changed(decide(Some(&stored(&state)), &event(1, Change::Cancelled(None)), true));
    assert_eq!(kinds(&messages), ["cancelled", "staff_cancelled"]);
}

#[test]
fn a_visit_marked_as_missed_after_its_end_is_told_to_the_staff_alone() {
    let (state, _) = changed(decide(None, &event(0, Change::Stands(slot(3))), false));
    let booking = stored(&state);
    let late = event(5 * 3600, Change::Cancelled(None));
    let (_, messages) = changed(decide(Some(&booking), &late, true));
    assert_eq!(kinds(&messages), ["staff_cancelled"]);
}

#[test]
fn a_move_is_told_as_a_move_only_to_who_was_told_before() {
    let (state, _) = changed(decide(None, &event(0, Change::Stands(slot(48))), false));
    let booking = stored(&state);
    let moved = event(1, Change::Stands(slot(72)));
    let (state, messages) = changed(decide(Some(&booking), &moved, true));
    assert_eq!(kinds(&messages), ["moved", "reminder", "reminder", "feedback", "staff_moved"]);
    assert_eq!(
        messages[0].content,
        Some(Content::MovedFrom { start: slot(48).start(), service: None })
    );
    assert_eq!(state.version, 2);
    let (_, messages) = changed(decide(Some(&booking), &moved, false));
    assert_eq!(kinds(&messages)[0], "confirmation");
}

#[test]
fn a_move_that_was_not_said_yet_is_said_from_what_the_client_knows() {
    let (state, _) = changed(decide(None, &event(0, Change::Stands(slot(48))), false));
    let moved = event(1, Change::Stands(slot(72)));
    let (state, messages) = changed(decide(Some(&stored(&state)), &moved, true));
    let waits = Some((messages[0].kind, messages[0].content.clone()));
    let again = event(2, Change::Stands(slot(96)));
    let situation = Situation { now: again.received_at, announced: true, waiting: waits.clone() };
    let (_, messages) = changed(apply(Some(&stored(&state)), &again, &policy(), &situation));
    assert_eq!(waits, Some((messages[0].kind, messages[0].content.clone())));
    assert_eq!(
        messages[0].content,
        Some(Content::MovedFrom { start: slot(48).start(), service: None })
    );
}

#[test]
fn another_client_is_told_of_the_booking_as_a_new_one() {
    let (state, _) = changed(decide(None, &event(0, Change::Stands(slot(48))), false));
    let mut corrected = event(1, Change::Stands(slot(48)));
    corrected.details.phone = Some(phone(68));
    let (state, messages) = changed(decide(Some(&stored(&state)), &corrected, true));
    assert_eq!(kinds(&messages)[0], "confirmation");
    assert_eq!(state.details.phone, Some(phone(68)));
}

#[test]
fn details_alone_are_noted_and_never_forgotten() {
    let mut first = event(0, Change::Stands(slot(48)));
    first.details.client_name = Some("Алина".into());
    let (state, _) = changed(decide(None, &first, false));
    let mut second = event(1, Change::Stands(slot(48)));
    second.details.people = Some(4);
    let Verdict::Noted(state) = decide(Some(&stored(&state)), &second, true) else { panic!() };
    assert_eq!(state.details.client_name.as_deref(), Some("Алина"));
    assert_eq!((state.details.people, state.version), (Some(4), 1));
}

#[test]
fn a_cancelled_booking_that_stands_again_is_told_as_new() {
    let (state, _) = changed(decide(None, &event(0, Change::Cancelled(None)), false));
    assert_eq!((state.slot, state.status), (None, BookingStatus::Cancelled));
    let again = event(1, Change::Stands(slot(48)));
    let (state, messages) = changed(decide(Some(&stored(&state)), &again, true));
    assert_eq!(kinds(&messages)[0], "confirmation");
    assert_eq!((state.status, state.version), (BookingStatus::Active, 2));
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        3 => (30i64..34).prop_map(|hours| Change::Stands(slot(hours))),
        1 => Just(Change::Cancelled(None)),
    ]
}

proptest! {
    /// Events in any order, some of them twice: the end is that of the last event alone, and every
    /// version has its messages planned exactly once.
    #[test]
    fn the_last_event_decides(
        changes in prop::collection::vec(change(), 1..8),
        order in prop::collection::vec(any::<prop::sample::Index>(), 1..24),
    ) {
        let events: Vec<_> =
            changes.iter().zip(0i64..).map(|(change, n)| event(n, change.clone())).collect();
        let mut booking: Option<Booking> = None;
        let mut versions = Vec::new();
        // Random picks, then all that were not picked, backwards: as several workers might.
        let picks = order.iter().map(|index| index.index(events.len()));
        for n in picks.chain((0..events.len()).rev()) {
            match decide(booking.as_ref(), &events[n], true) {
                Verdict::Stale => {}
                Verdict::Noted(state) => booking = Some(stored(&state)),
                Verdict::Changed { state, .. } => {
                    versions.push(state.version);
                    booking = Some(stored(&state));
                }
            }
        }
        let booking = booking.unwrap();
        let last = events.last().unwrap();
        prop_assert_eq!(&booking.last_event.1, &last.id);
        match last.change {
            Change::Stands(slot) => {
                prop_assert_eq!(booking.slot, Some(slot));
                prop_assert_eq!(booking.status, BookingStatus::Active);
            }
            Change::Cancelled(_) => prop_assert_eq!(booking.status, BookingStatus::Cancelled),
        }
        let expected: Vec<i32> = (1..=versions.len() as i32).collect();
        prop_assert_eq!(versions, expected);
    }

    /// Nothing is ever planned for the past, nor to be said when it is worth nothing any more.
    #[test]
    fn plans_lie_ahead(hours in -100i64..200, before in prop::collection::vec(1i64..72, 0..4)) {
        let policy = Policy {
            reminder_before: before.into_iter().map(TimeDelta::hours).collect(),
            ..policy()
        };
        for message in visit_messages(slot(hours), &policy, noon()) {
            prop_assert!(message.expires_at.unwrap() > message.due_at);
            prop_assert!(message.expires_at.unwrap() > noon());
            prop_assert!(message.kind != MessageKind::Reminder || message.due_at > noon());
        }
    }
}
