//! Which differences are some: every pair of meanings, times, people, and what a newer request says.

use chrono::TimeDelta;

use super::*;
use crate::domain::{
    booking::Booking,
    event::{Change, RequestStatus, VisitTime},
    ids::{BookingCode, BookingId, EventId},
    phone::{Phone, PhoneRegion},
};

const HOUR: i64 = 3600;

fn noon() -> DateTime<Utc> {
    "2026-03-01T12:00:00Z".parse().unwrap()
}

fn visit(hours: i64) -> VisitTime {
    let start = noon() + TimeDelta::hours(hours);
    VisitTime::new(start, start + TimeDelta::hours(1)).unwrap()
}

fn phone(last: u8) -> Option<Phone> {
    Some(Phone::parse(&format!("+799912345{last:02}"), PhoneRegion::default()).unwrap())
}

/// A request, or a row, of so many seconds after noon.
fn event(second: i64, meaning: Meaning, hours: i64) -> BookingEvent {
    let change = match meaning {
        Meaning::Cancelled => Change::Cancelled(Some(visit(hours))),
        Meaning::Ignored | Meaning::NoShow | Meaning::Pending | Meaning::Stands => {
            Change::Stands(visit(hours))
        }
    };
    BookingEvent {
        id: EventId(format!("{second}")),
        received_at: noon() + TimeDelta::seconds(second),
        code: BookingCode::parse("A1").unwrap(),
        change,
        status: RequestStatus { meaning, ..RequestStatus::default() },
        details: Details {
            phone: phone(1),
            service: Some("VR".into()),
            client_name: Some("Алина".into()),
            ..Details::default()
        },
        reading: None,
        wall_clock: None,
    }
}

/// The booking that a request makes.
fn booking(event: &BookingEvent) -> Booking {
    let context = PlanContext {
        now: event.received_at,
        announced: false,
        believes_booked: false,
        last_question_at: None,
        waiting: None,
    };
    let state = Step::of(None, event, &Venue::default(), context).unwrap().plan().state;
    Booking {
        id: BookingId(1),
        code: event.code.clone(),
        user: None,
        details: state.details,
        visit_time: state.visit_time,
        clock: state.clock,
        status: state.status,
        meaning: state.meaning,
        status_words: None,
        version: 1,
        rating: None,
        rated_at: None,
        history: Some(state.history),
        last_event: state.last_event,
        created_at: noon(),
    }
}

fn found(known: Option<&BookingEvent>, row: &BookingEvent) -> Option<DifferenceKind> {
    let known = known.map(booking);
    difference(known.as_ref(), row, &Venue::default(), row.received_at)
}

#[test]
fn every_pair_of_meanings_of_a_visit_ahead_and_one_that_is_over() {
    use DifferenceKind::{Cancelled, Missing, OtherStatus, Stands};
    let meanings =
        [Meaning::Cancelled, Meaning::Ignored, Meaning::NoShow, Meaning::Pending, Meaning::Stands];
    let other = Some(OtherStatus);
    for (from, ahead, over) in [
        (None, [None, None, None, Some(Missing), Some(Missing)], [None; 5]),
        (
            Some(Meaning::Cancelled),
            [None, other, other, Some(Stands), Some(Stands)],
            [None, None, other, None, None],
        ),
        (
            Some(Meaning::Ignored),
            [Some(Cancelled), None, other, other, other],
            [Some(Cancelled), None, other, None, None],
        ),
        (
            Some(Meaning::NoShow),
            [Some(Cancelled), other, None, other, other],
            [Some(Cancelled), None, None, None, None],
        ),
        (
            Some(Meaning::Pending),
            [Some(Cancelled), other, other, None, other],
            [Some(Cancelled), None, other, None, None],
        ),
        (
            Some(Meaning::Stands),
            [Some(Cancelled), other, other, other, None],
            [Some(Cancelled), None, other, None, None],
        ),
    ] {
        for (to, (ahead, over)) in meanings.into_iter().zip(ahead.into_iter().zip(over)) {
            let known = |hours| from.map(|from| event(0, from, hours));
            let is = found(known(30).as_ref(), &event(600, to, 30));
            assert_eq!(is, ahead, "{from:?} to {to:?}, ahead");
            let is = found(known(-5).as_ref(), &event(600, to, -5));
            assert_eq!(is, over, "{from:?} to {to:?}, over");
        }
    }
}

#[test]
fn times_service_and_phone_differ_and_other_details_do_not() {
    let known = event(0, Meaning::Stands, 30);
    let row = |change: fn(&mut BookingEvent)| {
        let mut row = event(600, Meaning::Stands, 30);
        change(&mut row);
        found(Some(&known), &row)
    };
    use DifferenceKind::{Moved, OtherClient};
    assert_eq!(row(|_| ()), None);
    assert_eq!(row(|row| row.change = Change::Stands(visit(31))), Some(Moved));
    assert_eq!(row(|row| row.details.service = Some("Квест".into())), Some(Moved));
    assert_eq!(row(|row| row.details.service = None), None);
    assert_eq!(row(|row| row.details.phone = phone(2)), Some(OtherClient));
    assert_eq!(row(|row| row.details.phone = None), None);
    assert_eq!(row(|row| row.details.client_name = Some("Борис".into())), None);
    assert_eq!(row(|row| row.details.people = Some(7)), None);
    let mut nobody = known.clone();
    nobody.details.phone = None;
    let with_phone = event(600, Meaning::Stands, 30);
    assert_eq!(found(Some(&nobody), &with_phone), Some(DifferenceKind::PhoneAdded));
    let cancelled = booking(&event(0, Meaning::Cancelled, 30));
    let without = Booking { details: nobody.details.clone(), ..cancelled };
    let row = event(600, Meaning::Cancelled, 30);
    assert_eq!(difference(Some(&without), &row, &Venue::default(), row.received_at), None);
}

#[test]
fn a_request_as_new_as_the_row_is_never_undone() {
    for (second, differs) in [(599, true), (600, false), (601, false)] {
        let known = event(second, Meaning::Cancelled, 30);
        let row = event(600, Meaning::Stands, 30);
        // A row within 30 s of the cancellation may be its second trigger.
        let known_early = event(second.min(560), Meaning::Cancelled, 30);
        let known = if differs { &known_early } else { &known };
        assert_eq!(found(Some(known), &row).is_some(), differs, "{second}");
        let moved = event(second, Meaning::Stands, 40);
        assert_eq!(found(Some(&moved), &row).is_some(), differs, "{second}");
    }
    // At the same instant the request counts, whatever the order of their ids.
    let same = BookingEvent { id: EventId("0".into()), ..event(600, Meaning::Cancelled, 30) };
    assert_eq!(found(Some(&same), &event(600, Meaning::Stands, 30)), None);
    let same = BookingEvent { id: EventId("0".into()), ..event(600, Meaning::Stands, 40) };
    assert_eq!(found(Some(&same), &event(600, Meaning::Stands, 30)), None);
    let cancelled = event(580, Meaning::Cancelled, 30);
    assert_eq!(found(Some(&cancelled), &event(600, Meaning::Stands, 30)), None);
}

#[test]
fn a_visit_that_is_over_by_now_and_was_never_known_is_not_missing() {
    for (hours, missing) in [(-2, false), (0, true), (1, true)] {
        let row = event(HOUR / 2, Meaning::Stands, hours);
        assert_eq!(found(None, &row), missing.then_some(DifferenceKind::Missing), "{hours}");
    }
}

#[test]
fn a_person_is_kept_only_where_applying_needs_them() {
    let row = event(600, Meaning::Stands, 31);
    let known = booking(&event(0, Meaning::Stands, 30));
    let kept = |kind, known: Option<&Booking>| without_known_person(row.clone(), kind, known);
    assert_eq!(kept(DifferenceKind::Missing, None).details, row.details);
    let moved = kept(DifferenceKind::Moved, Some(&known)).details;
    assert_eq!((moved.phone, moved.client_name), (None, None));
    let other = Booking { details: Details { phone: phone(2), ..known.details.clone() }, ..known };
    let taken = kept(DifferenceKind::OtherClient, Some(&other)).details;
    assert_eq!((taken.phone, taken.client_name), (phone(1), None));
}

#[test]
fn a_fingerprint_is_of_what_the_table_shows_and_of_nobody() {
    let row = event(600, Meaning::Stands, 30);
    let print = |row: &BookingEvent| fingerprint(DifferenceKind::Moved, Some(row));
    let again = event(1200, Meaning::Stands, 30);
    assert_eq!(print(&row), print(&again));
    let mut other = row.clone();
    other.details = Details { service: row.details.service.clone(), ..Details::default() };
    assert_eq!(print(&row), print(&other));
    assert_ne!(print(&row), print(&event(600, Meaning::Stands, 31)));
    assert_ne!(print(&row), print(&event(600, Meaning::Pending, 30)));
    assert_ne!(print(&row), fingerprint(DifferenceKind::Missing, Some(&row)));
    for kind in DifferenceKind::ALL.iter().copied() {
        assert_eq!(DifferenceKind::parse(kind.as_str()), Some(kind));
        assert_eq!(kind.is_applicable(), kind != DifferenceKind::NotInTable);
    }
}
