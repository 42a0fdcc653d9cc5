//! Side effects of Telegram's response: a 429 silences the chat or the bot, a blocked bot marks the client
//! unreachable, a group's new id is stored.

use std::time::Duration;

use chrono::TimeDelta;
use shared::{
    domain::{ids::ChatId, message::MessageKind, outcome::SendOutcome},
    store::{
        DbErr,
        outbox::{self, DueMessage, NewMessage},
        users,
    },
    telemetry::metrics,
};

use super::{error::DeliveryError, report::traced};
use crate::{app::App, staff_chat};

/// Runs the side effects of `outcome`, after a call to Telegram that `took` so long. Failures are only
/// logged: the outcome itself is recorded already.
pub(super) async fn run(
    app: &App,
    chat: ChatId,
    messages: &[DueMessage],
    outcome: &SendOutcome,
    took: Duration,
) {
    let done = match outcome {
        SendOutcome::TooManyRequests { retry_after } => {
            metrics::telegram_freeze();
            silence(app, chat, *retry_after).await
        }
        SendOutcome::Migrated { to } => {
            tracing::info!(chat_id = chat.0, new_chat_id = to.0, "a group has a new id");
            app.venue.staff_chat.rename(chat, *to);
            migrate(app, chat, *to).await
        }
        SendOutcome::Unreachable { reason } if Some(chat) != app.venue.staff_chat.get() => {
            client_unreachable(app, chat, messages, reason, took).await.map_err(Into::into)
        }
        SendOutcome::Sent { .. }
        | SendOutcome::NotConnected
        | SendOutcome::Unknown { .. }
        | SendOutcome::Unreachable { .. }
        | SendOutcome::Refused { .. } => Ok(()),
    };
    if let Err(error) = done {
        tracing::warn!(%error, "a side effect of Telegram's response failed");
    }
}

/// The chat pauses, and the whole bot where the limit may be the bot's.
async fn silence(app: &App, chat: ChatId, wait: Duration) -> Result<(), DeliveryError> {
    let bot_pauses = app.limiter.silence(chat, wait).await?;
    let retry_after_seconds = wait.as_secs();
    tracing::warn!(retry_after_seconds, bot_pauses, "Telegram's rate limit was hit");
    Ok(())
}

async fn migrate(app: &App, from: ChatId, to: ChatId) -> Result<(), DeliveryError> {
    let work = staff_chat::migrate(&app.db, from, to, app.clock.now()).await?;
    Ok(app.queue.push(&work.push).await?)
}

/// Marks the client unreachable. The planned messages wait, and a card tells the staff to call.
async fn client_unreachable(
    app: &App,
    chat: ChatId,
    messages: &[DueMessage],
    reason: &'static str,
    took: Duration,
) -> Result<(), DbErr> {
    let now = app.clock.now();
    // A client who wrote after the attempt is reachable again.
    let attempted = now - TimeDelta::from_std(took).unwrap_or_default();
    let mut work = users::unreachable(&app.db, chat, attempted, now).await?;
    let message_id = messages.first().map(|m| m.id.0);
    let event_id = messages.first().map(|m| traced(m).0);
    tracing::info!(message_id, event_id, reason, "a client is unreachable");
    let cards: Vec<NewMessage> = messages
        .iter()
        .filter(|m| m.kind.properties().replaced_by_a_call)
        .filter_map(|m| {
            let (staff, booking) = (app.venue.staff_chat.get()?, m.booking.as_ref()?.id);
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
