//! Texts of the bot's replies: greeting, the request for the phone, help, address and contacts.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared::domain::{booking::BookingView, ids::BookingId};

use super::{Args, Keyboard, Lines, Rendered, Texts, Unread, filled, untrusted};

/// Why the phone is requested again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AskWhy {
    /// A number was typed, which proves nothing.
    Typed,
    /// The contact is another person's.
    Foreign,
    /// No booking can have the number in the client's own contact: see [`UnusableNumber`].
    Unreadable,
    /// Something that needs a known client.
    First,
}

/// Why no booking can be found by the number in a client's own contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnusableNumber {
    /// One of Telegram's anonymous numbers (+888), which exist nowhere else.
    Anonymous,
    /// The text is not a number.
    NotANumber,
    /// The numbering plan knows no such number.
    Unknown,
}

impl UnusableNumber {
    pub const ALL: &[Self] = &[Self::Anonymous, Self::NotANumber, Self::Unknown];
}

impl Texts {
    /// To an unknown client.
    #[must_use]
    pub fn greeting(&self) -> Rendered {
        Rendered::new(self.plain("greeting"), Keyboard::AskContact)
    }

    /// Requests the phone again, or explains with `number` why it can't be used.
    #[must_use]
    pub fn ask_contact(&self, why: AskWhy, number: Option<UnusableNumber>) -> Rendered {
        let key = match why {
            AskWhy::Typed => "ask-contact-typed",
            AskWhy::Foreign => "ask-contact-foreign",
            // Older builds stored no reason.
            AskWhy::Unreadable => {
                return self.unusable_number(number.unwrap_or(UnusableNumber::NotANumber));
            }
            AskWhy::First => "ask-contact-first",
        };
        Rendered::new(self.plain(key), Keyboard::AskContact)
    }

    /// Offers other ways: the button would share the same number again.
    fn unusable_number(&self, why: UnusableNumber) -> Rendered {
        let key = match why {
            UnusableNumber::Anonymous => "number-anonymous",
            UnusableNumber::NotANumber => "number-not-a-number",
            UnusableNumber::Unknown => "number-unknown",
        };
        let company = &self.venue.company;
        let others = [&company.email, &company.website, &company.instagram];
        let reach = match filled(company.phone.as_deref()) {
            Some(phone) => self.get("number-call", Args::new().html("phone", company_line(phone))),
            None if others.iter().any(|other| filled(other.as_deref()).is_some()) => {
                self.plain("number-write")
            }
            None => self.plain("number-ask-venue"),
        };
        let text = format!("{}\n\n{reach} {}", self.plain(key), self.plain("number-other-account"));
        Rendered::new(text, Keyboard::Keep)
    }

    /// The phone is stored.
    #[must_use]
    pub fn registered(&self) -> Rendered {
        Rendered::new(self.plain("registered"), Keyboard::Menu)
    }

    /// To a known client who starts the bot again, with the upcoming bookings among `bookings`.
    #[must_use]
    pub fn known(&self, bookings: &[BookingView], unread: Unread, now: DateTime<Utc>) -> Rendered {
        let mut lines = Lines::default();
        lines.add(self.plain("known"));
        lines.gap();
        self.add_upcoming(&mut lines, bookings, unread, now);
        Rendered::new(lines.text(), Keyboard::Menu)
    }

    /// What the bot can do.
    #[must_use]
    pub fn help(&self, registered: bool) -> Rendered {
        Rendered::new(self.plain("help"), self.menu_for(registered))
    }

    /// The text was not understood, and what is.
    #[must_use]
    pub fn unknown_text(&self, registered: bool) -> Rendered {
        let text = format!("{}\n\n{}", self.plain("unknown-text"), self.plain("help"));
        Rendered::new(text, self.menu_for(registered))
    }

    /// Requests a rating from one to five.
    #[must_use]
    pub fn rating_again(&self, booking: BookingId) -> Rendered {
        Rendered::new(self.plain("rating-again"), Keyboard::rating(booking))
    }

    /// The button's booking is gone, or is not the client's.
    #[must_use]
    pub fn stale_button(&self, registered: bool) -> Rendered {
        Rendered::new(self.plain("stale-button"), self.menu_for(registered))
    }

    /// The venue's address.
    #[must_use]
    pub fn address(&self, registered: bool) -> Rendered {
        let text = match filled(self.venue.company.address.as_deref()) {
            Some(address) => {
                format!("{}\n\n{}", self.plain("address-title"), company_line(address))
            }
            None => self.plain("address-none"),
        };
        Rendered::new(text, self.menu_for(registered))
    }

    /// The company's contacts that are set.
    #[must_use]
    pub fn contacts(&self, registered: bool) -> Rendered {
        let company = &self.venue.company;
        let known = [
            ("contacts-phone", &company.phone),
            ("contacts-email", &company.email),
            ("contacts-website", &company.website),
            ("contacts-instagram", &company.instagram),
            ("contacts-hours", &company.hours),
        ];
        let mut lines = Lines::default();
        for (key, value) in known {
            let value = filled(value.as_deref());
            lines.add(
                value.map(|value| self.get(key, Args::new().html("value", company_line(value)))),
            );
        }
        let text = match lines.text() {
            text if text.is_empty() => self.plain("contacts-none"),
            text => format!("{}\n\n{text}", self.plain("contacts-title")),
        };
        let keyboard = match &company.booking_url {
            Some(url) => Self::links(vec![(self.plain("button-book"), url.clone())]),
            None => self.menu_for(registered),
        };
        Rendered::new(text, keyboard)
    }
}

/// A text of the company: escaped, with its line breaks kept.
pub(super) fn company_line(text: &str) -> String {
    text.lines().map(|line| untrusted::literal(line, 300)).collect::<Vec<_>>().join("\n")
}
