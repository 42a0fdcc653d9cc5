//! Acting as a client who sends more than text, and as the members of a group.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{Client, POLL, Result, left, timeout};
use crate::model::{ChatKind, Made, Member, MessageRef, PressAnswer, Profile, UserMessage};

impl Client {
    // A client in the private chat.

    /// Sends a message as the person of a private chat.
    pub async fn send(&self, chat_id: i64, message: &UserMessage) -> Result<Made> {
        self.send_in(Member::of(chat_id, chat_id), message).await
    }

    /// Replies to a message in the private chat.
    pub async fn reply(&self, chat_id: i64, message_id: i64, text: &str) -> Result<Made> {
        self.send(chat_id, &UserMessage::text(text).reply_to(message_id)).await
    }

    /// Opens `t.me/BOT?start=PAYLOAD` and presses Start.
    pub async fn open_link(&self, chat_id: i64, payload: &str) -> Result<Made> {
        self.act("link", json!({"chat_id": chat_id, "payload": payload})).await
    }

    /// Sets what Telegram knows of a person.
    pub async fn set_profile(&self, user_id: i64, profile: &Profile) -> Result<()> {
        self.set(&format!("people/{user_id}"), profile).await
    }

    // Members of a group.

    /// Sends a message as a member. `delivered` of the result: whether privacy mode lets the bot have it.
    pub async fn send_in(&self, member: Member, message: &UserMessage) -> Result<Made> {
        let mut body = json!(message);
        body["chat_id"] = json!(member.chat_id);
        body["from_id"] = json!(member.user_id);
        self.act("send", body).await
    }

    /// Replies to a message of the group.
    pub async fn reply_in(&self, member: Member, message_id: i64, text: &str) -> Result<Made> {
        self.send_in(member, &UserMessage::text(text).reply_to(message_id)).await
    }

    /// Presses a button of a message of the group or channel; of the latest with buttons if `None`.
    pub async fn press_in(
        &self,
        member: Member,
        message_id: Option<i64>,
        data: &str,
    ) -> Result<Made> {
        let Member { chat_id, user_id } = member;
        let body =
            json!({"chat_id": chat_id, "from_id": user_id, "message_id": message_id, "data": data});
        self.act("press", body).await
    }

    /// Deletes a message of any chat, as its people can.
    pub async fn delete_message(&self, chat_id: i64, message_id: i64) -> Result<()> {
        self.set("delete", &MessageRef { chat_id, message_id }).await
    }

    // What the bot shows besides messages.

    /// Waits for the answer to a press: what it showed.
    pub async fn wait_for_answer(&self, press: &Made, patience: Duration) -> Result<PressAnswer> {
        let id = press.callback_query_id.as_deref().unwrap_or_default();
        let started = Instant::now();
        while let Some(wait) = left(started, patience) {
            let wait = wait.min(POLL).as_millis();
            let path = format!("press_answers/{id}?wait_ms={wait}");
            if let Some(answer) = self.get::<Option<PressAnswer>>(&path).await? {
                return Ok(answer);
            }
        }
        Err(timeout(patience, vec![format!("  no answer to press {id}")]))
    }

    /// What getMyCommands answers of a scope, such as `{"type": "all_private_chats"}`, and a language.
    pub async fn commands_of(&self, scope: &Value, language: &str) -> Result<Value> {
        let params = json!({"scope": scope, "language_code": language});
        Ok(self.call("getMyCommands", params).await?["result"].take())
    }

    /// The bot's description in a language; `""` for all others.
    pub async fn description(&self, language: &str) -> Result<String> {
        let answer = self.call("getMyDescription", json!({ "language_code": language })).await?;
        Ok(answer["result"]["description"].as_str().unwrap_or_default().to_owned())
    }

    /// The bot's short description in a language; `""` for all others.
    pub async fn short_description(&self, language: &str) -> Result<String> {
        let params = json!({ "language_code": language });
        let answer = self.call("getMyShortDescription", params).await?;
        Ok(answer["result"]["short_description"].as_str().unwrap_or_default().to_owned())
    }

    /// The menu button of a private chat, or of all others.
    pub async fn menu_button(&self, chat_id: Option<i64>) -> Result<Value> {
        let params = chat_id.map_or(json!({}), |chat_id| json!({ "chat_id": chat_id }));
        Ok(self.call("getChatMenuButton", params).await?["result"].take())
    }

    // Groups.

    /// Makes a chat with a negative id a group, supergroup, forum or channel.
    pub async fn set_chat_kind(&self, chat_id: i64, kind: ChatKind) -> Result<()> {
        self.set(&format!("chats/{chat_id}/kind"), &kind).await
    }

    /// Privacy mode in a group; on by default, off for a bot that is an administrator.
    pub async fn set_privacy(&self, chat_id: i64, on: bool) -> Result<()> {
        self.set(&format!("chats/{chat_id}/privacy"), &on).await
    }

    /// A member opens a topic, or the bot does. `message_id` of the result is the topic's id; it can be
    /// chosen, if it is above the id of every message so far.
    pub async fn open_topic(
        &self,
        member: Member,
        name: &str,
        by_bot: bool,
        thread_id: Option<i64>,
    ) -> Result<Made> {
        let Member { chat_id, user_id } = member;
        let body = json!({"chat_id": chat_id, "from_id": user_id, "name": name, "by_bot": by_bot, "thread_id": thread_id});
        self.act("topic", body).await
    }

    /// The member adds the bot to the group; by the link `?startgroup=PAYLOAD` if there is a payload.
    pub async fn add_bot(&self, member: Member, payload: Option<&str>) -> Result<Made> {
        let Member { chat_id, user_id } = member;
        self.act("add_bot", json!({"chat_id": chat_id, "from_id": user_id, "payload": payload}))
            .await
    }

    /// The member adds the bot by the link `?startgroup=PAYLOAD&admin=…`. Administrators have no privacy mode.
    pub async fn add_bot_as_admin(&self, member: Member, payload: Option<&str>) -> Result<Made> {
        let Member { chat_id, user_id } = member;
        let body =
            json!({"chat_id": chat_id, "from_id": user_id, "payload": payload, "as_admin": true});
        self.act("add_bot", body).await
    }

    /// The member removes the bot from the group.
    pub async fn remove_bot(&self, member: Member) -> Result<Made> {
        let Member { chat_id, user_id } = member;
        self.act("remove_bot", json!({"chat_id": chat_id, "from_id": user_id})).await
    }
}
