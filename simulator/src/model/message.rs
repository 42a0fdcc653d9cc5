//! A message as the people of its chat see it: text, media, buttons, and the messages it refers to.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::html::Entity;

/// A message as the person in the chat sees it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct ChatMessage {
    pub message_id: i64,
    pub from_bot: bool,
    /// User id of the sender.
    #[serde(default)]
    pub from_id: i64,
    pub at: DateTime<Utc>,
    /// Plain text, tags removed and entities decoded. Of media it is the caption.
    pub text: String,
    /// The text as the bot sent it.
    pub source: String,
    /// The formatting of the text. The control API leaves it out.
    #[serde(skip)]
    pub entities: Vec<Entity>,
    /// The bot has replaced its text.
    #[serde(default)]
    pub edited: bool,
    /// What Telegram links in it by itself: URLs, mentions, commands. Filled for the bot's messages only.
    #[serde(default)]
    pub autolinks: Vec<String>,
    /// Inline buttons under the message.
    pub buttons: Vec<Vec<Button>>,
    /// Reply keyboard that came with the message.
    pub keyboard: Vec<Vec<Key>>,
    /// A file; the text is its caption.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<File>,
    /// What it carries besides text and document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media: Option<Media>,
    /// The message of the same chat that it replies to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<i64>,
    /// The topic of a supergroup that it is in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread_id: Option<i64>,
    /// The message that the bot copied.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copy_of: Option<MessageRef>,
    /// The message that a person forwarded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub forward_of: Option<MessageRef>,
    /// The bot's reactions to it, as emoji.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reactions: Vec<String>,
    /// It arrived without a sound.
    #[serde(default)]
    pub silent: bool,
}

/// A message of some chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageRef {
    pub chat_id: i64,
    pub message_id: i64,
}

/// What a message carries besides its text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Media {
    Photo {
        file_id: String,
    },
    Voice {
        file_id: String,
        seconds: u32,
    },
    Sticker {
        file_id: String,
        emoji: String,
    },
    Contact {
        phone: String,
        user_id: Option<i64>,
    },
    Venue {
        latitude: f64,
        longitude: f64,
        title: String,
        address: String,
    },
    /// Telegram's own message: the field that names it, such as `forum_topic_created`.
    Service {
        event: String,
    },
}

impl Media {
    /// A file of a new message gets an id of its own; that of a copy keeps it.
    pub(crate) fn make_file_id(&mut self, message_id: i64) {
        let (kind, file_id) = match self {
            Self::Photo { file_id } => ("photo", file_id),
            Self::Voice { file_id, .. } => ("voice", file_id),
            Self::Sticker { file_id, .. } => ("sticker", file_id),
            Self::Contact { .. } | Self::Venue { .. } | Self::Service { .. } => return,
        };
        if file_id.is_empty() {
            *file_id = format!("{kind}{message_id}");
        }
    }
}

/// A file of text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    pub file_name: String,
    pub mime_type: Option<String>,
    pub text: String,
}

impl ChatMessage {
    /// The first button that satisfies `wanted`.
    pub fn button(&self, wanted: impl Fn(&Button) -> bool) -> Option<&Button> {
        self.buttons.iter().flatten().find(|button| wanted(button))
    }

    /// The kind of message, as Telegram names the field: `text`, `photo`, `voice`, `document`, …
    #[must_use]
    pub fn kind(&self) -> &str {
        match &self.media {
            _ if self.document.is_some() => "document",
            None => "text",
            Some(Media::Photo { .. }) => "photo",
            Some(Media::Voice { .. }) => "voice",
            Some(Media::Sticker { .. }) => "sticker",
            Some(Media::Contact { .. }) => "contact",
            Some(Media::Venue { .. }) => "venue",
            Some(Media::Service { event }) => event,
        }
    }
}

/// An inline button: carries callback data, opens a link, or copies a text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    pub text: String,
    pub data: Option<String>,
    pub url: Option<String>,
    /// What a press puts into the clipboard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copy_text: Option<String>,
    /// `danger`, `success` or `primary`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub style: Option<String>,
}

/// A key of the keyboard below the input field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    pub text: String,
    /// Pressing it shares the person's own contact.
    pub request_contact: bool,
}
