//! Calls besides `sendMessage`: answering a press, and at start registering the webhook and how the bot presents
//! itself. The payloads are plain JSON whose answers are read leniently.

use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use serde_json::Value;
use shared::{
    domain::{ids::ChatId, venue::Venue},
    settings::WorkerTelegram,
};
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{
    answer::CallError,
    client::{Client, Method, method},
    presentation::{Part, parts, parts_of_staff_chat},
};
use crate::texts::Languages;

/// The kinds of updates that Telegram is to deliver.
pub(super) const ALLOWED_UPDATES: [&str; 3] = ["message", "callback_query", "my_chat_member"];

/// A press is answered at once or not at all. The answer only stops the button's spinner.
const CALLBACK_TIMEOUT: Duration = Duration::from_secs(3);
/// The pause between attempts: doubles from the first to the last.
const BACKOFF: std::ops::RangeInclusive<Duration> =
    Duration::from_secs(1)..=Duration::from_secs(60);

method!("AnswerCallbackQuery", AnswerCallbackQuery { callback_query_id: String } -> Value);
method!("SetWebhook", SetWebhook {
    url: String,
    secret_token: String,
    allowed_updates: [&'static str; 3],
} -> Value);
method!("DeleteWebhook", DeleteWebhook { drop_pending_updates: bool } -> Value);

/// Answers a press in the background. The result is not waited for, and nothing depends on it.
pub fn answer_callback(client: &Client, callback: &str) {
    let client = client.clone();
    let query = AnswerCallbackQuery { callback_query_id: callback.to_owned() };
    tokio::spawn(async move {
        let answered = tokio::time::timeout(CALLBACK_TIMEOUT, client.call(query)).await;
        if !matches!(answered, Ok(Ok(_))) {
            tracing::debug!("a press could not be answered");
        }
    });
}

/// Registers where Telegram delivers updates, and what differs of how the bot presents itself. Retries until it
/// succeeds or `stop` is cancelled. Runs in the background: the start does not depend on Telegram.
pub async fn register_commands(
    client: &Client,
    (texts, venue): (&Languages, &Venue),
    telegram: &WorkerTelegram,
    stop: &CancellationToken,
) {
    let registration = async {
        match telegram {
            WorkerTelegram::Webhook { url, secret } => {
                retry_until_set(client, &webhook(url, secret)).await;
            }
            // Telegram refuses getUpdates while a webhook is set. What waits there is kept.
            WorkerTelegram::Polling => {
                retry_until_set(client, &NO_WEBHOOK).await;
            }
        }
        for part in parts(texts, venue) {
            present(client, &part).await;
        }
    };
    if stop.run_until_cancelled(registration).await.is_some() {
        tracing::info!("bot registered with Telegram");
    }
}

/// Shows the commands of the staff's chat where it is another one now. Retries as the registration does.
pub async fn register_staff_commands(
    client: &Client,
    texts: &Languages,
    (former, staff): (Option<ChatId>, Option<ChatId>),
) {
    for part in parts_of_staff_chat(texts, former, staff) {
        present(client, &part).await;
    }
}

/// No webhook. What waits for it is kept.
const NO_WEBHOOK: DeleteWebhook = DeleteWebhook { drop_pending_updates: false };

fn webhook(url: &Url, secret: &SecretString) -> SetWebhook {
    SetWebhook {
        url: url.to_string(),
        secret_token: secret.expose_secret().to_owned(),
        allowed_updates: ALLOWED_UPDATES,
    }
}

/// Sets the webhook once more, after another program has changed it.
///
/// # Errors
/// The reason, without the token.
pub(super) async fn set_webhook_again(
    client: &Client,
    url: &Url,
    secret: &SecretString,
) -> Result<(), String> {
    client.call(webhook(url, secret)).await.map(drop).map_err(|error| error.to_string())
}

/// Removes the webhook of another program.
///
/// # Errors
/// The reason, without the token.
pub(super) async fn remove_webhook(client: &Client) -> Result<(), String> {
    client.call(NO_WEBHOOK).await.map(drop).map_err(|error| error.to_string())
}

/// Calls until it succeeds.
async fn retry_until_set<M: Method<Answer = Value> + Clone>(client: &Client, payload: &M) {
    let mut pause = *BACKOFF.start();
    while let Err(error) = client.call(payload.clone()).await {
        pause = wait_after(M::NAME, &error, pause).await;
    }
}

/// Sets a part of the presentation. One that Telegram refuses, such as the commands of a chat that the bot is not in,
/// is left as it is.
async fn present(client: &Client, part: &Part) {
    let mut pause = *BACKOFF.start();
    while let Err(error) = part.ensure(client).await {
        if let CallError::Refused { .. } = error {
            let part = part.name();
            tracing::warn!(part, reason = %error, "Telegram refuses how the bot presents itself");
            return;
        }
        pause = wait_after(&part.name(), &error, pause).await;
    }
}

/// Waits before the next attempt. Returns the pause after that.
async fn wait_after(what: &str, error: &CallError, pause: Duration) -> Duration {
    let wait = error.retry_after().unwrap_or_default().max(pause);
    tracing::warn!(
        method = what,
        reason = %error,
        retry_in_seconds = wait.as_secs(),
        "Telegram setup call failed"
    );
    tokio::time::sleep(wait).await;
    (pause * 2).min(*BACKOFF.end())
}
