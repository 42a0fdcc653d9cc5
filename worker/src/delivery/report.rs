//! The log line and the metrics of a message that was handled.

use std::time::Duration;

use chrono::{DateTime, Utc};
use shared::{
    domain::{
        message::{MessageKind, MessageStatus, Recipient},
        outcome::Disposition,
    },
    store::outbox::DueMessage,
    telemetry::{
        metrics::{self, MessageOutcome},
        milliseconds,
    },
};

/// Logs and counts messages (one, or joined cards) whose attempt ended at `now` and `took` so long.
pub(super) fn log_and_count(
    messages: &[&DueMessage],
    follows: &Disposition,
    unreachable: bool,
    (now, took): (DateTime<Utc>, Duration),
) {
    for message in messages {
        let (outcome, reason) = match follows {
            Disposition::Sent { .. } => (MessageOutcome::Sent, ""),
            Disposition::Retry { reason, .. } if unreachable => {
                (MessageOutcome::Unreachable, *reason)
            }
            Disposition::Retry { delivered_perhaps: true, reason, .. } => {
                (MessageOutcome::RetriedUnknown, *reason)
            }
            Disposition::Retry { reason, .. } => (MessageOutcome::Deferred, *reason),
            Disposition::Final { status: MessageStatus::Unknown, reason } => {
                (MessageOutcome::Unknown, reason.as_str())
            }
            Disposition::Final { status: MessageStatus::Expired, reason } => {
                (MessageOutcome::Expired, reason.as_str())
            }
            Disposition::Final { reason, .. } if unreachable => {
                (MessageOutcome::Unreachable, reason.as_str())
            }
            Disposition::Final { reason, .. } => (MessageOutcome::Failed, reason.as_str()),
        };
        metrics::message(message.kind, outcome);
        let late = (now - message.due_at).to_std().unwrap_or_default();
        if outcome == MessageOutcome::Sent {
            metrics::message_lateness(message.kind, late);
            if message.kind == MessageKind::Reminder {
                metrics::reminder_lateness(late);
            }
        }
        let (event_id, booking_code) = traced(message);
        tracing::info!(
            message_id = message.id.0,
            kind = message.kind.as_str(),
            to = match message.kind.recipient() {
                Recipient::Client => "client",
                Recipient::Staff => "staff",
            },
            booking_code,
            event_id,
            outcome = ?outcome,
            reason,
            late_ms = milliseconds(late),
            duration_ms = milliseconds(took),
            "message handled"
        );
    }
}

/// The ids that tie a message's log lines to its cause: `event_id` and booking code. Empty: none.
pub(super) fn traced(message: &DueMessage) -> (&str, &str) {
    (
        message.event.as_ref().map(|e| e.0.as_str()).unwrap_or_default(),
        message.booking.as_ref().map(|b| b.code.as_str()).unwrap_or_default(),
    )
}
