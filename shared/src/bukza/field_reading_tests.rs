//! What a reading names as empty, unreadable, missing and unknown.

use std::borrow::Cow;

use chrono::DateTime;
use proptest::prelude::*;

use crate::{
    bukza::{Parameter, Request, Rules, read},
    domain::{
        phone::PhoneRegion,
        reading::{Field, Reading},
        status::StatusRules,
        time::VenueZone,
    },
};

const FORM: &str = "application/x-www-form-urlencoded";

fn readings(query: &[(&str, &str)], kind: Option<&str>, body: &str) -> Vec<Option<Reading>> {
    let query: Vec<Parameter<'_>> =
        query.iter().map(|(name, value)| (Cow::from(*name), Cow::from(*value))).collect();
    let request = Request { query: &query, content_type: kind, body: body.as_bytes() };
    let rules = Rules {
        zone: VenueZone(chrono_tz::Asia::Yekaterinburg),
        region: PhoneRegion::default(),
        statuses: StatusRules::default(),
    };
    let events = read(&request, &rules, DateTime::UNIX_EPOCH).unwrap_or_default();
    events.into_iter().map(|event| event.reading.map(|reading| *reading)).collect()
}

fn reading(query: &[(&str, &str)], body: &str) -> Reading {
    readings(query, None, body).remove(0).unwrap()
}

/// The body of a booking with more fields.
fn with(more: &str) -> String {
    format!(r#"{{"code":"A1","start":"27.12.2030 12:00","end":"27.12.2030 13:00"{more}}}"#)
}

#[test]
fn a_field_is_read_empty_unreadable_or_missing() {
    let body = with(
        r#","status":"Подтверждено","service":"VR","phone":"позвоните","people":"десять",
           "total":"[bukza_grand_total]","deposit":null,"comment":"-","name":"","order":"1042""#,
    );
    let reading = reading(&[("paid", "[bukza_paid] руб.")], &body);
    let text = |text: &str| text.to_owned();
    assert_eq!(
        reading.unread,
        [(Field::Phone, text("позвоните")), (Field::People, text("десять"))]
    );
    let unfilled = [Field::Name, Field::Total, Field::Prepayment, Field::Paid, Field::Comment];
    assert_eq!(reading.unfilled, unfilled);
    assert_eq!(reading.absent, [Field::Zone, Field::LastName, Field::OrderPage]);
    assert!(reading.words_known);
    assert_eq!(reading.more_reservations, 0);
}

#[test]
fn a_value_that_is_read_from_elsewhere_is_not_missing() {
    let body = with(
        r#","phone":"[bukza_phone]","id_zakaz":"7","order":"",
           "fields":[{"name":"Телефон","value":"8 999 123-45-67"}]"#,
    );
    let reading = reading(&[], &body);
    assert!(reading.unfilled.is_empty() && reading.unread.is_empty(), "{reading:?}");
    for field in [Field::Phone, Field::Order, Field::OrderPage] {
        assert!(!reading.absent.contains(&field), "{field:?}");
    }
}

#[test]
fn unknown_names_are_listed_once_and_bounded() {
    let odd = r#","manager":"x","Manager":"x","email":"a@b.c","balance":"5","менеджер зала":"y",
        "<b>":"1","+79991234567":"2","t.me/x":"3""#;
    let unknown = reading(&[("message", "new"), ("utm_source", "vk")], &with(odd));
    assert_eq!(unknown.unknown, ["manager", "менеджер зала", "utm_source"]);
    assert_eq!(unknown.unknown_more, 3);
    assert_eq!(unknown.unused, ["email", "balance"]);
    let many: String = (b'a'..=b'z').map(|c| format!(r#","x{}":"1""#, char::from(c))).collect();
    let many = reading(&[], &with(&many));
    assert_eq!((many.unknown.len(), many.unknown_more), (8, 18));
}

#[test]
fn names_within_a_reservation_and_the_visitor_count_and_those_of_custom_fields_do_not() {
    let body = r#"{"order":"7","reservations":[
        {"code":"A1","start":"27.12.2030 12:00","end":"13:00","room":"x","service":"{…}"},
        {"code":"A2","start":"27.12.2030 12:00","end":"13:00"}],
        "visitor":{"phone":"[bukza_phone]","name":"Алина","shoe":"38",
            "fields":[{"name":"Возраст","value":"7"}]}}"#;
    let all = readings(&[], None, body);
    assert_eq!(all.len(), 2);
    assert_eq!(all[1], None, "the request is one, whatever it has of bookings");
    let first = all[0].clone().unwrap();
    assert_eq!(first.unknown, ["room", "shoe"]);
    assert_eq!(first.unfilled, [Field::Phone]);
    assert_eq!(first.more_reservations, 1);
}

#[test]
fn words_of_statuses_are_known_or_not_and_all_are_listed() {
    for (status, known) in [
        ("Подтверждено", true),
        ("Новая", false),
        ("Ожидает оплаты", true),
        ("Отменён", true),
        ("Восстановлено", true),
        ("Не отменён", true),
        ("Ждём-с", false),
    ] {
        let reading = reading(&[], &with(&format!(r#","status":"{status}""#)));
        assert_eq!(reading.words_known, known, "{status}");
    }
    let body = with(r#","reservation_status":"Отменён","order_status":"Новая","event":"update""#);
    let reading = reading(&[("message", "newrega"), ("status", "Новая")], &body);
    assert_eq!(reading.other_words, ["Новая", "update", "newrega"]);
}

#[test]
fn forms_are_read_alike_and_what_is_refused_has_no_reading() {
    let form = "code=A1&start=27.12.2030+12:00&end=27.12.2030+13:00&phone=&hall=2";
    let form = readings(&[], Some(FORM), form).remove(0).unwrap();
    assert_eq!((form.unfilled, form.unknown), (vec![Field::Phone], vec!["hall".to_owned()]));
    assert!(readings(&[], None, r#"{"code":"A1"}"#).is_empty());
    // A cancellation needs no times: they are missing, not a fault.
    let cancelled = reading(&[], r#"{"code":"A1","event":"cancel","start":"потом"}"#);
    assert_eq!(cancelled.unread, [(Field::Start, "потом".to_owned())]);
    assert!(cancelled.absent.contains(&Field::End));
}

proptest! {
    #[test]
    fn a_reading_is_bounded_whatever_the_request_has(
        entries in proptest::collection::vec(("\\PC{0,80}", "\\PC{0,300}"), 0..40),
        names in proptest::collection::vec(proptest::sample::select(&[
            "phone", "total", "people", "status", "message", "comment", "utm", "name", "paid",
        ][..]), 0..12),
    ) {
        let mut body = serde_json::Map::new();
        for (name, (_, value)) in names.iter().zip(&entries) {
            body.insert((*name).to_owned(), value.clone().into());
        }
        for (name, value) in &entries {
            body.entry(name.clone()).or_insert_with(|| value.clone().into());
        }
        body.insert("code".into(), "A1".into());
        body.insert("start".into(), "27.12.2030 12:00".into());
        body.insert("end".into(), "27.12.2030 13:00".into());
        let body = serde_json::Value::Object(body).to_string();
        for reading in readings(&[], None, &body).into_iter().flatten() {
            let json = serde_json::to_string(&reading).unwrap();
            prop_assert!(json.len() < 12_000, "{}", json.len());
            prop_assert!(reading.unknown.iter().all(|name| name.chars().count() <= 40));
            prop_assert!(reading.unread.iter().all(|(_, value)| value.chars().count() <= 60));
            // Each field stands in one place at most.
            let unread = reading.unread.iter().map(|(field, _)| field);
            let all = unread.chain(&reading.unfilled).chain(&reading.absent);
            let mut all: Vec<_> = all.map(|field| format!("{field:?}")).collect();
            let count = all.len();
            all.sort();
            all.dedup();
            prop_assert_eq!(all.len(), count);
        }
    }
}
