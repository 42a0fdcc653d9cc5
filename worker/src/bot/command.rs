//! The bot's commands: parsed from a text, registered with Telegram, shown in the menu.

/// A command of the bot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Command {
    Start,
    Bookings,
    Address,
    Contacts,
    Settings,
    Help,
}

impl Command {
    /// All commands, in the order of Telegram's command menu.
    pub const ALL: [Self; 6] =
        [Self::Start, Self::Bookings, Self::Address, Self::Contacts, Self::Settings, Self::Help];

    /// The name as Telegram registers it: without the slash, lower case.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Bookings => "bookings",
            Self::Address => "address",
            Self::Contacts => "contacts",
            Self::Settings => "settings",
            Self::Help => "help",
        }
    }

    /// The command in a text such as `/start deep-link` or `/help@some_bot`, in any case of letters.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let word = text.trim().strip_prefix('/')?.split_whitespace().next()?;
        let name = word.split('@').next()?;
        Self::ALL.into_iter().find(|command| command.name().eq_ignore_ascii_case(name))
    }

    /// What stands behind the command, if it is one word: the payload of a link `t.me/BOT?start=PAYLOAD`.
    #[must_use]
    pub fn payload(text: &str) -> Option<&str> {
        let mut words = text.split_whitespace().skip(1);
        words.next().filter(|_| words.next().is_none())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_registered_command_is_understood() {
        for command in Command::ALL {
            let name = command.name();
            for text in [format!("/{name}"), format!("/{name}@bot x"), name.to_uppercase()] {
                let text = if text.starts_with('/') { text } else { format!("/{text}") };
                assert_eq!(Command::parse(&text), Some(command), "{text}");
            }
        }
    }
}
