//! Labels of the persistent menu and descriptions of the commands.

use shared::domain::venue::Locale;

use super::{
    Texts,
    bundle::{Language, TextsError},
};
use crate::bot::command::Command;

/// The Fluent key of a command's label in the menu. `None`: the command is not in the menu.
fn menu_key(command: Command) -> Option<&'static str> {
    match command {
        Command::Start | Command::Settings => None,
        Command::Bookings => Some("menu-bookings"),
        Command::Address => Some("menu-address"),
        Command::Contacts => Some("menu-contacts"),
        Command::Help => Some("menu-help"),
    }
}

/// Every label of every language.
pub(super) fn labels_of_all() -> Result<Vec<(String, Command)>, TextsError> {
    let mut labels = Vec::new();
    for locale in Locale::ALL {
        let language = Language::load(*locale)?;
        for command in Command::ALL {
            labels.extend(menu_key(command).map(|key| (bare(&language.plain(key)), command)));
        }
    }
    Ok(labels)
}

/// A label in lower case and without its emoji, as clients type it.
fn bare(label: &str) -> String {
    let words: String =
        label.chars().filter(|c| c.is_alphanumeric() || c.is_whitespace()).collect();
    words.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

impl Texts {
    /// The command of a menu label, in any language, with or without its emoji.
    #[must_use]
    pub fn menu_command(&self, text: &str) -> Option<Command> {
        // Labels are short.
        let text = (text.len() <= 100).then(|| bare(text))?;
        self.menu.iter().find(|(label, _)| *label == text).map(|(_, item)| *item)
    }

    /// The rows of the menu keyboard.
    #[must_use]
    pub fn menu_labels(&self) -> Vec<Vec<String>> {
        let row = |commands: &[Command]| {
            commands.iter().filter_map(|c| menu_key(*c)).map(|key| self.plain(key)).collect()
        };
        vec![row(&[Command::Bookings]), row(&[Command::Address, Command::Contacts, Command::Help])]
    }

    /// The label of the button that shares the client's number.
    #[must_use]
    pub fn contact_button(&self) -> String {
        self.plain("button-contact")
    }

    /// The description of a command in Telegram's command menu.
    #[must_use]
    pub fn command_description(&self, command: Command) -> String {
        self.plain(match command {
            Command::Start => "command-start",
            Command::Bookings => "command-bookings",
            Command::Address => "command-address",
            Command::Contacts => "command-contacts",
            Command::Settings => "command-settings",
            Command::Help => "command-help",
        })
    }
}
