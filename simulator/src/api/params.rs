//! Reads a call's parameters from query, JSON, form or upload, as the Bot API does. Numbers may be strings, as in forms.

use axum::{
    body::to_bytes,
    extract::{FromRequest, Multipart, Request},
    http::header,
};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

use super::answer::Answer;

const LONGEST_BODY: usize = 1 << 20;

/// All parameters of a request. The body's take precedence over the query's.
///
/// # Errors
/// Telegram's error for an unreadable body.
pub(crate) async fn read(request: Request) -> Result<Map<String, Value>, Answer> {
    let mut params = form(request.uri().query().unwrap_or_default());
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    let kind = kind.unwrap_or_default().to_ascii_lowercase();
    if kind.starts_with("multipart/form-data") {
        params.extend(upload(request).await?);
        return Ok(params);
    }
    let body = request.into_body();
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
        return Err(Answer::error(400, "Bad Request: unsupported content type"));
    }
    Ok(params)
}

/// The parts of an upload. A file is an object with its name, type and text.
async fn upload(request: Request) -> Result<Map<String, Value>, Answer> {
    let unreadable = || Answer::error(400, "Bad Request: can't parse multipart form data");
    let mut parts = Map::new();
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| unreadable())?;
    while let Some(field) = form.next_field().await.map_err(|_| unreadable())? {
        let name = field.name().unwrap_or_default().to_owned();
        let file = field.file_name().map(str::to_owned);
        let kind = field.content_type().map(str::to_owned);
        let text = field.text().await.map_err(|_| unreadable())?;
        let value = match file {
            Some(file) => json!({"file_name": file, "mime_type": kind, "text": text}),
            None => Value::String(text),
        };
        parts.insert(name, value);
    }
    Ok(parts)
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

/// An object, or JSON of one in a string, as forms and uploads have it.
///
/// # Errors
/// When it is something else.
pub(crate) fn object(
    params: &Map<String, Value>,
    name: &str,
) -> Result<Option<Map<String, Value>>, ()> {
    match decoded(params, name)? {
        Value::Null => Ok(None),
        Value::Object(object) => Ok(Some(object)),
        _ => Err(()),
    }
}

/// An array, or JSON of one in a string. Left out it is empty.
///
/// # Errors
/// When it is something else.
pub(crate) fn array(params: &Map<String, Value>, name: &str) -> Result<Vec<Value>, ()> {
    match decoded(params, name)? {
        Value::Null => Ok(Vec::new()),
        Value::Array(array) => Ok(array),
        _ => Err(()),
    }
}

fn decoded(params: &Map<String, Value>, name: &str) -> Result<Value, ()> {
    match params.get(name) {
        Some(Value::String(text)) => serde_json::from_str(text).map_err(|_| ()),
        value => Ok(value.cloned().unwrap_or_default()),
    }
}

/// Refuses parameters with other names. Telegram ignores them; here a misspelled one must not pass.
///
/// # Errors
/// The refusal, which names the parameter.
pub(crate) fn only(params: &Map<String, Value>, known: &[&str]) -> Result<(), Answer> {
    match params.keys().find(|name| !known.contains(&name.as_str())) {
        Some(name) => {
            Err(Answer::error(400, format!("Bad Request: the simulator knows no {name} here")))
        }
        None => Ok(()),
    }
}

/// A flag: `true`, or `"true"` as forms have it.
pub(crate) fn flag(params: &Map<String, Value>, name: &str) -> bool {
    match params.get(name) {
        Some(Value::Bool(flag)) => *flag,
        Some(Value::String(text)) => text.eq_ignore_ascii_case("true") || text == "1",
        _ => false,
    }
}
