//! The old bot's messages: what its clients have read is not sent to them again.

use chrono::{DateTime, Utc};

use super::{WORD_MAX_CHARS, Why, given, line, row_id, times::Stamp};
use crate::domain::{message::MessageKind, time::VenueZone};

/// A row of the old table `messages`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OldMessage {
    pub id: Option<String>,
    pub booking_id: Option<String>,
    pub user_id: Option<String>,
    pub message_type: Option<String>,
    pub sent_at: Option<String>,
}

/// A message that the old bot has sent about a booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentBefore {
    pub row: String,
    /// The row of the client to whom it was sent.
    pub client: Option<String>,
    pub kind: MessageKind,
    pub sent_at: DateTime<Utc>,
}

impl SentBefore {
    /// Tells it from the messages of this system, and from each other.
    #[must_use]
    pub fn dedup_key(&self) -> String {
        if self.row == "?" {
            format!("{OLD}{}", self.sent_at.timestamp_micros())
        } else {
            format!("{OLD}{}", self.row)
        }
    }
}

/// The beginning of the keys of messages that the old bot has sent.
pub(super) const OLD: &str = "old:";

impl OldMessage {
    /// What was sent, and when.
    ///
    /// # Errors
    /// Why the row is left out.
    pub fn read(&self, zone: VenueZone, now: DateTime<Utc>) -> Result<SentBefore, Why> {
        let word = given(self.message_type.as_ref()).ok_or(Why::KindMissing)?;
        let kind = match word.to_uppercase().as_str() {
            "BOOKING_CREATED" => MessageKind::Confirmation,
            "BOOKING_CANCELLED" => MessageKind::Cancelled,
            "REMINDER" => MessageKind::Reminder,
            "FEEDBACK_REQUEST" => MessageKind::Feedback,
            _ => {
                let word = line(word, WORD_MAX_CHARS).unwrap_or_default();
                return Err(Why::KindUnknown { word });
            }
        };
        let sent_at = given(self.sent_at.as_ref()).ok_or(Why::SentMissing)?;
        let sent_at = Stamp::read(sent_at, zone, now).ok_or(Why::SentUnreadable)?.latest;
        let client = given(self.user_id.as_ref()).map(str::to_owned);
        Ok(SentBefore { row: row_id(self.id.as_deref()), client, kind, sent_at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_has_a_known_kind_and_a_time() {
        let now = "2026-03-01T12:00:00Z".parse().unwrap();
        let zone = VenueZone(chrono_tz::Asia::Yekaterinburg);
        let read = |kind: Option<&str>, sent_at: Option<&str>| {
            let message = OldMessage {
                id: Some("7".into()),
                message_type: kind.map(str::to_owned),
                sent_at: sent_at.map(str::to_owned),
                ..OldMessage::default()
            };
            message.read(zone, now).map(|sent| (sent.kind, sent.sent_at.to_string()))
        };
        let at = Some("2026-02-01 10:00:00");
        for (word, kind) in [
            ("BOOKING_CREATED", MessageKind::Confirmation),
            ("booking_cancelled", MessageKind::Cancelled),
            (" REMINDER ", MessageKind::Reminder),
            ("FEEDBACK_REQUEST", MessageKind::Feedback),
        ] {
            assert_eq!(read(Some(word), at), Ok((kind, "2026-02-01 10:00:00 UTC".to_owned())));
        }
        assert_eq!(read(None, at), Err(Why::KindMissing));
        assert_eq!(read(Some("PROMO"), at), Err(Why::KindUnknown { word: "PROMO".into() }));
        assert_eq!(read(Some("REMINDER"), None), Err(Why::SentMissing));
        assert_eq!(read(Some("REMINDER"), Some("-infinity")), Err(Why::SentUnreadable));
    }
}
