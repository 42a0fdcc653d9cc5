//! Booking events with every detail filled and with none. The literals name every field, so that a new
//! field does not compile before it is here and in the golden files.

use chrono::{DateTime, Utc};
use shared::domain::{
    event::{BookingEvent, Change, Details, FormField, RequestStatus, VisitTime},
    ids::{BookingCode, EventId},
    money::Money,
    phone::{Phone, PhoneRegion},
    reading::{Field, Reading},
    status::Meaning,
};

pub fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub fn visit_time() -> VisitTime {
    VisitTime::new(at("2026-03-01T12:00:00Z"), at("2026-03-01T13:30:00Z")).unwrap()
}

pub fn every_detail() -> Details {
    Details {
        service: Some("VR Арена".into()),
        zone: Some("Зал 2".into()),
        client_name: Some("Алина".into()),
        last_name: Some("Петрова".into()),
        phone: Some(Phone::parse("+79991234567", PhoneRegion::parse("RU").unwrap()).unwrap()),
        people: Some(4),
        total: Some(Money(899_050)),
        paid: Some(Money(200_000)),
        prepayment: Some(Money(100_000)),
        order: Some("1042".into()),
        order_page: Some("556677".into()),
        comment: Some("С тортом".into()),
        fields: vec![FormField { name: "Возраст".into(), value: "12".into() }],
    }
}

pub fn event(change: Change, meaning: Meaning, details: Details) -> BookingEvent {
    BookingEvent {
        id: EventId("019500000000700080000000000000a1".into()),
        received_at: at("2026-02-27T09:30:15.123456Z"),
        code: BookingCode::parse("C6UDS3").unwrap(),
        change,
        status: RequestStatus { meaning, words: None, restores: false, held_back: false },
        details,
        reading: None,
        wall_clock: None,
    }
}

/// A reading with all that a request can leave, each field once.
pub fn reading() -> Reading {
    let (unread, others) = Field::ALL.split_at(2);
    let (unfilled, absent) = others.split_at(6);
    Reading {
        unfilled: unfilled.to_vec(),
        unread: unread.iter().map(|field| (*field, "потом".to_owned())).collect(),
        absent: absent.to_vec(),
        unknown: vec!["manager".into()],
        unknown_more: 7,
        unused: vec!["email".into()],
        other_words: vec!["Новая".into()],
        words_known: true,
        more_reservations: 2,
    }
}
