//! The messages that a visit's times bring with them.

use proptest::prelude::*;

use super::{
    tests::{kinds, noon, venue, visit_time},
    *,
};
use crate::domain::time::VenueZone;

#[test]
fn reminders_and_the_question_are_due_around_the_visit() {
    let messages = visit_messages(visit_time(48), &venue(), noon(), None);
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
    assert_eq!(
        kinds(&visit_messages(visit_time(23), &venue(), noon(), None)),
        ["reminder", "feedback"]
    );
    assert_eq!(kinds(&visit_messages(visit_time(1), &venue(), noon(), None)), ["feedback"]);
    assert_eq!(kinds(&visit_messages(visit_time(2), &venue(), noon(), None)), ["feedback"]);
    assert_eq!(kinds(&visit_messages(visit_time(-24 * 300), &venue(), noon(), None)), [""; 0]);
}

/// Offsets are true hours; the local hour of a reminder differs when the clocks changed meanwhile.
#[test]
fn reminders_keep_their_distance_on_days_when_the_clocks_change() {
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
        let visit_time = VisitTime::new(start, start + TimeDelta::hours(1)).unwrap();
        let planned = visit_messages(visit_time, &venue(), noon(), None);
        let due = |n: usize| zone.local(planned[n].due_at).format("%d.%m %H:%M").to_string();
        assert_eq!([due(0), due(1)], reminders, "{visit}");
        assert_eq!(start - planned[0].due_at, TimeDelta::hours(24));
        assert_eq!(planned[1].expires_at, Some(start));
    }
}

proptest! {
    /// Nothing is ever planned for the past, nor to be sent when it is worth nothing any more.
    #[test]
    fn plans_lie_ahead(hours in -100i64..200, before in prop::collection::vec(1i64..72, 0..4)) {
        let venue = Venue {
            reminder_before: before.into_iter().map(TimeDelta::hours).collect(),
            ..venue()
        };
        for message in visit_messages(visit_time(hours), &venue, noon(), None) {
            prop_assert!(message.expires_at.unwrap() > message.due_at);
            prop_assert!(message.expires_at.unwrap() > noon());
            prop_assert!(message.kind != MessageKind::Reminder || message.due_at > noon());
        }
    }
}
