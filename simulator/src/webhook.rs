//! Pushes updates to the bot's webhook as Telegram does: in order within a chat, chats side by side,
//! again after a short while when the answer is not 2xx; a method in the answer is carried out.

use std::{sync::Arc, time::Duration};

use serde_json::Value;

use crate::{
    api::execute,
    state::{Shared, wall_clock},
    updates::{Lane, Pending, Webhook},
};

const FIRST_PAUSE: Duration = Duration::from_millis(50);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// Telegram waits about a minute. Tests need a shorter time.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// Starts a task for each lane that has updates and none yet.
pub(crate) fn push_waiting(simulator: &Shared) {
    let lanes = simulator.look().updates.lanes_to_push();
    for lane in lanes {
        tokio::spawn(push_lane(Arc::clone(simulator), lane));
    }
}

async fn push_lane(simulator: Shared, lane: Lane) {
    let mut pause = FIRST_PAUSE;
    loop {
        let Some((key, pending, webhook)) = simulator.look().updates.head(lane) else {
            return;
        };
        match push(&simulator, &pending, &webhook).await {
            Ok(()) => {
                simulator.change(|state| state.updates.remove(key));
                pause = FIRST_PAUSE;
            }
            Err(error) => {
                tracing::debug!(
                    update_id = pending.update_id,
                    error,
                    "webhook did not take an update"
                );
                if let Some(webhook) = &mut simulator.look().updates.webhook {
                    webhook.last_error = Some((error, wall_clock().timestamp()));
                }
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(LONGEST_PAUSE);
            }
        }
    }
}

async fn push(simulator: &Shared, pending: &Pending, webhook: &Webhook) -> Result<(), String> {
    let mut request = simulator
        .http
        .post(&webhook.url)
        .timeout(ANSWER_WITHIN)
        .header("content-type", "application/json")
        .body(pending.json.to_string());
    if let Some(secret) = &webhook.secret {
        request = request.header("X-Telegram-Bot-Api-Secret-Token", secret);
    }
    let response = request.send().await.map_err(|error| error.to_string())?;
    if !response.status().is_success() {
        return Err(format!("Wrong response from the webhook: {}", response.status()));
    }
    let body = response.bytes().await.unwrap_or_default();
    if let Ok(Value::Object(mut call)) = serde_json::from_slice::<Value>(&body)
        && let Some(Value::String(method)) = call.remove("method")
    {
        // Telegram does not return the result of a call made in a webhook's response.
        execute::call_from_webhook(simulator, &method, call);
    }
    Ok(())
}
