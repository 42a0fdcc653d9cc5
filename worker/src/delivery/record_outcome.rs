//! Records the outcome of each message: sent, skipped, postponed, retried, quarantined.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use shared::{
    domain::{
        ids::{ChatId, MessageId},
        message::{MessageStatus, Recipient},
        outcome::{Attempt, Delivery, Disposition, SendOutcome, disposition},
        schedule::QUESTION_LASTS,
    },
    queue::{Job, QueueName, WakeChat},
    store::{
        DbErr, QueueWork, TransactionTrait,
        connect::is_transient,
        dead_letters, limited,
        outbox::{self, Claim, DueMessage, Settled, Settlement},
        users,
    },
    telemetry::metrics::{self, MessageOutcome},
};

use tokio::time::Instant;

use super::{
    error::DeliveryError,
    report::{log_and_count, traced},
    side_effects,
};
use crate::{
    app::App,
    bot::{Delivered, FollowUp, follow_up},
    staff_chat,
};

/// Retried for 5 minutes while PostgreSQL is away: an unrecorded send could be repeated.
const RECORD_RETRY: Duration = Duration::from_secs(300);

/// Ends a message that was never sent: it expired, its booking has changed, or it came too soon after another.
pub(super) async fn skip(
    app: &App,
    message: &DueMessage,
    status: MessageStatus,
    reason: &str,
) -> Result<(), DeliveryError> {
    outbox::cancel_pending(&app.db, message.id, status, reason, app.clock.now()).await?;
    let expired = status == MessageStatus::Expired;
    let outcome = if expired { MessageOutcome::Expired } else { MessageOutcome::Cancelled };
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

/// Why a message is postponed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Postponed {
    /// It waits for the end of quiet hours, and expires as before.
    QuietHours,
    /// A question waits for the last visit of its order, and lasts as long after it.
    OrderGoesOn,
}

/// Postpones a message: to the end of quiet hours, or a question to the last visit of its order. It does not block the
/// messages behind it.
pub(super) async fn postpone(
    app: &App,
    chat: ChatId,
    message: &DueMessage,
    until: DateTime<Utc>,
    why: Postponed,
) -> Result<(), DeliveryError> {
    let (expires_at, reason) = match why {
        Postponed::QuietHours => (message.expires_at, "quiet_hours"),
        Postponed::OrderGoesOn => (Some(until + QUESTION_LASTS), "order_goes_on"),
    };
    outbox::postpone(&app.db, message.id, until, expires_at, app.clock.now()).await?;
    tracing::info!(message_id = message.id.0, %until, reason, "message postponed");
    Ok(app.queue.push(&[Job::wake_later(QueueName::Bulk, chat, until)]).await?)
}

/// Ends a message that can never be sent, and keeps it as a dead letter. It does not block its chat.
pub(super) async fn quarantine(
    app: &App,
    chat: ChatId,
    id: MessageId,
    reason: &str,
) -> Result<(), DeliveryError> {
    let (now, staff) = (app.clock.now(), app.venue.staff_chat.get());
    let tx = limited(app.db.begin()).await?;
    dead_letters::keep_message(&tx, id, &wake(chat, app), reason).await?;
    outbox::cancel_pending(&tx, id, MessageStatus::Failed, reason, now).await?;
    let cards = outbox::undelivered_cards(&tx, &[id], staff, now).await?;
    limited(tx.commit()).await?;
    app.carry_out(cards).await;
    tracing::error!(message_id = id.0, reason, "message quarantined: it can't be sent");
    Ok(())
}

/// The payload of a job that wakes the chat now.
fn wake(chat: ChatId, app: &App) -> String {
    WakeChat { chat, due_at: app.clock.now() }.encode()
}

/// A call to Telegram that ended.
pub(super) struct Call {
    pub outcome: SendOutcome,
    pub delivery: Delivery,
    pub took: Duration,
}

/// Records the outcome of a claimed message, or of several that were sent as one. `Some`: wake the chat after
/// this time.
pub(super) async fn record(
    app: &Arc<App>,
    chat: ChatId,
    messages: &[DueMessage],
    claim: Claim,
    Call { outcome, delivery, took }: Call,
) -> Option<Duration> {
    let now = app.clock.now();
    // The request was wrong. The operator sees the reason, and replays the message after a fix.
    let refused = match &outcome {
        SendOutcome::Refused { description } if messages.len() == 1 => {
            Some((chat, description.clone()))
        }
        _ => None,
    };
    let left = client_left(app, chat, messages, &outcome).map(|chat| {
        // A client who wrote after the attempt is reachable again.
        (chat, now - TimeDelta::from_std(took).unwrap_or_default())
    });
    let mut next: Option<DateTime<Utc>> = None;
    for (follows, part) in dispositions(messages, &outcome, delivery, now) {
        let claim = claim.of(part.iter().map(|message| message.id).collect());
        let is_sent = matches!(follows, Disposition::Sent { .. });
        let delivered = part.iter().filter(|_| is_sent).filter_map(|message| message.delivered());
        let delivered = delivered.collect();
        let waits = matches!(follows, Disposition::Retry { .. });
        let is_card = part.iter().any(|message| message.kind.recipient() == Recipient::Staff);
        let waiting_card = (waits && is_card).then_some(chat);
        let settlement = Settlement { claim, disposition: follows.clone() };
        let refused = refused.clone();
        persist(app, Ended { settlement, refused, left, delivered, waiting_card }).await;
        log_and_count(&part, &follows, left.is_some(), (now, took));
        match follows {
            Disposition::Retry { not_before, .. } => {
                next = Some(next.map_or(not_before, |next| next.min(not_before)));
            }
            Disposition::Sent { .. } | Disposition::Final { .. } => {}
        }
    }
    side_effects::run(app, chat, &outcome).await;
    next.map(|at| (at - now).to_std().unwrap_or_default())
}

/// The chat, where a client can't be written to.
fn client_left(
    app: &App,
    chat: ChatId,
    messages: &[DueMessage],
    outcome: &SendOutcome,
) -> Option<ChatId> {
    let SendOutcome::Unreachable { reason } = outcome else { return None };
    let to_client = |first: &&DueMessage| {
        first.kind.recipient() == Recipient::Client && Some(chat) != app.venue.staff_chat.get()
    };
    let first = messages.first().filter(to_client)?;
    let event_id = traced(first).0;
    tracing::info!(message_id = first.id.0, event_id, reason, "a client is unreachable");
    Some(chat)
}

/// What follows for each of the messages that were sent as one, by its own attempts and time; alike ones together.
fn dispositions<'a>(
    messages: &'a [DueMessage],
    outcome: &SendOutcome,
    delivery: Delivery,
    now: DateTime<Utc>,
) -> Vec<(Disposition, Vec<&'a DueMessage>)> {
    let mut parts: Vec<(Disposition, Vec<&DueMessage>)> = Vec::new();
    for message in messages {
        let this = Attempt {
            kind: message.kind,
            possible_deliveries: message.attempts + 1,
            delivery,
            is_joined: messages.len() > 1,
            expires_at: message.expires_at,
            created_at: message.created_at,
            now,
        };
        let follows = disposition(outcome.clone(), this);
        match parts.iter_mut().find(|(other, _)| *other == follows) {
            Some((_, alike)) => alike.push(message),
            None => parts.push((follows, vec![message])),
        }
    }
    parts
}

/// The outcome of a claim, to be recorded.
struct Ended {
    settlement: Settlement,
    /// The chat and Telegram's description of a refusal, kept as a dead letter.
    refused: Option<(ChatId, String)>,
    /// The chat of a client who could not be written to, and when that was tried.
    left: Option<(ChatId, DateTime<Utc>)>,
    /// What more follows from.
    delivered: Vec<Delivered>,
    /// The chat where a card for the staff is to be tried again.
    waiting_card: Option<ChatId>,
}

/// Settles the claim. While PostgreSQL is away, a background task retries: the job's timeout must not
/// cut it off.
async fn persist(app: &Arc<App>, ended: Ended) {
    if try_persist(app, &ended).await {
        return;
    }
    let this = Arc::clone(app);
    app.background.spawn(async move {
        let deadline = Instant::now() + RECORD_RETRY;
        while Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(250)).await;
            if try_persist(&this, &ended).await {
                return;
            }
        }
        let messages = &ended.settlement.claim.messages;
        tracing::error!(?messages, "could not record a message's outcome");
    });
}

/// One statement. With dead letters, cards, what follows from a delivery, or a client who left it is a transaction, so
/// that none is missing.
async fn settle(app: &App, ended: &Ended) -> Result<Settled, DbErr> {
    let Ended { settlement, refused, left, delivered, waiting_card: _ } = ended;
    let is_final = matches!(settlement.disposition, Disposition::Final { .. });
    if !is_final && left.is_none() && delivered.is_empty() {
        return app.outbox_batcher.settle(settlement.clone()).await;
    }
    let (now, staff) = (app.clock.now(), app.venue.staff_chat.get());
    let tx = limited(app.db.begin()).await?;
    let mut settled = outbox::settle(&tx, std::slice::from_ref(settlement), now).await;
    let settled = settled.pop().unwrap_or(Ok(Settled::TooLate))?;
    let messages = &settlement.claim.messages;
    let mut work = QueueWork::default();
    if settled == Settled::Yes {
        work = outbox::undelivered_cards(&tx, messages, staff, now).await?;
        for (message, (chat, reason)) in messages.iter().zip(refused.iter().cycle()) {
            dead_letters::keep_message(&tx, *message, &wake(*chat, app), reason).await?;
        }
        for delivered in delivered {
            work = work.and(follow_up(&tx, delivered, &app.venue, now).await?);
        }
    }
    if let Some((chat, tried_at)) = left {
        work = work.and(users::unreachable(&tx, *chat, staff, *tried_at, now).await?);
    }
    limited(tx.commit()).await?;
    app.carry_out(work).await;
    Ok(settled)
}

/// Releases a claim whose response was lost. It may be in force, and its unsent messages would count as
/// possibly delivered when the lease runs out.
pub(super) fn release_lost(app: &Arc<App>, claim: Claim) {
    let app = Arc::clone(app);
    app.background.clone().spawn(async move {
        let deadline = Instant::now() + RECORD_RETRY;
        while Instant::now() < deadline {
            tokio::time::sleep(Duration::from_millis(250)).await;
            let released = outbox::release(&app.db, &claim, app.clock.now()).await;
            if released.is_ok() {
                return;
            }
        }
    });
}

/// Whether the outcome is recorded, or can never be.
async fn try_persist(app: &App, ended: &Ended) -> bool {
    let messages = &ended.settlement.claim.messages;
    match settle(app, ended).await {
        Ok(Settled::Yes) => {
            if let Some(chat) = ended.waiting_card {
                staff_chat::move_late_card(app, chat).await;
            }
            true
        }
        Ok(Settled::TooLate) => {
            tracing::warn!(?messages, "a lease ran out before its outcome was recorded");
            true
        }
        Err(error) if is_transient(&error) => {
            tracing::warn!(%error, "could not record a message's outcome, retrying");
            false
        }
        Err(error) => {
            tracing::error!(%error, ?messages, "could not record a message's outcome");
            true
        }
    }
}
