//! Rows of the old table `bookings`: what is read, and why rows are left out.

use super::*;
use crate::domain::import::OldUser;

fn text(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn row() -> OldBooking {
    OldBooking {
        id: text("7"),
        bukza_booking_id: text("C6UDS3"),
        user_id: text("1"),
        service_name: text(" VR\nАрена "),
        client_name: text("Алина"),
        client_phone: text("8 (999) 123-45-67"),
        booking_datetime: text("2026-03-10 12:00:00"),
        duration_minutes: text("60"),
        status: text("ACTIVE"),
        rating: None,
        created_at: text("2026-02-01 10:00:00"),
        updated_at: text("2026-02-02 10:00:00"),
    }
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn read_in(zone: chrono_tz::Tz, row: &OldBooking) -> Result<ReadBooking, LeftOut> {
    let (zone, now) = (VenueZone(zone), at("2026-03-01T12:00:00Z"));
    let region = PhoneRegion::default();
    let user = OldUser {
        id: text("1"),
        telegram_id: text("77"),
        phone_number: text("+79990000001"),
        created_at: None,
    };
    let clients = Clients::read(&[user], zone, region, now);
    OldBookings { zone, region, clients: &clients, now }.read(row)
}

fn read(row: &OldBooking) -> Result<ReadBooking, LeftOut> {
    read_in(chrono_tz::Asia::Yekaterinburg, row)
}

#[test]
fn a_row_is_a_request_in_the_venues_local_time() {
    let read = read(&row()).unwrap();
    let event = &read.event;
    assert_eq!(event.visit_time().unwrap().start(), at("2026-03-10T07:00:00Z"));
    assert_eq!(event.visit_time().unwrap().end(), at("2026-03-10T08:00:00Z"));
    assert_eq!(event.wall_clock.unwrap().start.to_string(), "2026-03-10 12:00:00");
    assert_eq!(event.details.service.as_deref(), Some("VR Арена"));
    assert_eq!(event.details.phone.as_ref().unwrap().as_e164(), "+79991234567");
    assert_eq!(event.received_at, at("2026-02-02T05:00:00Z"), "the earlier reading");
    assert_eq!(read.created_at, at("2026-02-01T05:00:00Z"));
    assert_eq!((event.meaning(), read.without), (Meaning::Stands, vec![]));
}

#[test]
fn local_times_of_change_days_follow_the_rule_of_requests() {
    for (zone, start, instant) in [
        (chrono_tz::Europe::Berlin, "2026-03-29 02:30:00", "2026-03-29T01:30:00Z"),
        (chrono_tz::Europe::Berlin, "2026-10-25 02:30:00", "2026-10-25T00:30:00Z"),
        (chrono_tz::Europe::Berlin, "2026-10-25 10:00:00+00", "2026-10-25T10:00:00Z"),
    ] {
        let row = OldBooking { booking_datetime: text(start), ..row() };
        let event = read_in(zone, &row).unwrap().event;
        assert_eq!(event.visit_time().unwrap().start(), at(instant), "{start}");
        assert_eq!(event.wall_clock.is_some(), !start.contains('+'));
    }
}

#[test]
fn what_is_missing_or_cannot_be_is_left_out_with_the_reason() {
    let shown = |text: &str| text.to_owned();
    let none = String::new;
    type Change = fn(&mut OldBooking, Option<String>);
    let code: Change = |row, value| row.bukza_booking_id = value;
    let status: Change = |row, value| row.status = value;
    let start: Change = |row, value| row.booking_datetime = value;
    let minutes: Change = |row, value| row.duration_minutes = value;
    for (change, value, why) in [
        (code, none(), Why::CodeMissing),
        (code, shown("  "), Why::CodeMissing),
        (code, "x".repeat(101), Why::CodeUnusable),
        (status, none(), Why::StatusMissing),
        (status, shown("ARCHIVED"), Why::StatusUnknown { word: shown("ARCHIVED") }),
        (start, none(), Why::StartMissing),
        (start, shown("infinity"), Why::StartImpossible { text: shown("infinity") }),
        (
            start,
            shown("0021-03-10 12:00:00"),
            Why::StartImpossible { text: shown("0021-03-10 12:00:00") },
        ),
        (minutes, none(), Why::DurationMissing),
        (minutes, shown("0"), Why::DurationImpossible { text: shown("0") }),
        (minutes, shown("-60"), Why::DurationImpossible { text: shown("-60") }),
        (minutes, shown("60.5"), Why::DurationImpossible { text: shown("60.5") }),
        (minutes, shown("999999"), Why::DurationImpossible { text: shown("999999") }),
    ] {
        let mut row = row();
        change(&mut row, text(&value));
        let left = read(&row).unwrap_err();
        assert_eq!((left.row, left.why), (OldRow::Booking("7".into()), why));
    }
    let day_left_out = OldBooking { booking_datetime: text("2011-12-30 12:00:00"), ..row() };
    let left = read_in(chrono_tz::Pacific::Apia, &day_left_out).unwrap_err();
    assert!(matches!(left.why, Why::StartImpossible { .. }), "{left:?}");
}

#[test]
fn a_booking_comes_without_a_phone_or_rating_that_cannot_be_read() {
    let bad =
        OldBooking { client_phone: text("нет"), user_id: None, rating: text("6"), ..row() };
    let taken = read(&bad).unwrap();
    assert_eq!(taken.without, [Why::BookingPhone, Why::Rating { text: "6".into() }]);
    assert_eq!((taken.event.details.phone, taken.rating), (None, None));
    let of_client = OldBooking { client_phone: None, ..row() };
    let phone = read(&of_client).unwrap().event.details.phone.unwrap();
    assert_eq!(phone.as_e164(), "+79990000001");
}

#[test]
fn a_change_after_the_visit_is_no_request_and_a_rating_is_of_then() {
    let over = OldBooking {
        booking_datetime: text("2026-02-10 12:00:00"),
        status: text("completed"),
        rating: text("5"),
        updated_at: text("2026-02-20 10:00:00"),
        ..row()
    };
    let taken = read(&over).unwrap();
    assert_eq!(taken.event.received_at, at("2026-02-10T08:00:00Z"), "the visit's end");
    let (stars, rated_at) = taken.rating.unwrap();
    assert_eq!((stars.get(), rated_at), (5, at("2026-02-20T10:00:00Z")));
    let cancelled = OldBooking { status: text("CANCELLED"), ..over };
    let taken = read(&cancelled).unwrap();
    assert_eq!(taken.event.meaning(), Meaning::Cancelled);
    assert_eq!(taken.event.received_at, at("2026-02-20T05:00:00Z"));
    let timeless = OldBooking { created_at: None, updated_at: text("?"), ..row() };
    assert_eq!(read(&timeless).unwrap().event.received_at, DateTime::UNIX_EPOCH);
}
