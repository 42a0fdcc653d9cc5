//! The fields of a booking: under which names they come, and how each is read. What describes the
//! booking and cannot be read is left out; only code and times can be at fault.

use std::borrow::Cow;

use super::{Fault, Rules, lookup::Layers};
use crate::domain::{
    event::{Details, Slot},
    ids::BookingCode,
    money::Money,
    phone::Phone,
    time::TimeError,
};

/// Longest text kept, in characters.
const TEXT_MAX_CHARS: usize = 200;
/// More people than any venue takes: a slip of the template.
const PEOPLE_MAX: u32 = 100_000;

pub(super) const CODE: &[&str] =
    &["code", "reservation_code", "booking_code", "bukza_reservation_code"];
pub(super) const START: &[&str] = &["start", "start_date", "reservation_start", "bukza_start_date"];
const END: &[&str] = &["end", "end_date", "reservation_end", "bukza_end_date"];
/// The end with the time to clear up after it.
const TECHNICAL_END: &[&str] = &["teh_end", "tech_end", "technical_end"];
const STATUS: &[&str] =
    &["status", "reservation_status", "bukza_reservation_status", "order_status"];
const EVENT: &[&str] = &["event", "action"];
/// In the URL the account's own word for the event; in a body it may be the client's free text.
const MESSAGE: &[&str] = &["message"];
const NAME: &[&str] = &["name", "client_name", "first_name", "bukza_first_name"];
pub(super) const PHONE: &[&str] = &["phone", "client_phone", "phone_number", "bukza_phone", "tel"];
const SERVICE: &[&str] =
    &["service", "resource", "service_name", "resource_name", "bukza_resource_system_name"];
const ZONE: &[&str] = &["zone", "name_zone", "zone_name"];
const PEOPLE: &[&str] = &["people", "kolvo", "persons", "guests", "shares", "bukza_shares"];
const TOTAL: &[&str] = &["total", "total_sum", "grand_total"];
/// What tells that money was paid. Bukza's deposit is the prepayment that is required.
pub(super) const PAID: &[&str] = &["paid", "payed", "bukza_paid"];
const ORDER: &[&str] = &["order", "id_zakaz", "order_id", "order_number", "bukza_order_number"];

/// What the name of a custom field with the phone contains.
const PHONE_FIELD_NAMES: &[&str] = &["телефон", "phone", "тел"];

/// The booking's code.
pub(super) fn code(layers: &Layers<'_>) -> Result<BookingCode, Fault> {
    let text = layers.given(CODE).ok_or_else(|| Fault::new("code", "is missing"))?;
    BookingCode::parse(&text).map_err(|error| Fault::new("code", error))
}

/// Start and end, or every fault in them.
pub(super) fn slot(layers: &Layers<'_>, rules: &Rules) -> Result<Slot, Vec<Fault>> {
    let fault = |field: &str, error: TimeError| Fault::new(field, error);
    let read = |field: &str, text: Option<Cow<'_, str>>| {
        let text = text.ok_or_else(|| Fault::new(field, "is missing"))?;
        rules.zone.parse(&text).map_err(|error| fault(field, error))
    };
    let given = (layers.given(START), layers.given(END).or_else(|| layers.given(TECHNICAL_END)));
    let (start, end) = match given {
        (Some(start), Some(end)) => {
            let (start, end) = rules.zone.parse_span(&start, &end);
            (start.map_err(|e| fault("start", e)), end.map_err(|e| fault("end", e)))
        }
        (start, end) => (read("start", start), read("end", end)),
    };
    match (start, end) {
        (Ok(start), Ok(end)) => {
            Slot::new(start, end).map_err(|error| vec![Fault::new("end", error)])
        }
        (start, end) => Err([start.err(), end.err()].into_iter().flatten().collect()),
    }
}

/// The reservation's or order's status, in the owner's words.
pub(super) fn status<'a>(layers: &Layers<'a>) -> Option<Cow<'a, str>> {
    layers.given(STATUS)
}

/// The word for what happened.
pub(super) fn event_word<'a>(layers: &Layers<'a>) -> Option<Cow<'a, str>> {
    layers
        .given(EVENT)
        .or_else(|| layers.given_in_query(MESSAGE))
        .or_else(|| layers.given_in_body(MESSAGE))
}

/// All that describes the booking.
pub(super) fn details(layers: &Layers<'_>, rules: &Rules) -> Details {
    let text = |names| layers.given(names).and_then(|text| clean(&text));
    let money = |names| layers.given(names).and_then(|text| Money::parse(&text).ok());
    Details {
        service: text(SERVICE),
        zone: text(ZONE),
        client_name: text(NAME),
        last_name: None,
        phone: phone(layers, rules),
        people: layers.given(PEOPLE).and_then(|text| people(&text)),
        total: money(TOTAL),
        paid: money(PAID),
        prepayment: None,
        order: text(ORDER),
        order_page: None,
        comment: None,
        fields: Vec::new(),
    }
}

/// The first readable phone: of the URL, of the body, of the custom fields.
fn phone(layers: &Layers<'_>, rules: &Rules) -> Option<Phone> {
    let direct = [layers.given_in_query(PHONE), layers.given_in_body(PHONE)];
    let custom = layers.custom_fields().filter(|(name, _)| is_phone_field(name));
    direct
        .into_iter()
        .flatten()
        .chain(custom.map(|(_, value)| value))
        .find_map(|text| Phone::parse(&text, rules.region).ok())
}

fn is_phone_field(name: &str) -> bool {
    let name = name.to_lowercase();
    PHONE_FIELD_NAMES.iter().any(|part| name.contains(part))
}

/// `10`, `10.0` or `10 чел.`, at least one.
fn people(text: &str) -> Option<u32> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let whole = unit.strip_prefix(['.', ',']).is_some_and(|rest| rest.bytes().all(|b| b == b'0'));
    if !(unit.is_empty() || unit.starts_with(char::is_whitespace) || whole) {
        return None;
    }
    number.parse().ok().filter(|people| (1..=PEOPLE_MAX).contains(people))
}

/// One line of at most 200 characters, without control characters and without those that turn
/// the direction of the text around them.
fn clean(text: &str) -> Option<String> {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let parts = |c: char| c.is_whitespace() || c.is_control() || turns(c);
    let mut line = String::with_capacity(text.len());
    for word in text.split(parts).filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if let Some((end, _)) = line.char_indices().nth(TEXT_MAX_CHARS) {
        line.truncate(line[..end].trim_end().len());
    }
    (!line.is_empty()).then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_one_bounded_line() {
        assert_eq!(clean(" A\n\u{0}B\t C ").as_deref(), Some("A B C"));
        assert_eq!(clean("a\u{202e}b").as_deref(), Some("a b"));
        assert_eq!(clean(&"я".repeat(500)).map(|text| text.chars().count()), Some(200));
        assert_eq!(clean("\u{0}\n"), None);
    }

    #[test]
    fn people_are_counted_however_written() {
        for (text, count) in
            [("10", Some(10)), ("10.0", Some(10)), ("10 чел.", Some(10)), ("1", Some(1))]
        {
            assert_eq!(people(text), count, "{text}");
        }
        for text in ["0", "-1", "десять", "1.5", "10x", "999999999999", "100001", ""] {
            assert_eq!(people(text), None, "{text}");
        }
    }
}
