//! Bookings and texts for tests: the one of the production payload, and generated hostile ones.
//! Only compiled for tests.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use proptest::prelude::*;
use shared::domain::{
    booking::BookingView,
    event::{FormField, VisitTime},
    ids::{BookingId, ChatId},
    money::Money,
    phone::{Phone, PhoneRegion},
    staff_chat::{StaffChat, StaffPlace},
    status::Meaning,
    time::VenueZone,
    venue::{Company, Venue},
};

use super::Texts;

pub(crate) const UFA: VenueZone = VenueZone(chrono_tz::Asia::Yekaterinburg);

pub(crate) fn at(text: &str) -> DateTime<Utc> {
    UFA.parse(text).unwrap()
}

pub(crate) fn visit_time(start: &str, end: &str) -> VisitTime {
    VisitTime::new(at(start), at(end)).unwrap()
}

pub(crate) fn company() -> Company {
    Company {
        address: Some("ул. Ленина, 1".into()),
        phone: Some("+7 347 000-00-00".into()),
        email: None,
        website: Some("https://example.com".into()),
        instagram: None,
        hours: Some("пн–пт 10–22\nсб, вс 9–23".into()),
        booking_url: Some("https://book.example.com/".into()),
        two_gis: Some("https://2gis.ru/ufa/firm/1".into()),
        yandex_maps: Some("https://yandex.ru/maps/org/1".into()),
    }
}

pub(crate) fn venue() -> Venue {
    let staff_chat = StaffChat::new(Some(StaffPlace::new(ChatId(-100), None)));
    Venue { zone: UFA, company: company(), staff_chat, ..Venue::default() }
}

pub(crate) fn of(venue: Venue) -> Texts {
    Texts::new(Arc::new(venue)).unwrap()
}

pub(crate) fn texts() -> Texts {
    of(venue())
}

/// The texts of a venue without any details.
pub(crate) fn bare() -> Texts {
    of(Venue { company: Company::default(), staff_chat: StaffChat::default(), ..venue() })
}

/// The booking of the production payload.
pub(crate) fn booking() -> BookingView {
    BookingView {
        answer: None,
        id: BookingId(7),
        code: "C6UDS3".into(),
        service: Some("VR Арена".into()),
        zone: Some("VR арена".into()),
        client_name: Some("Алина".into()),
        last_name: None,
        phone: Phone::parse("+79991234567", PhoneRegion::default()).ok(),
        visit_time: Some(visit_time("27.12.2025 12:00", "27.12.2025 13:00")),
        people: Some(10),
        total: Some(Money(899_000)),
        paid: Some(Money(0)),
        prepayment: None,
        order: Some("9831520".into()),
        order_page: Some("9831520".into()),
        comment: None,
        fields: Vec::new(),
        meaning: Meaning::Stands,
        status_words: None,
        total_shown_elsewhere: false,
        cancelled: false,
        completed: false,
        rating: None,
        version: 1,
    }
}

/// Text as a hostile or unlucky client has it.
pub(crate) fn hostile() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("<b>".to_owned()),
        Just("</b></code><a href=\"x\">".to_owned()),
        Just("&amp;&lt;&#0;&".to_owned()),
        Just("{ $code } { month }".to_owned()),
        Just("\u{202e}\u{2067}עלינה\u{200f}".to_owned()),
        Just("\u{0}\n\r\t\u{2028}".to_owned()),
        Just("👩‍👩‍👧‍👦".repeat(60)),
        Just("\"".repeat(250)),
        Just("https://evil.example/login".to_owned()),
        Just("ev\u{200b}il.exam\u{2060}ple @durov /bookings".to_owned()),
        Just("t.me/durov #тег $USD bob@mail.example".to_owned()),
        "[a-z@/.:#$\u{200b}\u{333} ]{1,60}",
        "[<>&\"'{}a-я😀\\n ]{0,250}",
        "\\PC{0,250}",
    ]
}

/// Any booking the database could hold, and worse.
pub(crate) fn any_booking() -> impl Strategy<Value = BookingView> {
    let text = || proptest::option::of(hostile());
    let field = (hostile(), hostile()).prop_map(|(name, value)| FormField { name, value });
    let texts = (
        (hostile(), text(), text(), text(), text()),
        (text(), text(), text(), text(), proptest::collection::vec(field, 0..7)),
    );
    let money = || proptest::option::of(any::<i64>().prop_map(Money));
    let numbers = (
        any::<i64>(),
        proptest::option::of(any::<u32>()),
        (money(), money(), money()),
        proptest::option::of((-500_000i64..500_000, 1i64..100_000)),
        proptest::option::of(any::<u8>()),
    );
    let states = (0..Meaning::ALL.len(), any::<bool>(), any::<bool>(), any::<bool>());
    (texts, numbers, states).prop_map(|(texts, numbers, states)| {
        let ((code, service, zone, client_name, last_name), texts) = texts;
        let (order, order_page, comment, status_words, fields) = texts;
        let (id, people, (total, paid, prepayment), visit_time, rating) = numbers;
        let (meaning, cancelled, completed, total_shown_elsewhere) = states;
        let start = at("27.12.2025 12:00");
        let minutes = chrono::TimeDelta::minutes;
        BookingView {
            answer: None,
            id: BookingId(id),
            code,
            service,
            zone,
            client_name,
            last_name,
            phone: None,
            visit_time: visit_time.and_then(|(from, lasts)| {
                VisitTime::new(start + minutes(from), start + minutes(from + lasts)).ok()
            }),
            people,
            total,
            paid,
            prepayment,
            order,
            order_page,
            comment,
            fields,
            meaning: Meaning::ALL[meaning],
            status_words,
            total_shown_elsewhere,
            cancelled,
            completed,
            rating,
            version: 1,
        }
    })
}
