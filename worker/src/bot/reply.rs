//! Replies as the outbox stores them: small JSON, rendered at sending, so that a list shows the bookings
//! of that moment.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared::domain::{
    booking::{BookingView, Stars},
    ids::BookingId,
};

use crate::texts::{AskWhy, Rendered, Texts, Unread, UnusableNumber};

/// A reply to one update. Stored as JSON: variants and fields may be added, not renamed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Reply {
    /// To an unknown client.
    Greeting,
    /// To a known client, with the upcoming bookings.
    Known,
    /// Requests the phone, or explains why the shared number can't be used.
    AskContact {
        why: AskWhy,
        /// Set with [`AskWhy::Unreadable`]. Older builds ignore it and have one text.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        number: Option<UnusableNumber>,
    },
    Registered,
    Bookings,
    Help {
        registered: bool,
    },
    Address {
        registered: bool,
    },
    Contacts {
        registered: bool,
    },
    UnknownText {
        registered: bool,
    },
    ThanksRating {
        stars: Stars,
    },
    AskRatingAgain {
        booking: BookingId,
    },
    StaleButton {
        registered: bool,
    },
    /// A calendar file with the booking and those on its list.
    Calendar {
        booking: BookingId,
    },
}

/// Which bookings a reply shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    Nothing,
    /// All of the client.
    Bookings,
    /// This one, and those on its list, if they are the client's.
    List(BookingId),
}

/// What a reply may need of the database.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientView {
    /// Bookings of the client, in any order, as [`Reply::needs`] them.
    pub bookings: Vec<BookingView>,
    pub unread: Unread,
}

impl Reply {
    /// Requests the phone.
    #[must_use]
    pub fn ask_contact(why: AskWhy) -> Self {
        Self::AskContact { why, number: None }
    }

    /// The number in the client's own contact can't be used.
    #[must_use]
    pub fn unusable_number(why: UnusableNumber) -> Self {
        Self::AskContact { why: AskWhy::Unreadable, number: Some(why) }
    }

    /// Which of the client's bookings must be read to render this.
    #[must_use]
    pub fn needs(&self) -> Needs {
        match self {
            Self::Known | Self::Bookings => Needs::Bookings,
            Self::Calendar { booking } => Needs::List(*booking),
            Self::Greeting
            | Self::AskContact { .. }
            | Self::Registered
            | Self::Help { .. }
            | Self::Address { .. }
            | Self::Contacts { .. }
            | Self::UnknownText { .. }
            | Self::ThanksRating { .. }
            | Self::AskRatingAgain { .. }
            | Self::StaleButton { .. } => Needs::Nothing,
        }
    }

    /// The reply's text at `now`, the moment of sending.
    #[must_use]
    pub fn render(&self, texts: &Texts, client: &ClientView, now: DateTime<Utc>) -> Rendered {
        match *self {
            Self::Greeting => texts.greeting(),
            Self::Known => texts.known(&client.bookings, client.unread, now),
            Self::AskContact { why, number } => texts.ask_contact(why, number),
            Self::Registered => texts.registered(),
            Self::Bookings => texts.bookings(&client.bookings, client.unread, now),
            Self::Help { registered } => texts.help(registered),
            Self::Address { registered } => texts.address(registered),
            Self::Contacts { registered } => texts.contacts(registered),
            Self::UnknownText { registered } => texts.unknown_text(registered),
            Self::ThanksRating { stars } => texts.thanks(stars.get()),
            Self::AskRatingAgain { booking } => texts.rating_again(booking),
            Self::StaleButton { registered } => texts.stale_button(registered),
            Self::Calendar { .. } => {
                texts.calendar(&client.bookings, now).unwrap_or_else(|| texts.stale_button(true))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::texts::{Keyboard, fixtures};

    #[test]
    fn stored_replies_keep_their_form() {
        let stars = Stars::try_from(5).unwrap();
        for (reply, json) in [
            (Reply::Greeting, r#"{"answer":"greeting"}"#),
            (Reply::ask_contact(AskWhy::Foreign), r#"{"answer":"ask_contact","why":"foreign"}"#),
            // Stored by an older build.
            (
                Reply::ask_contact(AskWhy::Unreadable),
                r#"{"answer":"ask_contact","why":"unreadable"}"#,
            ),
            (
                Reply::unusable_number(UnusableNumber::Anonymous),
                r#"{"answer":"ask_contact","why":"unreadable","number":"anonymous"}"#,
            ),
            (
                Reply::unusable_number(UnusableNumber::NotANumber),
                r#"{"answer":"ask_contact","why":"unreadable","number":"not_a_number"}"#,
            ),
            (
                Reply::unusable_number(UnusableNumber::Unknown),
                r#"{"answer":"ask_contact","why":"unreadable","number":"unknown"}"#,
            ),
            (Reply::Help { registered: true }, r#"{"answer":"help","registered":true}"#),
            (Reply::ThanksRating { stars }, r#"{"answer":"thanks_rating","stars":5}"#),
            (
                Reply::AskRatingAgain { booking: BookingId(7) },
                r#"{"answer":"ask_rating_again","booking":7}"#,
            ),
            (Reply::Calendar { booking: BookingId(7) }, r#"{"answer":"calendar","booking":7}"#),
        ] {
            assert_eq!(serde_json::to_string(&reply).unwrap(), json);
            assert_eq!(serde_json::from_str::<Reply>(json).unwrap(), reply);
        }
    }

    #[test]
    fn lists_show_the_bookings_read_at_sending() {
        let client = ClientView { bookings: vec![fixtures::booking()], ..ClientView::default() };
        let now = fixtures::at("20.12.2025 10:00");
        for reply in [Reply::Known, Reply::Bookings] {
            assert_eq!(reply.needs(), Needs::Bookings);
            let rendered = reply.render(&fixtures::texts(), &client, now);
            assert!(rendered.html.contains("C6UDS3"), "{}", rendered.html);
            assert_eq!(rendered.keyboard, Keyboard::Menu);
        }
        assert_eq!(Reply::Greeting.needs(), Needs::Nothing);
    }
}
