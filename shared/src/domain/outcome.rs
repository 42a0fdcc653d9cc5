//! What each answer of Telegram means for an outbox row: the table of docs/architecture.md as a
//! pure function.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    ids::ChatId,
    message::{MessageKind, MessageStatus, Recipient},
};

/// How a try to send ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SendOutcome {
    Sent {
        telegram_message_id: i64,
    },
    /// 429: not sent; the bot has to be silent for a while.
    TooManyRequests {
        retry_after: Duration,
    },
    /// The connection could not be made: not sent.
    NotConnected,
    /// Timeout, 5xx, unreadable answer, crash while sending: may have been sent.
    Unknown {
        reason: &'static str,
    },
    /// The client can't be written to until they write again.
    Unreachable {
        reason: &'static str,
    },
    /// The chat has another id now: not sent.
    Migrated {
        to: ChatId,
    },
    /// Telegram refuses the request itself: our bug.
    Refused {
        description: String,
    },
}

/// What follows for the row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Disposition {
    Sent {
        telegram_message_id: i64,
    },
    /// Back to the schedule. `delivered_perhaps` says whether this try counts.
    Retry {
        not_before: DateTime<Utc>,
        delivered_perhaps: bool,
        reason: &'static str,
    },
    Final {
        status: MessageStatus,
        reason: String,
    },
}

/// How a message goes to Telegram.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// A new message.
    Message,
    /// A change of a message that was sent: repeating it shows nothing twice.
    Edit,
    /// A file. It is never sent twice: whoever requested it presses again.
    Document,
}

/// What a row must know to decide.
#[derive(Debug, Clone, Copy)]
pub struct Attempt {
    pub kind: MessageKind,
    /// Tries so far that may have been a delivery, this one included.
    pub possible_deliveries: i32,
    pub delivery: Delivery,
    /// The message was sent as one with others.
    pub is_joined: bool,
    pub expires_at: Option<DateTime<Utc>>,
    pub created_at: DateTime<Utc>,
    pub now: DateTime<Utc>,
}

/// How long to wait at least before a try whose predecessor may have been delivered.
pub const AFTER_UNKNOWN: TimeDelta = TimeDelta::seconds(15);
/// How long to wait before the staff's chat is tried again from which the bot was removed.
const STAFF_AGAIN: TimeDelta = TimeDelta::seconds(60);
/// How long to wait before a client is tried again who wrote while a message to them was refused.
const CLIENT_AGAIN: TimeDelta = TimeDelta::seconds(15);
/// Bounds of the backoff while Telegram can't be reached.
const BACKOFF_MIN: TimeDelta = TimeDelta::seconds(1);
const BACKOFF_MAX: TimeDelta = TimeDelta::seconds(30);

/// The reason of a message that Telegram refused together with others: it is sent alone.
pub const REFUSED_TOGETHER: &str = "refused_together";

/// Decides what follows from how a try ended.
#[must_use]
pub fn disposition(outcome: SendOutcome, this: Attempt) -> Disposition {
    let retry = |wait: TimeDelta, delivered_perhaps, reason: &'static str| {
        let not_before = this.now + wait;
        if this.expires_at.is_some_and(|end| not_before >= end) {
            let status = if delivered_perhaps || this.possible_deliveries > 1 {
                MessageStatus::Unknown
            } else {
                MessageStatus::Expired
            };
            return Disposition::Final { status, reason: reason.to_owned() };
        }
        Disposition::Retry { not_before, delivered_perhaps, reason }
    };
    match outcome {
        SendOutcome::Sent { telegram_message_id } => Disposition::Sent { telegram_message_id },
        SendOutcome::TooManyRequests { retry_after } => {
            let wait = TimeDelta::from_std(retry_after).unwrap_or(BACKOFF_MAX);
            retry(wait, false, "too_many_requests")
        }
        SendOutcome::NotConnected => {
            // The longer it has waited, the longer it waits: a backoff without a counter.
            let age = this.now - this.created_at;
            retry((age / 4).clamp(BACKOFF_MIN, BACKOFF_MAX), false, "not_connected")
        }
        SendOutcome::Unknown { reason } => {
            let again = this.possible_deliveries < this.kind.possible_deliveries();
            match this.delivery {
                Delivery::Edit => retry(AFTER_UNKNOWN, false, reason),
                Delivery::Message if again => retry(AFTER_UNKNOWN, true, reason),
                Delivery::Message | Delivery::Document => {
                    Disposition::Final { status: MessageStatus::Unknown, reason: reason.to_owned() }
                }
            }
        }
        SendOutcome::Migrated { .. } => retry(TimeDelta::zero(), false, "chat_migrated"),
        // The staff's chat is a setting, not a person who left: its cards wait until the bot is let
        // in again.
        SendOutcome::Unreachable { reason } if this.kind.recipient() == Recipient::Staff => {
            retry(STAFF_AGAIN, false, reason)
        }
        // Until then the client is marked unreachable, and the row waits without an address for their return. It is
        // tried again only where they have written meanwhile.
        SendOutcome::Unreachable { reason } if this.kind.follows_booking() => {
            retry(CLIENT_AGAIN, false, reason)
        }
        SendOutcome::Unreachable { reason } => {
            Disposition::Final { status: MessageStatus::Failed, reason: reason.to_owned() }
        }
        // Whose fault it is shows when each is sent alone.
        SendOutcome::Refused { .. } if this.is_joined => {
            retry(TimeDelta::zero(), false, REFUSED_TOGETHER)
        }
        SendOutcome::Refused { description } => {
            Disposition::Final { status: MessageStatus::Failed, reason: description }
        }
    }
}

#[cfg(test)]
#[path = "outcome_tests.rs"]
mod tests;
