//! The calls to Telegram besides messages: answering a press, and telling Telegram at start which
//! commands there are and where updates go. Payloads of our own: plain JSON, read leniently.

use std::time::Duration;

use secrecy::ExposeSecret;
use serde::Serialize;
use shared::{
    settings::WorkerTelegram,
    telemetry::metrics::{self, TelegramOutcome},
};
use teloxide::{
    Bot, RequestError,
    requests::{JsonRequest, Payload, Request},
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::texts::Texts;

/// What the bot listens to.
pub(crate) const ALLOWED_UPDATES: [&str; 3] = ["message", "callback_query", "my_chat_member"];

/// A press is answered at once or not at all: the button only stops spinning.
const CALLBACK_TIMEOUT: Duration = Duration::from_secs(3);
/// Between tries to register_commands the bot: from the first to the last, doubling.
const BACKOFF: std::ops::RangeInclusive<Duration> =
    Duration::from_secs(1)..=Duration::from_secs(60);

/// A method of the Bot API with its parameters.
macro_rules! method {
    ($name:literal, $payload:ident { $($field:ident: $type:ty),* $(,)? }) => {
        #[derive(Clone, Serialize)]
        struct $payload { $($field: $type),* }

        impl Payload for $payload {
            type Output = serde_json::Value;
            const NAME: &'static str = $name;
        }
    };
}

method!("AnswerCallbackQuery", AnswerCallbackQuery { callback_query_id: String });
method!("SetMyCommands", SetMyCommands { commands: Vec<Command> });
method!("SetWebhook", SetWebhook {
    url: String,
    secret_token: String,
    allowed_updates: [&'static str; 3],
});
method!("DeleteWebhook", DeleteWebhook { drop_pending_updates: bool });

#[derive(Clone, Serialize)]
struct Command {
    command: &'static str,
    description: String,
}

/// Tells Telegram that a press was noticed. Does not wait, and nothing depends on how it ends.
pub fn answer_callback(bot: &Bot, callback: &str) {
    let bot = bot.clone();
    let query = AnswerCallbackQuery { callback_query_id: callback.to_owned() };
    tokio::spawn(async move {
        let answered = tokio::time::timeout(CALLBACK_TIMEOUT, call(&bot, query)).await;
        if !matches!(answered, Ok(Ok(_))) {
            tracing::debug!("a press could not be answered");
        }
    });
}

/// Introduces the bot: its commands, and where its updates go. Tries until it is done or `stop` is
/// asked for; meant to run beside the start, which does not depend on Telegram.
pub async fn register_commands(
    bot: &Bot,
    texts: &Texts,
    telegram: &WorkerTelegram,
    stop: &CancellationToken,
) {
    let introduction = async {
        match telegram {
            WorkerTelegram::Webhook { url, secret } => {
                let webhook = SetWebhook {
                    url: url.to_string(),
                    secret_token: secret.expose_secret().to_owned(),
                    allowed_updates: ALLOWED_UPDATES,
                };
                retry_until_set(bot, &webhook).await;
            }
            // Telegram refuses getUpdates while a webhook is set. What waits there is kept.
            WorkerTelegram::Polling => {
                retry_until_set(bot, &DeleteWebhook { drop_pending_updates: false }).await;
            }
        }
        let commands = texts.commands().into_iter();
        let commands =
            commands.map(|(command, description)| Command { command, description }).collect();
        retry_until_set(bot, &SetMyCommands { commands }).await;
    };
    if stop.run_until_cancelled(introduction).await.is_some() {
        tracing::info!("the bot is introduced to Telegram");
    }
}

/// Calls until it succeeds.
async fn retry_until_set<P>(bot: &Bot, payload: &P)
where
    P: Payload<Output = serde_json::Value> + Clone + Serialize + 'static,
{
    let mut pause = *BACKOFF.start();
    while let Err(error) = call(bot, payload.clone()).await {
        let wait = match &error {
            RequestError::RetryAfter(after) => after.duration().max(pause),
            _ => pause,
        };
        tracing::warn!(
            method = P::NAME,
            reason = reason(&error),
            retry_in_seconds = wait.as_secs(),
            "Telegram could not be told"
        );
        tokio::time::sleep(wait).await;
        pause = (pause * 2).min(*BACKOFF.end());
    }
}

/// Calls a method and measures it.
pub(crate) async fn call<P>(bot: &Bot, payload: P) -> Result<P::Output, RequestError>
where
    P: Payload + Serialize + 'static,
    P::Output: serde::de::DeserializeOwned,
{
    let started = Instant::now();
    let answer = JsonRequest::new(bot.clone(), payload).send().await;
    let outcome = answer.as_ref().map_or_else(outcome, |_| TelegramOutcome::Ok);
    metrics::telegram_request(P::NAME, outcome, started.elapsed());
    answer
}

fn outcome(error: &RequestError) -> TelegramOutcome {
    match error {
        RequestError::RetryAfter(_) => TelegramOutcome::TooManyRequests,
        RequestError::Network(error) if error.is_timeout() => TelegramOutcome::Timeout,
        RequestError::Network(_) | RequestError::Io(_) => TelegramOutcome::NotConnected,
        RequestError::InvalidJson { .. } => TelegramOutcome::Unreadable,
        RequestError::Api(_) | RequestError::MigrateToChatId(_) => TelegramOutcome::BadRequest,
    }
}

/// An error in words that hold neither the token nor anything a client wrote.
pub(crate) fn reason(error: &RequestError) -> String {
    match error {
        RequestError::Api(error) => error.to_string().chars().take(200).collect(),
        RequestError::RetryAfter(after) => format!("too many requests, wait {after}"),
        RequestError::Network(error) if error.is_timeout() => "no answer in time".to_owned(),
        RequestError::Network(error) if error.is_connect() => "cannot connect".to_owned(),
        RequestError::Network(_) | RequestError::Io(_) => "connection lost".to_owned(),
        RequestError::InvalidJson { .. } => "unreadable answer".to_owned(),
        RequestError::MigrateToChatId(_) => "the chat has another id".to_owned(),
    }
}
