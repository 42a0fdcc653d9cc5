//! The requests of a soak: the documented templates and the production account's, filled in as
//! plain text as Bukza does.

use chrono::{DateTime, SecondsFormat, Utc};
use rand::{Rng, rngs::StdRng};
use simulator::bukza::{COMMA, FIELDS, RESERVATIONS, block, template};

use super::record::{Booking, Event, Word};
use crate::harness::bukza::{self, Request};

const README: &str = include_str!("../../../README.md");
const DOCUMENT: &str = include_str!("../../../docs/bukza.md");
/// Names and comments of visitors, some hostile: `FOREIGN` is another client's booking.
const WORDS: [&str; 8] = [
    "Алина",
    "Анна \"Аня\" О'Брайен",
    "Пётр\nПетрович \\ {сын}",
    "<b>https://evil.example</b> @durov /bookings &quot;",
    r#"x","code":"SKFOREIGN","event":"cancel","z":""#,
    r#"x","reservations":[{"code":"FOREIGN","event":"cancel"}],"z":""#,
    r#"x","phone":"+79990009999","status":"Отменено","start":"-"#,
    r#"x"},"event":"cancel","code":"FOREIGN","visitor":{"name":""#,
];

/// The request for these events, each of another booking of one client.
#[must_use]
pub fn request(reservations: &[(&Booking, &Event)], dice: &mut StdRng) -> Request {
    match reservations {
        [(booking, event)] if is_production(booking, event) => production(booking, event),
        [one] => Request::body(fill(template(README, "json", "{reservation code}"), &[*one], dice)),
        _ => Request::body(fill(template(DOCUMENT, "json", RESERVATIONS.0), reservations, dice)),
    }
}

/// Whether the production account's template can express this event.
fn is_production(booking: &Booking, event: &Event) -> bool {
    let sayable = matches!(event.word, Word::None | Word::CancelEvent);
    sayable && event.with_phone && booking.order.is_none()
}

fn production(booking: &Booking, event: &Event) -> Request {
    let template = bukza::Booking {
        code: booking.code.clone(),
        phone: booking.phone.clone(),
        name: "Алина".to_owned(),
        service: event.tag.clone(),
        start: event.start,
        end: event.end,
    };
    let request =
        if event.word == Word::CancelEvent { template.cancelled() } else { template.created() };
    // Only this template shows the service first.
    let place = |name: &str| format!(r#""name_zone":"{name}""#);
    Request { body: request.body.replace(&place(&event.tag), &place("Зал")), ..request }
}

fn fill(template: &str, reservations: &[(&Booking, &Event)], dice: &mut StdRng) -> String {
    let Some((booking, event)) = reservations.first() else { return String::new() };
    // A status shared by all reservations may be the order's.
    let of_order =
        reservations.iter().all(|(_, other)| other.word == event.word) && dice.random_bool(0.5);
    let (before, each, behind) = block(template, RESERVATIONS);
    let text = if each.is_empty() {
        reservation(before, booking, event, of_order)
    } else {
        let filled = reservations.iter().enumerate().map(|(n, (booking, event))| {
            let comma = if n + 1 < reservations.len() { "," } else { "" };
            reservation(&each.replace(COMMA, comma), booking, event, of_order)
        });
        format!("{before}{}{behind}", filled.collect::<String>())
    };
    let (before, _, behind) = block(&text, FIELDS);
    visitor(&format!("{before}{behind}"), booking, event, of_order, dice)
}

/// Fills in one reservation's parameters.
fn reservation(text: &str, booking: &Booking, event: &Event, of_order: bool) -> String {
    let status = event.word.status().filter(|_| !of_order).unwrap_or("Новая");
    text.replace("{reservation code}", &booking.code)
        .replace("{reservation status}", status)
        .replace("{resource name}", &event.tag)
        .replace("{reservation start}", &iso(event.start))
        .replace("{reservation end}", &iso(event.end))
}

/// Fills in the order's parameters, and the visitor's text last, because it may look like a
/// parameter.
fn visitor(
    text: &str,
    booking: &Booking,
    event: &Event,
    of_order: bool,
    dice: &mut StdRng,
) -> String {
    let status = event.word.status().filter(|_| of_order).unwrap_or("В работе");
    let happened = if event.word == Word::CancelEvent { "cancel" } else { "update" };
    let phone = if event.with_phone { booking.phone.as_str() } else { "-" };
    text.replace(r#""event": "update""#, &format!(r#""event": "{happened}""#))
        .replace("{order status}", status)
        .replace("{order number}", booking.order.as_deref().unwrap_or("-"))
        .replace("{grand total}", "8990")
        .replace("{deposit}", "3000")
        .replace("[bukza_phone]", phone)
        .replace("{last name}", &words(booking, dice))
        .replace("{comment}", &words(booking, dice))
        .replace("[bukza_first_name]", &words(booking, dice))
}

/// Mostly a name, sometimes text that looks like a part of the template.
fn words(booking: &Booking, dice: &mut StdRng) -> String {
    let at = if dice.random_bool(0.3) { dice.random_range(0..WORDS.len()) } else { 0 };
    let foreign = format!("SK{}000", booking.client % 10 + 1);
    WORDS[at].replace("SKFOREIGN", "SKNOBODY").replace("FOREIGN", &foreign)
}

fn iso(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::Value;

    use super::*;
    use crate::soak::{booking_run::Step, plan::Plan};

    fn booking(number: u32, step: Step) -> Booking {
        let plan = Plan::short(Duration::ZERO, 1);
        let mut booking = Booking::new(7, number, "+79990000007", Some("123456789"));
        let event = booking.next(step, &plan, &mut plan.dice(1));
        booking.events.push(event);
        booking
    }

    #[test]
    fn the_documents_templates_are_filled_wholly() {
        let mut dice = Plan::short(Duration::ZERO, 1).dice(2);
        let (one, two) =
            (booking(1, Step::Stand(Word::Pending)), booking(2, Step::Stand(Word::New)));
        // Most visitors have plain names.
        let mut read = |reservations: &[(&Booking, &Event)]| -> Value {
            let mut texts = (0..50).map(|_| request(reservations, &mut dice).body);
            texts.find_map(|text| serde_json::from_str(&text).ok()).unwrap()
        };
        let alone = read(&[(&one, &one.events[0])]);
        assert_eq!((&alone["code"], &alone["service"]), (&"SK7001".into(), &"SK7001-1".into()));
        let words = [&alone["reservation_status"], &alone["order_status"]];
        assert!(words.contains(&&Value::from("Ожидает оплаты")), "{alone}");
        assert_eq!(alone["visitor"]["phone"], "+79990000007");
        let order = read(&[(&one, &one.events[0]), (&two, &two.events[0])]);
        assert_eq!(order["reservations"].as_array().map(Vec::len), Some(2));
        assert_eq!(order["reservations"][1]["code"], "SK7002");
        assert_eq!(order["reservations"][1]["reservation_status"], "Новая");
        assert_eq!(order["order"], "123456789");
        for unfilled in ["{reservation", "{order", "[bukza_", "{resource"] {
            assert!(!order.to_string().contains(unfilled), "{unfilled}");
        }
    }

    #[test]
    fn only_the_service_changes_from_one_request_to_the_next() {
        let booking = booking(1, Step::Stand(Word::None));
        let alone = Booking { order: None, ..booking };
        let mut dice = Plan::short(Duration::ZERO, 1).dice(2);
        let request = request(&[(&alone, &alone.events[0])], &mut dice);
        let body: Value = serde_json::from_str(&request.body).unwrap();
        assert_eq!((&body["resource"], &body["name_zone"]), (&"SK7001-1".into(), &"Зал".into()));
    }

    #[test]
    fn a_late_phone_is_left_out() {
        let mut booking = booking(1, Step::Stand(Word::None));
        booking.events[0].with_phone = false;
        let mut dice = Plan::short(Duration::ZERO, 1).dice(2);
        let request = request(&[(&booking, &booking.events[0])], &mut dice);
        assert!(!request.body.contains("79990000007") && !request.query.contains("7999"));
    }
}
