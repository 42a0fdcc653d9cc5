//! `copyMessage`: a message of another chat without its sender, and the outcome of the call.

use serde::Serialize;
use shared::domain::{ids::ChatId, outcome::SendOutcome};

use super::{
    client::{Client, Method},
    send_message::{SentMessage, try_to_send},
};

/// A copy of a message.
#[derive(Debug, Clone, Serialize)]
pub struct CopyMessage {
    chat_id: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    message_thread_id: Option<i64>,
    from_chat_id: i64,
    message_id: i64,
    /// HTML in place of the message's own caption.
    #[serde(skip_serializing_if = "Option::is_none")]
    caption: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parse_mode: Option<&'static str>,
    disable_notification: bool,
}

impl Method for CopyMessage {
    type Answer = SentMessage;
    const NAME: &'static str = "CopyMessage";
}

impl CopyMessage {
    /// A copy of a message of the chat `from` for `chat`. An empty caption leaves the message's own.
    #[must_use]
    pub fn new(
        chat: ChatId,
        (from, message_id): (ChatId, i64),
        html: String,
        silent: bool,
    ) -> Self {
        let caption = (!html.is_empty()).then_some(html);
        Self {
            chat_id: chat.0,
            message_thread_id: None,
            from_chat_id: from.0,
            message_id,
            parse_mode: caption.is_some().then_some("HTML"),
            caption,
            disable_notification: silent,
        }
    }

    /// The copy goes to a topic of the group.
    #[must_use]
    pub fn in_topic(mut self, topic: Option<i64>) -> Self {
        self.message_thread_id = topic;
        self
    }
}

/// Copies a message.
pub async fn copy(client: &Client, message: &CopyMessage) -> SendOutcome {
    try_to_send(client, message).await.0
}
