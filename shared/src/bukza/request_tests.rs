//! Reading as a whole: the payload in production unchanged, our own template, what practice
//! brings, and 10,000 mutations of all that.

use chrono::{DateTime, Utc};
use proptest::prelude::*;
use simulator::bukza::PRODUCTION;

use super::*;
use crate::domain::{event::Change, event::VisitTime, money::Money};

const OWN: &str = r#"{
  "event": "changed", "code": "C6UDS3", "status": "Подтверждено",
  "start": "2025-12-27T12:00:00", "end": "2025-12-27T13:00:00",
  "name": "Алина", "phone": "8 999 123-45-67", "service": "VR Арена", "zone": "Зал 1",
  "people": 10, "total": "8 990,50", "paid": 1000, "order": 9831520,
  "fields": [{"name": "Комментарий", "value": "нет"}]
}"#;

const PHONE_FIRST: &str = r#"{"code": "C6UDS3", "start": "2025-12-27T12:00:00", "end": "2025-12-27T13:00:00",
  "phone": "8 999 123-45-67", "name": "Алина"}"#;

fn utc(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn rules() -> Rules {
    Rules {
        zone: VenueZone(chrono_tz::Asia::Yekaterinburg),
        region: PhoneRegion::parse("RU").unwrap(),
        statuses: StatusRules::default(),
    }
}

fn read_with(query: &[(&str, &str)], body: &str) -> Result<Vec<BookingEvent>, Refusal> {
    let query: Vec<_> = query.iter().map(|(n, v)| ((*n).into(), (*v).into())).collect();
    let request = Request { query: &query, content_type: None, body: body.as_bytes() };
    read(&request, &rules(), utc("2025-12-01T00:00:00Z"))
}

fn event(query: &[(&str, &str)], body: &str) -> BookingEvent {
    let mut events = read_with(query, body).unwrap();
    assert_eq!(events.len(), 1);
    events.remove(0)
}

fn faults(body: &str) -> Vec<(String, String)> {
    let refusal = read_with(&[], body).unwrap_err();
    assert_eq!(refusal.kind, RefusalKind::InvalidFields);
    refusal.faults.into_iter().map(|fault| (fault.field, fault.message)).collect()
}

fn visit() -> VisitTime {
    VisitTime::new(utc("2025-12-27T07:00:00Z"), utc("2025-12-27T08:00:00Z")).unwrap()
}

fn phone(event: &BookingEvent) -> Option<&str> {
    event.details.phone.as_ref().map(crate::domain::phone::Phone::as_e164)
}

#[test]
fn the_production_payload_unchanged() {
    for sent in
        ["+7 (999) 123-45-67", "+79991234567", " 79991234567", "8 999 123 45 67", "9991234567"]
    {
        let query = [("message", "newrega"), ("phone", sent), ("name", "[bukza_first_name]")];
        let event = event(&query, PRODUCTION);
        assert_eq!(event.code.as_str(), "C6UDS3");
        assert_eq!(event.change, Change::Stands(visit()));
        assert_eq!(phone(&event), Some("+79991234567"), "{sent}");
        let details = event.details;
        assert_eq!(details.client_name.as_deref(), Some("Алина"));
        assert_eq!(details.service.as_deref(), Some("VR Арена"));
        assert_eq!(details.zone.as_deref(), Some("VR Арена"));
        assert_eq!(details.people, Some(10));
        assert_eq!((details.total, details.paid), (Some(Money(899_000)), Some(Money(0))));
        assert_eq!(details.order.as_deref(), Some("9831520"));
    }
    let cancel = event(&[("message", "cancel")], PRODUCTION);
    assert_eq!(cancel.change, Change::Cancelled(Some(visit())));
}

#[test]
fn our_own_template() {
    let event = event(&[], OWN);
    assert_eq!(event.change, Change::Stands(visit()));
    assert_eq!(phone(&event), Some("+79991234567"));
    assert_eq!(event.details.zone.as_deref(), Some("Зал 1"));
    assert_eq!(event.details.total, Some(Money(899_050)));
    assert_eq!(event.details.paid, Some(Money(100_000)));
    assert_eq!(event.details.order.as_deref(), Some("9831520"));
}

#[test]
fn a_cancelled_status_wins_and_else_the_event_decides() {
    for (event_word, status, cancelled) in [
        ("changed", "Отменено", true),
        ("changed", "ОТМЕНЁН", true),
        ("cancelled", "Подтверждено", true),
        ("[bukza_event]", "[bukza_reservation_status]", false),
        ("changed", "Не пришёл", false),
    ] {
        let body = OWN
            .replace("Подтверждено", status)
            .replace("\"changed\"", &format!("\"{event_word}\""));
        let change = event(&[("message", "newrega")], &body).change;
        assert_eq!(matches!(change, Change::Cancelled(_)), cancelled, "{event_word} {status}");
    }
}

#[test]
fn a_clients_words_in_the_body_do_not_cancel() {
    let body = PRODUCTION.replace("\"fields\"", "\"message\": \"Отмените\", \"fields\"");
    assert_eq!(event(&[("message", "newrega")], &body).change, Change::Stands(visit()));
}

#[test]
fn a_cancel_needs_the_code_alone() {
    for body in
        [r#"{"code":"A"}"#, r#"{"code":"A","start":"31.02.2026 12:00","end":"-","total":"много"}"#]
    {
        assert_eq!(event(&[("message", "cancel")], body).change, Change::Cancelled(None));
    }
    let refusal = read_with(&[("message", "cancel")], r#"{"code":"{code}"}"#).unwrap_err();
    assert_eq!(refusal.to_string(), "code is missing");
}

#[test]
fn several_reservations_of_one_order() {
    let body = r#"{"event":"new","name":"Алина","order":7,"start":"27.12.2025 12:00","end":"27.12.2025 13:00",
        "reservations":[{"code":"A"},{"code":"B","start":"28.12.2025 12:00","end":"28.12.2025 13:00",
        "service":"Квест"},{"code":"C","status":"Отменено"},{"code":"A"},]}"#;
    let events = read_with(&[("phone", "89991234567")], body).unwrap();
    let codes: Vec<_> = events.iter().map(|event| event.code.as_str()).collect();
    assert_eq!(codes, ["A", "B", "C"]);
    assert_eq!(events[0].change, Change::Stands(visit()));
    assert_eq!(events[1].details.service.as_deref(), Some("Квест"));
    assert_eq!(events[2].change, Change::Cancelled(Some(visit())));
    assert!(events.iter().all(|event| phone(event) == Some("+79991234567")));
    assert_ne!(events[0].id, events[1].id);
}

#[test]
fn faults_of_reservations_say_which() {
    let body = r#"{"start":"27.12.2025 12:00","end":"27.12.2025 13:00",
        "reservations":[{"code":"A"},{"start":"x"},7,{"code":"A","service":"other"}]}"#;
    let fields: Vec<_> = faults(body).into_iter().map(|(field, _)| field).collect();
    let expected = [
        "reservations[1].code",
        "reservations[1].start",
        "reservations[2]",
        "reservations[3].code",
    ];
    assert_eq!(fields, expected);
    let many = format!(r#"{{"reservations":[{}]}}"#, vec![r#"{"code":"A"}"#; 101].join(","));
    assert_eq!(faults(&many), [("reservations".into(), "are more than 100".into())]);
}

#[test]
fn every_fault_is_named_at_once() {
    let long = "A".repeat(5000);
    for (body, expected) in [
        ("", &[("code", "is missing"), ("start", "is missing"), ("end", "is missing")][..]),
        (
            r#"{"code":"a\u0000b","start":"31.02.2026 12:00","end":"tomorrow"}"#,
            &[
                ("code", "contains a control character"),
                ("start", "names a day or hour that does not exist"),
                ("end", "is not a time: expected dd.MM.yyyy HH:mm or ISO 8601"),
            ],
        ),
        (
            &format!(r#"{{"code":"{long}","start":"27.12.2025 12:00","end":"27.12.2025 12:00"}}"#),
            &[("code", "is longer than 100 characters"), ("end", "is not after the start")],
        ),
        (
            r#"{"code":{"a":1},"start":["27.12.2025 12:00"],"end":null}"#,
            &[("code", "is missing"), ("start", "is missing"), ("end", "is missing")],
        ),
    ] {
        let named = faults(body);
        let named: Vec<_> = named.iter().map(|(f, m)| (f.as_str(), m.as_str())).collect();
        assert_eq!(named, expected, "{}", &body[..body.len().min(100)]);
    }
}

#[test]
fn the_technical_end_stands_in_for_a_missing_end() {
    let body = PRODUCTION.replace("27.12.2025 13:00", "[bukza_end]");
    assert_eq!(event(&[], &body).change, Change::Stands(visit()));
}

#[test]
fn the_phone_is_found_where_it_hides() {
    let with_fields = |fields: &str| PRODUCTION.replace("\"fields\": []", fields);
    for (query, body) in [
        (vec![("phone", "+7 999 123-45-67")], OWN.replace("8 999 123-45-67", "+49 30 901820")),
        (vec![("phone", "[bukza_phone]")], PHONE_FIRST.to_owned()),
        (vec![("phone", "не скажу")], PHONE_FIRST.to_owned()),
        (
            vec![],
            with_fields(
                r#""fields": [{"name":"Имя","value":"8"},{"name":"Ваш ТЕЛЕФОН","value":"89991234567"}]"#,
            ),
        ),
        (vec![], with_fields(r#""fields": {"Phone number": 79991234567}"#)),
    ] {
        assert_eq!(phone(&event(&query, &body)), Some("+79991234567"), "{query:?} {body}");
    }
    // With the phone in the URL, one behind the name was typed there.
    assert_eq!(phone(&event(&[("phone", "[bukza_phone]")], OWN)), None);
    // Unreadable: the booking is kept without it.
    assert_eq!(phone(&event(&[("phone", "123")], PRODUCTION)), None);
}

#[test]
fn all_may_stand_in_the_url_or_in_a_form() {
    let query = [("code", "A"), ("start", "27.12.2025 12:00"), ("end", "27.12.2025 13:00")];
    assert_eq!(event(&query, "").change, Change::Stands(visit()));
    let body = b"code=A&start=27.12.2025+12%3A00&end=27.12.2025+13%3A00&phone=%2B79991234567";
    let request =
        Request { query: &[], content_type: Some("application/x-www-form-urlencoded"), body };
    let events = read(&request, &rules(), utc("2025-12-01T00:00:00Z")).unwrap();
    assert_eq!(events[0].change, Change::Stands(visit()));
    assert_eq!(phone(&events[0]), Some("+79991234567"));
}

#[test]
fn a_quote_in_a_name_breaks_nothing_and_replaces_nothing() {
    for name in ["ООО \"Ромашка\"", "Алина\nи Ко", "\\", "a\"}", "\""] {
        let event = event(&[], &PRODUCTION.replace("Алина", name));
        assert_eq!(event.code.as_str(), "C6UDS3", "{name}");
        assert_eq!(event.change, Change::Stands(visit()), "{name}");
    }
    let event = event(&[], &PRODUCTION.replace("Алина", "ООО \"Ромашка\""));
    assert_eq!(event.details.client_name.as_deref(), Some("ООО \"Ромашка\""));
}

#[test]
fn what_a_name_imitates_of_the_template_refuses_the_request() {
    let other = r#"x","reservations":[{"code":"VICTIM","event":"cancel"}],"z":""#;
    for (name, field) in [
        (other, "reservations"),
        (r#"x","code":"OTHER"#, "code"),
        (r#"x","reservation_code":"OTHER"#, "code"),
        (r#"x","Start":"28.12.2025 12:00"#, "start"),
        (r#"x","start_date":"28.12.2025 12:00"#, "start"),
        (r#"x","paid":"8990"#, "paid"),
        (r#"x","fields":[{"name":"Телефон","value":"89990000000"}],"z":""#, "fields"),
    ] {
        let body = PRODUCTION.replace("Алина", name);
        let fields: Vec<_> = faults(&body).into_iter().map(|(field, _)| field).collect();
        assert!(fields.iter().any(|found| found == field), "{name}: {fields:?}");
    }
    for (name, field) in
        [(r#"x","phone":"89990000000"#, "phone"), (r#"x","status":"Отменено"#, "status")]
    {
        let body = OWN.replace("Алина", name);
        let fields: Vec<_> = faults(&body).into_iter().map(|(field, _)| field).collect();
        assert!(fields.iter().any(|found| found == field), "{name}: {fields:?}");
    }
}

#[test]
fn what_a_name_imitates_of_the_url_refuses_the_request() {
    for (more, field) in
        [(("code", "OTHER"), "code"), (("phone", "89990000000"), "phone"), (("name", "y"), "name")]
    {
        let query = [("phone", "89991234567"), ("name", "x"), more];
        let refusal = read_with(&query, PRODUCTION).unwrap_err();
        assert!(refusal.faults.iter().any(|fault| fault.field == field), "{more:?}: {refusal}");
    }
    let list =
        r#"{"reservations":[{"code":"A","start":"27.12.2025 12:00","end":"27.12.2025 13:00"}]}"#;
    assert!(read_with(&[("code", "B")], list).is_err());
}

#[test]
fn a_detail_given_twice_alike_is_no_double() {
    let query = [("code", "C6UDS3"), ("phone", "+7 999 123-45-67"), ("phone", "+7 999 123-45-67")];
    let body = PRODUCTION.replace(
        "\"fields\": []",
        r#""start_date": "2025-12-27T07:00:00Z", "paid": 0, "phone": "89991234567", "tel": "+79991234567",
           "status": "Новая", "order_status": "Подтверждено", "service": "Квест""#,
    );
    assert_eq!(event(&query, &body).change, Change::Stands(visit()));
}

#[test]
fn a_deposit_is_no_payment() {
    let body = OWN.replace(r#""paid": 1000"#, r#""deposit": "3000""#);
    assert_eq!(event(&[], &body).details.paid, None);
}

#[test]
fn a_refusal_repeats_nothing_of_the_request() {
    let body = r#"{"code":"hush\u0001","start":"hush","end":"hush","name":"hush","phone":"hush"}"#;
    assert!(!read_with(&[], body).unwrap_err().to_string().contains("hush"));
    assert!(!read_with(&[], "{hush").unwrap_err().to_string().contains("hush"));
}

/// A change of a few bytes somewhere, or a cut.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let edits = prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0u8..4), 0..8);
    (prop::sample::select(vec![PRODUCTION, OWN]), edits).prop_map(|(text, edits)| {
        let mut bytes = text.as_bytes().to_vec();
        for (at, byte, kind) in edits {
            let at = at.index(bytes.len().max(1)).min(bytes.len().saturating_sub(1));
            match kind {
                _ if bytes.is_empty() => {}
                0 => bytes[at] = byte,
                1 => bytes.insert(at, b"\"{}[],:\\ \n0"[usize::from(byte) % 11]),
                2 => drop(bytes.remove(at)),
                _ => bytes.truncate(at.max(bytes.len() / 2)),
            }
        }
        bytes
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    /// Any payload is read or refused with its faults; what is read keeps the types' promises.
    #[test]
    fn reading_is_total(body in mutated(), word in "\\PC{0,12}") {
        let query = [("message".into(), word.into())];
        let request = Request { query: &query, content_type: None, body: &body };
        match read(&request, &rules(), utc("2025-12-01T00:00:00Z")) {
            Ok(events) => {
                prop_assert!(!events.is_empty());
                for event in events {
                    let text = serde_json::to_string(&event).unwrap();
                    prop_assert!(!text.contains("\\u0000"));
                    prop_assert_eq!(serde_json::from_str::<BookingEvent>(&text).unwrap(), event);
                }
            }
            Err(refusal) => prop_assert!(!refusal.faults.is_empty()),
        }
    }
}
