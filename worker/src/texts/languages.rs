//! The texts in each language, and how a client chooses one. Cards for the staff keep the venue's.

use std::sync::Arc;

use shared::domain::venue::{Locale, Venue};

use super::{
    Button, Rendered, Texts,
    built_in::TextsError,
    own_texts::{BrokenText, OwnTexts},
};
use crate::bot::{command::Command, keyboard::CallbackData};

/// The texts in each language.
#[derive(Debug)]
pub struct Languages {
    venue: Locale,
    ru: Arc<Texts>,
    en: Arc<Texts>,
    own: OwnTexts,
}

impl Languages {
    /// The texts of a venue.
    ///
    /// # Errors
    /// When a built-in file is broken. A test checks them all.
    pub fn load(venue: &Arc<Venue>) -> Result<Self, TextsError> {
        let own = OwnTexts::check(&venue.file.texts)?;
        let texts = |locale| Texts::in_language(Arc::clone(venue), locale, &own).map(Arc::new);
        let (ru, en) = (texts(Locale::Ru)?, texts(Locale::En)?);
        Ok(Self { venue: venue.locale, ru, en, own })
    }

    /// Language and key of each text of the owner's that is used.
    pub fn own(&self) -> impl Iterator<Item = (Locale, &str)> {
        self.own.used()
    }

    /// The owner's texts that can't be used, by lines.
    #[must_use]
    pub fn broken(&self) -> &[BrokenText] {
        self.own.broken()
    }

    /// The texts in the venue's language.
    #[must_use]
    pub fn venue(&self) -> &Arc<Texts> {
        self.of(self.venue)
    }

    /// The texts to a client: in the language that was chosen, else in the venue's.
    #[must_use]
    pub fn chosen(&self, language: Option<Locale>) -> &Arc<Texts> {
        self.of(language.unwrap_or(self.venue))
    }

    /// The texts in a language.
    #[must_use]
    pub fn of(&self, locale: Locale) -> &Arc<Texts> {
        match locale {
            Locale::Ru => &self.ru,
            Locale::En => &self.en,
        }
    }
}

impl Texts {
    /// The buttons by which a client chooses a language: a row of the settings. This one is marked.
    pub(super) fn language_row(&self) -> Vec<Button> {
        let button = |language: &Locale| {
            let name = self.plain(match language {
                Locale::Ru => "button-language-ru",
                Locale::En => "button-language-en",
            });
            let mark = if *language == self.locale { "✓ " } else { "" };
            Button::press(format!("{mark}{name}"), CallbackData::Language { language: *language })
        };
        Locale::ALL.iter().map(button).collect()
    }

    /// The client has chosen this language. The menu follows.
    #[must_use]
    pub fn language_chosen(&self, registered: bool) -> Rendered {
        Rendered::new(self.plain("language-chosen"), self.menu_for(registered))
    }

    /// What the bot is for, on the empty chat's screen: plain text of at most 512 characters.
    #[must_use]
    pub fn bot_description(&self) -> String {
        self.plain("bot-description")
    }

    /// What the bot is for, in its profile and beside its link: plain text of at most 120 characters.
    #[must_use]
    pub fn bot_short_description(&self) -> String {
        self.plain("bot-short-description")
    }

    /// The label of the button beside the field for messages, which opens the booking page.
    #[must_use]
    pub fn bot_menu_button(&self) -> String {
        self.plain("button-book")
    }

    /// Name and description of each command, in the order of Telegram's menu.
    #[must_use]
    pub fn command_list(&self) -> Vec<(&'static str, String)> {
        Command::ALL.map(|command| (command.name(), self.command_description(command))).into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::{ButtonAction, Keyboard, fixtures};

    #[test]
    fn texts_to_telegram_itself_are_plain_and_fit_its_limits() {
        let languages = Languages::load(&Arc::new(fixtures::venue())).unwrap();
        for locale in Locale::ALL.iter().copied() {
            let texts = languages.of(locale);
            for (text, max) in [
                (texts.bot_description(), 512),
                (texts.bot_short_description(), 120),
                (texts.bot_menu_button(), 64),
            ] {
                assert!((1..=max).contains(&text.chars().count()), "{text}");
                assert!(!text.contains(['<', '&']) && text.trim() == text, "{text}");
            }
        }
    }

    #[test]
    fn the_row_marks_the_present_language_and_its_buttons_choose_one() {
        let languages = Languages::load(&Arc::new(fixtures::venue())).unwrap();
        let labels = |locale| {
            let row = languages.of(locale).language_row().into_iter();
            row.map(|button| button.label).collect::<Vec<_>>()
        };
        assert_eq!(labels(Locale::Ru), ["✓ Русский", "English"]);
        assert_eq!(labels(Locale::En), ["Русский", "✓ English"]);
        let row = languages.venue().language_row().into_iter().map(|button| button.action);
        let press = |language| ButtonAction::Press(CallbackData::Language { language });
        assert_eq!(row.collect::<Vec<_>>(), [press(Locale::Ru), press(Locale::En)]);
    }

    #[test]
    fn a_client_who_chose_nothing_gets_the_venues_language() {
        let venue = Venue { locale: Locale::En, ..fixtures::venue() };
        let languages = Languages::load(&Arc::new(venue)).unwrap();
        let help = |texts: &Texts| texts.help(true).html;
        assert_eq!(help(languages.chosen(None)), help(languages.venue()));
        assert_eq!(help(languages.chosen(None)), help(languages.of(Locale::En)));
        assert_eq!(help(languages.chosen(Some(Locale::Ru))), help(languages.of(Locale::Ru)));
        assert_eq!(languages.of(Locale::Ru).language_chosen(true).keyboard, Keyboard::Menu);
    }
}
