//! Writing down how a message ended, as often as it takes: who does not know it might say it again.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use shared::{
    domain::{
        ids::{ChatId, MessageId},
        message::MessageStatus,
        outcome::{Attempt, Disposition, SendOutcome, disposition},
    },
    queue::{Job, QueueName, WakeChat},
    store::{
        DbErr, TransactionTrait,
        connect::is_transient,
        dead_letters, limited,
        outbox::{self, Claim, DueMessage, Settled, Settlement},
    },
    telemetry::metrics::{self, MessageOutcome},
};

use tokio::time::Instant;

use super::{
    error::DeliveryError,
    report::{log_and_count, traced},
    side_effects,
};
use crate::app::App;

/// How long the end of a message that was said is tried to be written down while the database is
/// away. Not knowing it, the message might be said again.
const PERSISTENCE: Duration = Duration::from_secs(300);

/// Ends a message whose time or booking has passed it by.
///
/// # Errors
/// When the database fails.
pub(super) async fn skip(
    app: &App,
    message: &DueMessage,
    status: MessageStatus,
    reason: &str,
) -> Result<(), DeliveryError> {
    outbox::cancel_pending(&app.db, message.id, status, reason, app.clock.now()).await?;
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

/// Puts a message off that was held up into quiet hours, so that it keeps none behind it waiting.
///
/// # Errors
/// When PostgreSQL or Redis fails.
pub(super) async fn postpone(
    app: &App,
    chat: ChatId,
    message: &DueMessage,
    until: DateTime<Utc>,
) -> Result<(), DeliveryError> {
    outbox::postpone(&app.db, message.id, until, app.clock.now()).await?;
    tracing::info!(message_id = message.id.0, %until, "message put off until quiet hours end");
    Ok(app.queue.push(&[Job::wake_later(QueueName::Bulk, chat, until)]).await?)
}

/// Ends a message that can never be sent, so that it doesn't stand in its chat's way.
///
/// # Errors
/// When the database fails.
pub(super) async fn quarantine(
    app: &App,
    chat: ChatId,
    id: MessageId,
    reason: &str,
) -> Result<(), DeliveryError> {
    let tx = limited(app.db.begin()).await?;
    dead_letters::keep_message(&tx, id, &wake(chat, app), reason).await?;
    outbox::cancel_pending(&tx, id, MessageStatus::Failed, reason, app.clock.now()).await?;
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
pub(super) async fn record(
    app: &Arc<App>,
    chat: ChatId,
    messages: &[DueMessage],
    claim: Claim,
    outcome: SendOutcome,
    took: Duration,
) -> Option<Duration> {
    let first = messages.first()?;
    let now = app.clock.now();
    let this = Attempt {
        kind: first.kind,
        // The joined cards share each try: the one that was tried most decides.
        possible_deliveries: messages.iter().map(|m| m.attempts).max().unwrap_or(0) + 1,
        expires_at: first.expires_at,
        created_at: first.created_at,
        now,
    };
    let follows = disposition(outcome.clone(), this);
    let refused = match &outcome {
        // A fault of ours: what it was shows to the operator, who says it again once it is mended.
        SendOutcome::Refused { description } => Some((chat, description.clone())),
        _ => None,
    };
    let end = End { claim, follows: follows.clone(), refused };
    persist(app, end).await;
    let unreachable = matches!(outcome, SendOutcome::Unreachable { .. });
    log_and_count(messages, &follows, unreachable, (now, took));
    side_effects::apply(app, chat, messages, &outcome, took).await;
    match follows {
        Disposition::Retry { not_before, .. } => {
            Some((not_before - now).to_std().unwrap_or_default())
        }
        _ => None,
    }
}

/// How a claim ended.
struct End {
    claim: Claim,
    follows: Disposition,
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
    let settlement = Settlement { claim: end.claim.clone(), disposition: end.follows.clone() };
    let Some((chat, reason)) = &end.refused else {
        return app.outbox_batcher.settle(settlement).await;
    };
    let tx = limited(app.db.begin()).await?;
    let mut settled = outbox::settle(&tx, &[settlement], app.clock.now()).await;
    let settled = settled.pop().unwrap_or(Ok(Settled::TooLate))?;
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
            let released = outbox::release(&app.db, &claim, app.clock.now()).await;
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
