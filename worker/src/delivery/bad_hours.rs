//! Hours in which Telegram answers badly: a second attempt waits for a good answer, and after several server errors
//! in a row only probes are sent.

use std::sync::Arc;

use shared::{domain::outcome::AFTER_UNKNOWN, store::outbox::DueMessage};

use super::error::DeliveryError;
use crate::app::App;

/// Whether messages may be tried: the first time always, after an attempt of unknown result once Telegram has
/// answered any call well since.
pub(super) async fn may_try(app: &Arc<App>, due: &[DueMessage]) -> Result<bool, DeliveryError> {
    let tried = due.iter().filter(|message| message.attempts > 0);
    let Some(last) = tried.map(|message| message.not_before).max() else { return Ok(true) };
    let attempted = last - AFTER_UNKNOWN;
    Ok(app.limiter.answered_since(attempted).await? || is_well(app).await?)
}

/// Probes Telegram, unless another sender did so a moment ago. Whether it answered well.
pub(super) async fn is_well(app: &Arc<App>) -> Result<bool, DeliveryError> {
    if !app.limiter.may_probe().await? {
        return Ok(false);
    }
    match app.telegram.get_me().await {
        Ok(_) => {
            app.limiter.probe_answered(app.clock.now()).await?;
            tracing::info!("Telegram answered a probe: messages are sent again");
            Ok(true)
        }
        Err(reason) => {
            tracing::warn!(reason, "Telegram answered a probe badly: messages wait");
            Ok(false)
        }
    }
}
