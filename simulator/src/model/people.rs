//! The people who act: their profiles, the members of a group, and what they send.

use serde::{Deserialize, Serialize};

use super::{File, Media, MessageRef};

/// What Telegram knows of a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Profile {
    pub first_name: String,
    pub language_code: Option<String>,
    pub username: Option<String>,
    /// A forward of the person's message names no account.
    pub hides_forwards: bool,
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            first_name: "Client".into(),
            language_code: Some("ru".into()),
            username: None,
            hides_forwards: false,
        }
    }
}

/// What a chat with a negative id is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChatKind {
    Group,
    Supergroup,
    /// A supergroup with topics.
    Forum,
    Channel,
}

/// A member of a group, or a subscriber of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub chat_id: i64,
    #[serde(rename = "from_id")]
    pub user_id: i64,
}

impl Member {
    /// The user `user_id` in the chat `chat_id`.
    #[must_use]
    pub fn of(chat_id: i64, user_id: i64) -> Self {
        Self { chat_id, user_id }
    }
}

/// What a person sends: a text, or media with a caption.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct UserMessage {
    pub text: String,
    /// An empty `file_id` gets one.
    pub media: Option<Media>,
    pub document: Option<File>,
    pub reply_to: Option<i64>,
    pub thread_id: Option<i64>,
    pub forward_of: Option<MessageRef>,
}

impl UserMessage {
    #[must_use]
    pub fn text(text: &str) -> Self {
        Self { text: text.to_owned(), ..Self::default() }
    }

    #[must_use]
    pub fn photo(caption: &str) -> Self {
        Self { media: Some(Media::Photo { file_id: String::new() }), ..Self::text(caption) }
    }

    #[must_use]
    pub fn voice(seconds: u32) -> Self {
        let media = Media::Voice { file_id: String::new(), seconds };
        Self { media: Some(media), ..Self::default() }
    }

    #[must_use]
    pub fn sticker(emoji: &str) -> Self {
        let media = Media::Sticker { file_id: String::new(), emoji: emoji.to_owned() };
        Self { media: Some(media), ..Self::default() }
    }

    #[must_use]
    pub fn document(file: File, caption: &str) -> Self {
        Self { document: Some(file), ..Self::text(caption) }
    }

    /// A forward of a message that the person sees. Its content is taken from there.
    #[must_use]
    pub fn forward(of: MessageRef) -> Self {
        Self { forward_of: Some(of), ..Self::default() }
    }

    /// The same with a caption, of a voice message, too.
    #[must_use]
    pub fn caption(mut self, caption: &str) -> Self {
        caption.clone_into(&mut self.text);
        self
    }

    /// The same as a reply to a message of its chat.
    #[must_use]
    pub fn reply_to(mut self, message_id: i64) -> Self {
        self.reply_to = Some(message_id);
        self
    }

    /// The same in a topic.
    #[must_use]
    pub fn in_topic(mut self, thread_id: i64) -> Self {
        self.thread_id = Some(thread_id);
        self
    }
}
