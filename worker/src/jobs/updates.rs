//! What Telegram said, applied by the bot, once.

use shared::{
    queue::TelegramUpdate,
    telemetry::{metrics::UpdateOutcome, milliseconds},
};
use tokio::time::Instant;

use super::WorkError;
use crate::{
    app::App,
    bot::{self, Context, Received},
    telegram,
};

/// Applies an update. The press of a button is answered first, so that it stops turning: Telegram
/// lets that wait for no more than a few minutes, and a lost answer harms nothing.
///
/// # Errors
/// When the database fails, or the text is no update.
pub(super) async fn apply(app: &App, update: &TelegramUpdate) -> Result<(), WorkError> {
    let started = Instant::now();
    let parsed = app.update_parser.parse(&update.raw).await?;
    if let Some(callback) = parsed.intent.callback() {
        telegram::answer_callback(&app.telegram, callback);
    }
    let around = Context { region: app.settings.common.phone_region, staff_chat: app.staff_chat() };
    let (now, received) = (app.clock.now(), Received { event: &update.id, at: update.received_at });
    let (outcome, work) = bot::apply(&app.db, &parsed, received, around, now).await?;
    let late = (now - update.received_at).to_std().unwrap_or_default();
    tracing::info!(
        event_id = %update.id,
        update_id = update.update_id,
        outcome = ?outcome,
        answers = work.push.len(),
        late_ms = milliseconds(late),
        duration_ms = milliseconds(started.elapsed()),
        "update handled"
    );
    if outcome == UpdateOutcome::Unreadable {
        tracing::warn!(
            event_id = %update.id,
            update_id = update.update_id,
            "an update is of a kind this version can't read"
        );
    }
    app.carry_out(work).await;
    Ok(())
}
