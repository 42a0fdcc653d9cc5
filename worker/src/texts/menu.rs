//! The persistent menu and the commands: their labels, and which of them a text means.

use shared::settings::Locale;

use super::{
    Texts,
    bundle::{Language, TextsError},
};

/// What the menu offers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MenuItem {
    Bookings,
    Address,
    Contacts,
    Help,
}

impl MenuItem {
    const ALL: [Self; 4] = [Self::Bookings, Self::Address, Self::Contacts, Self::Help];

    fn key(self) -> &'static str {
        match self {
            Self::Bookings => "menu-bookings",
            Self::Address => "menu-address",
            Self::Contacts => "menu-contacts",
            Self::Help => "menu-help",
        }
    }
}

/// Every label of every language.
pub(super) fn labels_of_all() -> Result<Vec<(String, MenuItem)>, TextsError> {
    let mut labels = Vec::new();
    for locale in [Locale::Ru, Locale::En] {
        let language = Language::load(locale)?;
        labels.extend(MenuItem::ALL.map(|item| (bare(&language.plain(item.key())), item)));
    }
    Ok(labels)
}

/// A label without its emoji and case: how clients type it, and how it survives a changed emoji.
fn bare(label: &str) -> String {
    let words: String =
        label.chars().filter(|c| c.is_alphanumeric() || c.is_whitespace()).collect();
    words.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

impl Texts {
    /// What a text means if it is a label of the menu, in any of the languages, with or without
    /// its emoji.
    #[must_use]
    pub fn menu_intent(&self, text: &str) -> Option<MenuItem> {
        // Labels are short: nothing long is worth a look.
        let text = (text.len() <= 100).then(|| bare(text))?;
        self.menu.iter().find(|(label, _)| *label == text).map(|(_, item)| *item)
    }

    /// The rows of the menu keyboard.
    #[must_use]
    pub fn menu_labels(&self) -> Vec<Vec<String>> {
        let label = |item: MenuItem| self.plain(item.key());
        vec![
            vec![label(MenuItem::Bookings)],
            vec![label(MenuItem::Address), label(MenuItem::Contacts), label(MenuItem::Help)],
        ]
    }

    /// The label of the button that shares the client's number.
    #[must_use]
    pub fn contact_button(&self) -> String {
        self.plain("button-contact")
    }

    /// The commands with what Telegram's command menu says of each.
    #[must_use]
    pub fn commands(&self) -> Vec<(&'static str, String)> {
        [
            ("start", "command-start"),
            ("bookings", "command-bookings"),
            ("address", "command-address"),
            ("contacts", "command-contacts"),
            ("help", "command-help"),
        ]
        .map(|(command, key)| (command, self.plain(key)))
        .to_vec()
    }
}
