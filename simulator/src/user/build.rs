//! The JSON of updates, in the shape Telegram sends, with a field that no client knows yet.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    chats::{buttons_json, chat_json},
    model::ChatMessage,
};

/// Who acts, and in which chat.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Person {
    pub chat_id: i64,
    /// Differs from the chat only in groups.
    #[serde(default)]
    from_id: Option<i64>,
    #[serde(default)]
    first_name: Option<String>,
}

impl Person {
    pub(crate) fn user_id(&self) -> i64 {
        self.from_id.unwrap_or(self.chat_id)
    }

    pub(crate) fn first_name(&self) -> &str {
        self.first_name.as_deref().unwrap_or("Client")
    }

    fn json(&self) -> Value {
        json!({
            "id": self.user_id(),
            "is_bot": false,
            "first_name": self.first_name(),
            "language_code": "ru",
        })
    }

    fn chat(&self) -> Value {
        chat_json(self.chat_id, self.first_name())
    }
}

/// A `Message` with `content` (text, contact, …).
pub(crate) fn message(
    person: &Person,
    message_id: i64,
    at: DateTime<Utc>,
    content: Value,
) -> Value {
    let mut message = json!({
        "message_id": message_id,
        "from": person.json(),
        "chat": person.chat(),
        "date": at.timestamp(),
        "unknown_future_field": 1,
    });
    if let (Value::Object(message), Value::Object(content)) = (&mut message, content) {
        let given =
            |value: &Value| !value.is_null() && value.as_array().is_none_or(|a| !a.is_empty());
        message.extend(content.into_iter().filter(|(_, value)| given(value)));
    }
    message
}

/// Telegram marks a leading command as an entity.
pub(crate) fn command_entities(text: &str) -> Value {
    match text.split_whitespace().next() {
        Some(word) if word.starts_with('/') && word.len() > 1 => {
            json!([{"type": "bot_command", "offset": 0, "length": word.encode_utf16().count()}])
        }
        _ => json!([]),
    }
}

/// A `CallbackQuery`: a press of a button under `message`.
pub(crate) fn callback_query(
    person: &Person,
    message: &ChatMessage,
    id: &str,
    data: &str,
) -> Value {
    json!({
        "id": id,
        "from": person.json(),
        "message": {
            "message_id": message.message_id,
            "from": {"id": 1, "is_bot": true, "first_name": "Simulator", "username": "simulator_bot"},
            "chat": person.chat(),
            "date": message.at.timestamp(),
            "text": message.text,
            "reply_markup": buttons_json(&message.buttons),
        },
        "chat_instance": person.chat_id.to_string(),
        "data": data,
    })
}

/// A `ChatMemberUpdated` of the bot itself: the person blocked or unblocked it.
pub(crate) fn my_chat_member(person: &Person, at: DateTime<Utc>, blocked: bool) -> Value {
    let bot =
        json!({"id": 1, "is_bot": true, "first_name": "Simulator", "username": "simulator_bot"});
    let kicked = json!({"user": bot, "status": "kicked", "until_date": 0});
    let member = json!({"user": bot, "status": "member"});
    let (old, new) = if blocked { (member, kicked) } else { (kicked, member) };
    json!({
        "chat": person.chat(),
        "from": person.json(),
        "date": at.timestamp(),
        "old_chat_member": old,
        "new_chat_member": new,
    })
}

/// The chat an injected update belongs to; 0 if it names none.
pub(crate) fn chat_of(update: &Value) -> i64 {
    let kinds = update.as_object().into_iter().flat_map(Map::values);
    kinds
        .filter_map(|kind| kind.pointer("/chat/id").or_else(|| kind.pointer("/message/chat/id")))
        .find_map(Value::as_i64)
        .unwrap_or_default()
}
