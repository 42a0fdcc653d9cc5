//! The question for the consent, with the links of the documents.

use super::{Button, Keyboard, Rendered, Texts};
use crate::bot::keyboard::SettingsAction;

impl Texts {
    /// Requests the consent. Below: the documents, and a button of its own.
    #[must_use]
    pub fn ask_consent(&self, registered: bool) -> Rendered {
        let text = if registered { "ask-consent-known" } else { "ask-consent" };
        let mut rows = self.document_rows();
        rows.push(vec![self.settings_button("button-consent", SettingsAction::Consent)]);
        Rendered::new(self.plain(text), Keyboard::rows(rows))
    }

    /// The consent of a known client is stored.
    #[must_use]
    pub fn consented(&self) -> Rendered {
        Rendered::new(self.plain("consented"), Keyboard::Menu)
    }

    /// A row for each document.
    pub(super) fn document_rows(&self) -> Vec<Vec<Button>> {
        let Some(documents) = &self.venue.consent else { return Vec::new() };
        let consent = Button::open(self.plain("button-document"), documents.consent.clone());
        let policy = documents.policy.clone();
        let policy = policy.map(|url| Button::open(self.plain("button-policy"), url));
        [Some(consent), policy].into_iter().flatten().map(|button| vec![button]).collect()
    }

    /// What whoever is not registered gets below a text: the button for the phone, unless a consent has to come first.
    pub(super) fn menu_for(&self, registered: bool) -> Keyboard {
        match (registered, &self.venue.consent) {
            (true, _) => Keyboard::Menu,
            (false, None) => Keyboard::AskContact,
            (false, Some(_)) => Keyboard::Keep,
        }
    }
}

#[cfg(test)]
mod tests {
    use shared::domain::{consent::ConsentDocuments, venue::Venue};

    use super::*;
    use crate::texts::{ButtonAction, fixtures};

    #[test]
    fn the_documents_stand_above_the_button_and_no_phone_is_requested_before() {
        let (consent, policy) =
            ("https://a.example/c".to_owned(), "https://a.example/p".to_owned());
        let documents = ConsentDocuments { consent: consent.clone(), policy: Some(policy.clone()) };
        let texts = fixtures::of(Venue { consent: Some(documents), ..fixtures::venue() });
        for registered in [false, true] {
            let Keyboard::Inline(rows) = texts.ask_consent(registered).keyboard else {
                panic!("no buttons")
            };
            let links: Vec<_> = rows.iter().flatten().map(|button| &button.action).collect();
            assert_eq!(links[0], &ButtonAction::Open(consent.clone()));
            assert_eq!(links[1], &ButtonAction::Open(policy.clone()));
            assert_eq!(rows.len(), 3);
        }
        for text in [texts.help(false), texts.stale_button(false), texts.address(false)] {
            assert_eq!(text.keyboard, Keyboard::Keep);
        }
    }
}
