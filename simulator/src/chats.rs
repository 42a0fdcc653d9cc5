//! The messages of each chat as its person sees them, and whether that person has blocked the bot.

use std::collections::{HashMap, VecDeque};

use serde_json::{Value, json};

use crate::{
    autolinks,
    html::Entity,
    model::{BotInChat, Button, ChatMessage, JournalMode},
};

/// Latest messages kept of one chat.
const KEPT: usize = 500;

#[derive(Debug, Default)]
pub(crate) struct Chats {
    chats: HashMap<i64, Chat>,
    last_message_id: i64,
    /// What getChat and getChatMember say of a chat, where it was scripted.
    bots: HashMap<i64, BotInChat>,
}

#[derive(Debug, Default)]
pub(crate) struct Chat {
    pub blocked: bool,
    pub messages: VecDeque<ChatMessage>,
}

impl Chats {
    /// Shows a message and returns it with its id. With the journal off only the id is made.
    pub(crate) fn show(
        &mut self,
        chat_id: i64,
        mut message: ChatMessage,
        entities: &[Entity],
        mode: JournalMode,
    ) -> ChatMessage {
        self.last_message_id += 1;
        message.message_id = self.last_message_id;
        if let Some(media) = &mut message.media {
            media.make_file_id(self.last_message_id);
        }
        if mode == JournalMode::On {
            // A copy has those of its own text already.
            if message.from_bot && message.copy_of.is_none() {
                message.autolinks = autolinks::find(&message.text, entities);
                message.entities = entities.to_vec();
            }
            let messages = &mut self.chats.entry(chat_id).or_default().messages;
            if messages.len() == KEPT {
                messages.pop_front();
            }
            messages.push_back(message.clone());
        }
        message
    }

    /// Scripts what getChat and getChatMember say of a chat.
    pub(crate) fn script(&mut self, chat_id: i64, bot: BotInChat) {
        self.bots.insert(chat_id, bot);
    }

    /// What getChat was scripted to say.
    pub(crate) fn scripted(&self, chat_id: i64) -> Option<Value> {
        self.bots.get(&chat_id).map(|bot| bot.chat.clone())
    }

    /// getChatMember's answer for the bot itself: an administrator with all rights, if nothing else is scripted.
    pub(crate) fn bot_member(&self, chat_id: i64) -> Value {
        let scripted = self.bots.get(&chat_id).map(|bot| bot.member.clone());
        scripted.unwrap_or_else(|| json!({"status": "administrator", "can_post_messages": true}))
    }

    pub(crate) fn blocked(&self, chat_id: i64) -> bool {
        self.chats.get(&chat_id).is_some_and(|chat| chat.blocked)
    }

    pub(crate) fn set_blocked(&mut self, chat_id: i64, blocked: bool) {
        self.chats.entry(chat_id).or_default().blocked = blocked;
    }

    /// Messages of a chat with an id above `after`, oldest first.
    pub(crate) fn read(&self, chat_id: i64, after: i64) -> Vec<ChatMessage> {
        let messages = self.chats.get(&chat_id).map(|chat| chat.messages.iter());
        messages.into_iter().flatten().filter(|m| m.message_id > after).cloned().collect()
    }

    pub(crate) fn get(&self, chat_id: i64, message_id: i64) -> Option<&ChatMessage> {
        let messages = &self.chats.get(&chat_id)?.messages;
        messages.iter().find(|message| message.message_id == message_id)
    }

    pub(crate) fn find(&mut self, chat_id: i64, message_id: i64) -> Option<&mut ChatMessage> {
        let messages = &mut self.chats.get_mut(&chat_id)?.messages;
        messages.iter_mut().find(|message| message.message_id == message_id)
    }

    /// Deletes a message. Whether it was there.
    pub(crate) fn delete(&mut self, chat_id: i64, message_id: i64) -> bool {
        let Some(chat) = self.chats.get_mut(&chat_id) else { return false };
        let before = chat.messages.len();
        chat.messages.retain(|message| message.message_id != message_id);
        chat.messages.len() < before
    }

    /// The next message gets this id, unless it was given out already.
    pub(crate) fn reserve(&mut self, message_id: i64) -> bool {
        let is_free = message_id > self.last_message_id;
        if is_free {
            self.last_message_id = message_id - 1;
        }
        is_free
    }

    /// The latest message of the bot that has inline buttons.
    pub(crate) fn latest_with_buttons(&self, chat_id: i64) -> Option<&ChatMessage> {
        let messages = &self.chats.get(&chat_id)?.messages;
        messages.iter().rev().find(|message| message.from_bot && !message.buttons.is_empty())
    }
}

/// Telegram's `InlineKeyboardMarkup` of these buttons.
pub(crate) fn buttons_json(buttons: &[Vec<Button>]) -> Value {
    let button = |button: &Button| {
        let mut json = json!({ "text": button.text });
        if let Some(text) = &button.copy_text {
            json["copy_text"] = json!({ "text": text });
        }
        let strings =
            [("callback_data", &button.data), ("url", &button.url), ("style", &button.style)];
        for (name, value) in strings {
            if let Some(value) = value {
                json[name] = json!(value);
            }
        }
        json
    };
    let rows: Vec<Vec<Value>> =
        buttons.iter().map(|row| row.iter().map(button).collect()).collect();
    json!({"inline_keyboard": rows})
}
