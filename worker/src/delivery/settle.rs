//! Writing down how a message ended, and what else follows: the fleet is silenced, a client is
//! marked unreachable, a group's new id is kept.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use shared::{
    domain::{
        ids::{ChatId, MessageId},
        message::{MessageKind, MessageStatus, Recipient},
        outcome::{Next, SendOutcome, Try, next},
    },
    queue::{Job, QueueName, WakeChat},
    store::{
        DbErr, TransactionTrait,
        connect::is_transient,
        dead_letters, limited,
        outbox::{self, Claim, DueMessage, NewMessage, Settled},
        users,
    },
    telemetry::{
        metrics::{self, MessageOutcome},
        milliseconds,
    },
};

use tokio::time::Instant;

use super::courier::DeliveryError;
use crate::app::App;

/// How long the end of a message that was said is tried to be written down while the database is
/// away. Not knowing it, the message might be said again.
const PERSISTENCE: Duration = Duration::from_secs(300);

/// Ends a message whose time or booking has passed it by.
///
/// # Errors
/// When the database fails.
pub(super) async fn passed_by(
    app: &App,
    message: &DueMessage,
    status: MessageStatus,
    reason: &str,
) -> Result<(), DeliveryError> {
    outbox::void(&app.db, message.id, status, reason, app.clock.now()).await?;
    let outcome = match status {
        MessageStatus::Expired => MessageOutcome::Expired,
        _ => MessageOutcome::Cancelled,
    };
    metrics::message(message.kind, outcome);
    let (event_id, booking_code) = traced(message);
    let kind = message.kind.as_str();
    tracing::info!(
        message_id = message.id.0,
        kind,
        booking_code,
        event_id,
        reason,
        "message not sent"
    );
    Ok(())
}

/// Ends a message that can never be sent, so that it doesn't stand in its chat's way.
///
/// # Errors
/// When the database fails.
pub(super) async fn broken(
    app: &App,
    chat: ChatId,
    id: MessageId,
    reason: &str,
) -> Result<(), DeliveryError> {
    let tx = limited(app.db.begin()).await?;
    dead_letters::keep_message(&tx, id, &wake(chat, app), reason).await?;
    outbox::void(&tx, id, MessageStatus::Failed, reason, app.clock.now()).await?;
    limited(tx.commit()).await?;
    tracing::error!(message_id = id.0, reason, "message can't be sent, it is set aside as failed");
    Ok(())
}

/// The payload of a job that wakes a chat now.
fn wake(chat: ChatId, app: &App) -> String {
    WakeChat { chat, due_at: app.clock.now() }.encode()
}

/// Writes down how a claimed message (or joined cards) ended; the call of Telegram `took` so long.
/// `Some`: wake the chat after this.
pub(super) async fn outcome(
    app: &Arc<App>,
    chat: ChatId,
    messages: &[DueMessage],
    claim: &Claim,
    outcome: SendOutcome,
    took: Duration,
) -> Option<Duration> {
    let first = messages.first()?;
    let now = app.clock.now();
    let this = Try {
        kind: first.kind,
        // The joined cards share each try: the one that was tried most decides.
        possible_deliveries: messages.iter().map(|m| m.attempts).max().unwrap_or(0) + 1,
        expires_at: first.expires_at,
        created_at: first.created_at,
        now,
    };
    let follows = next(outcome.clone(), this);
    let refused = match &outcome {
        // A fault of ours: what it was shows to the operator, who says it again once it is mended.
        SendOutcome::Refused { description } => Some((chat, description.clone())),
        _ => None,
    };
    let end = End { claim: claim.clone(), follows: follows.clone(), refused };
    persist(app, end).await;
    let unreachable = matches!(outcome, SendOutcome::Unreachable { .. });
    log_and_count(messages, &follows, unreachable, (now, took));
    side_effects(app, chat, messages, &outcome, took).await;
    match follows {
        Next::Retry { not_before, .. } => Some((not_before - now).to_std().unwrap_or_default()),
        _ => None,
    }
}

/// How a claim ended.
struct End {
    claim: Claim,
    follows: Next,
    /// Where, and in which words, Telegram refused it: it is kept as a dead letter then.
    refused: Option<(ChatId, String)>,
}

/// Settles. While the database is away, trying goes on beside the job, which must not be cut off in
/// the middle of it.
async fn persist(app: &Arc<App>, end: End) {
    if try_persist(app, &end).await {
        return;
    }
    let this = Arc::clone(app);
    app.background.spawn(async move {
        let deadline = Instant::now() + PERSISTENCE;
        while Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(250)).await;
            if try_persist(&this, &end).await {
                return;
            }
        }
        let messages = &end.claim.messages;
        tracing::error!(?messages, "could not write down how a message ended");
    });
}

/// One statement, or a transaction where there are dead letters to keep: none must be missing.
async fn write_down(app: &App, end: &End) -> Result<Settled, DbErr> {
    let now = app.clock.now();
    let Some((chat, reason)) = &end.refused else {
        return outbox::settle(&app.db, &end.claim, &end.follows, now).await;
    };
    let tx = limited(app.db.begin()).await?;
    let settled = outbox::settle(&tx, &end.claim, &end.follows, now).await?;
    if settled == Settled::Yes {
        for message in &end.claim.messages {
            dead_letters::keep_message(&tx, *message, &wake(*chat, app), reason).await?;
        }
    }
    limited(tx.commit()).await?;
    Ok(settled)
}

/// Gives up a claim whose answer was lost: it may stand, and its messages, which nobody says, would
/// count as perhaps said when its lease ends.
pub(super) fn lost_claim(app: &Arc<App>, claim: Claim) {
    let app = Arc::clone(app);
    app.background.clone().spawn(async move {
        let deadline = Instant::now() + PERSISTENCE;
        while Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(250)).await;
            let released = outbox::release(&app.db, &claim, &claim.messages, app.clock.now()).await;
            if released.is_ok() {
                return;
            }
        }
    });
}

/// Whether there is nothing more to try.
async fn try_persist(app: &App, end: &End) -> bool {
    let messages = &end.claim.messages;
    match write_down(app, end).await {
        Ok(Settled::Yes) => true,
        Ok(Settled::TooLate) => {
            tracing::warn!(?messages, "a lease ran out before its end was written down");
            true
        }
        Err(error) if is_transient(&error) => {
            tracing::warn!(%error, "can't write down how a message ended, trying again");
            false
        }
        Err(error) => {
            tracing::error!(%error, ?messages, "could not write down how a message ended");
            true
        }
    }
}

async fn side_effects(
    app: &App,
    chat: ChatId,
    messages: &[DueMessage],
    outcome: &SendOutcome,
    took: Duration,
) {
    let done = match outcome {
        SendOutcome::TooManyRequests { retry_after } => {
            metrics::telegram_freeze();
            tracing::warn!(
                retry_after_seconds = retry_after.as_secs(),
                "Telegram asks for silence"
            );
            app.limiter.freeze(*retry_after).await.map_err(DeliveryError::from)
        }
        SendOutcome::Migrated { to } => {
            tracing::info!(chat_id = chat.0, new_chat_id = to.0, "a group has a new id");
            app.staff.renamed(chat, *to);
            migrated(app, chat, *to).await
        }
        SendOutcome::Unreachable { reason } if Some(chat) != app.staff_chat() => {
            client_unreachable(app, chat, messages, reason, took).await.map_err(Into::into)
        }
        _ => Ok(()),
    };
    if let Err(error) = done {
        tracing::warn!(%error, "what follows from Telegram's answer could not be done");
    }
}

/// What waits for the group goes to its new id, and its chat is woken there.
async fn migrated(app: &App, from: ChatId, to: ChatId) -> Result<(), DeliveryError> {
    let now = app.clock.now();
    outbox::freshen_chat(&app.db, from, to, now).await?;
    app.queue.push(&[Job::wake_later(QueueName::Bulk, to, now)]).await?;
    Ok(())
}

/// A client who can't be written to: what is planned for them waits, and the staff may call them.
async fn client_unreachable(
    app: &App,
    chat: ChatId,
    messages: &[DueMessage],
    reason: &'static str,
    took: Duration,
) -> Result<(), DbErr> {
    let now = app.clock.now();
    // Who has written since it was tried can be reached by now.
    let tried = now - TimeDelta::from_std(took).unwrap_or_default();
    let mut work = users::unreachable(&app.db, chat, tried, now).await?;
    let message_id = messages.first().map(|m| m.id.0);
    let event_id = messages.first().map(|m| traced(m).0);
    tracing::info!(message_id, event_id, reason, "a client can't be written to");
    let cards: Vec<NewMessage> = messages
        .iter()
        .filter(|m| m.kind.follows_booking() && m.kind != MessageKind::Feedback)
        .filter_map(|m| {
            let (staff, booking) = (app.staff_chat()?, m.booking.as_ref()?.id);
            let card = NewMessage::staff_card(MessageKind::StaffUnreachable, staff, now);
            let card = card.about(booking);
            Some(match &m.event {
                Some(event) => card.traced_to(event),
                None => card,
            })
        })
        .collect();
    work = work.and(outbox::insert(&app.db, &cards, now).await?);
    app.carry_out(work).await;
    Ok(())
}

fn log_and_count(
    messages: &[DueMessage],
    follows: &Next,
    unreachable: bool,
    (now, took): (chrono::DateTime<chrono::Utc>, Duration),
) {
    for message in messages {
        let (outcome, reason) = match follows {
            Next::Sent { .. } => (MessageOutcome::Sent, ""),
            Next::Retry { delivered_perhaps: true, reason, .. } => {
                (MessageOutcome::RetriedUnknown, *reason)
            }
            Next::Retry { reason, .. } => (MessageOutcome::Deferred, *reason),
            Next::Final { status: MessageStatus::Unknown, reason } => {
                (MessageOutcome::Unknown, reason.as_str())
            }
            Next::Final { status: MessageStatus::Expired, reason } => {
                (MessageOutcome::Expired, reason.as_str())
            }
            Next::Final { reason, .. } if unreachable => {
                (MessageOutcome::Unreachable, reason.as_str())
            }
            Next::Final { reason, .. } => (MessageOutcome::Failed, reason.as_str()),
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

/// What ties a message's log lines to what caused it: the event, and the booking.
fn traced(message: &DueMessage) -> (&str, &str) {
    (
        message.event.as_ref().map(|e| e.0.as_str()).unwrap_or_default(),
        message.booking.as_ref().map(|b| b.code.as_str()).unwrap_or_default(),
    )
}
