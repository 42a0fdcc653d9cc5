//! The handler of Telegram updates.

use shared::{
    queue::TelegramUpdate,
    telemetry::{metrics::UpdateOutcome, milliseconds},
};
use tokio::time::Instant;

use super::WorkError;
use crate::{
    app::App,
    bot::{self, Intent, Received, StaffIntent},
    telegram,
};

/// Applies an update. A press is answered first, so that the button's spinner stops: Telegram accepts
/// that for a few minutes only. A lost answer does no harm.
pub(super) async fn process(app: &App, update: &TelegramUpdate) -> Result<(), WorkError> {
    let started = Instant::now();
    let mut parsed = app.update_parser.parse(&update.raw).await?;
    if let Intent::Staff(intent @ StaffIntent::Command { command, .. }) = &parsed.intent
        && intent.is_in(&app.venue.staff_chat)
        && let Some(name) = &command.bot
        && app.telegram.is_another_bot(name).await
    {
        parsed.intent = Intent::Ignore;
    }
    if let Some(callback) = parsed.intent.callback() {
        telegram::answer_callback(&app.telegram, callback);
    }
    let now = app.clock.now();
    let rules = &app.settings.common.rules;
    let received = Received { event: &update.id, at: update.received_at, rules };
    let (outcome, work) = bot::apply(&app.db, &parsed, received, &app.venue, now).await?;
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
