//! A `Message` in Telegram's form, made of what a chat shows: as methods return it and as updates carry it.

use serde_json::{Map, Value, json};

use crate::{
    chats::buttons_json,
    model::{ChatMessage, File, Media, MessageRef},
    state::State,
};

impl State {
    /// The message, with the one that it replies to.
    pub(crate) fn message_json(&self, chat_id: i64, message: &ChatMessage) -> Value {
        let mut json = self.without_reply(chat_id, message);
        // A message in a topic that replies to none is a reply to the topic's first message.
        let replied = message.reply_to.or(message.thread_id);
        if let Some(replied) = replied.and_then(|id| self.chats.get(chat_id, id)) {
            json["reply_to_message"] = self.without_reply(chat_id, replied);
        }
        json
    }

    fn without_reply(&self, chat_id: i64, message: &ChatMessage) -> Value {
        let chat = self.chat_json(chat_id);
        let mut json = json!({
            "message_id": message.message_id,
            "date": message.at.timestamp(),
            "chat": chat,
            // Telegram adds fields whenever it likes; a client must not mind.
            "unknown_future_field": {"since": "Bot API 99.0"},
        });
        if chat["type"] == "channel" {
            json["sender_chat"] = chat;
        } else if message.from_bot {
            json["from"] = bot_json(message.from_id);
        } else {
            json["from"] = self.people.json(message.from_id);
        }
        if let (Value::Object(json), Value::Object(content)) = (&mut json, self.content(message)) {
            json.extend(content);
        }
        if !message.buttons.is_empty() {
            json["reply_markup"] = buttons_json(&message.buttons);
        }
        if let Some(thread_id) = message.thread_id {
            json["message_thread_id"] = json!(thread_id);
            json["is_topic_message"] = json!(true);
        }
        if let Some(origin) = message.forward_of {
            json["forward_origin"] = self.forward_origin(origin);
        }
        json
    }

    /// The fields of the message's kind.
    fn content(&self, message: &ChatMessage) -> Value {
        let mut content = Map::new();
        let captioned = message.kind() != "text";
        if !message.text.is_empty() && can_have_text(message) {
            let (text, entities) =
                if captioned { ("caption", "caption_entities") } else { ("text", "entities") };
            content.insert(text.into(), json!(message.text));
            let commands = command_entities(&message.text);
            if !message.from_bot && commands.as_array().is_some_and(|all| !all.is_empty()) {
                content.insert(entities.into(), commands);
            }
        }
        if let Some(file) = &message.document {
            content.insert("document".into(), document(message.message_id, file));
        }
        if let Some(media) = &message.media {
            content.insert(message.kind().to_owned(), self.media(message, media));
        }
        Value::Object(content)
    }

    fn media(&self, message: &ChatMessage, media: &Media) -> Value {
        match media {
            Media::Photo { file_id } => {
                json!([photo_size(file_id, "s", 90, 67), photo_size(file_id, "x", 800, 600),])
            }
            Media::Voice { file_id, seconds } => json!({
                "file_id": file_id,
                "file_unique_id": format!("u{file_id}"),
                "duration": seconds,
                "mime_type": "audio/ogg",
                "file_size": u64::from(*seconds) * 4_000,
            }),
            Media::Sticker { file_id, emoji } => json!({
                "file_id": file_id,
                "file_unique_id": format!("u{file_id}"),
                "type": "regular",
                "width": 512,
                "height": 512,
                "is_animated": false,
                "is_video": false,
                "emoji": emoji,
                "set_name": "Simulated",
                "file_size": 20_000,
            }),
            Media::Contact { phone, user_id } => {
                let mut contact = json!({
                    // Telegram's clients give the number without a plus.
                    "phone_number": phone.trim_start_matches('+'),
                    "first_name": self.people.first_name(message.from_id),
                });
                if let Some(user_id) = user_id {
                    contact["user_id"] = json!(user_id);
                }
                contact
            }
            Media::Venue { latitude, longitude, title, address } => json!({
                "location": {"latitude": latitude, "longitude": longitude},
                "title": title,
                "address": address,
            }),
            Media::Service { event } if event == "forum_topic_created" => {
                json!({"name": message.text, "icon_color": 7_322_096})
            }
            Media::Service { event } if event == "new_chat_members" => {
                json!([bot_json(self.bot_id)])
            }
            Media::Service { .. } => json!({}),
        }
    }

    /// Who wrote the forwarded message. With forward privacy only the name is known.
    fn forward_origin(&self, origin: MessageRef) -> Value {
        let original = self.chats.get(origin.chat_id, origin.message_id);
        let date = original.map_or(0, |message| message.at.timestamp());
        let author = original.map_or(0, |message| message.from_id);
        if original.is_some_and(|message| message.from_bot) {
            return json!({"type": "user", "sender_user": bot_json(author), "date": date});
        }
        if original.is_none() || self.people.hides_forwards(author) {
            let name = self.people.first_name(author);
            return json!({"type": "hidden_user", "sender_user_name": name, "date": date});
        }
        json!({"type": "user", "sender_user": self.people.json(author), "date": date})
    }
}

fn can_have_text(message: &ChatMessage) -> bool {
    !matches!(
        message.media,
        Some(
            Media::Contact { .. }
                | Media::Service { .. }
                | Media::Sticker { .. }
                | Media::Venue { .. }
        )
    )
}

fn document(message_id: i64, file: &File) -> Value {
    json!({
        "file_id": format!("file{message_id}"),
        "file_unique_id": format!("ufile{message_id}"),
        "file_name": file.file_name,
        "mime_type": file.mime_type,
        "file_size": file.text.len(),
    })
}

/// One size of a photo, Telegram's `PhotoSize`.
fn photo_size(file_id: &str, size: &str, width: u32, height: u32) -> Value {
    json!({
        "file_id": format!("{file_id}{size}"),
        "file_unique_id": format!("u{file_id}{size}"),
        "width": width,
        "height": height,
        "file_size": width * height / 8,
    })
}

/// Telegram's `User` of the bot. Before its first call its id is 1.
pub(crate) fn bot_json(bot_id: i64) -> Value {
    json!({"id": bot_id.max(1), "is_bot": true, "first_name": "Simulator", "username": BOT_NAME})
}

/// The bot's username.
pub(crate) const BOT_NAME: &str = "simulator_bot";

/// Telegram marks a leading command as an entity.
fn command_entities(text: &str) -> Value {
    match text.split_whitespace().next() {
        Some(word) if word.starts_with('/') && word.len() > 1 => {
            json!([{"type": "bot_command", "offset": 0, "length": word.encode_utf16().count()}])
        }
        _ => json!([]),
    }
}
