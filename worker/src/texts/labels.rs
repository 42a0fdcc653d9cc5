//! The labels of the persistent menu, by which a press on it is known: Telegram sends the label as a text.

use super::bundle::Language;
use crate::bot::command::Command;

/// The Fluent key of a command's label in the menu. `None`: the command is not in the menu.
pub(super) fn menu_key(command: Command) -> Option<&'static str> {
    match command {
        Command::Start | Command::Settings => None,
        Command::Bookings => Some("menu-bookings"),
        Command::Address => Some("menu-address"),
        Command::Contacts => Some("menu-contacts"),
        Command::Help => Some("menu-help"),
    }
}

/// The command of a label's key.
pub(super) fn command_of(key: &str) -> Option<Command> {
    Command::ALL.into_iter().find(|command| menu_key(*command) == Some(key))
}

/// Every label of a language, as [`bare`] words.
pub(super) fn labels(language: &Language) -> impl Iterator<Item = (String, Command)> {
    Command::ALL.into_iter().filter_map(|command| {
        let label = language.plain(menu_key(command)?);
        Some((bare(&label), command))
    })
}

/// A label in lower case and without its emoji, as clients type it.
pub(super) fn bare(label: &str) -> String {
    let words: String =
        label.chars().filter(|c| c.is_alphanumeric() || c.is_whitespace()).collect();
    words.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}
