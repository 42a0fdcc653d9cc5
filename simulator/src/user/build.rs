//! The JSON of updates, in the shape Telegram sends.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    message_json::bot_json,
    model::ChatMessage,
    state::{State, wall_clock},
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
    /// The user in this chat, under this name.
    pub(crate) fn named(chat_id: i64, user_id: i64, first_name: &str) -> Self {
        Self { chat_id, from_id: Some(user_id), first_name: Some(first_name.to_owned()) }
    }

    pub(crate) fn user_id(&self) -> i64 {
        self.from_id.unwrap_or(self.chat_id)
    }

    /// The name that the person acts under, if it is given.
    pub(crate) fn first_name(&self) -> Option<&str> {
        self.first_name.as_deref()
    }
}

/// A `CallbackQuery`: a press of a button under `message`.
pub(crate) fn callback_query(
    state: &State,
    person: &Person,
    message: &ChatMessage,
    id: &str,
    data: &str,
) -> Value {
    json!({
        "id": id,
        "from": state.people.json(person.user_id()),
        "message": state.message_json(person.chat_id, message),
        "chat_instance": person.chat_id.to_string(),
        "data": data,
    })
}

/// A `ChatMemberUpdated` of the bot itself, from one status to another.
pub(crate) fn my_chat_member(state: &State, person: &Person, old: &str, new: &str) -> Value {
    let bot = bot_json(state.bot_id);
    let member = |status: &str| {
        let mut member = json!({"user": bot, "status": status});
        if status == "kicked" {
            member["until_date"] = json!(0);
        }
        member
    };
    json!({
        "chat": state.chat_json(person.chat_id),
        "from": state.people.json(person.user_id()),
        "date": wall_clock().timestamp(),
        "old_chat_member": member(old),
        "new_chat_member": member(new),
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
