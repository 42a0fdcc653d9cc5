//! `sendMessage`: the one payload of every message, and the outcome of the call.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use shared::{
    domain::{ids::ChatId, outcome::SendOutcome},
    telemetry::metrics,
};
use teloxide::types::ReplyMarkup;
use tokio::time::Instant;

use super::{
    answer::CallError,
    client::{Client, Method},
    error::{refuses_button, send_label, send_outcome},
    way::CONNECT_TIMEOUT,
};

/// Longest call. Two of them, where a button is refused, are below an outbox lease.
pub(super) const CALL_TIMEOUT: Duration = Duration::from_secs(19);
// Attempts to connect by both ways leave time for the call itself.
const _: () = assert!(CONNECT_TIMEOUT.as_secs() * 2 < CALL_TIMEOUT.as_secs());

/// A text message. Only the id is read of Telegram's answer: an unknown field of a later Bot API can't
/// turn a sent message into an error.
#[derive(Debug, Clone, Serialize)]
pub struct SendText {
    pub chat_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_thread_id: Option<i64>,
    pub text: String,
    parse_mode: &'static str,
    link_preview_options: NoPreview,
    #[serde(skip_serializing_if = "is_false")]
    disable_notification: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_markup: Option<ReplyMarkup>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_parameters: Option<ReplyTo>,
}

/// The message of the chat that is answered, if it is still there.
#[derive(Debug, Clone, Serialize)]
struct ReplyTo {
    message_id: i64,
    allow_sending_without_reply: bool,
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

impl Method for SendText {
    type Answer = SentMessage;
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
            message_thread_id: None,
            text: html,
            parse_mode: "HTML",
            link_preview_options: NoPreview { is_disabled: true },
            disable_notification: silent,
            reply_markup,
            reply_parameters: None,
        }
    }

    /// The message goes to a topic of the group.
    #[must_use]
    pub fn in_topic(mut self, topic: Option<i64>) -> Self {
        self.message_thread_id = topic;
        self
    }

    /// The message answers one of the chat.
    #[must_use]
    pub fn in_reply_to(mut self, message_id: i64) -> Self {
        self.reply_parameters = Some(ReplyTo { message_id, allow_sending_without_reply: true });
        self
    }
}

/// Sends a message; without its buttons, where Telegram refuses one of them.
pub async fn send(client: &Client, mut message: SendText) -> SendOutcome {
    let refused = match try_to_send(client, &message).await {
        (_, Some(error)) if message.reply_markup.is_some() && refuses_button(&error) => error,
        (outcome, _) => return outcome,
    };
    tracing::error!(error = %refused, "Telegram refuses a button: the message is sent without any");
    message.reply_markup = None;
    try_to_send(client, &message).await.0
}

/// Makes a call that sends a message, and measures it.
pub(super) async fn try_to_send<M: Method<Answer = SentMessage>>(
    client: &Client,
    message: &M,
) -> (SendOutcome, Option<CallError>) {
    let started = Instant::now();
    let call = client.call_unmeasured(message);
    let answer = tokio::time::timeout(CALL_TIMEOUT, call).await;
    let (outcome, error) = match answer.unwrap_or(Err(CallError::Timeout)) {
        Ok(sent) => (SendOutcome::Sent { telegram_message_id: sent.message_id }, None),
        Err(error) => (send_outcome(&error), Some(error)),
    };
    metrics::telegram_request(M::NAME, send_label(&outcome), started.elapsed());
    (outcome, error)
}
