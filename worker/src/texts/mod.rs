//! All texts to clients and staff: from plain data to Telegram HTML, by the Fluent files in `locales/`. No
//! I/O. Any data gives well-formed text within Telegram's limit; untrusted text links nothing ([`untrusted`]).

mod booking;
mod bundle;
mod calendar;
mod card;
mod html;
mod join;
mod list;
mod menu;
mod money;
mod notes;
mod refused;
mod replies;
mod staff;
mod staff_list;
mod time;
mod together;
mod untrusted;

#[cfg(test)]
mod client_tests;
#[cfg(test)]
pub(crate) mod fixtures;
#[cfg(test)]
mod list_tests;
#[cfg(test)]
mod staff_tests;
#[cfg(test)]
mod texts_tests;

pub use booking::Before;
pub use bundle::TextsError;
pub use html::{MESSAGE_MAX, telegram_len};
pub use join::join_cards;
pub use list::Unread;
pub use replies::{AskWhy, UnusableNumber};
pub use staff::ClientReach;

use std::sync::Arc;

use crate::bot::command::Command;
use bundle::{Args, Language};
use shared::domain::{ids::BookingId, venue::Venue};
use time::Times;

/// A text ready to be sent with `parse_mode` HTML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// 1 to [`MESSAGE_MAX`] UTF-16 units as Telegram counts them, well-formed.
    pub html: String,
    pub keyboard: Keyboard,
    /// A file; the text is its caption.
    pub document: Option<Document>,
}

/// A text file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    pub name: &'static str,
    /// The MIME type.
    pub kind: &'static str,
    pub content: String,
}

/// The keyboard below a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keyboard {
    /// The chat keeps its present keyboard.
    Keep,
    /// The persistent menu ([`Texts::menu_labels`]).
    Menu,
    /// One button that shares the client's own number ([`Texts::contact_button`]).
    AskContact,
    /// Five buttons that rate this booking.
    Rating(BookingId),
    /// One button that requests the calendar file of this booking and those on its list
    /// ([`Texts::calendar_button`]).
    Calendar(BookingId),
    /// Buttons that open these addresses, one a row: label and URL.
    Links(Vec<(String, String)>),
}

/// All texts of one installation. Cheap to share.
#[derive(Debug)]
pub struct Texts {
    language: Language,
    /// The labels of the menu in every language: a client may press one from before `LOCALE` changed.
    menu: Vec<(String, Command)>,
    venue: Arc<Venue>,
}

impl Texts {
    /// The texts of a venue, in its language and zone.
    ///
    /// # Errors
    /// When a built-in file is broken. A test checks them all.
    pub fn new(venue: Arc<Venue>) -> Result<Self, TextsError> {
        let language = Language::load(venue.locale)?;
        let menu = menu::labels_of_all()?;
        Ok(Self { language, menu, venue })
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
        Self { html: html::shorten(html, MESSAGE_MAX), keyboard, document: None }
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
