//! The messages of each chat as its person sees them, and whether that person has blocked the bot.

use std::collections::{HashMap, VecDeque};

use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use crate::{
    autolinks,
    html::Entity,
    markup::Markup,
    model::{BotInChat, Button, ChatMessage, File, JournalMode},
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

/// A message about to be shown.
pub(crate) struct NewMessage<'a> {
    pub chat_id: i64,
    pub from_bot: bool,
    pub at: DateTime<Utc>,
    pub text: &'a str,
    pub source: &'a str,
    pub entities: &'a [Entity],
    pub markup: Markup,
    pub document: Option<File>,
}

impl Chats {
    /// Shows a message and returns its id. With the journal off only the id is made.
    pub(crate) fn show(&mut self, message: NewMessage<'_>, mode: JournalMode) -> i64 {
        self.last_message_id += 1;
        if mode == JournalMode::On {
            let messages = &mut self.chats.entry(message.chat_id).or_default().messages;
            if messages.len() == KEPT {
                messages.pop_front();
            }
            messages.push_back(ChatMessage {
                message_id: self.last_message_id,
                from_bot: message.from_bot,
                at: message.at,
                text: message.text.to_owned(),
                source: message.source.to_owned(),
                autolinks: if message.from_bot {
                    autolinks::find(message.text, message.entities)
                } else {
                    Vec::new()
                },
                buttons: message.markup.buttons,
                keyboard: message.markup.keyboard,
                document: message.document,
            });
        }
        self.last_message_id
    }

    /// Scripts what getChat and getChatMember say of a chat.
    pub(crate) fn script(&mut self, chat_id: i64, bot: BotInChat) {
        self.bots.insert(chat_id, bot);
    }

    /// getChat's answer.
    pub(crate) fn description(&self, chat_id: i64) -> Value {
        let scripted = self.bots.get(&chat_id).map(|bot| bot.chat.clone());
        scripted.unwrap_or_else(|| chat_json(chat_id, "Client"))
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

    pub(crate) fn find(&mut self, chat_id: i64, message_id: i64) -> Option<&mut ChatMessage> {
        let messages = &mut self.chats.get_mut(&chat_id)?.messages;
        messages.iter_mut().find(|message| message.message_id == message_id)
    }

    /// The latest message of the bot that has inline buttons.
    pub(crate) fn latest_with_buttons(&self, chat_id: i64) -> Option<&ChatMessage> {
        let messages = &self.chats.get(&chat_id)?.messages;
        messages.iter().rev().find(|message| message.from_bot && !message.buttons.is_empty())
    }
}

/// Telegram's `Chat` of an id: positive ids are people, negative ones groups.
pub(crate) fn chat_json(chat_id: i64, first_name: &str) -> Value {
    if chat_id > 0 {
        json!({"id": chat_id, "first_name": first_name, "type": "private"})
    } else if chat_id <= -1_000_000_000_000 {
        json!({"id": chat_id, "title": "Staff", "type": "supergroup"})
    } else {
        json!({"id": chat_id, "title": "Staff", "type": "group", "all_members_are_administrators": true})
    }
}

/// Telegram's `InlineKeyboardMarkup` of these buttons.
pub(crate) fn buttons_json(buttons: &[Vec<Button>]) -> Value {
    let button = |button: &Button| match (&button.data, &button.url) {
        (Some(data), _) => json!({"text": button.text, "callback_data": data}),
        (None, url) => json!({"text": button.text, "url": url}),
    };
    let rows: Vec<Vec<Value>> =
        buttons.iter().map(|row| row.iter().map(button).collect()).collect();
    json!({"inline_keyboard": rows})
}
