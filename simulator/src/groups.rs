//! The groups and channels that the bot is in: their kind, privacy mode, and whether the bot was removed.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::{model::ChatKind, state::State};

#[derive(Debug, Clone, Copy, Default)]
struct Group {
    kind: Option<ChatKind>,
    /// The bot gets every message, as an administrator does.
    without_privacy: bool,
    removed: bool,
}

/// Groups that differ from the default: a supergroup or group by its id, in privacy mode, with the bot in it.
#[derive(Debug, Default)]
pub(crate) struct Groups(HashMap<i64, Group>);

impl Groups {
    fn get(&self, chat_id: i64) -> Group {
        self.0.get(&chat_id).copied().unwrap_or_default()
    }

    pub(crate) fn set_kind(&mut self, chat_id: i64, kind: ChatKind) {
        self.0.entry(chat_id).or_default().kind = Some(kind);
    }

    pub(crate) fn set_privacy(&mut self, chat_id: i64, on: bool) {
        self.0.entry(chat_id).or_default().without_privacy = !on;
    }

    pub(crate) fn set_removed(&mut self, chat_id: i64, removed: bool) {
        self.0.entry(chat_id).or_default().removed = removed;
    }

    pub(crate) fn has_privacy(&self, chat_id: i64) -> bool {
        !self.get(chat_id).without_privacy
    }

    /// Negative ids are groups; those of supergroups and channels begin with -100.
    pub(crate) fn kind(&self, chat_id: i64) -> ChatKind {
        let by_id =
            if chat_id <= -1_000_000_000_000 { ChatKind::Supergroup } else { ChatKind::Group };
        self.get(chat_id).kind.unwrap_or(by_id)
    }

    /// What Telegram answers a bot that was removed.
    pub(crate) fn refusal(&self, chat_id: i64) -> Option<&'static str> {
        self.get(chat_id).removed.then(|| match self.kind(chat_id) {
            ChatKind::Group => "Forbidden: bot was kicked from the group chat",
            ChatKind::Supergroup | ChatKind::Forum => {
                "Forbidden: bot was kicked from the supergroup chat"
            }
            ChatKind::Channel => "Forbidden: bot was kicked from the channel chat",
        })
    }
}

impl State {
    /// Whether the chat has a topic of this id. The General topic has none that a bot may name.
    pub(crate) fn has_topic(&self, chat_id: i64, thread_id: i64) -> bool {
        let head = self.chats.get(chat_id, thread_id);
        head.is_some_and(|head| head.kind() == "forum_topic_created")
    }

    /// Telegram's `Chat`: positive ids are people, negative ones groups.
    pub(crate) fn chat_json(&self, chat_id: i64) -> Value {
        if chat_id > 0 {
            let name = self.people.first_name(chat_id);
            return json!({"id": chat_id, "first_name": name, "type": "private"});
        }
        let kind = match self.groups.kind(chat_id) {
            ChatKind::Group => "group",
            ChatKind::Supergroup | ChatKind::Forum => "supergroup",
            ChatKind::Channel => "channel",
        };
        let mut chat = json!({"id": chat_id, "title": "Staff", "type": kind});
        match self.groups.kind(chat_id) {
            ChatKind::Group => chat["all_members_are_administrators"] = json!(true),
            ChatKind::Forum => chat["is_forum"] = json!(true),
            ChatKind::Supergroup | ChatKind::Channel => {}
        }
        chat
    }
}
