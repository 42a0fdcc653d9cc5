//! Replies as the outbox stores them: small JSON, rendered at sending, so that a list shows the bookings
//! of that moment.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use shared::domain::{
    booking::{BookingView, Stars},
    ids::{BookingId, RequestId},
    request::RequestKind,
};
use shared::store::preferences::Preferences;

use super::keyboard::VisitAction;
use crate::texts::{AskWhy, Form, Rendered, Texts, Unread, UnusableNumber};

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
        /// Whose resource may have links of its own. Older builds ignore it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        booking: Option<BookingId>,
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
    /// Another page of the bookings, in place of the text of a message.
    BookingsPage {
        page: u16,
        message: Option<i64>,
    },
    /// The booking as it is now. `changed`: since the pressed button's message.
    Booking {
        booking: BookingId,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        changed: bool,
    },
    /// The client comes, to this visit and to those of the same message.
    VisitConfirmed {
        booking: BookingId,
        version: i32,
    },
    VisitKept,
    SurelyCannot {
        booking: BookingId,
    },
    /// Which visit of the message is to be moved, or cancelled?
    WhichVisit {
        booking: BookingId,
        version: i32,
        moves: bool,
    },
    AskReason {
        request: RequestId,
    },
    AskNewTime,
    AskComplaint,
    RequestDelivered {
        kind: String,
    },
    RequestPending,
    RequestTaken {
        kind: String,
    },
    CallVenue,
    /// The client's settings, in place of the text of a message.
    Settings {
        message: Option<i64>,
    },
    /// Is everything to be deleted? `again`: for the second time.
    AskForget {
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        again: bool,
        /// The consent is taken back, which is the same.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        withdraws: bool,
        message: Option<i64>,
    },
    /// Requests the consent to the venue's document.
    AskConsent {
        registered: bool,
    },
    /// The consent of a known client is stored.
    Consented,
    /// Everything is deleted.
    Forgotten {
        message: Option<i64>,
    },
    /// The client chose the language in which this is.
    LanguageChosen {
        registered: bool,
    },
    /// Requests the last four digits of a booking's phone.
    AskDigits,
    /// The code, the digits or both were wrong.
    WrongDigits,
    /// Too many were wrong.
    JoinLocked,
    /// A link's token opens nothing any more.
    DeadLink {
        registered: bool,
    },
    /// A booking is the client's now.
    Joined,
}

/// Which bookings a reply shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    Nothing,
    /// All of the client.
    Bookings,
    /// This one, and those on its list, if they are the client's.
    List(BookingId),
    /// This one alone, if it is the client's.
    One(BookingId),
    /// Those that the last message about this version of a booking names.
    Visits(BookingId, i32),
    /// What the client has turned off.
    Preferences,
}

/// What a reply may need of the database.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ClientView {
    /// Bookings of the client, in any order, as [`Reply::needs`] them.
    pub bookings: Vec<BookingView>,
    pub unread: Unread,
    pub preferences: Option<Preferences>,
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
            Self::Known | Self::Bookings | Self::BookingsPage { .. } => Needs::Bookings,
            Self::Calendar { booking } => Needs::List(*booking),
            Self::Booking { booking, .. }
            | Self::SurelyCannot { booking }
            | Self::ThanksRating { booking: Some(booking), .. } => Needs::One(*booking),
            Self::VisitConfirmed { booking, version }
            | Self::WhichVisit { booking, version, .. } => Needs::Visits(*booking, *version),
            Self::Settings { .. } => Needs::Preferences,
            Self::Greeting
            | Self::AskContact { .. }
            | Self::Registered
            | Self::Help { .. }
            | Self::Address { .. }
            | Self::Contacts { .. }
            | Self::UnknownText { .. }
            | Self::ThanksRating { booking: None, .. }
            | Self::AskRatingAgain { .. }
            | Self::StaleButton { .. }
            | Self::VisitKept
            | Self::AskReason { .. }
            | Self::AskNewTime
            | Self::AskComplaint
            | Self::RequestDelivered { .. }
            | Self::RequestPending
            | Self::RequestTaken { .. }
            | Self::AskForget { .. }
            | Self::AskConsent { .. }
            | Self::Consented
            | Self::Forgotten { .. }
            | Self::CallVenue
            | Self::LanguageChosen { .. }
            | Self::AskDigits
            | Self::WrongDigits
            | Self::JoinLocked
            | Self::DeadLink { .. }
            | Self::Joined => Needs::Nothing,
        }
    }

    /// The reply's text at `now`, the moment of sending.
    #[must_use]
    pub fn render(&self, texts: &Texts, client: &ClientView, now: DateTime<Utc>) -> Rendered {
        let bookings = client.bookings.as_slice();
        match *self {
            Self::Greeting => texts.greeting(),
            Self::Known => texts.known(bookings, client.unread, now),
            Self::AskContact { why, number } => texts.ask_contact(why, number),
            Self::Registered => texts.registered(),
            Self::Bookings => texts.bookings(bookings, client.unread, 0, now),
            Self::Help { registered } => texts.help(registered),
            Self::Address { registered } => texts.address(registered),
            Self::Contacts { registered } => texts.contacts(registered),
            Self::UnknownText { registered } => texts.unknown_text(registered),
            Self::ThanksRating { stars, .. } => texts.thanks(stars.get(), bookings.first()),
            Self::AskRatingAgain { booking } => texts.rating_again(booking),
            Self::StaleButton { registered } => texts.stale_button(registered),
            Self::Calendar { .. } => {
                texts.calendar(bookings, now).unwrap_or_else(|| texts.stale_button(true))
            }
            Self::BookingsPage { page, message } => {
                in_place_of(message, texts.bookings(bookings, client.unread, page, now))
            }
            Self::Booking { booking, changed } => {
                texts.booking_or_stale(bookings, booking, changed, now)
            }
            Self::VisitConfirmed { .. } => texts.visit_confirmed(bookings, now),
            Self::VisitKept => texts.visit_kept(),
            Self::SurelyCannot { .. } => match bookings {
                [booking] => texts.surely_cannot(booking, now),
                _ => texts.stale_button(true),
            },
            Self::WhichVisit { moves, .. } => {
                let cancels = VisitAction::CannotComeOne;
                let action = if moves { VisitAction::MoveOne } else { cancels };
                texts.which_visit(bookings, action, now)
            }
            Self::AskReason { request } => texts.ask_reason(request),
            Self::AskNewTime => texts.ask_new_time(),
            Self::AskComplaint => texts.ask_complaint(),
            Self::RequestDelivered { ref kind } => texts.request_delivered(request_kind(kind)),
            Self::RequestPending => texts.request_pending(),
            Self::RequestTaken { ref kind } => texts.request_taken(request_kind(kind)),
            Self::CallVenue => texts.call_venue(),
            Self::Settings { message } => in_place_of(message, texts.settings(client.preferences)),
            Self::AskForget { again, withdraws, message } => {
                in_place_of(message, texts.ask_forget(again, withdraws))
            }
            Self::AskConsent { registered } => texts.ask_consent(registered),
            Self::Consented => texts.consented(),
            Self::Forgotten { message } => in_place_of(message, texts.forgotten()),
            Self::LanguageChosen { registered } => texts.language_chosen(registered),
            Self::AskDigits => texts.ask_digits(),
            Self::WrongDigits => texts.wrong_digits(),
            Self::JoinLocked => texts.join_locked(),
            Self::DeadLink { registered } => texts.dead_link(registered),
            Self::Joined => texts.joined(),
        }
    }
}

/// A text that takes the place of a message's, if there is one.
fn in_place_of(message: Option<i64>, text: Rendered) -> Rendered {
    match message {
        Some(telegram_message_id) => Rendered { form: Form::Edit { telegram_message_id }, ..text },
        None => text,
    }
}

/// A kind that only a newer version knows is treated as words.
fn request_kind(stored: &str) -> RequestKind {
    RequestKind::parse(stored).unwrap_or(RequestKind::Words)
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
            (
                Reply::ThanksRating { stars, booking: None },
                r#"{"answer":"thanks_rating","stars":5}"#,
            ),
            (
                Reply::ThanksRating { stars, booking: Some(BookingId(7)) },
                r#"{"answer":"thanks_rating","stars":5,"booking":7}"#,
            ),
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
        }
        let keyboard = |reply: Reply| reply.render(&fixtures::texts(), &client, now).keyboard;
        assert_eq!(keyboard(Reply::Known), Keyboard::Menu);
        assert!(matches!(keyboard(Reply::Bookings), Keyboard::Inline(_)));
        assert_eq!(Reply::Greeting.needs(), Needs::Nothing);
    }
}
