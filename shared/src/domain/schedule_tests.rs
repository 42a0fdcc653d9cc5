//! Reminders and questions around nights, and what rings in them.

use proptest::prelude::*;

use super::*;
use crate::domain::time::VenueZone;

const UFA: VenueZone = VenueZone(chrono_tz::Asia::Yekaterinburg);

fn venue() -> Venue {
    Venue { zone: UFA, ..Venue::default() }
}

fn at(text: &str) -> DateTime<Utc> {
    UFA.parse(text).unwrap()
}

fn local(at: DateTime<Utc>) -> String {
    UFA.local(at).format("%d.%m %H:%M").to_string()
}

fn hours(text: &str) -> Vec<TimeDelta> {
    text.split(',')
        .filter(|part| !part.is_empty())
        .map(|h| TimeDelta::minutes((h.parse::<f64>().unwrap() * 60.0) as i64))
        .collect()
}

#[test]
fn reminders_come_at_the_end_of_the_night_or_before_it() {
    for (visit, before, due) in [
        ("27.12.2025 12:00", "24", "26.12 12:00"),
        // In the night: at its end, two hours ahead or more.
        ("27.12.2025 08:00", "24", "26.12 09:00"),
        ("27.12.2025 11:00", "2", "27.12 09:00"),
        ("27.12.2025 11:00", "3", "27.12 09:00"),
        ("26.12.2025 23:00", "24", "26.12 09:00"),
        // Else a quarter of an hour before it begins.
        ("27.12.2025 06:00", "2", "26.12 21:45"),
        ("27.12.2025 10:59", "2", "26.12 21:45"),
        ("27.12.2025 01:00", "2", "26.12 21:45"),
        ("27.12.2025 00:00", "2", "26.12 21:45"),
        ("27.12.2025 00:00", "2.25", "26.12 21:45"),
    ] {
        let due_at = venue().reminder_due(at(visit), hours(before)[0]);
        assert_eq!(local(due_at), due, "{visit}, {before} h before");
    }
    let loud = Venue { quiet_hours: None, ..venue() };
    assert_eq!(local(loud.reminder_due(at("27.12.2025 06:00"), hours("2")[0])), "27.12 04:00");
}

#[test]
fn reminders_keep_apart_from_each_other_and_from_the_announcement() {
    for (visit, before, now, announced, due) in [
        ("27.12.2025 18:00", "24,2", "20.12.2025 12:00", None, &["26.12 18:00", "27.12 16:00"][..]),
        // Exactly the gap apart: both.
        ("27.12.2025 18:00", "2,1", "20.12.2025 12:00", None, &["27.12 16:00", "27.12 17:00"]),
        ("27.12.2025 18:00", "2,1.5", "20.12.2025 12:00", None, &["27.12 16:00"]),
        // Two that wait for the same morning are one.
        ("27.12.2025 11:00", "3,2", "20.12.2025 12:00", None, &["27.12 09:00"]),
        ("27.12.2025 18:00", "24", "26.12.2025 17:59", Some("26.12.2025 17:59"), &[]),
        ("27.12.2025 18:00", "24", "26.12.2025 17:00", Some("26.12.2025 17:00"), &["26.12 18:00"]),
        ("27.12.2025 18:00", "24", "26.12.2025 17:01", Some("26.12.2025 17:01"), &[]),
        (
            "27.12.2025 18:00",
            "24,2",
            "26.12.2025 17:30",
            Some("26.12.2025 17:30"),
            &["27.12 16:00"],
        ),
        // Its evening has passed: no reminder at night.
        ("27.12.2025 06:00", "2", "26.12.2025 21:50", Some("26.12.2025 21:50"), &[]),
        ("27.12.2025 06:00", "2", "26.12.2025 20:45", Some("26.12.2025 20:45"), &["26.12 21:45"]),
        ("27.12.2025 06:00", "2", "26.12.2025 21:00", Some("26.12.2025 21:00"), &[]),
        ("27.12.2025 18:00", "24", "26.12.2025 18:00", None, &[]),
    ] {
        let venue = Venue { reminder_before: hours(before), ..venue() };
        let reminders = venue.reminders(at(visit), at(now), announced.map(at));
        let planned: Vec<_> = reminders.iter().map(|timing| local(timing.due_at)).collect();
        assert_eq!(planned, due, "{visit}, {before} h before, at {now}");
    }
    let now = at("26.12.2025 17:59");
    for (visit, before) in [("27.12.2025 18:00", "24"), ("27.12.2025 11:00", "3,2")] {
        let (gap, offsets) = (TimeDelta::zero(), hours(before));
        let venue = Venue { reminder_gap: gap, reminder_before: offsets, ..venue() };
        assert_eq!(venue.reminders(at(visit), now, Some(now)).len(), 1);
    }
}

#[test]
fn a_question_waits_for_the_morning() {
    for (end, due) in [
        ("27.12.2025 21:59", "27.12 21:59"),
        ("27.12.2025 22:00", "28.12 09:00"),
        ("28.12.2025 02:30", "28.12 09:00"),
        ("28.12.2025 09:00", "28.12 09:00"),
    ] {
        let timing = venue().question(at(end), at("27.12.2025 12:00")).unwrap();
        assert_eq!(local(timing.due_at), due, "{end}");
        assert_eq!(timing.expires_at - timing.due_at, TimeDelta::hours(24));
    }
    assert_eq!(venue().question(at("27.12.2025 12:00"), at("28.12.2025 12:00")), None);
}

#[test]
fn only_what_changes_a_near_visit_rings_at_night() {
    let (night, day) = (at("27.12.2025 23:00"), at("27.12.2025 12:00"));
    for (kind, visit, at_night) in [
        (MessageKind::Confirmation, "28.12.2025 10:00", true),
        (MessageKind::Answer, "28.12.2025 10:00", true),
        (MessageKind::Reminder, "28.12.2025 10:00", true),
        (MessageKind::Moved, "28.12.2025 11:00", false),
        (MessageKind::Moved, "28.12.2025 11:01", true),
        (MessageKind::Cancelled, "28.12.2025 10:00", false),
        (MessageKind::Cancelled, "29.12.2025 10:00", true),
        (MessageKind::StaffCancelled, "29.12.2025 10:00", false),
        (MessageKind::StaffNote, "29.12.2025 10:00", false),
    ] {
        assert_eq!(venue().is_silent(kind, [at(visit)], night), at_night, "{kind:?} {visit}");
        assert!(!venue().is_silent(kind, [at(visit)], day), "{kind:?} {visit}");
    }
    // The start that the client knows counts as well.
    let starts = [at("30.12.2025 10:00"), at("28.12.2025 10:00")];
    assert!(!venue().is_silent(MessageKind::Moved, starts, night));
}

#[test]
fn what_is_held_up_into_the_night_waits_where_there_is_time() {
    let night = at("27.12.2025 23:00");
    let visit = |text: &str| {
        let start = at(text);
        Some(VisitTime::new(start, start + TimeDelta::hours(1)).unwrap())
    };
    let held = |kind, at: &str| venue().held_until(kind, visit(at), night).map(local);
    let morning = Some("28.12 09:00".to_owned());
    assert_eq!(held(MessageKind::Reminder, "28.12.2025 11:00"), morning);
    assert_eq!(held(MessageKind::Reminder, "28.12.2025 10:59"), None);
    assert_eq!(held(MessageKind::Feedback, "27.12.2025 11:00"), morning);
    assert_eq!(held(MessageKind::Confirmation, "28.12.2025 11:00"), None);
    let day = at("27.12.2025 12:00");
    assert_eq!(venue().held_until(MessageKind::Feedback, None, day), None);
}

#[test]
fn nobody_gets_two_questions_within_the_gap() {
    let venue = Venue { feedback_gap: Some(TimeDelta::days(30)), ..venue() };
    let (now, before) = (at("27.12.2025 12:00"), at("01.12.2025 12:00"));
    assert!(venue.questioned_too_recently(Some(before), now));
    assert!(!venue.questioned_too_recently(Some(before), now + TimeDelta::days(4)));
    assert!(!venue.questioned_too_recently(None, now));
    assert!(!Venue { feedback_gap: None, ..venue }.questioned_too_recently(Some(now), now));
}

proptest! {
    /// No reminder or question is ever planned into the night, into the past, after the visit, or nearer
    /// to the one before than the gap.
    #[test]
    fn nobody_is_woken(
        minutes in 1i64..60 * 24 * 20,
        before in prop::collection::vec(1i64..60 * 72, 0..5),
        announced in any::<bool>(),
    ) {
        let now = at("20.12.2025 15:07");
        let start = now + TimeDelta::minutes(minutes);
        let offsets: Vec<_> = before.into_iter().map(TimeDelta::minutes).collect();
        let venue = Venue { reminder_before: offsets, feedback_after: TimeDelta::minutes(30), ..venue() };
        let mut last = announced.then_some(now);
        for timing in venue.reminders(start, now, announced.then_some(now)) {
            prop_assert!(venue.night_of(timing.due_at).is_none(), "{}", local(timing.due_at));
            prop_assert!(timing.due_at > now && timing.due_at < start);
            prop_assert!(timing.due_at < timing.expires_at && timing.expires_at <= start);
            prop_assert!(last.is_none_or(|last| timing.due_at - last >= TimeDelta::hours(1)));
            last = Some(timing.due_at);
        }
        if let Some(question) = venue.question(start, now) {
            prop_assert!(venue.night_of(question.due_at).is_none());
        }
    }
}
