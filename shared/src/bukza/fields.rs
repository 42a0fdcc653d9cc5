//! Reads each field of a booking. Only the code and the times can be at fault: an unreadable description is
//! left out.

use std::borrow::Cow;

use super::{
    Fault, Rules,
    lookup::Layers,
    names::{
        CODE, COMMENT, END, LAST_NAME, NAME, ORDER, ORDER_PAGE, PAID, PEOPLE, PREPAYMENT, SERVICE,
        START, TECHNICAL_END, TOTAL, ZONE,
    },
    phones,
    placeholders::filled,
};
use crate::domain::{
    event::{Details, FormField, VisitTime},
    ids::BookingCode,
    money::Money,
    phone::Phone,
    time::TimeError,
    wall_clock::WallClock,
};

/// Longest text kept, in characters.
const TEXT_MAX_CHARS: usize = 200;
/// Most people in one booking. More is a mistake of the template.
const PEOPLE_MAX: u32 = 100_000;

/// Longest name of a custom form field, in characters.
const FIELD_NAME_MAX_CHARS: usize = 60;
/// Most custom form fields that are kept.
const FIELDS_MAX: usize = 10;

/// The booking's code.
pub(super) fn code(layers: &Layers<'_>) -> Result<BookingCode, Fault> {
    let text = layers.given(CODE).ok_or_else(|| Fault::new("code", "is missing"))?;
    BookingCode::parse(&text).map_err(|error| Fault::new("code", error))
}

/// Start and end, and the same as the venue's clocks show them, where they were written so; or every fault in them.
pub(super) fn visit_time(
    layers: &Layers<'_>,
    rules: &Rules,
) -> Result<(VisitTime, Option<WallClock>), Vec<Fault>> {
    let fault = |field: &str, error: TimeError| Fault::new(field, error);
    let read = |field: &str, text: Option<Cow<'_, str>>| {
        let text = text.ok_or_else(|| Fault::new(field, "is missing"))?;
        rules.zone.parse(&text).map_err(|error| fault(field, error))
    };
    let given = (layers.given(START), layers.given(END).or_else(|| layers.given(TECHNICAL_END)));
    let (start, end, wall_clock) = match given {
        (Some(start), Some(end)) => {
            let read = rules.zone.parse_span(&start, &end);
            let start = read.start.map_err(|e| fault("start", e));
            (start, read.end.map_err(|e| fault("end", e)), read.wall_clock)
        }
        (start, end) => (read("start", start), read("end", end), None),
    };
    match (start, end) {
        (Ok(start), Ok(end)) => {
            let visit_time = VisitTime::new(start, end);
            let visit_time = visit_time.map_err(|error| vec![Fault::new("end", error)])?;
            Ok((visit_time, wall_clock))
        }
        (start, end) => Err([start.err(), end.err()].into_iter().flatten().collect()),
    }
}

/// The description of the booking.
pub(super) fn details(layers: &Layers<'_>, rules: &Rules) -> Details {
    let given = |names| layers.given(names).and_then(|text| clean(&text));
    let typed = |names| layers.typed(names).and_then(|text| clean(&text));
    let money = |names| layers.given(names).and_then(|text| Money::parse(&text).ok());
    let phone = phones::phone(layers, rules);
    let order_page = given(ORDER_PAGE);
    Details {
        service: given(SERVICE),
        zone: given(ZONE),
        client_name: typed(NAME),
        last_name: typed(LAST_NAME),
        people: layers.given(PEOPLE).and_then(|text| people(&text)),
        total: money(TOTAL),
        // A visitor's name in the URL may have injected a sum.
        paid: layers.given_before_typed(PAID).and_then(|text| Money::parse(&text).ok()),
        prepayment: money(PREPAYMENT),
        order: given(ORDER).or_else(|| order_page.clone()),
        order_page,
        comment: typed(COMMENT),
        fields: form_fields(layers, rules, phone.as_ref()),
        phone,
    }
}

/// The custom form fields, without the client's phone.
fn form_fields(layers: &Layers<'_>, rules: &Rules, phone: Option<&Phone>) -> Vec<FormField> {
    let is_phone = |name: &str, value: &str| {
        phones::is_own(name)
            && phone.is_some_and(|own| Phone::parse(value, rules.region).as_ref() == Ok(own))
    };
    let fields = layers.custom_fields().filter(|(name, value)| !is_phone(name, value));
    let kept = fields.filter_map(|(name, value)| {
        let name = line(&filled(name)?, FIELD_NAME_MAX_CHARS)?;
        Some(FormField { name, value: clean(&value)? })
    });
    kept.take(FIELDS_MAX).collect()
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

/// A text as one line of at most 200 characters.
pub(super) fn clean(text: &str) -> Option<String> {
    line(text, TEXT_MAX_CHARS)
}

/// One line of at most so many characters, without control characters and without those that turn
/// the direction of the text around them.
pub(super) fn line(text: &str, max_chars: usize) -> Option<String> {
    let turns = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let parts = |c: char| c.is_whitespace() || c.is_control() || turns(c);
    let mut line = String::with_capacity(text.len().min(4 * max_chars));
    for word in text.split(parts).filter(|word| !word.is_empty()) {
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    if let Some((end, _)) = line.char_indices().nth(max_chars) {
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
