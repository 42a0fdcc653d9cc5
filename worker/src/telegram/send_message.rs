//! `sendMessage`: the one payload of every message, and the outcome of the call.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use shared::{
    domain::{ids::ChatId, outcome::SendOutcome},
    telemetry::metrics,
};
use teloxide::{requests::Payload, types::ReplyMarkup};
use tokio::time::Instant;

use super::{
    client::Client,
    error::{send_label, send_outcome},
};

/// Longest call, the client's own pause after a 5xx (10 s) included: below an outbox lease.
pub(super) const CALL_TIMEOUT: Duration = Duration::from_secs(32);

/// A text message. Only the id is read of Telegram's answer: an unknown field of a later Bot API can't
/// turn a sent message into an error.
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
pub(super) struct NoPreview {
    pub(super) is_disabled: bool,
}

/// The part of the answer that is read.
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
    /// An HTML message for a chat. `silent`: it arrives without a sound.
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

/// Sends a message.
pub async fn send(client: &Client, message: SendText) -> SendOutcome {
    let started = Instant::now();
    let call = client.call_unmeasured(message);
    let outcome = match tokio::time::timeout(CALL_TIMEOUT, call).await {
        Ok(Ok(sent)) => SendOutcome::Sent { telegram_message_id: sent.message_id },
        Ok(Err(error)) => send_outcome(&error),
        Err(_) => SendOutcome::Unknown { reason: "timeout" },
    };
    metrics::telegram_request("SendMessage", send_label(&outcome), started.elapsed());
    outcome
}
