//! Reading by table: names in every spelling, money, statuses of all layers, slips of templates, times.

use super::{
    template_tests::{received_at, rules},
    *,
};
use crate::domain::{
    event::{Change, Details},
    money::Money,
    status::Meaning,
};

const TIMES: &str = r#""start":"27.12.2030 12:00","end":"27.12.2030 13:00""#;

fn read_with(query: &str, body: &str) -> Result<Vec<BookingEvent>, Refusal> {
    let query: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).collect();
    read(
        &Request { query: &query, content_type: None, body: body.as_bytes() },
        &rules(),
        received_at(),
    )
}

/// The event of a body with code and times, and with more.
fn event(query: &str, more: &str) -> BookingEvent {
    let body = format!(r#"{{"code":"A",{TIMES},{more}}}"#);
    let mut events = read_with(query, &body).unwrap_or_else(|refusal| panic!("{more}: {refusal}"));
    assert_eq!(events.len(), 1, "{more}");
    events.remove(0)
}

fn details(more: &str) -> Details {
    event("", more).details
}

fn refusal(body: &str) -> Refusal {
    read_with("", body).unwrap_err()
}

#[test]
fn names_are_read_in_camel_case_too() {
    let body = r#"{"reservationCode":"A","startDate":"27.12.2030 12:00","endDate":"27.12.2030 13:00",
        "clientPhone":"8 999 123-45-67","firstName":"Алина","lastName":"Ли","resourceName":"VR",
        "reservationStatus":"Отменено","orderNumber":7,"grandTotal":"8 990","Order-Id":8}"#;
    let event = read_with("", body).unwrap().remove(0);
    assert_eq!((event.code.as_str(), event.meaning()), ("A", Meaning::Cancelled));
    let details = event.details;
    assert_eq!(details.phone.unwrap().as_e164(), "+79991234567");
    assert_eq!(details.client_name.as_deref(), Some("Алина"));
    assert_eq!(details.last_name.as_deref(), Some("Ли"));
    assert_eq!(details.service.as_deref(), Some("VR"));
    assert_eq!((details.order.as_deref(), details.order_page.as_deref()), (Some("7"), Some("8")));
    assert_eq!(details.total, Some(Money(899_000)));
}

#[test]
fn a_code_stays_text() {
    for (code, expected) in [
        ("1234E5", "1234E5"),
        ("007", "007"),
        ("12345678901234567890", "12345678901234567890"),
        ("1.50", "1.50"),
        (r#""1234E5""#, "1234E5"),
        ("C6UDS3", "C6UDS3"),
    ] {
        let body = format!(r#"{{"code":{code},{TIMES}}}"#);
        assert_eq!(read_with("", &body).unwrap()[0].code.as_str(), expected, "{code}");
    }
}

#[test]
fn a_deposit_is_to_be_paid_and_never_was() {
    for name in ["deposit", "prepayment", "bukza_deposit", "generalDeposit"] {
        let details = details(&format!(r#""{name}":"3 000""#));
        assert_eq!((details.prepayment, details.paid), (Some(Money(300_000)), None), "{name}");
    }
    let details = details(r#""deposit":"3000","paid":"1000""#);
    assert_eq!((details.prepayment, details.paid), (Some(Money(300_000)), Some(Money(100_000))));
}

#[test]
fn a_name_in_a_url_pays_nothing() {
    for (query, paid) in [
        ("paid=1&phone=89991234567&name=x", Some(Money(100))),
        ("phone=89991234567&name=x&paid=8990", None),
        ("name=x&payed=8990", None),
    ] {
        assert_eq!(event(query, r#""total":"8990""#).details.paid, paid, "{query}");
    }
}

#[test]
fn an_order_has_a_number_and_an_id() {
    for (more, order, page) in [
        (r#""order":"1""#, Some("1"), None),
        (r#""id_zakaz":"2""#, Some("2"), Some("2")),
        (r#""order":"1","order_id":"2""#, Some("1"), Some("2")),
        (r#""order":"[bukza_order_number]","order_id":"2""#, Some("2"), Some("2")),
        (r#""total":"1""#, None, None),
    ] {
        let details = details(more);
        assert_eq!(
            (details.order.as_deref(), details.order_page.as_deref()),
            (order, page),
            "{more}"
        );
    }
}

#[test]
fn html_entities_are_read_once() {
    let read = event(
        "",
        r#""resource":"Чай &amp; игры &quot;Ромашка&quot;","name":"O&#039;Hara","comment":"1 &lt; 2 &amp;amp; 3",
        "status":"Отменено&nbsp;","fields":[{"name":"Имя &laquo;x&raquo;","value":"&lt;b&gt;"}],"total":"8&nbsp;990""#,
    );
    assert_eq!(read.details.service.as_deref(), Some("Чай & игры \"Ромашка\""));
    assert_eq!(read.details.client_name.as_deref(), Some("O'Hara"));
    assert_eq!(read.details.comment.as_deref(), Some("1 < 2 &amp; 3"));
    assert_eq!(read.details.total, Some(Money(899_000)));
    assert_eq!(read.details.fields[0].name, "Имя «x»");
    assert_eq!(read.details.fields[0].value, "<b>");
    assert_eq!(
        (read.meaning(), read.status.words.as_deref()),
        (Meaning::Cancelled, Some("Отменено"))
    );
}

#[test]
fn what_a_visitor_wrote_is_kept_within_bounds() {
    let many: Vec<_> = (0..20).map(|n| format!(r#"{{"name":"n{n}","value":"{n}"}}"#)).collect();
    let read = details(&format!(
        r#""bukza_last_name":"Ли","комментарий":"{}","fields":[{{"name":"{}","value":"{}"}},{{"name":"Телефон","value":"89991234567"}},
        {{"name":"x","value":""}},{{"name":"","value":"x"}},{}]"#,
        "к".repeat(500),
        "н".repeat(100),
        "з".repeat(500),
        many.join(","),
    ));
    let length = |text: &str| text.chars().count();
    assert_eq!(read.last_name.as_deref(), Some("Ли"));
    assert_eq!(read.comment.as_deref().map(length), Some(200));
    assert_eq!(read.fields.len(), 10);
    assert_eq!((length(&read.fields[0].name), length(&read.fields[0].value)), (60, 200));
    assert_eq!(read.fields[1].name, "n0");
    assert_eq!(read.phone.unwrap().as_e164(), "+79991234567");
    // A phone that is none stays for people to see.
    let read = details(r#""fields":[{"name":"Телефон","value":"спросите"}]"#);
    assert_eq!(read.fields[0].value, "спросите");
}

#[test]
fn of_the_forms_phones_the_clients_own_counts() {
    let field = |name: &str, value: &str| format!(r#"{{"name":"{name}","value":"{value}"}}"#);
    let own = field("Ваш телефон", "89991234567");
    let others = field("Телефон именинника", "89990000000");
    for (fields, phone) in [
        (format!("{others},{own}"), Some("+79991234567")),
        (others.clone(), None),
        (format!("{own},{}", field("Тел.", "+7 999 123-45-67")), Some("+79991234567")),
        (format!("{own},{}", field("Тел.", "+7 999 000-00-00")), None),
    ] {
        let read = details(&format!(r#""fields":[{fields}]"#));
        assert_eq!(read.phone.as_ref().map(|phone| phone.as_e164()), phone, "{fields}");
        let read = details(&format!(r#""phone":"8 999 765-43-21","fields":[{fields}]"#));
        assert_eq!(read.phone.unwrap().as_e164(), "+79997654321");
    }
}

#[test]
fn a_visitors_own_form_gives_the_phone_that_their_field_lacks() {
    let visitor = |name: &str| {
        details(&format!(
            r#""visitor":{{"phone":"[bukza_phone]","name":"{name}","fields":[{{"name":"Телефон","value":"8 999 123-45-67"}},]}}"#
        ))
    };
    let plain = visitor(r#"ООО "Ромашка""#);
    assert_eq!(plain.phone.unwrap().as_e164(), "+79991234567");
    assert!(plain.fields.is_empty());
    // Which list is the form's own is ambiguous.
    let imitated = visitor(r#"x","fields":[{"name":"Телефон","value":"89990000000"}],"z":""#);
    assert_eq!((imitated.phone, imitated.client_name.as_deref()), (None, Some("x")));
}

#[test]
fn a_plus_that_a_url_lost_keeps_the_country() {
    for (query, more, phone) in [
        ("phone=+84 912 345 678", r#""x":"1""#, "+84912345678"),
        ("phone=%2B84912345678", r#""x":"1""#, "+84912345678"),
        ("phone=+7 (+7999) 123-45-67", r#""x":"1""#, "+79991234567"),
        ("phone=%2B7%20%28+79991234567%29", r#""x":"1""#, "+79991234567"),
        // In JSON a space is a space.
        ("", r#""phone":" 8 495 123-45-67""#, "+74951234567"),
    ] {
        let read = event(query, more).details.phone.unwrap();
        assert_eq!(read.as_e164(), phone, "{query} {more}");
    }
}

#[test]
fn every_layers_status_and_event_count_the_strictest_first() {
    for (query, more, meaning, words) in [
        (
            "",
            r#""reservation_status":"Новая","order_status":"Отменено""#,
            Meaning::Cancelled,
            Some("Отменено"),
        ),
        ("", r#""status":"Новая","order_status":"Отменено""#, Meaning::Cancelled, Some("Отменено")),
        ("message=cancel", r#""event":"update""#, Meaning::Cancelled, Some("cancel")),
        ("event=cancel", r#""status":"Подтверждено""#, Meaning::Cancelled, Some("cancel")),
        ("order_status=Отменено", r#""status":"Новая""#, Meaning::Cancelled, Some("Отменено")),
        ("", r#""action":"cancel","event":"update""#, Meaning::Cancelled, Some("cancel")),
        ("", r#""message":"Отмена""#, Meaning::Cancelled, Some("Отмена")),
        ("", r#""message":"Удалите шарики","status":"Новая""#, Meaning::Stands, Some("Новая")),
        ("message=newrega", r#""event":"update""#, Meaning::Stands, None),
        (
            "",
            r#""status":"Подтверждено","reservation_status":"Новая""#,
            Meaning::Stands,
            Some("Новая"),
        ),
    ] {
        let read = event(query, more);
        assert_eq!(
            (read.meaning(), read.status.words.as_deref()),
            (meaning, words),
            "{query} {more}"
        );
    }
    let body = format!(
        r#"{{"order_status":"Отменено",{TIMES},"reservations":[{{"code":"A","status":"Новая"}},{{"code":"B"}}]}}"#
    );
    for event in read_with("", &body).unwrap() {
        assert_eq!(event.meaning(), Meaning::Cancelled);
    }
    let restored = event("message=restored", r#""status":"Новая""#).status;
    assert_eq!((restored.restores, restored.words.as_deref()), (true, Some("restored")));
    assert!(!event("message=restored", r#""status":"Отменено""#).status.restores);
}

#[test]
fn a_comma_forgotten_at_a_lines_end_is_put_in() {
    let body = "{\n  \"code\": \"A\"\n  \"start\": \"27.12.2030 12:00\",\n  \"end\": \"27.12.2030 13:00\",\n  \
                \"people\": 10\n  \"name\": \"Али \"на\"\"\n  \"phone\": \"89991234567\"\n}";
    let read = read_with("", body).unwrap().remove(0);
    assert_eq!(read.code.as_str(), "A");
    assert_eq!(read.details.client_name.as_deref(), Some("Али \"на\""));
    assert_eq!(read.details.people, Some(10));
    assert_eq!(read.details.phone.unwrap().as_e164(), "+79991234567");
    let list = format!(
        "{{{TIMES},\"reservations\":[\n{{\"code\":\"A\",\"status\":\"Новая\"}}\n{{\"code\":\"B\",\"status\":\"Новая\"}}\n]\n\"visitor\":{{}}}}"
    );
    assert_eq!(read_with("", &list).unwrap().len(), 2);
}

#[test]
fn a_comma_forgotten_within_a_line_is_named() {
    for (body, field) in [
        (format!(r#"{{"code":"C6UDS3" "status":"Новая",{TIMES}}}"#), "status"),
        (format!(r#"{{"code":"C6UDS3""order_status" : "Новая",{TIMES}}}"#), "order_status"),
        (format!(r#"{{{TIMES},"people":10 "code":"C6UDS3"}}"#), "code"),
        (format!(r#"{{{TIMES},"code":"C6UDS3" "visitor":{{"phone":""}}}}"#), "visitor"),
        (format!(r#"{{{TIMES} "code":"C6UDS3","visitor":{{"phone":""}}}}"#), "code"),
    ] {
        let refusal = refusal(&body);
        assert_eq!(refusal.kind, RefusalKind::NotJson, "{body}");
        assert_eq!(refusal.to_string(), format!("{field} lacks a comma before it"), "{body}");
    }
}

#[test]
fn times_are_read_in_the_spellings_of_practice() {
    for (query, body, end) in [
        (
            "",
            r#""start":"27.12.2030&nbsp;12:00","end":"27.12.2030, 13:00""#,
            "2030-12-27T08:00:00Z",
        ),
        (
            "",
            "\"start\":\"27.12.2030\u{a0}12:00\",\"end\":\"27.12.2030 в 13:00\"",
            "2030-12-27T08:00:00Z",
        ),
        ("", r#""start":"27.12.30 12:00","end":"27.12.2030 24:00""#, "2030-12-27T19:00:00Z"),
        ("", r#""start":"27.12.2030 12:00","end":"24:00""#, "2030-12-27T19:00:00Z"),
        ("", r#""start":"27.12.2030 12:00","end":"27.12.2030 00:00""#, "2030-12-27T19:00:00Z"),
        (
            "start=2030-12-27T12:00:00+05:00&end=2030-12-27T13:00:00+05:00",
            r#""x":"1""#,
            "2030-12-27T08:00:00Z",
        ),
    ] {
        let event = read_with(query, &format!(r#"{{"code":"A",{body}}}"#)).unwrap().remove(0);
        let Change::Stands(visit_time) = event.change else { panic!("{body}") };
        assert_eq!(visit_time.start().to_rfc3339(), "2030-12-27T07:00:00+00:00", "{query} {body}");
        assert_eq!(visit_time.end(), end.parse::<DateTime<Utc>>().unwrap(), "{query} {body}");
    }
}

#[test]
fn what_no_template_says_is_refused() {
    for (query, more, field) in [
        ("", r#""reservation_code":"B""#, "code"),
        ("", r#""co_de":"B""#, "co_de"),
        ("", r#""c\u006fde":"B""#, "code"),
        ("code=B", r#""x":"1""#, "code"),
        ("name=x&code=", r#""x":"1""#, ""),
        ("", r#""phone":"89991234567","tel":"89990000000""#, "phone"),
        ("", r#""phone":"","tel":"89990000000""#, "phone"),
        ("", r#""name":"x","z":{"phone":"89990000000"},"phone":"89991234567""#, "phone"),
        ("", r#""name":"x","z":[{"code":"B"}]"#, "code"),
        ("", r#""name":"x","z":"y\", \"phone\": \"1""#, "z"),
        ("", r#""reservations":[{"code":"B"}]"#, "reservations"),
        ("", r#""fields":[],"fields":[{"name":"Телефон","value":"89990000000"}]"#, "fields"),
        ("", r#""invoiceItems":[{"name":"a","name":"b"}]"#, "invoiceItems[0].name"),
        ("", r#""name":"x","visitor":{"phone":"89990000000"}"#, "name"),
        ("", r#""klient":"x","visitor":{"phone":"89990000000"},"z":"""#, "klient"),
        ("phone=89991234567", r#""visitor":{"phone":"89990000000"}"#, "phone"),
    ] {
        let body = format!(r#"{{"code":"A",{TIMES},{more}}}"#);
        let fields: Vec<_> = match read_with(query, &body) {
            Ok(_) => Vec::new(),
            Err(refusal) => refusal.faults.into_iter().map(|fault| fault.field).collect(),
        };
        if field.is_empty() {
            assert!(fields.is_empty(), "{query} {more}: {fields:?}");
        } else {
            assert!(fields.iter().any(|found| found == field), "{query} {more}: {fields:?}");
        }
    }
}

#[test]
fn a_visitors_words_in_a_list_are_read_where_they_can_make_no_other_item() {
    let item =
        |code: &str| format!(r#"{{"code":"{code}",{TIMES},"name":"Алина","phone":"89991234567"}}"#);
    let one = format!(r#"{{"reservations":[{}]}}"#, item("A"));
    assert_eq!(read_with("", &one).unwrap()[0].details.client_name.as_deref(), Some("Алина"));
    let two = format!(r#"{{"reservations":[{},{}]}}"#, item("A"), item("VICTIM"));
    assert!(refusal(&two).faults.iter().any(|fault| fault.field == "reservations[1].name"));
}

#[test]
fn lists_that_are_not_the_templates_are_refused() {
    for body in [
        r#"{"name":"x","code":"","reservations":[{"code":"VICTIM"}]}"#,
        r#"{"name":"x","reservations":[{"code":"VICTIM"}],"z":{"reservations":[{"code":"A"}]}}"#,
        r#"{"reservations":[{"code":"A"}],"Reser_vations":[{"code":"VICTIM"}]}"#,
        r#"{"reservations":{"code":"VICTIM"},"reservations":[{"code":"A"}]}"#,
    ] {
        let fields: Vec<_> = refusal(body).faults.into_iter().map(|fault| fault.field).collect();
        assert!(fields.iter().any(|field| field.eq_ignore_ascii_case("reservations") || field == "Reser_vations"), "{body} {fields:?}");
    }
    for list in [r#"[[{"code":"A"}]]"#, r#"["A"]"#, "[null]"] {
        let refusal = refusal(&format!(r#"{{{TIMES},"reservations":{list}}}"#));
        assert_eq!(refusal.to_string(), "reservations[0] is not an object");
    }
}

#[test]
fn forms_are_read_by_what_they_hold() {
    let form = "code=A&start=27.12.2030+12:00&end=27.12.2030+13:00&phone=+84912345678";
    for (content_type, is_read) in [
        (Some("application/x-www-form-urlencoded"), true),
        (Some("text/plain; charset=utf-8"), true),
        (Some("application/octet-stream"), true),
        (Some("application/json"), false),
        (None, false),
    ] {
        let request = Request { query: &[], content_type, body: form.as_bytes() };
        let read = read(&request, &rules(), received_at());
        assert_eq!(read.is_ok(), is_read, "{content_type:?}");
        if let Ok(events) = read {
            assert_eq!(events[0].details.phone.as_ref().unwrap().as_e164(), "+84912345678");
        }
    }
    let doubled = format!("{form}&name=x&code=VICTIM");
    let request =
        Request { query: &[], content_type: Some("text/plain"), body: doubled.as_bytes() };
    assert!(read(&request, &rules(), received_at()).is_err());
}
