//! `getChat` and `getChatMember`: what a chat is, and what the bot may do there. The answers are read
//! leniently.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    answer::CallError,
    client::{Client, method},
};

/// The part of `getChat`'s answer that is read.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Chat {
    /// `private`, `group`, `supergroup` or `channel`.
    #[serde(rename = "type", default)]
    pub kind: String,
    pub title: Option<String>,
    #[serde(default)]
    pub is_forum: bool,
    #[serde(default)]
    pub permissions: Permissions,
}

/// What the members of a group may do.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Permissions {
    pub can_send_messages: Option<bool>,
}

/// The part of `getChatMember`'s answer that is read.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Member {
    /// `creator`, `administrator`, `member`, `restricted`, `left` or `kicked`.
    #[serde(default)]
    pub status: String,
    /// Of a restricted one: whether it still is in the chat.
    pub is_member: Option<bool>,
    pub can_send_messages: Option<bool>,
    /// Of an administrator of a channel.
    pub can_post_messages: Option<bool>,
}

/// What keeps the bot from writing in a chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Missing {
    NotMember,
    /// A group: the bot is restricted, or its members may not write.
    RightToWrite,
    /// A channel: the right to post messages.
    RightToPost,
    /// A group with topics: only an administrator may write in its general topic once that is closed.
    RightInClosedTopic,
}

method!("GetChat", GetChat { chat_id: i64 } -> Chat);
method!("SendChatAction", SendChatAction {
    chat_id: i64,
    message_thread_id: i64,
    action: &'static str,
} -> Value);
method!("GetChatMember", GetChatMember { chat_id: i64, user_id: i64 } -> Member);

impl Client {
    /// Whether a chat is a channel.
    ///
    /// # Errors
    /// Why the call failed.
    pub async fn is_channel(&self, chat_id: i64) -> Result<bool, CallError> {
        Ok(self.call(GetChat { chat_id }).await?.kind == "channel")
    }

    /// Whether a group has a topic: shows in it for seconds that the bot types.
    ///
    /// # Errors
    /// The reason, without the token.
    pub async fn find_topic(&self, chat_id: i64, topic: i64) -> Result<(), String> {
        let action = SendChatAction { chat_id, message_thread_id: topic, action: "typing" };
        self.call(action).await.map(drop).map_err(|error| error.to_string())
    }

    /// A chat, and the bot `bot` as its member.
    ///
    /// # Errors
    /// The reason, without the token.
    pub async fn get_chat(&self, chat_id: i64, bot: i64) -> Result<(Chat, Member), String> {
        let chat = self.call(GetChat { chat_id }).await.map_err(|error| error.to_string())?;
        let member = self.call(GetChatMember { chat_id, user_id: bot }).await;
        Ok((chat, member.map_err(|error| error.to_string())?))
    }
}

/// What the bot lacks to write in a chat.
#[must_use]
pub fn missing(chat: &Chat, bot: &Member) -> Option<Missing> {
    let is_channel = chat.kind == "channel";
    match bot.status.as_str() {
        _ if chat.kind == "private" => None,
        "creator" => None,
        "administrator" => {
            (is_channel && bot.can_post_messages != Some(true)).then_some(Missing::RightToPost)
        }
        "left" | "kicked" => Some(Missing::NotMember),
        "restricted" if bot.is_member == Some(false) => Some(Missing::NotMember),
        _ if is_channel => Some(Missing::RightToPost),
        "restricted" => (bot.can_send_messages != Some(true)).then_some(Missing::RightToWrite),
        _ if chat.permissions.can_send_messages == Some(false) => Some(Missing::RightToWrite),
        _ => chat.is_forum.then_some(Missing::RightInClosedTopic),
    }
}

#[cfg(test)]
#[path = "chat_tests.rs"]
mod tests;
