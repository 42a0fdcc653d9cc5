//! Changes of messages that were sent: their text, their buttons, a reaction. What the call's outcome means.

use serde::Serialize;
use serde_json::Value;
use shared::{
    domain::{ids::ChatId, outcome::SendOutcome},
    telemetry::metrics::{self, TelegramOutcome},
};
use teloxide::types::ReplyMarkup;
use tokio::time::Instant;

use super::{
    answer::CallError,
    client::{Client, Method},
    error::{send_label, send_outcome},
    send_message::{CALL_TIMEOUT, NoPreview},
};

/// A message's new text, as HTML, and its inline buttons: without any they are taken off.
#[derive(Debug, Clone, Serialize)]
pub struct EditText {
    chat_id: i64,
    message_id: i64,
    text: String,
    parse_mode: &'static str,
    link_preview_options: NoPreview,
    #[serde(skip_serializing_if = "Option::is_none")]
    reply_markup: Option<ReplyMarkup>,
}

impl Method for EditText {
    type Answer = Value;
    const NAME: &'static str = "EditMessageText";
}

impl EditText {
    #[must_use]
    pub fn new(
        chat: ChatId,
        message_id: i64,
        html: String,
        reply_markup: Option<ReplyMarkup>,
    ) -> Self {
        Self {
            chat_id: chat.0,
            message_id,
            text: html,
            parse_mode: "HTML",
            link_preview_options: NoPreview { is_disabled: true },
            reply_markup,
        }
    }
}

/// A message's new inline buttons: without any they are taken off.
#[derive(Debug, Clone, Serialize)]
pub struct EditButtons {
    pub chat_id: i64,
    pub message_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_markup: Option<ReplyMarkup>,
}

impl Method for EditButtons {
    type Answer = Value;
    const NAME: &'static str = "EditMessageReplyMarkup";
}

/// The bot's reaction to a message: a thumb up.
#[derive(Debug, Clone, Serialize)]
pub struct ThumbUp {
    chat_id: i64,
    message_id: i64,
    reaction: [Reaction; 1],
}

#[derive(Debug, Clone, Serialize)]
struct Reaction {
    #[serde(rename = "type")]
    kind: &'static str,
    emoji: &'static str,
}

impl Method for ThumbUp {
    type Answer = Value;
    const NAME: &'static str = "SetMessageReaction";
}

impl ThumbUp {
    #[must_use]
    pub fn new(chat: ChatId, message_id: i64) -> Self {
        let reaction = [Reaction { kind: "emoji", emoji: "👍" }];
        Self { chat_id: chat.0, message_id, reaction }
    }
}

/// A call that changes a message.
pub trait Change: Serialize + Sync {
    /// The message that is changed.
    fn message_id(&self) -> i64;
}

impl Change for EditText {
    fn message_id(&self) -> i64 {
        self.message_id
    }
}

impl Change for EditButtons {
    fn message_id(&self) -> i64 {
        self.message_id
    }
}

impl Change for ThumbUp {
    fn message_id(&self) -> i64 {
        self.message_id
    }
}

/// What came of an edit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edited {
    /// As a message that is sent: [`SendOutcome::Sent`] also where the text was as wanted already.
    Tried(SendOutcome),
    /// There is no such message any more, or it can't be edited so. Nothing was changed.
    Refused,
}

/// Changes a message.
#[allow(private_bounds, reason = "a method's name and answer are this room's own")]
pub async fn edit<M: Method<Answer = Value> + Change>(client: &Client, message: M) -> Edited {
    let (started, telegram_message_id) = (Instant::now(), message.message_id());
    let call = client.call_unmeasured(&message);
    let answer = tokio::time::timeout(CALL_TIMEOUT, call).await;
    let edited = match answer {
        Ok(Ok(_)) => Edited::Tried(SendOutcome::Sent { telegram_message_id }),
        Ok(Err(error)) => edited(&error, telegram_message_id),
        Err(_) => Edited::Tried(SendOutcome::Unknown { reason: "timeout" }),
    };
    let label = match &edited {
        Edited::Tried(outcome) => send_label(outcome),
        Edited::Refused => TelegramOutcome::BadRequest,
    };
    metrics::telegram_request(M::NAME, label, started.elapsed());
    edited
}

/// By Telegram's description: a message that is as wanted already is a success.
fn edited(error: &CallError, telegram_message_id: i64) -> Edited {
    if error.to_string().to_lowercase().contains("message is not modified") {
        return Edited::Tried(SendOutcome::Sent { telegram_message_id });
    }
    match send_outcome(error) {
        SendOutcome::Refused { .. } => Edited::Refused,
        outcome => Edited::Tried(outcome),
    }
}
