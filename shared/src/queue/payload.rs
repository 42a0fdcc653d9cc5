//! Payloads of jobs: JSON with a version, so that a rolling update reads the previous version's jobs. The
//! worker quarantines a payload that does not parse.

use chrono::{DateTime, Utc, serde::ts_milliseconds};
use serde::{Deserialize, Serialize, Serializer};

use crate::{
    bukza::Fault,
    domain::{
        event::BookingEvent,
        ids::{ChatId, EventId},
    },
};

/// Raised when a payload changes in a way that an older worker can't read.
pub const PAYLOAD_VERSION: u32 = 1;

/// A payload that ingest stores for the workers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IngestJob {
    Booking(Box<BookingEvent>),
    Rejected(RejectedRequest),
    Update(TelegramUpdate),
}

/// A Bukza request with a valid secret that could not be used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectedRequest {
    pub id: EventId,
    pub received_at: DateTime<Utc>,
    /// The URL's parameters as received, without the secret.
    pub query: String,
    pub content_type: Option<String>,
    /// At most 64 KiB; what was not UTF-8 is replaced.
    pub body: String,
    /// The HTTP status of the response.
    pub status: u16,
    pub faults: Vec<Fault>,
}

/// An update of Telegram, as raw text: it is parsed where it is applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TelegramUpdate {
    pub id: EventId,
    pub received_at: DateTime<Utc>,
    pub update_id: i64,
    pub raw: String,
    /// Attempts that failed otherwise than by an unavailable database.
    #[serde(default)]
    pub attempts: u32,
}

/// Wakes the sender of one chat: send what is due there, in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WakeChat {
    #[serde(rename = "c")]
    pub chat: ChatId,
    /// Not before this instant: the queue may start a job up to a second early. Written in milliseconds, rounded up: a
    /// job that looks a microsecond before its message is due finds nothing, and none comes after it.
    #[serde(
        rename = "d",
        serialize_with = "milliseconds_up",
        deserialize_with = "ts_milliseconds::deserialize"
    )]
    pub due_at: DateTime<Utc>,
}

fn milliseconds_up<S: Serializer>(at: &DateTime<Utc>, to: S) -> Result<S::Ok, S::Error> {
    let has_more = !at.timestamp_subsec_nanos().is_multiple_of(1_000_000);
    to.serialize_i64(at.timestamp_millis() + i64::from(has_more))
}

/// The payload is not one that this version understands.
#[derive(Debug, thiserror::Error)]
pub enum PayloadError {
    #[error("not a payload: {}", crate::json::fault(.0))]
    Json(#[from] serde_json::Error),
    #[error("payload version {0} is newer than this program")]
    Newer(u32),
}

#[derive(Serialize, Deserialize)]
struct Envelope<T> {
    v: u32,
    #[serde(flatten)]
    body: T,
}

#[derive(Deserialize)]
struct Version {
    v: u32,
}

/// Writes a payload.
pub(super) fn encode<T: Serialize>(body: &T) -> String {
    // Plain data with text keys: serialization cannot fail.
    serde_json::to_string(&Envelope { v: PAYLOAD_VERSION, body }).unwrap_or_default()
}

fn decode<'a, T: Deserialize<'a>>(text: &'a [u8]) -> Result<T, PayloadError> {
    let Version { v } = serde_json::from_slice(text)?;
    if v > PAYLOAD_VERSION {
        return Err(PayloadError::Newer(v));
    }
    Ok(serde_json::from_slice::<Envelope<T>>(text)?.body)
}

impl IngestJob {
    /// Reads a payload of the queues `events` and `updates`, or of the inbox.
    ///
    /// # Errors
    /// [`PayloadError`]: the payload is to be quarantined.
    pub fn decode(text: &[u8]) -> Result<Self, PayloadError> {
        decode(text)
    }

    /// The payload as text.
    #[must_use]
    pub fn encode(&self) -> String {
        encode(self)
    }
}

impl WakeChat {
    /// Reads a payload of the queues `answers` and `bulk`.
    ///
    /// # Errors
    /// [`PayloadError`]: the payload is to be quarantined.
    pub fn decode(text: &[u8]) -> Result<Self, PayloadError> {
        decode(text)
    }

    /// The payload as text.
    #[must_use]
    pub fn encode(&self) -> String {
        encode(self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn update() -> IngestJob {
        IngestJob::Update(TelegramUpdate {
            id: EventId("e".into()),
            received_at: "2026-01-01T00:00:00.123456Z".parse().unwrap(),
            update_id: 7,
            raw: r#"{"update_id":7}"#.into(),
            attempts: 0,
        })
    }

    #[test]
    fn payloads_survive_the_queue() {
        let job = update();
        assert_eq!(IngestJob::decode(job.encode().as_bytes()).unwrap(), job);
        let wake =
            WakeChat { chat: ChatId(-5), due_at: "2026-01-01T00:00:00.123Z".parse().unwrap() };
        assert_eq!(WakeChat::decode(encode(&wake).as_bytes()).unwrap(), wake);
    }

    proptest! {
        #[test]
        fn a_wake_up_is_never_before_its_message_is_due(micros in -1_000_000_i64..4_000_000_000_000_000) {
            let due_at = DateTime::from_timestamp_micros(micros).unwrap();
            let text = WakeChat { chat: ChatId(7), due_at }.encode();
            let late = WakeChat::decode(text.as_bytes()).unwrap().due_at - due_at;
            prop_assert!((0..1_000).contains(&late.num_microseconds().unwrap()), "{late}");
        }
    }

    #[test]
    fn newer_and_broken_payloads_are_distinguished() {
        assert!(matches!(IngestJob::decode(br#"{"v":2}"#), Err(PayloadError::Newer(2))));
        assert!(matches!(IngestJob::decode(b"{"), Err(PayloadError::Json(_))));
        assert!(matches!(IngestJob::decode(b"\xff"), Err(PayloadError::Json(_))));
    }

    #[test]
    fn a_field_of_a_later_minor_change_is_ignored() {
        let text = update().encode().replacen("{\"v\":1", "{\"v\":1,\"later\":true", 1);
        assert_eq!(IngestJob::decode(text.as_bytes()).unwrap(), update());
    }
}
