//! The recorded forms of Bukza's API: answers are filled into them, requests are compared with them.

use chrono::{DateTime, FixedOffset, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::model::Reservation;

const SIGN_IN_REQUEST: &str = include_str!("../../fixtures/sign_in_request.json");
const SIGN_IN: &str = include_str!("../../fixtures/sign_in.json");
const TABLE_REQUEST: &str = include_str!("../../fixtures/table_request.json");
const TABLE: &str = include_str!("../../fixtures/table.json");

fn recorded(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

/// The answer to a sign-in.
pub(super) fn sign_in(token: &str, server_url: &str) -> Value {
    let mut answer = recorded(SIGN_IN);
    answer["token"] = token.into();
    answer["serverUrl"] = server_url.into();
    answer
}

/// The answer with these rows, in the zone and the form of its times.
pub(super) fn table<'a>(
    reservations: impl Iterator<Item = &'a Reservation>,
    clocks: (FixedOffset, &str),
) -> Value {
    let mut answer = recorded(TABLE);
    let template = answer["rows"][0].take();
    answer["rows"] = reservations.map(|it| row(template.clone(), it, clocks)).collect();
    answer
}

fn row(mut row: Value, of: &Reservation, clocks: (FixedOffset, &str)) -> Value {
    row["orderId"] = of.order_id.as_str().into();
    for cell in row["cells"].as_array_mut().into_iter().flatten() {
        let name = cell["type"].as_str().unwrap_or_default();
        let (value, formatted) = shown(name, of, clocks);
        cell["value"] = value;
        cell["formatted"] = formatted.into();
    }
    row
}

/// The value of a recorded column, and the same as a person sees it.
fn shown(column: &str, of: &Reservation, (zone, format): (FixedOffset, &str)) -> (Value, String) {
    let text = |text: &str| (json!(text), text.to_owned());
    let time = |at: DateTime<Utc>| {
        let local = at.with_timezone(&zone).format(format).to_string();
        (json!(at.to_rfc3339_opts(SecondsFormat::Millis, true)), local)
    };
    match column {
        "bukza_order_number" => text(&of.order_number),
        "bukza_start_date" => time(of.start),
        "bukza_end_date" => time(of.end),
        "bukza_resource_system_name" => text(&of.resource),
        "bukza_reservation_status" => text(&of.status),
        "bukza_paid" => (json!(of.paid), format!("{},00 ₽", of.paid)),
        "bukza_shares" => (json!(of.people), of.people.to_string()),
        "bukza_reservation_code" => text(&of.code),
        "bukza_phone" => text(&of.phone),
        "bukza_first_name" => text(&of.first_name),
        _ => (Value::Null, String::new()),
    }
}

/// Whether a request has the recorded names with values of the recorded types, and nothing else.
pub(super) fn is_sign_in_request(request: &Value) -> bool {
    has_form(request, &recorded(SIGN_IN_REQUEST))
}

/// The same of a request for rows.
pub(super) fn is_table_request(request: &Value) -> bool {
    has_form(request, &recorded(TABLE_REQUEST))
}

fn has_form(value: &Value, form: &Value) -> bool {
    match (value, form) {
        (Value::Object(value), Value::Object(form)) => {
            value.len() == form.len()
                && form
                    .iter()
                    .all(|(key, form)| value.get(key).is_some_and(|it| has_form(it, form)))
        }
        (Value::Null, Value::Null)
        | (Value::Bool(_), Value::Bool(_))
        | (Value::Number(_), Value::Number(_))
        | (Value::String(_), Value::String(_)) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The names and the types of a value, without the values.
    fn form_of(value: &Value) -> Value {
        match value {
            Value::Null => json!("null"),
            Value::Bool(_) => json!("bool"),
            Value::Number(_) => json!("number"),
            Value::String(_) => json!("text"),
            Value::Array(items) => items.iter().map(form_of).collect(),
            Value::Object(entries) => {
                entries.iter().map(|(key, value)| (key.clone(), form_of(value))).collect()
            }
        }
    }

    #[test]
    fn an_answer_has_the_recorded_form_and_each_column_is_filled() {
        let start = "2027-01-05T09:00:00Z".parse().unwrap();
        let reservation = Reservation::new("A1", "+79990000001", start);
        let zone = FixedOffset::east_opt(5 * 3600).unwrap();
        let answer = table([&reservation].into_iter(), (zone, "%d.%m.%Y %H:%M"));
        assert_eq!(form_of(&answer), form_of(&recorded(TABLE)));
        let texts = answer.to_string();
        for text in ["05.01.2027 14:00", "05.01.2027 15:00", "\"A1\"", "+79990000001"] {
            assert!(texts.contains(text), "{text}: {texts}");
        }
        assert!(!texts.contains("C6UDS3") && !texts.contains("\"formatted\":\"\""), "{texts}");
        let answer = sign_in("t", "http://127.0.0.1:1/eu1/");
        assert_eq!(form_of(&answer), form_of(&recorded(SIGN_IN)));
    }

    #[test]
    fn a_request_of_another_form_is_recognized() {
        let request = recorded(TABLE_REQUEST);
        assert!(is_table_request(&request));
        for (key, value) in [
            ("from", json!(1)),
            ("criteria", json!("")),
            ("reservationTableId", json!("154891")),
            ("more", json!(true)),
        ] {
            let mut other = request.clone();
            other[key] = value;
            assert!(!is_table_request(&other), "{key}");
        }
        assert!(!is_table_request(&json!([])) && !is_sign_in_request(&request));
    }
}
