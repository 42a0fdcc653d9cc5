//! Reads a call's parameters from query, JSON or form, as the Bot API does. Numbers may be strings, as in forms.

use axum::{body::to_bytes, extract::Request, http::header};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::answer::Answer;

const LONGEST_BODY: usize = 1 << 20;

/// All parameters of a request. The body's take precedence over the query's.
///
/// # Errors
/// Telegram's error for an unreadable body.
pub(crate) async fn read(request: Request) -> Result<Map<String, Value>, Answer> {
    let (head, body) = request.into_parts();
    let mut params = form(head.uri.query().unwrap_or_default());
    let kind = head.headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().to_ascii_lowercase();
    let body = to_bytes(body, LONGEST_BODY)
        .await
        .map_err(|_| Answer::error(413, "Request Entity Too Large"))?;
    if kind.starts_with("application/json") {
        match serde_json::from_slice(&body) {
            Ok(Value::Object(object)) => params.extend(object),
            _ => return Err(Answer::error(400, "Bad Request: can't parse request JSON object")),
        }
    } else if kind.starts_with("application/x-www-form-urlencoded") {
        params.extend(form(&String::from_utf8_lossy(&body)));
    } else if !body.is_empty() {
        // Multipart is for files, which the project never sends.
        return Err(Answer::error(400, "Bad Request: unsupported content type"));
    }
    Ok(params)
}

fn form(encoded: &str) -> Map<String, Value> {
    let decode =
        |text: &str| percent_decode_str(&text.replace('+', " ")).decode_utf8_lossy().into_owned();
    encoded
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (decode(name), Value::String(decode(value))))
        .collect()
}

/// A whole number, or a string of one.
pub(crate) fn integer(params: &Map<String, Value>, name: &str) -> Option<i64> {
    match params.get(name)? {
        Value::Number(number) => number.as_i64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

pub(crate) fn string<'a>(params: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    params.get(name)?.as_str()
}

/// The chat that a call is about.
pub(crate) fn chat_id(params: &Map<String, Value>) -> Option<i64> {
    integer(params, "chat_id")
}

/// A flag: `true`, or `"true"` as forms have it.
pub(crate) fn flag(params: &Map<String, Value>, name: &str) -> bool {
    match params.get(name) {
        Some(Value::Bool(flag)) => *flag,
        Some(Value::String(text)) => text.eq_ignore_ascii_case("true") || text == "1",
        _ => false,
    }
}
