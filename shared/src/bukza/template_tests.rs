//! The templates that owners are given, out of the documents themselves, and how Bukza fills them: as plain
//! text. Tests of reading stand on these, so no document can say what is not read.

use std::borrow::Cow;

use chrono::{DateTime, Utc};

use super::*;
use crate::domain::status::StatusRules;

const README: &str = include_str!("../../../README.md");
const DOCUMENT: &str = include_str!("../../../docs/bukza.md");

/// The production template of one account.
const PRODUCTION_URL: &str = "message=newrega&phone=[bukza_phone]&name=[bukza_first_name]";
const PRODUCTION: &str = r#"{
  "code": "{reservation code}",
  "name": "[bukza_first_name]",
  "name_zone": "{resource name}",
  "start": "{reservation start}",
  "end": "{reservation end}",
  "teh_end": "2030-12-27T08:00:00Z",
  "id_zakaz": "{order number}",
  "total_sum": "{grand total}",
  "resource": "{resource name}",
  "payed": "0",
  "kolvo": "10",
  "invoiceItems": [
    { "name": "Количество человек", "quantity": 10, "price": 990, "total": 9900, "deposit": 0 }
  ],
  "fields": [[bukza_fields_start]{"name":"{field name}","value":"{field value}"}[bukza_fields_comma][bukza_fields_end]]
}"#;

/// The templates that the documents had before there was a `visitor`.
const FORMER_RESERVATION: &str = r#"{
  "event": "update",
  "code": "{reservation code}",
  "status": "{order status}",
  "start": "{reservation start}",
  "end": "{reservation end}",
  "service": "{resource name}",
  "name": "[bukza_first_name]",
  "phone": "[bukza_phone]",
  "order": "{order number}",
  "total": "{grand total}",
  "deposit": "{deposit}"
}"#;
const FORMER_ORDER: &str = r#"{
  "event": "update",
  "status": "{order status}",
  "name": "[bukza_first_name]",
  "phone": "[bukza_phone]",
  "order": "{order number}",
  "total": "{grand total}",
  "deposit": "{deposit}",
  "reservations": [
    [bukza_reservations_start]
    {
      "code": "{reservation code}",
      "service": "{resource name}",
      "start": "{reservation start}",
      "end": "{reservation end}"
    }[bukza_reservations_comma]
    [bukza_reservations_end]
  ]
}"#;

/// A template: what follows the question mark of its URL, and its body.
#[derive(Debug, Clone)]
pub(super) struct Template {
    pub(super) label: &'static str,
    query: String,
    body: String,
    /// Bukza escapes what it fills into a URL, or it does not.
    escapes: bool,
}

impl Template {
    /// It has what a visitor types in an object of its own.
    pub(super) fn is_apart(&self) -> bool {
        self.body.contains("\"visitor\"")
    }

    fn of(label: &'static str, query: &str, body: &str) -> Self {
        Self { label, query: query.to_owned(), body: body.to_owned(), escapes: true }
    }
}

/// The first block of this language behind a heading.
fn block(document: &str, heading: &str, language: &str) -> String {
    let section = document.split(heading).nth(1).unwrap_or_else(|| panic!("no {heading}"));
    let section = section.split("\n## ").next().unwrap();
    let block = section.split(&format!("```{language}\n")).nth(1);
    block.unwrap_or_else(|| panic!("no block in {heading}")).split("```").next().unwrap().to_owned()
}

/// Our templates, as documented.
pub(super) fn documented() -> Vec<Template> {
    let url = block(DOCUMENT, "\n## All in the URL", "url");
    let (secret, query) = url.trim().split_once('?').unwrap().1.split_once('&').unwrap();
    assert!(secret.starts_with("secret="));
    let url = Template::of("all in the URL", query, "");
    vec![
        Template::of("README", "", &block(README, "\n### 3. Bukza", "json")),
        Template::of(
            "an order",
            "",
            &block(DOCUMENT, "\n## One request for a whole order", "json"),
        ),
        Template { escapes: false, label: "all in the URL, raw", ..url.clone() },
        url,
    ]
}

/// Those, and the ones that accounts have from before.
pub(super) fn all() -> Vec<Template> {
    let production = Template::of("production", PRODUCTION_URL, PRODUCTION);
    let former = [
        Template { escapes: false, label: "production, raw URL", ..production.clone() },
        production,
        Template::of("former README", "", FORMER_RESERVATION),
        Template::of("former order", "", FORMER_ORDER),
    ];
    documented().into_iter().chain(former).collect()
}

/// What a visitor types.
#[derive(Debug, Clone)]
pub(super) struct Typed {
    pub(super) phone: String,
    pub(super) email: String,
    pub(super) name: String,
    pub(super) last_name: String,
    pub(super) comment: String,
    pub(super) fields: Vec<String>,
}

impl Typed {
    /// The same text everywhere but for the phone.
    pub(super) fn everywhere(text: &str) -> Self {
        let text = || text.to_owned();
        Self {
            phone: "8 999 123-45-67".to_owned(),
            email: text(),
            name: text(),
            last_name: text(),
            comment: text(),
            fields: vec![text(), text()],
        }
    }

    /// What Bukza puts in place of a parameter, in the `index`th turn of a block.
    fn value(&self, parameter: &str, index: usize) -> String {
        match parameter {
            "bukza_phone" => &self.phone,
            "bukza_first_name" => &self.name,
            "e-mail" => &self.email,
            "last name" => &self.last_name,
            "comment" => &self.comment,
            "field name" => ["Пожелания", "Телефон именинника"][index],
            "field value" => &self.fields[index],
            "reservation code" => CODES[index],
            "reservation status" => "Новая",
            "order status" => "Подтверждено",
            "reservation start" => ["27.12.2030 12:00", "28.12.2030 12:00"][index],
            "reservation end" => ["27.12.2030 13:00", "28.12.2030 13:00"][index],
            "resource name" => "VR \"Арена\"",
            "order number" => "9831520",
            "grand total" => "8 990,00",
            "deposit" => "3000",
            other => panic!("nothing is known of {other}"),
        }
        .to_owned()
    }
}

/// The codes of the order's reservations.
pub(super) const CODES: [&str; 2] = ["OWN1", "OWN2"];

/// Fills a template in as plain text. `escape` is done to each value.
fn fill(template: &str, typed: &Typed, index: usize, escape: fn(String) -> String) -> String {
    let mut filled = String::new();
    let mut rest = template;
    while let Some(at) = rest.find(['[', '{']) {
        filled.push_str(&rest[..at]);
        rest = &rest[at..];
        let close = if rest.starts_with('[') { ']' } else { '}' };
        let name = rest[1..].split(close).next().unwrap();
        let is_parameter =
            name.starts_with("bukza_") || name.starts_with(|c: char| c.is_ascii_lowercase());
        if !is_parameter {
            filled.push_str(&rest[..1]);
            rest = &rest[1..];
            continue;
        }
        rest = &rest[name.len() + 2..];
        if let Some(block) = name.strip_suffix("_start") {
            let (inside, after) = rest.split_once(&format!("[{block}_end]")).unwrap();
            rest = after;
            for turn in 0..CODES.len() {
                filled.push_str(&fill(inside, typed, turn, escape));
            }
        } else if name.ends_with("_comma") {
            filled.push_str(if index + 1 < CODES.len() { "," } else { "" });
        } else {
            filled.push_str(&escape(typed.value(name, index)));
        }
    }
    filled + rest
}

/// Reads a template filled in with what a visitor typed.
pub(super) fn read_filled(
    template: &Template,
    typed: &Typed,
) -> Result<Vec<BookingEvent>, Refusal> {
    let encode = |text: String| url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
    let escape: fn(String) -> String = if template.escapes { encode } else { |text| text };
    let url = fill(&template.query, typed, 0, escape);
    // What stands behind a hash is never sent.
    let sent = url.split('#').next().unwrap();
    let query: Vec<Parameter<'_>> = url::form_urlencoded::parse(sent.as_bytes()).collect();
    let body = fill(&template.body, typed, 0, |text| text);
    let request = Request { query: &query, content_type: None, body: body.as_bytes() };
    read(&request, &rules(), received_at())
}

pub(super) fn rules() -> Rules {
    Rules {
        zone: VenueZone(chrono_tz::Asia::Yekaterinburg),
        region: PhoneRegion::parse("RU").unwrap(),
        statuses: StatusRules::default(),
    }
}

pub(super) fn received_at() -> DateTime<Utc> {
    "2025-12-01T00:00:00Z".parse().unwrap()
}

#[test]
fn every_template_is_read_whole() {
    for template in all() {
        let events = read_filled(&template, &Typed::everywhere("Алина")).unwrap();
        let codes: Vec<_> = events.iter().map(|event| event.code.as_str()).collect();
        let is_order = template.label.contains("order");
        assert_eq!(codes, if is_order { &CODES[..] } else { &CODES[..1] }, "{}", template.label);
        for event in events {
            let (details, label) = (&event.details, template.label);
            assert_eq!(details.phone.as_ref().unwrap().as_e164(), "+79991234567", "{label}");
            assert_eq!(details.client_name.as_deref(), Some("Алина"), "{label}");
            assert_eq!(details.service.as_deref(), Some("VR \"Арена\""), "{label}");
            assert_eq!(details.order.as_deref(), Some("9831520"), "{label}");
            assert_eq!(details.total.map(|total| total.0), Some(899_000), "{label}");
            assert!(event.visit_time().is_some(), "{label}");
            let deposit = details.prepayment.map(|prepayment| prepayment.0);
            assert_eq!(deposit, if label.contains("production") { None } else { Some(300_000) });
            if template.is_apart() {
                assert_eq!(details.last_name.as_deref(), Some("Алина"), "{label}");
                assert_eq!(details.comment.as_deref(), Some("Алина"), "{label}");
                assert_eq!(details.fields.len(), 2, "{label}");
                assert_eq!(event.status.words.as_deref(), Some("Новая"), "{label}");
            }
        }
    }
}

#[test]
fn a_template_that_nothing_was_filled_into_says_what_is_missing() {
    for template in documented() {
        let query: Vec<Parameter<'_>> =
            url::form_urlencoded::parse(template.query.as_bytes()).collect();
        let body: Cow<'_, str> = template.body.as_str().into();
        let request = Request { query: &query, content_type: None, body: body.as_bytes() };
        let refusal = read(&request, &rules(), received_at()).unwrap_err();
        assert!(!refusal.faults.is_empty(), "{}", template.label);
    }
}
