//! Wall-clock times stay whatever the zone's rules; a change of law is no move.

use chrono::{DateTime, NaiveDateTime, TimeDelta, Utc};
use chrono_tz::Tz;
use proptest::prelude::*;

use super::*;
use crate::domain::{
    booking::Booking,
    event::{BookingEvent, Change, Details, RequestStatus, VisitTime},
    ids::{BookingCode, BookingId, EventId},
    message::{Content, MessageKind},
    phone::Phone,
    plan::{BookingState, Effect, Plan, PlanContext, Step},
    staff_chat::{StaffChat, StaffPlace},
    time::VenueZone,
    venue::Venue,
};

const UFA: VenueZone = VenueZone(Tz::Asia__Yekaterinburg);
/// An hour behind Ufa, as if Ufa's law had changed.
const SAMARA: VenueZone = VenueZone(Tz::Europe__Samara);

fn now() -> DateTime<Utc> {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn venue(zone: VenueZone) -> Venue {
    let staff_chat = StaffChat::new(Some(StaffPlace::new(crate::domain::ids::ChatId(-100), None)));
    Venue { zone, staff_chat, quiet_hours: None, ..Venue::default() }
}

/// A request of this number for a visit from `hour` to the next one, as a program with this zone read it.
fn request(number: i64, zone: VenueZone, hour: u32) -> BookingEvent {
    let (start, end) = (format!("10.03.2026 {hour}:00"), format!("10.03.2026 {}:00", hour + 1));
    let read = zone.parse_span(&start, &end);
    BookingEvent {
        id: EventId(format!("{number:04}")),
        received_at: now() + TimeDelta::seconds(number),
        code: BookingCode::parse("A1").unwrap(),
        change: Change::Stands(VisitTime::new(read.start.unwrap(), read.end.unwrap()).unwrap()),
        status: RequestStatus::default(),
        details: Details { phone: Phone::international("+79991234567"), ..Details::default() },
        reading: None,
        wall_clock: read.wall_clock,
    }
}

fn stored(state: BookingState) -> Booking {
    Booking {
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
        rating: None,
        rated_at: None,
        history: Some(state.history),
        last_event: state.last_event,
        created_at: now(),
    }
}

fn plan(booking: Option<&Booking>, event: &BookingEvent, zone: VenueZone) -> Plan {
    let (now, announced) = (event.received_at, true);
    let context = PlanContext {
        now,
        announced,
        believes_booked: true,
        last_question_at: None,
        waiting: None,
    };
    Step::of(booking, event, &venue(zone), context).expect("a change").plan()
}

/// A booking for noon, as a program with Ufa's rules has stored it.
fn booked() -> Booking {
    stored(plan(None, &request(1, UFA, 12), UFA).state)
}

fn local_start(state: &BookingState, zone: VenueZone) -> String {
    zone.local(state.visit_time.unwrap().start()).format("%H:%M").to_string()
}

#[test]
fn the_same_wall_clock_time_after_a_change_of_law_is_no_move_and_corrects_the_instant() {
    let before = booked();
    let again = plan(Some(&before), &request(2, SAMARA, 12), SAMARA);
    assert_eq!((again.effect, again.messages.len()), (Effect::Noted, 0), "{:?}", again.messages);
    assert!(again.retimes);
    assert_eq!(again.state.version, before.version);
    let (old, new) = (before.visit_time.unwrap(), again.state.visit_time.unwrap());
    assert_eq!(new.start() - old.start(), TimeDelta::hours(1));
    assert_eq!(local_start(&again.state, SAMARA), "12:00");
    // Once corrected, the next one changes nothing more.
    let corrected = stored(again.state);
    let third = plan(Some(&corrected), &request(3, SAMARA, 12), SAMARA);
    assert_eq!((third.effect, third.retimes), (Effect::Noted, false));
    assert_eq!(third.state.visit_time, corrected.visit_time);
}

#[test]
fn a_request_that_an_older_program_read_is_applied_by_the_present_rules() {
    let before = stored(plan(None, &request(1, SAMARA, 12), SAMARA).state);
    let late = plan(Some(&before), &request(2, UFA, 12), SAMARA);
    assert_eq!((late.effect, late.retimes), (Effect::Noted, false));
    assert_eq!(late.state.visit_time, before.visit_time);
}

#[test]
fn another_wall_clock_time_is_a_move_and_names_the_hour_that_the_client_knows() {
    let moved = plan(Some(&booked()), &request(2, SAMARA, 15), SAMARA);
    assert_eq!((moved.effect, moved.retimes), (Effect::Moved, false));
    let content = moved.messages.iter().find(|message| message.kind == MessageKind::Moved);
    let Some(Content::MovedFrom { start, .. }) = content.and_then(|it| it.content.clone()) else {
        panic!("{:?}", moved.messages);
    };
    assert_eq!(SAMARA.local(start).format("%H:%M").to_string(), "12:00");
    // The same instant as before, at another hour: the visit was moved.
    let before = booked();
    let earlier = plan(Some(&before), &request(2, SAMARA, 11), SAMARA);
    assert_eq!(earlier.state.visit_time, before.visit_time);
    assert_eq!(earlier.effect, Effect::Moved);
}

#[test]
fn a_request_without_times_corrects_the_instant_and_a_cancellation_is_news_as_ever() {
    let change = Change::Cancelled(None);
    let cancelled = BookingEvent { change, wall_clock: None, ..request(2, UFA, 12) };
    let plan = plan(Some(&booked()), &cancelled, SAMARA);
    assert_eq!((plan.effect, plan.retimes), (Effect::Cancelled, false));
    assert_eq!(local_start(&plan.state, SAMARA), "12:00");
    assert!(plan.messages.iter().any(|message| message.kind == MessageKind::Cancelled));
}

#[test]
fn a_start_with_an_offset_is_an_instant() {
    let read = |start, end| UFA.parse_span(start, end).wall_clock;
    assert_eq!(read("2026-03-10T12:00:00+05:00", "2026-03-10T13:00:00+05:00"), None);
    assert_eq!(read("2026-03-10T07:00:00Z", "10.03.2026 13:00"), None);
    let noon = request(1, UFA, 12).wall_clock;
    assert!(noon.is_some());
    assert_eq!(read("10.03.2026 12:00", "2026-03-10T08:00:00Z"), noon);
    // The second of two equal hours.
    let berlin = VenueZone(Tz::Europe__Berlin);
    let second = berlin.parse_span("25.10.2026 01:30", "2026-10-25T01:30:00Z");
    assert_eq!((second.end.is_ok(), second.wall_clock), (true, None));
}

/// The same request as an instant.
fn instant(number: i64, zone: VenueZone, hour: u32) -> BookingEvent {
    BookingEvent { wall_clock: None, ..request(number, zone, hour) }
}

#[test]
fn an_instant_stays_and_is_no_move_while_it_is_the_same_or_shows_the_same_hour() {
    let before = stored(plan(None, &instant(1, UFA, 12), UFA).state);
    assert_eq!(before.clock.map(|clock| clock.source), Some(ClockSource::Shown));
    // The same instant, which the clocks show as another hour now.
    let same = plan(Some(&before), &instant(2, UFA, 12), SAMARA);
    assert_eq!((same.effect, same.retimes), (Effect::Noted, false));
    assert_eq!((same.state.visit_time, same.state.clock), (before.visit_time, before.clock));
    // Bukza has the new rules, too: another instant at the same hour.
    let shown = plan(Some(&before), &instant(2, SAMARA, 12), SAMARA);
    assert_eq!((shown.effect, shown.retimes), (Effect::Noted, true));
    assert_eq!(local_start(&shown.state, SAMARA), "12:00");
    // The template was changed to local times.
    let written = plan(Some(&before), &request(2, SAMARA, 12), SAMARA);
    assert_eq!((written.effect, written.retimes), (Effect::Noted, true));
    assert_eq!(written.state.clock.map(|clock| clock.source), Some(ClockSource::Written));
    // Another instant at another hour.
    let moved = plan(Some(&before), &instant(2, SAMARA, 15), SAMARA);
    assert_eq!((moved.effect, moved.retimes), (Effect::Moved, false));
}

proptest! {
    #[test]
    fn what_is_read_as_local_time_keeps_its_wall_clock_and_its_instant(
        minute in 0i64..60 * 24 * 365 * 3,
        minutes in 1i64..60 * 30,
        zone in proptest::sample::select(vec![
            UFA, SAMARA, VenueZone(Tz::Europe__Berlin), VenueZone(Tz::Africa__Cairo),
            VenueZone(Tz::Australia__Lord_Howe),
        ]),
    ) {
        let start: NaiveDateTime = "2026-01-01T00:00:00".parse().unwrap();
        let start = start + TimeDelta::minutes(minute);
        let end = start + TimeDelta::minutes(minutes);
        let text = |at: NaiveDateTime| at.format("%d.%m.%Y %H:%M").to_string();
        let read = zone.parse_span(&text(start), &text(end));
        let visit_time = VisitTime::new(read.start.unwrap(), read.end.unwrap()).unwrap();
        // The end of the day on which a visit starts is the next midnight.
        let wall_clock = read.wall_clock.unwrap();
        prop_assert_eq!(wall_clock.start, start);
        // Unchanged rules change nothing.
        prop_assert_eq!(zone.visit_time(wall_clock), Some(visit_time));
    }
}
