//! The commands of the staff's chat: parsed from a text, registered with Telegram for that chat.

/// Most characters of what is looked for.
const WORDS_MAX: usize = 100;

/// What one of the staff looks up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StaffCommand {
    Today,
    Tomorrow,
    /// The words after the command; empty if there are none.
    Find(String),
    Stats,
    Help,
}

/// A command, and the bot that it names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressedCommand {
    pub command: StaffCommand,
    /// The name after `@`. In a group with several bots people say whom they mean.
    pub bot: Option<String>,
}

impl StaffCommand {
    /// The names as Telegram registers them, in the order of its menu.
    pub const NAMES: [&str; 5] = ["today", "tomorrow", "find", "stats", "help"];

    /// The command in a text such as `/find@some_bot Анна`, in any case of letters. `None`: it is no command of the staff.
    #[must_use]
    pub fn parse(text: &str) -> Option<AddressedCommand> {
        let text = text.trim().strip_prefix('/')?;
        let (word, words) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        let (name, bot) = match word.split_once('@') {
            Some((name, bot)) => (name, Some(bot.to_owned())),
            None => (word, None),
        };
        let command = match name.to_ascii_lowercase().as_str() {
            "today" => Self::Today,
            "tomorrow" => Self::Tomorrow,
            "find" => Self::Find(words.trim().chars().take(WORDS_MAX).collect()),
            "stats" => Self::Stats,
            "help" => Self::Help,
            _ => return None,
        };
        Some(AddressedCommand { command, bot })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_with_or_without_a_bots_name_and_words() {
        let find = |words: &str| Some(StaffCommand::Find(words.into()));
        for (text, command, bot) in [
            ("/today", Some(StaffCommand::Today), None),
            (" /Tomorrow ", Some(StaffCommand::Tomorrow), None),
            ("/stats@Venue_bot", Some(StaffCommand::Stats), Some("Venue_bot")),
            ("/help please", Some(StaffCommand::Help), None),
            ("/find", find(""), None),
            ("/find  4567 ", find("4567"), None),
            ("/find@other Анна\nИванова", find("Анна\nИванова"), Some("other")),
            ("/today@", Some(StaffCommand::Today), Some("")),
            ("/todays", None, None),
            ("/ban @somebody", None, None),
            ("/start", None, None),
            ("today", None, None),
            ("см. /today", None, None),
            ("/", None, None),
        ] {
            let parsed = StaffCommand::parse(text);
            let bot = bot.map(str::to_owned);
            let expected = command.map(|command| AddressedCommand { command, bot });
            assert_eq!(parsed, expected, "{text}");
        }
    }

    #[test]
    fn every_registered_name_is_a_command() {
        for name in StaffCommand::NAMES {
            assert!(StaffCommand::parse(&format!("/{name}")).is_some(), "{name}");
        }
    }
}
