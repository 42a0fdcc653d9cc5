//! Telegram's answers, read leniently: what a later Bot API adds or leaves out is no fault of a message.

use std::time::Duration;

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
use shared::domain::ids::ChatId;

/// Pause after a 429 that does not say how long.
const DEFAULT_RETRY_AFTER: Duration = Duration::from_secs(5);
/// Most characters kept of a description.
const DESCRIPTION_MAX: usize = 200;

/// Why a call failed. Its text holds neither the token nor a client's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    #[error("cannot connect")]
    NotConnected,
    #[error("no answer in time")]
    Timeout,
    #[error("connection lost")]
    ConnectionLost,
    #[error("unreadable answer")]
    Unreadable,
    /// A status from 500 on.
    #[error("server error {0}")]
    ServerError(u16),
    #[error("too many requests, wait {} s", retry_after.as_secs())]
    TooManyRequests { retry_after: Duration },
    #[error("the chat has another id")]
    Migrated { to: ChatId },
    #[error("Invalid bot token")]
    InvalidToken,
    #[error("{description}")]
    Refused { code: u16, description: String },
}

impl CallError {
    /// How long Telegram demands a pause.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TooManyRequests { retry_after } => Some(*retry_after),
            Self::NotConnected
            | Self::Timeout
            | Self::ConnectionLost
            | Self::Unreadable
            | Self::ServerError(_)
            | Self::Migrated { .. }
            | Self::InvalidToken
            | Self::Refused { .. } => None,
        }
    }
}

/// The fields of every answer. A fault in one of them must not hide the others.
#[derive(Deserialize)]
struct Envelope {
    #[serde(default)]
    ok: bool,
    result: Option<Value>,
    error_code: Option<Value>,
    description: Option<Value>,
    parameters: Option<Value>,
}

/// Reads an answer: its HTTP `status` and its `body`.
pub(super) fn read<T: DeserializeOwned>(status: u16, body: &[u8]) -> Result<T, CallError> {
    let Ok(envelope) = serde_json::from_slice::<Envelope>(body) else {
        let failed = status >= 500;
        return Err(if failed { CallError::ServerError(status) } else { CallError::Unreadable });
    };
    if envelope.ok {
        let result = envelope.result.unwrap_or_default();
        return serde_json::from_value(result).map_err(|_| CallError::Unreadable);
    }
    Err(failure(status, &envelope))
}

fn failure(status: u16, answer: &Envelope) -> CallError {
    let code = answer.error_code.as_ref().and_then(number);
    let code = code.and_then(|code| u16::try_from(code).ok()).unwrap_or(status);
    let description = answer.description.as_ref().and_then(Value::as_str).unwrap_or_default();
    let parameter = |name| answer.parameters.as_ref()?.get(name).and_then(number);
    if code == 429 {
        let wait = parameter("retry_after").or_else(|| named_at_the_end(description));
        let wait = wait.and_then(|seconds| u64::try_from(seconds).ok()).map(Duration::from_secs);
        return CallError::TooManyRequests { retry_after: wait.unwrap_or(DEFAULT_RETRY_AFTER) };
    }
    if let Some(to) = parameter("migrate_to_chat_id").filter(|to| *to != 0) {
        return CallError::Migrated { to: ChatId(to) };
    }
    if code >= 500 {
        return CallError::ServerError(code);
    }
    // A token that no bot has is answered with "Not Found".
    if code == 401 || code == 404 {
        return CallError::InvalidToken;
    }
    let description = description.chars().take(DESCRIPTION_MAX).collect();
    CallError::Refused { code, description }
}

/// A whole number in whatever form: 35, 35.0, "35". Fractions are rounded up.
fn number(value: &Value) -> Option<i64> {
    match value {
        Value::Number(number) => number.as_i64().or_else(|| rounded_up(number.as_f64()?)),
        Value::String(text) => {
            let text = text.trim();
            text.parse().ok().or_else(|| rounded_up(text.parse().ok()?))
        }
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "`as` saturates, and only seconds have fractions"
)]
fn rounded_up(number: f64) -> Option<i64> {
    number.is_finite().then(|| number.ceil() as i64)
}

/// «Too Many Requests: retry after 35»
fn named_at_the_end(description: &str) -> Option<i64> {
    description.rsplit(' ').next()?.parse().ok()
}

#[cfg(test)]
#[path = "answer_tests.rs"]
mod tests;
