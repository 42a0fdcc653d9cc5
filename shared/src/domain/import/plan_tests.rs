//! What a row of the old bot changes here, by whether the booking is known, what was sent, and when.

use proptest::prelude::*;

use super::*;
use crate::domain::{
    booking::Stars,
    event::{Change as EventChange, Details, RequestStatus},
    ids::{BookingCode, BookingId, EventId},
    phone::Phone,
    quiet::QuietHours,
    time::VenueZone,
};

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn now() -> DateTime<Utc> {
    at("2026-03-01T12:00:00Z")
}

fn hours(n: i64) -> TimeDelta {
    TimeDelta::hours(n)
}

fn venue() -> Venue {
    Venue {
        zone: VenueZone(chrono_tz::Asia::Yekaterinburg),
        reminder_before: vec![hours(24), hours(2)],
        quiet_hours: None,
        ..Venue::default()
    }
}

/// A row that was changed `changed` hours ago, about a visit in so many hours.
fn row(meaning: Meaning, start: i64, changed: i64) -> ReadBooking {
    let visit_time = VisitTime::new(now() + hours(start), now() + hours(start + 1)).unwrap();
    let change = match meaning {
        Meaning::Cancelled => EventChange::Cancelled(Some(visit_time)),
        _ => EventChange::Stands(visit_time),
    };
    let event = BookingEvent {
        id: EventId("old:A1".into()),
        received_at: now() - hours(changed),
        code: BookingCode::parse("A1").unwrap(),
        change,
        status: RequestStatus { meaning, ..RequestStatus::default() },
        details: Details {
            service: Some("VR".into()),
            phone: Phone::international("+79991234567"),
            ..Details::default()
        },
        reading: None,
        wall_clock: None,
    };
    ReadBooking { row: "1".into(), event, rating: None, created_at: now(), without: vec![] }
}

fn sent(row: &str, kind: MessageKind, ago: i64) -> SentBefore {
    SentBefore { row: row.into(), client: None, kind, sent_at: now() - hours(ago) }
}

fn kinds(plan: &ImportPlan) -> Vec<String> {
    plan.planned.iter().map(|it| format!("{} {}", it.kind.as_str(), it.dedup_key)).collect()
}

/// The booking as a plan leaves it.
fn stored(plan: &ImportPlan, before: Option<&KnownBooking>, sent: &[SentBefore]) -> KnownBooking {
    let state = plan.state.clone().unwrap_or_else(|| {
        let booking = &before.unwrap().booking;
        BookingState {
            details: booking.details.clone(),
            visit_time: booking.visit_time,
            clock: booking.clock,
            status: booking.status,
            meaning: booking.meaning,
            status_words: booking.status_words.clone(),
            history: booking.history.clone().unwrap(),
            version: booking.version,
            last_event: booking.last_event.clone(),
        }
    });
    let rating =
        plan.rating.or_else(|| before.and_then(|b| b.booking.rating.zip(b.booking.rated_at)));
    let booking = Booking {
        id: BookingId(1),
        code: BookingCode::parse("A1").unwrap(),
        user: None,
        details: state.details,
        visit_time: state.visit_time,
        clock: state.clock,
        status: state.status,
        meaning: state.meaning,
        status_words: state.status_words,
        version: state.version,
        rating: rating.map(|(stars, _)| stars),
        rated_at: rating.map(|(_, at)| at),
        history: Some(state.history),
        last_event: state.last_event,
        created_at: now(),
    };
    let waiting = plan.planned.iter().enumerate().map(|(id, it)| WaitingMessage {
        id: MessageId(i64::try_from(id).unwrap()),
        kind: it.kind,
        dedup_key: it.dedup_key.clone(),
    });
    let waiting = waiting.collect();
    KnownBooking { booking, waiting, taken_over: sent.iter().map(SentBefore::dedup_key).collect() }
}

fn plan(known: Option<&KnownBooking>, old: &ReadBooking, sent: &[SentBefore]) -> ImportPlan {
    ImportPlan::of(known, old, sent, &venue(), now())
}

#[test]
fn a_visit_ahead_gets_its_reminders_and_question_and_no_announcement() {
    let plan = plan(None, &row(Meaning::Stands, 48, 10), &[]);
    assert_eq!(plan.effect, ImportEffect::Created);
    assert_eq!(kinds(&plan), ["reminder 86400s", "reminder 7200s", "feedback "]);
    let state = plan.state.unwrap();
    assert_eq!((state.version, state.history.new_since), (1, 1));
    assert_eq!(state.status, BookingStatus::Active);
}

#[test]
fn what_the_old_bot_has_sent_is_not_planned_again() {
    use MessageKind::{Confirmation, Feedback, Reminder};
    for (start, before, expected) in [
        // Sent 23 h before: the first reminder stands, and the second is to come.
        (23, vec![sent("1", Reminder, 0)], vec!["reminder 7200s", "feedback "]),
        // A reminder for the time before a move.
        (48, vec![sent("1", Reminder, 30)], vec!["reminder 86400s", "reminder 7200s", "feedback "]),
        // Sent at the same time as our own would be, and a little early.
        (24, vec![sent("1", Reminder, 0)], vec!["reminder 7200s", "feedback "]),
        (25, vec![sent("1", Reminder, 0)], vec!["reminder 7200s", "feedback "]),
        (26, vec![sent("1", Reminder, 0)], vec!["reminder 86400s", "reminder 7200s", "feedback "]),
        // The visit runs; the question was about an earlier one.
        (0, vec![sent("1", Feedback, 20)], vec!["feedback "]),
        (0, vec![sent("1", Feedback, 0)], vec![]),
        // Announced just now: no reminder follows within REMINDER_GAP.
        (3, vec![sent("1", Confirmation, 0)], vec!["reminder 7200s", "feedback "]),
        (-1, vec![], vec![]),
    ] {
        let plan = plan(None, &row(Meaning::Stands, start, 40), &before);
        assert_eq!(kinds(&plan), expected, "{start} {before:?}");
        assert_eq!(plan.sent, before);
    }
    let night = Venue { quiet_hours: Some(QuietHours::default()), ..venue() };
    // Our own reminder at 03:00 would wait for 09:00 local time, which is 04:00 UTC.
    let now = at("2026-03-01T00:00:00Z");
    let start = at("2026-03-01T22:00:00Z");
    let mut old = row(Meaning::Stands, 0, 100);
    old.event.change = EventChange::Stands(VisitTime::new(start, start + hours(1)).unwrap());
    let reminder = |sent_at| SentBefore { sent_at, ..sent("1", Reminder, 0) };
    let again =
        |before: &[SentBefore]| kinds(&ImportPlan::of(None, &old, before, &night, now)).len();
    assert_eq!(again(&[reminder(at("2026-02-28T22:00:00Z"))]) + 1, again(&[]));
}

#[test]
fn cancelled_and_past_visits_are_history() {
    let cancelled = plan(None, &row(Meaning::Cancelled, 48, 10), &[]);
    assert_eq!(
        (cancelled.state.unwrap().status, cancelled.planned.len()),
        (BookingStatus::Cancelled, 0)
    );
    let over = plan(None, &row(Meaning::Stands, -48, 10), &[]);
    assert_eq!((over.state.unwrap().status, over.planned.len()), (BookingStatus::Completed, 0));
    let rated = ReadBooking {
        rating: Some((Stars::try_from(5).unwrap(), now())),
        ..row(Meaning::Stands, 0, 40)
    };
    assert!(kinds(&plan(None, &rated, &[])).is_empty(), "a rated visit gets no question");
}

#[test]
fn a_second_import_changes_nothing_and_a_changed_row_what_it_changed() {
    let before = [sent("1", MessageKind::Confirmation, 30)];
    let first = plan(None, &row(Meaning::Stands, 48, 30), &before);
    let known = stored(&first, None, &before);
    let again = plan(Some(&known), &row(Meaning::Stands, 48, 30), &before);
    assert_eq!(again.effect, ImportEffect::Unchanged);
    assert_eq!((again.state, again.sent.len(), again.cancelled.len()), (None, 0, 0));

    // Its own time does not have to say so.
    for changed in [1, 30, 60] {
        let moved = plan(Some(&known), &row(Meaning::Stands, 50, changed), &before);
        assert_eq!((moved.effect, moved.cancelled.len()), (ImportEffect::Changed, 3), "{changed}");
        assert_eq!(moved.state.clone().unwrap().version, 2);
        let known = stored(&moved, Some(&known), &before);
        let again = plan(Some(&known), &row(Meaning::Stands, 50, changed), &before);
        assert_eq!((again.effect, again.state), (ImportEffect::Unchanged, None), "{changed}");
        let off = plan(Some(&known), &row(Meaning::Cancelled, 50, changed), &before);
        let state = off.state.unwrap();
        assert_eq!((state.status, off.planned.len()), (BookingStatus::Cancelled, 0));
    }

    let reminded = [before[0].clone(), sent("2", MessageKind::Reminder, 0)];
    let known = stored(&plan(None, &row(Meaning::Stands, 24, 30), &[]), None, &[]);
    let covered = plan(Some(&known), &row(Meaning::Stands, 24, 30), &reminded);
    assert_eq!((covered.effect, covered.sent.len()), (ImportEffect::Unchanged, 2));
}

#[test]
fn a_newer_request_is_not_undone_by_an_older_row() {
    let mut live = row(Meaning::Cancelled, 48, 5);
    live.event.id = EventId("live".into());
    let known = stored(&plan(None, &live, &[]), None, &[]);
    let old = plan(Some(&known), &row(Meaning::Stands, 48, 10), &[]);
    assert_eq!((old.effect, old.state), (ImportEffect::Unchanged, None));
    let newer = plan(Some(&known), &row(Meaning::Stands, 48, 4), &[]);
    assert_eq!(newer.state.unwrap().status, BookingStatus::Active);
}

#[test]
fn a_confirmation_that_waits_is_not_sent_where_the_old_bot_has_sent_it() {
    let mut live = row(Meaning::Stands, 48, 5);
    live.event.id = EventId("live".into());
    let mut known = stored(&plan(None, &live, &[]), None, &[]);
    let confirmation = WaitingMessage {
        id: MessageId(9),
        kind: MessageKind::Confirmation,
        dedup_key: String::new(),
    };
    known.waiting = vec![confirmation];
    let before = [sent("1", MessageKind::Confirmation, 10)];
    let same = plan(Some(&known), &row(Meaning::Stands, 48, 10), &before);
    assert_eq!(same.cancelled, [MessageId(9)]);
    let other_time = plan(Some(&known), &row(Meaning::Stands, 30, 10), &before);
    assert_eq!(other_time.cancelled, []);
    assert_eq!(plan(Some(&known), &row(Meaning::Stands, 48, 10), &[]).cancelled, []);
}

proptest! {
    /// Whether the row or a request of Bukza is applied first: the booking is the same.
    #[test]
    fn the_order_of_row_and_request_makes_no_difference(
        old in (prop::sample::select(vec![Meaning::Stands, Meaning::Cancelled]), 1i64..72, 0i64..40),
        new in (prop::sample::select(vec![Meaning::Stands, Meaning::Cancelled]), 1i64..72, 0i64..40),
    ) {
        let old = row(old.0, old.1, old.2);
        let mut live = row(new.0, new.1, new.2);
        live.event.id = EventId("live".into());
        live.event.received_at += TimeDelta::minutes(7);
        let outcome = |one: &ReadBooking, two: &ReadBooking| {
            let known = stored(&plan(None, one, &[]), None, &[]);
            let then = stored(&plan(Some(&known), two, &[]), Some(&known), &[]);
            (then.booking.visit_time, then.booking.meaning)
        };
        prop_assert_eq!(outcome(&old, &live), outcome(&live, &old));
    }
}
