//! The rules by tables, and by random histories: whatever the order in which workers see events,
//! the booking ends as its last event left it.

use proptest::prelude::*;

use super::*;
use crate::domain::{
    event::{Change, RequestStatus},
    ids::{BookingCode, BookingId, ChatId, EventId},
    phone::{Phone, PhoneRegion},
    staff_chat::{StaffChat, StaffPlace},
};

pub(super) fn noon() -> DateTime<Utc> {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

pub(super) fn venue() -> Venue {
    Venue {
        reminder_before: vec![TimeDelta::hours(2), TimeDelta::hours(24)],
        reminder_gap: TimeDelta::zero(),
        feedback_after: TimeDelta::minutes(30),
        quiet_hours: None,
        staff_chat: StaffChat::new(Some(StaffPlace::new(ChatId(-100), None))),
        ..Venue::default()
    }
}

pub(super) fn visit_time(hours: i64) -> VisitTime {
    let start = noon() + TimeDelta::hours(hours);
    VisitTime::new(start, start + TimeDelta::hours(1)).unwrap()
}

fn phone(last: u8) -> Phone {
    let region = PhoneRegion::default();
    Phone::parse(&format!("+799912345{last:02}"), region).unwrap()
}

fn event(second: i64, change: Change) -> BookingEvent {
    BookingEvent {
        id: EventId(format!("{second:04}")),
        received_at: noon() + TimeDelta::seconds(second),
        code: BookingCode::parse("A1").unwrap(),
        change,
        status: RequestStatus::default(),
        details: Details { phone: Some(phone(67)), ..Details::default() },
        reading: None,
        wall_clock: None,
    }
}

fn stored(state: &BookingState) -> Booking {
    Booking {
        id: BookingId(1),
        code: BookingCode::parse("A1").unwrap(),
        user: None,
        details: state.details.clone(),
        visit_time: state.visit_time,
        clock: state.clock,
        status: state.status,
        meaning: state.meaning,
        status_words: state.status_words.clone(),
        version: state.version,
        rating: None,
        rated_at: None,
        history: Some(state.history.clone()),
        last_event: state.last_event.clone(),
        created_at: noon(),
    }
}

fn context(now: DateTime<Utc>, announced: bool) -> PlanContext {
    PlanContext { now, announced, believes_booked: false, last_question_at: None, waiting: None }
}

fn plan(booking: Option<&Booking>, event: &BookingEvent, context: PlanContext) -> Option<Plan> {
    Some(Step::of(booking, event, &venue(), context)?.plan())
}

fn decide(booking: Option<&Booking>, event: &BookingEvent, announced: bool) -> Option<Plan> {
    plan(booking, event, context(event.received_at, announced))
}

fn changed(application: Option<Plan>) -> (BookingState, Vec<Planned>) {
    let application = application.expect("a change");
    assert_ne!(application.effect, Effect::Noted);
    (application.state, application.messages)
}

fn means(second: i64, meaning: Meaning, hours: i64) -> BookingEvent {
    let mut event = event(second, Change::Stands(visit_time(hours)));
    event.status.meaning = meaning;
    event
}

pub(super) fn kinds(messages: &[Planned]) -> Vec<&'static str> {
    messages.iter().map(|m| m.kind.as_str()).collect()
}

#[test]
fn a_visit_that_is_over_when_first_heard_of_is_nobodys_news() {
    // A day ago: the staff hear of it. A year ago: nobody does.
    for (hours, cards) in
        [(-9000, &[][..]), (-26, &[]), (-24, &["staff_created"]), (-2, &["staff_created"])]
    {
        let (state, messages) =
            changed(decide(None, &event(0, Change::Stands(visit_time(hours))), false));
        assert_eq!(kinds(&messages), cards, "{hours}");
        assert_eq!(state.visit_time, Some(visit_time(hours)));
    }
    let (_, messages) =
        changed(decide(None, &event(0, Change::Cancelled(Some(visit_time(-9000)))), false));
    assert_eq!(kinds(&messages), [""; 0]);
}

#[test]
fn a_cancellation_goes_to_who_got_the_announcement_and_before_the_end_only() {
    let (state, _) = changed(decide(None, &event(0, Change::Stands(visit_time(3))), false));
    let booking = stored(&state);
    let cancel = |hours: i64| event(hours * 3600, Change::Cancelled(None));
    let cancelled =
        |hours, announced| kinds(&changed(decide(Some(&booking), &cancel(hours), announced)).1);
    assert_eq!(cancelled(1, true), ["cancelled", "staff_cancelled"]);
    assert_eq!(cancelled(1, false), ["staff_cancelled"]);
    assert_eq!(cancelled(5, true), ["staff_cancelled"]);
    assert_eq!(kinds(&changed(decide(None, &cancel(1), false)).1), ["staff_cancelled"]);
}

#[test]
fn a_booking_that_waits_is_announced_when_it_stands() {
    let (state, messages) = changed(decide(None, &means(0, Meaning::Pending, 48), false));
    assert_eq!(kinds(&messages), ["staff_created"]);
    let waiting = stored(&state);
    let (_, messages) = changed(decide(Some(&waiting), &means(60, Meaning::Stands, 48), false));
    assert_eq!(
        kinds(&messages),
        ["confirmation", "reminder", "reminder", "feedback", "staff_note"]
    );
    let cancel = event(60, Change::Cancelled(None));
    assert_eq!(kinds(&changed(decide(Some(&waiting), &cancel, false)).1), ["staff_cancelled"]);
}

#[test]
fn once_announced_a_booking_that_waits_again_keeps_its_reminders() {
    let (state, _) = changed(decide(None, &means(0, Meaning::Stands, 48), false));
    let (after, messages) =
        changed(decide(Some(&stored(&state)), &means(60, Meaning::Pending, 48), true));
    assert_eq!(kinds(&messages), ["staff_note"]);
    assert_eq!((after.version, after.meaning), (state.version, Meaning::Pending));
    // Not announced yet: the confirmation that waits is void.
    let (after, _) =
        changed(decide(Some(&stored(&state)), &means(60, Meaning::Pending, 48), false));
    assert_eq!(after.version, 2);
}

#[test]
fn a_no_show_gets_no_question_and_hears_of_a_later_visit() {
    let (state, _) = changed(decide(None, &means(0, Meaning::Stands, 3), false));
    let missed = means(3 * 3600 + 600, Meaning::NoShow, 3);
    let (state, messages) = changed(decide(Some(&stored(&state)), &missed, true));
    assert_eq!((kinds(&messages), state.version), (vec!["staff_note"], 2));
    for word in [Meaning::Stands, Meaning::NoShow] {
        let later = means(5 * 3600, word, 200);
        let (_, messages) = changed(decide(Some(&stored(&state)), &later, true));
        assert_eq!(kinds(&messages), ["moved", "reminder", "reminder", "feedback", "staff_moved"]);
    }
}

#[test]
fn a_technical_break_is_nobodys_news() {
    let (state, messages) = changed(decide(None, &means(0, Meaning::Ignored, 3), false));
    assert_eq!(kinds(&messages), [""; 0]);
    assert_eq!(state.status, BookingStatus::Active);
    let (state, _) = changed(decide(None, &means(0, Meaning::Stands, 3), false));
    let (_, messages) =
        changed(decide(Some(&stored(&state)), &means(60, Meaning::Ignored, 3), true));
    assert_eq!(messages[0].content, Some(Content::Note(Note::BelievesBooked)));
    assert_eq!(messages.len(), 1);
}

#[test]
fn the_second_trigger_of_a_cancellation_makes_a_note_once() {
    let (state, _) = changed(decide(None, &means(0, Meaning::Stands, 48), false));
    let (state, _) =
        changed(decide(Some(&stored(&state)), &event(60, Change::Cancelled(None)), true));
    let application = decide(Some(&stored(&state)), &means(62, Meaning::Stands, 48), true).unwrap();
    assert_eq!(application.effect, Effect::Noted);
    assert_eq!(application.messages[0].content, Some(Content::Note(Note::StandsAfterCancel)));
    let state = application.state;
    assert_eq!(state.status, BookingStatus::Cancelled);
    let again = decide(Some(&stored(&state)), &means(64, Meaning::Stands, 48), true).unwrap();
    assert_eq!(kinds(&again.messages), [""; 0]);
    let mut restored = means(70, Meaning::Stands, 48);
    restored.status.restores = true;
    let (_, messages) = changed(decide(Some(&stored(&state)), &restored, false));
    assert_eq!(kinds(&messages)[0], "confirmation");
}

#[test]
fn a_correction_after_the_visit_is_noted_and_asks_nobody_again() {
    let (state, _) = changed(decide(None, &means(0, Meaning::Stands, 3), false));
    let booking = stored(&state);
    let corrected = means(5 * 3600, Meaning::Stands, 2);
    let noted = decide(Some(&booking), &corrected, true).unwrap();
    assert_eq!((noted.effect, noted.messages), (Effect::Noted, Vec::new()));
    assert_eq!((noted.state.version, noted.state.visit_time), (1, Some(visit_time(2))));
    // Longer than it was, after the question: a move is sent, and no second question during the visit.
    let longer =
        VisitTime::new(visit_time(3).start(), visit_time(3).start() + TimeDelta::hours(4)).unwrap();
    let longer = event(5 * 3600, Change::Stands(longer));
    let questioned = Some(visit_time(3).end() + TimeDelta::minutes(30));
    let context = PlanContext { last_question_at: questioned, ..context(longer.received_at, true) };
    let application = plan(Some(&booking), &longer, context.clone()).unwrap();
    assert_eq!(kinds(&application.messages), ["moved", "staff_moved"]);
    // Ahead again: the question comes after the new visit.
    let next = means(5 * 3600, Meaning::Stands, 200);
    let application = plan(Some(&booking), &next, context).unwrap();
    assert!(kinds(&application.messages).contains(&"feedback"));
}

#[test]
fn a_phone_that_comes_later_is_no_change() {
    let mut first = means(0, Meaning::Stands, 48);
    first.details.phone = None;
    let (state, _) = changed(decide(None, &first, false));
    for second in [-1, 1] {
        let application =
            decide(Some(&stored(&state)), &means(second, Meaning::Stands, 48), false).unwrap();
        assert_eq!((application.effect, application.state.version), (Effect::Noted, 1));
        assert_eq!(application.state.details.phone, Some(phone(67)));
        assert_eq!(application.messages[0].content, Some(Content::Note(Note::PhoneAdded)));
    }
}

#[test]
fn a_move_is_sent_as_a_move_only_after_an_announcement() {
    let (state, _) = changed(decide(None, &event(0, Change::Stands(visit_time(48))), false));
    let booking = stored(&state);
    let moved = event(1, Change::Stands(visit_time(72)));
    let (state, messages) = changed(decide(Some(&booking), &moved, true));
    assert_eq!(kinds(&messages), ["moved", "reminder", "reminder", "feedback", "staff_moved"]);
    assert_eq!(
        messages[0].content,
        Some(Content::MovedFrom { start: visit_time(48).start(), service: None })
    );
    assert_eq!(state.version, 2);
    let (_, messages) = changed(decide(Some(&booking), &moved, false));
    assert_eq!(kinds(&messages)[0], "confirmation");
}

#[test]
fn a_move_that_was_not_sent_yet_starts_from_what_the_client_knows() {
    let (state, _) = changed(decide(None, &event(0, Change::Stands(visit_time(48))), false));
    let moved = event(1, Change::Stands(visit_time(72)));
    let (state, messages) = changed(decide(Some(&stored(&state)), &moved, true));
    let waits = Some((messages[0].kind, messages[0].content.clone()));
    let again = event(2, Change::Stands(visit_time(96)));
    let context = PlanContext { waiting: waits.clone(), ..context(again.received_at, true) };
    let (_, messages) = changed(plan(Some(&stored(&state)), &again, context));
    assert_eq!(waits, Some((messages[0].kind, messages[0].content.clone())));
    assert_eq!(
        messages[0].content,
        Some(Content::MovedFrom { start: visit_time(48).start(), service: None })
    );
}

#[test]
fn another_client_gets_the_booking_as_a_new_one() {
    let (state, _) = changed(decide(None, &event(0, Change::Stands(visit_time(48))), false));
    let mut corrected = event(1, Change::Stands(visit_time(48)));
    corrected.details.phone = Some(phone(68));
    let (state, messages) = changed(decide(Some(&stored(&state)), &corrected, true));
    assert_eq!(kinds(&messages)[0], "confirmation");
    assert_eq!(state.details.phone, Some(phone(68)));
}

#[test]
fn details_alone_are_noted_and_never_forgotten() {
    let mut first = event(0, Change::Stands(visit_time(48)));
    first.details.client_name = Some("Алина".into());
    let (state, _) = changed(decide(None, &first, false));
    let mut second = event(1, Change::Stands(visit_time(48)));
    second.details.people = Some(4);
    let noted = decide(Some(&stored(&state)), &second, true).unwrap();
    assert_eq!(noted.effect, Effect::Noted);
    let state = noted.state;
    assert_eq!(state.details.client_name.as_deref(), Some("Алина"));
    assert_eq!((state.details.people, state.version), (Some(4), 1));
}

#[test]
fn a_cancelled_booking_that_stands_again_is_announced_as_new() {
    let (state, _) = changed(decide(None, &event(0, Change::Cancelled(None)), false));
    assert_eq!((state.visit_time, state.status), (None, BookingStatus::Cancelled));
    let again = event(31, Change::Stands(visit_time(48)));
    let (state, messages) = changed(decide(Some(&stored(&state)), &again, true));
    assert_eq!(kinds(&messages)[0], "confirmation");
    assert_eq!((state.status, state.version), (BookingStatus::Active, 2));
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        3 => (30i64..34).prop_map(|hours| Change::Stands(visit_time(hours))),
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
            changes.iter().zip(0i64..).map(|(change, n)| event(n * 40, change.clone())).collect();
        let mut booking: Option<Booking> = None;
        let mut versions = Vec::new();
        // Random picks, then all that were not picked, backwards: as several workers might.
        let picks = order.iter().map(|index| index.index(events.len()));
        for n in picks.chain((0..events.len()).rev()) {
            if let Some(Plan { state, effect, .. }) =
                decide(booking.as_ref(), &events[n], true)
            {
                if effect != Effect::Noted {
                    versions.push(state.version);
                }
                booking = Some(stored(&state));
            }
        }
        let booking = booking.unwrap();
        let last = events.last().unwrap();
        prop_assert_eq!(&booking.last_event.1, &last.id);
        match last.change {
            Change::Stands(visit_time) => {
                prop_assert_eq!(booking.visit_time, Some(visit_time));
                prop_assert_eq!(booking.status, BookingStatus::Active);
            }
            Change::Cancelled(_) => prop_assert_eq!(booking.status, BookingStatus::Cancelled),
        }
        let expected: Vec<i32> = (1..=versions.len() as i32).collect();
        prop_assert_eq!(versions, expected);
    }
}
