//! The way to Telegram: the client, the one payload by which everything is said, and what each
//! answer means.

use std::time::Duration;

use anyhow::Context;
use secrecy::ExposeSecret;
use serde::{Deserialize, Serialize};
use shared::{
    domain::{ids::ChatId, outcome::SendOutcome},
    settings::WorkerSettings,
    telemetry::metrics::{self, TelegramOutcome},
};
use teloxide::{
    ApiError, Bot, RequestError,
    requests::{JsonRequest, Payload, Request},
    types::ReplyMarkup,
};
use tokio::time::Instant;

/// Longest call, the client's own pause after a 5xx (10 s) included: below an outbox lease.
const CALL_TIMEOUT: Duration = Duration::from_secs(32);

/// The client for the bot of these settings.
///
/// # Errors
/// When the proxy's address or the TLS set-up is unusable.
pub fn bot(settings: &WorkerSettings) -> anyhow::Result<Bot> {
    let mut client = reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(5))
        .timeout(Duration::from_secs(20))
        .pool_idle_timeout(Duration::from_secs(20))
        .tcp_nodelay(true)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy();
    if let Some(proxy) = &settings.telegram_proxy {
        let proxy = reqwest::Proxy::all(proxy.expose_secret()).ok().context("TELEGRAM_PROXY")?;
        client = client.proxy(proxy);
    }
    let client = client.build().context("can't set up the client for Telegram")?;
    Ok(Bot::with_client(settings.bot_token.expose_secret(), client)
        .set_api_url(settings.telegram_api_url.clone()))
}

/// A text message. Its answer is read leniently: only the id, so that a field of a later Bot API
/// can't turn a message that was sent into an error.
#[derive(Debug, Clone, Serialize)]
pub struct SendText {
    pub chat_id: i64,
    pub text: String,
    parse_mode: &'static str,
    link_preview_options: NoPreview,
    #[serde(skip_serializing_if = "is_false")]
    disable_notification: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_markup: Option<ReplyMarkup>,
}

#[derive(Debug, Clone, Serialize)]
struct NoPreview {
    is_disabled: bool,
}

/// What is read of the answer.
#[derive(Debug, Clone, Deserialize)]
pub struct SentMessage {
    pub message_id: i64,
}

fn is_false(value: &bool) -> bool {
    !value
}

impl Payload for SendText {
    type Output = SentMessage;
    const NAME: &'static str = "SendMessage";
}

impl SendText {
    /// An HTML message for a chat; `silent`: it arrives without a sound.
    #[must_use]
    pub fn new(
        chat: ChatId,
        html: String,
        reply_markup: Option<ReplyMarkup>,
        silent: bool,
    ) -> Self {
        Self {
            chat_id: chat.0,
            text: html,
            parse_mode: "HTML",
            link_preview_options: NoPreview { is_disabled: true },
            disable_notification: silent,
            reply_markup,
        }
    }
}

/// Says something and tells how that ended.
pub async fn send(bot: &Bot, message: SendText) -> SendOutcome {
    let started = Instant::now();
    let call = JsonRequest::new(bot.clone(), message).send();
    let outcome = match tokio::time::timeout(CALL_TIMEOUT, call).await {
        Ok(Ok(sent)) => SendOutcome::Sent { telegram_message_id: sent.message_id },
        Ok(Err(error)) => outcome_of(&error),
        Err(_) => SendOutcome::Unknown { reason: "timeout" },
    };
    metrics::telegram_request("SendMessage", label(&outcome), started.elapsed());
    outcome
}

/// What an error of the client means for the message. The error itself is never shown: it may hold
/// the token.
fn outcome_of(error: &RequestError) -> SendOutcome {
    match error {
        RequestError::RetryAfter(after) => {
            SendOutcome::TooManyRequests { retry_after: after.duration() }
        }
        RequestError::MigrateToChatId(to) => SendOutcome::Migrated { to: ChatId(to.0) },
        RequestError::Network(error) if error.is_connect() => SendOutcome::NotConnected,
        RequestError::Network(error) if error.is_timeout() => {
            SendOutcome::Unknown { reason: "timeout" }
        }
        RequestError::Network(_) | RequestError::Io(_) => {
            SendOutcome::Unknown { reason: "connection_lost" }
        }
        RequestError::InvalidJson { .. } => SendOutcome::Unknown { reason: "unreadable_answer" },
        RequestError::Api(error) => outcome_of_api(error),
    }
}

fn outcome_of_api(error: &ApiError) -> SendOutcome {
    match error {
        ApiError::BotBlocked => SendOutcome::Unreachable { reason: "bot_blocked" },
        ApiError::ChatNotFound => SendOutcome::Unreachable { reason: "chat_not_found" },
        ApiError::UserDeactivated => SendOutcome::Unreachable { reason: "user_deactivated" },
        ApiError::BotKicked
        | ApiError::BotKickedFromSupergroup
        | ApiError::BotKickedFromChannel
        | ApiError::GroupDeactivated => SendOutcome::Unreachable { reason: "bot_kicked" },
        ApiError::CantInitiateConversation | ApiError::CantTalkWithBots => {
            SendOutcome::Unreachable { reason: "no_conversation" }
        }
        // The token is wrong or was revoked: no message's fault, and it was not sent.
        ApiError::InvalidToken => SendOutcome::NotConnected,
        other => outcome_of_description(&other.to_string()),
    }
}

/// Answers that the client has no word for, by Telegram's own.
fn outcome_of_description(description: &str) -> SendOutcome {
    let lower = description.to_lowercase();
    let says = |signs: &[&str]| signs.iter().any(|sign| lower.contains(sign));
    if says(&[
        "internal server error",
        "bad gateway",
        "gateway time",
        "service unavailable",
        "restart",
    ]) {
        return SendOutcome::Unknown { reason: "server_error" };
    }
    if says(&["unauthorized"]) {
        return SendOutcome::NotConnected;
    }
    if says(&[
        "forbidden",
        "chat_write_forbidden",
        "not enough rights",
        "have no rights",
        "peer_id_invalid",
    ]) {
        return SendOutcome::Unreachable { reason: "forbidden" };
    }
    SendOutcome::Refused { description: description.chars().take(200).collect() }
}

fn label(outcome: &SendOutcome) -> TelegramOutcome {
    match outcome {
        SendOutcome::Sent { .. } | SendOutcome::Migrated { .. } => TelegramOutcome::Ok,
        SendOutcome::TooManyRequests { .. } => TelegramOutcome::TooManyRequests,
        SendOutcome::NotConnected => TelegramOutcome::NotConnected,
        SendOutcome::Unknown { reason: "timeout" } => TelegramOutcome::Timeout,
        SendOutcome::Unknown { reason: "unreadable_answer" } => TelegramOutcome::Unreadable,
        SendOutcome::Unknown { .. } => TelegramOutcome::ServerError,
        SendOutcome::Unreachable { .. } => TelegramOutcome::Forbidden,
        SendOutcome::Refused { .. } => TelegramOutcome::BadRequest,
    }
}
