//! What else follows from Telegram's answer: the fleet is silenced, a client is marked unreachable, a
//! group's new id is kept.

use std::time::Duration;

use chrono::TimeDelta;
use shared::{
    domain::{ids::ChatId, message::MessageKind, outcome::SendOutcome},
    queue::{Job, QueueName},
    store::{
        DbErr,
        outbox::{self, DueMessage, NewMessage},
        users,
    },
    telemetry::metrics,
};

use super::{error::DeliveryError, report::traced};
use crate::app::App;

/// Does it. What fails is logged: how the messages ended is written down already. The call of Telegram
/// `took` so long.
pub(super) async fn apply(
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
    outbox::migrate_chat(&app.db, from, to, now).await?;
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
        .filter(|m| m.kind.properties().replaced_by_a_call)
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
