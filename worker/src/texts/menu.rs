//! Labels of the persistent menu and descriptions of the commands.

use super::{
    Texts,
    labels::{bare, menu_key},
};
use crate::bot::command::Command;

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
