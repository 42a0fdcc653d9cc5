//! Typed ids, so that one cannot be passed for another. Each is validated when it is constructed.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Longest booking code, in characters (the width of `bookings.bukza_booking_id`).
pub const BOOKING_CODE_MAX_CHARS: usize = 100;

/// Bukza's reservation code: what the client sees in Bukza's confirmation; the booking's key.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BookingCode(String);

/// Why a text is not a booking code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BookingCodeError {
    #[error("is empty")]
    Empty,
    #[error("is longer than {BOOKING_CODE_MAX_CHARS} characters")]
    TooLong,
    #[error("contains a control character")]
    ControlCharacter,
}

impl BookingCode {
    /// Reads a code: trimmed, 1 to [`BOOKING_CODE_MAX_CHARS`] characters, none of them a control
    /// character.
    ///
    /// # Errors
    /// The first rule that the text breaks.
    pub fn parse(text: &str) -> Result<Self, BookingCodeError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(BookingCodeError::Empty);
        }
        if text.chars().count() > BOOKING_CODE_MAX_CHARS {
            return Err(BookingCodeError::TooLong);
        }
        if text.chars().any(char::is_control) {
            return Err(BookingCodeError::ControlCharacter);
        }
        Ok(Self(text.to_owned()))
    }

    /// The code as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for BookingCode {
    type Error = BookingCodeError;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text)
    }
}

impl From<BookingCode> for String {
    fn from(code: BookingCode) -> Self {
        code.0
    }
}

impl fmt::Display for BookingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! numeric_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}", self.0)
            }
        }
    };
}

numeric_id!(
    /// A Telegram chat. A private chat has its user's (positive) id, a group a negative one.
    ChatId
);
numeric_id!(
    /// A row of `bookings`.
    BookingId
);
numeric_id!(
    /// A row of `messages`.
    MessageId
);
numeric_id!(
    /// A row of `users`.
    UserId
);
numeric_id!(
    /// A row of `requests`.
    RequestId
);

/// The id of an accepted event: created by ingest, and the correlation id up to the Telegram call.
/// A UUIDv7 as text: ids sort by creation time.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EventId(pub String);

impl EventId {
    /// A new id, unique in the fleet.
    #[must_use]
    pub fn fresh() -> Self {
        Self(uuid::Uuid::now_v7().simple().to_string())
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The id of a job in the queue. Always starts with a letter: apalis rewrites numeric ids.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct JobId(pub String);

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
