//! All texts to clients and staff: from plain data to Telegram HTML, by the Fluent files in `locales/`. No
//! I/O. Any data gives well-formed text within Telegram's limit; untrusted text links nothing ([`untrusted`]).

mod agenda;
mod booking;
mod built_in;
mod bundle;
mod calendar;
mod card;
mod check;
mod consent;
mod html;
mod invitation;
mod join;
mod keyboard;
mod labels;
mod languages;
mod list;
mod menu;
mod money;
mod notes;
mod own_texts;
mod pattern;
mod place;
mod refused;
mod replay;
mod replies;
mod requests;
mod settings;
mod staff;
mod staff_list;
mod table;
mod time;
mod together;
mod tutor;
mod untrusted;
mod urgent;
mod venue_stats;
mod visit;

#[cfg(test)]
mod client_page;
#[cfg(test)]
mod client_tests;
#[cfg(test)]
pub(crate) mod fixtures;
#[cfg(test)]
pub(crate) mod keys;
#[cfg(test)]
mod list_tests;
#[cfg(test)]
mod lookup_tests;
#[cfg(test)]
mod staff_page;
#[cfg(test)]
mod staff_tests;
#[cfg(test)]
mod table_tests;
#[cfg(test)]
mod texts_tests;
#[cfg(test)]
mod tutor_tests;

pub use agenda::AgendaPart;
pub use booking::Before;
pub use built_in::TextsError;
pub use html::{MESSAGE_MAX, telegram_len};
pub use join::join_cards;
pub use keyboard::{Button, ButtonAction, Keyboard};
pub use languages::Languages;
pub use list::Unread;
pub use own_texts::BrokenText;
pub use replay::joined_keyboard;
pub use replies::{AskWhy, UnusableNumber};
pub use settings::BACKUPS_KEPT_DAYS;
pub use staff::ClientReach;
pub use venue_stats::SpanStats;

pub(crate) use bundle::{Args, Language};

use std::sync::Arc;

use crate::bot::command::Command;
use shared::domain::{
    ids::ChatId,
    venue::{Locale, Venue},
};
use time::Times;

/// A text ready to be sent with `parse_mode` HTML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// At most [`MESSAGE_MAX`] UTF-16 units as Telegram counts them, well-formed. Empty only in forms without a
    /// text.
    pub html: String,
    pub keyboard: Keyboard,
    pub form: Form,
}

/// How a text goes to its chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// A message.
    Message,
    /// A message in a topic of its group, or in none.
    InTopic { topic: Option<i64> },
    /// A file; the text is its caption.
    Document(Document),
    /// It takes the place of a message's text. Where that is gone, it is a message.
    Edit { telegram_message_id: i64 },
    /// It answers a message of the chat, where that is still there.
    ReplyTo { telegram_message_id: i64 },
    /// A copy of a message of another chat. Without a text that one's own is kept.
    Copy { from: ChatId, telegram_message_id: i64 },
    /// Nothing but the keyboard, in place of that of a message.
    Buttons { telegram_message_id: i64 },
    /// A thumb up at a message. Where that is gone, nothing.
    Thumb { telegram_message_id: i64 },
}

/// A text file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    pub name: &'static str,
    /// The MIME type.
    pub kind: &'static str,
    pub content: String,
}

/// All texts of one installation in one language. Cheap to share.
#[derive(Debug)]
pub struct Texts {
    locale: Locale,
    language: Language,
    /// The labels of the menu in every language, the owner's and the built-in ones: a client may press one from before
    /// a setting changed.
    menu: Vec<(String, Command)>,
    venue: Arc<Venue>,
}

impl Texts {
    /// The texts of a venue, in its language and zone.
    ///
    /// # Errors
    /// When a built-in file is broken. A test checks them all.
    pub fn new(venue: Arc<Venue>) -> Result<Self, TextsError> {
        let own = own_texts::OwnTexts::check(&venue.file.texts)?;
        let locale = venue.locale;
        Self::in_language(venue, locale, &own)
    }

    /// The texts of a venue in another language.
    fn in_language(
        venue: Arc<Venue>,
        locale: Locale,
        own: &own_texts::OwnTexts,
    ) -> Result<Self, TextsError> {
        let language = Language::load(locale, own.of(locale))?;
        let mut menu = Vec::new();
        for locale in Locale::ALL.iter().copied() {
            menu.extend(labels::labels(&Language::load(locale, own.of(locale))?));
        }
        for locale in Locale::ALL.iter().copied() {
            menu.extend(labels::labels(&Language::built_in(locale)?));
        }
        Ok(Self { locale, language, menu, venue })
    }

    fn times(&self) -> Times<'_> {
        Times { language: &self.language, zone: self.venue.zone }
    }

    fn get(&self, key: &str, args: Args<'_>) -> String {
        self.language.get(key, args)
    }

    fn plain(&self, key: &str) -> String {
        self.language.plain(key)
    }
}

impl Rendered {
    /// Shortens the text to Telegram's limit.
    fn new(html: String, keyboard: Keyboard) -> Self {
        Self { html: html::shorten(html, MESSAGE_MAX), keyboard, form: Form::Message }
    }

    /// Something without a text of its own.
    pub(super) fn form(form: Form) -> Self {
        Self { html: String::new(), keyboard: Keyboard::Keep, form }
    }
}

/// A text built line by line. An unknown value adds no line.
#[derive(Debug, Default)]
struct Lines(Vec<String>);

impl Lines {
    fn add(&mut self, line: impl Into<Option<String>>) {
        self.0.extend(line.into());
    }

    /// An empty line, if there is something above it.
    fn gap(&mut self) {
        if self.0.last().is_some_and(|last| !last.is_empty()) {
            self.0.push(String::new());
        }
    }

    fn text(self) -> String {
        self.0.join("\n").trim_end().to_owned()
    }
}

/// The trimmed value, if it has a visible character.
fn filled(value: Option<&str>) -> Option<&str> {
    value.map(str::trim).filter(|value| untrusted::is_visible(value))
}
