//! What waits after a change of law is what would have been planned, whatever the change.

use chrono::NaiveDateTime;
use chrono_tz::Tz;
use proptest::prelude::*;

use super::*;
use crate::domain::{quiet::QuietHours, time::VenueZone, wall_clock::WallClock};

fn venue(zone: Tz) -> Venue {
    Venue {
        zone: VenueZone(zone),
        reminder_before: vec![TimeDelta::hours(24), TimeDelta::hours(3)],
        feedback_after: TimeDelta::minutes(30),
        quiet_hours: Some(QuietHours::default()),
        ..Venue::default()
    }
}

fn planned(visit_time: VisitTime, venue: &Venue) -> Vec<Waiting> {
    let planned = visit_messages(visit_time, venue, DateTime::UNIX_EPOCH, None);
    let waiting = planned.into_iter().map(|message| Waiting {
        kind: message.kind,
        dedup_key: message.dedup_key,
        due_at: message.due_at,
        expires_at: message.expires_at,
    });
    waiting.collect()
}

fn zone() -> impl Strategy<Value = Tz> {
    proptest::sample::select(vec![
        Tz::UTC,
        Tz::Asia__Yekaterinburg,
        Tz::Europe__Samara,
        Tz::Europe__Berlin,
        Tz::Asia__Kathmandu,
        Tz::Australia__Lord_Howe,
        Tz::Pacific__Kiritimati,
    ])
}

fn wall_clock() -> impl Strategy<Value = WallClock> {
    (0i64..60 * 24 * 365 * 3, 1i64..60 * 30).prop_map(|(minute, minutes)| {
        let start: NaiveDateTime = "2026-01-01T00:00:00".parse().unwrap();
        let start = start + TimeDelta::minutes(minute);
        WallClock { start, end: start + TimeDelta::minutes(minutes) }
    })
}

proptest! {
    #[test]
    fn what_waits_is_due_as_if_it_had_been_planned_by_the_new_rules(
        (before, after) in (zone(), zone()),
        wall_clock in wall_clock(),
    ) {
        let (old, new) = (venue(before), venue(after));
        let was = old.zone.visit_time(wall_clock).unwrap();
        let is = new.zone.visit_time(wall_clock).unwrap();
        let mut waiting = planned(was, &old);
        retime(&mut waiting, is, &new);
        let expected = planned(is, &new);
        // Two reminders may fall together by one zone's rules and not by the other's.
        if waiting.len() == expected.len() {
            prop_assert_eq!(&waiting, &expected);
        }
        for message in &waiting {
            let expires_at = message.expires_at.unwrap();
            let times = message.kind.properties().times;
            prop_assert!(times == VisitTimes::AfterEnd || expires_at <= is.start());
            prop_assert!(expires_at >= message.due_at);
        }
    }

    #[test]
    fn unchanged_rules_change_nothing(zone in zone(), wall_clock in wall_clock()) {
        let venue = venue(zone);
        let visit_time = venue.zone.visit_time(wall_clock).unwrap();
        let before = planned(visit_time, &venue);
        let mut waiting = before.clone();
        retime(&mut waiting, visit_time, &venue);
        prop_assert_eq!(waiting, before);
    }
}

#[test]
fn news_is_worth_sending_until_the_new_end_and_answers_stay() {
    let venue = venue(Tz::UTC);
    let start: DateTime<Utc> = "2026-05-01T12:00:00Z".parse().unwrap();
    let visit_time = VisitTime::new(start, start + TimeDelta::hours(2)).unwrap();
    for (kind, expires_at) in [
        (MessageKind::Confirmation, visit_time.end()),
        (MessageKind::Moved, visit_time.end()),
        (MessageKind::Cancelled, visit_time.end()),
        (MessageKind::Answer, start),
        (MessageKind::StaffCreated, start),
    ] {
        let message =
            Waiting { kind, dedup_key: String::new(), due_at: start, expires_at: Some(start) };
        let mut waiting = [message.clone()];
        retime(&mut waiting, visit_time, &venue);
        assert_eq!(waiting, [Waiting { expires_at: Some(expires_at), ..message }], "{kind:?}");
    }
    // A key of another build is left as it is.
    let (kind, dedup_key) = (MessageKind::Reminder, "tomorrow".to_owned());
    let message = Waiting { kind, dedup_key, due_at: start, expires_at: None };
    let mut waiting = [message.clone()];
    retime(&mut waiting, visit_time, &venue);
    assert_eq!(waiting, [message]);
}
