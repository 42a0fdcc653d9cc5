//! getUpdates: long polling, confirmation by offset, and the conflicts Telegram reports.

use std::time::Duration;

use serde_json::{Map, Value};

use super::{answer::Answer, params};
use crate::state::Shared;

/// Telegram's bounds of `timeout` (seconds) and `limit`.
const LONGEST_WAIT: i64 = 50;
const LIMIT: i64 = 100;

/// Waits for updates, as the parameters specify.
pub(crate) async fn get_updates(simulator: &Shared, params: &Map<String, Value>) -> Answer {
    let limit = params::integer(params, "limit").unwrap_or(LIMIT).clamp(1, LIMIT);
    let limit = usize::try_from(limit).unwrap_or(1);
    let seconds = params::integer(params, "timeout").unwrap_or(0).clamp(0, LONGEST_WAIT);
    let turn = simulator.change(|state| {
        let updates = &mut state.updates;
        if updates.webhook.is_some() {
            return None;
        }
        updates.allow(params.get("allowed_updates"));
        if let Some(offset) = params::integer(params, "offset") {
            updates.confirm(offset);
        }
        updates.poll += 1;
        Some(updates.poll)
    });
    let Some(turn) = turn else {
        return Answer::error(
            409,
            "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
        );
    };
    let found = simulator
        .wait(
            Duration::from_secs(seconds.unsigned_abs()),
            |state| {
                (state.updates.poll == turn && state.updates.webhook.is_none())
                    .then(|| state.updates.first(limit))
            },
            |found| found.as_ref().is_none_or(|updates| !updates.is_empty()),
        )
        .await;
    match found {
        Some(updates) => Answer::ok(
            updates.iter().map(|json| serde_json::from_str(json).unwrap_or(Value::Null)).collect(),
        ),
        None => Answer::error(
            409,
            "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
        ),
    }
}
