//! Keyboards below texts, and the buttons that several texts share.

use shared::domain::{
    booking::{BookingView, Stars},
    ids::BookingId,
    request::VisitAnswer,
    status::Meaning,
};

use chrono::{DateTime, Utc};

use super::{Texts, place::Place};
use crate::bot::keyboard::{CallbackData, VisitAction};

/// The keyboard below a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keyboard {
    /// The chat keeps its present keyboard.
    Keep,
    /// The persistent menu ([`Texts::menu_labels`]).
    Menu,
    /// One button that shares the client's own number ([`Texts::contact_button`]).
    AskContact,
    /// Buttons below the message itself, by rows.
    Inline(Vec<Vec<Button>>),
}

/// A button below a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Button {
    pub label: String,
    pub action: ButtonAction,
}

/// What a button does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ButtonAction {
    /// The bot gets a press with this data.
    Press(CallbackData),
    /// An address is opened.
    Open(String),
}

impl Button {
    pub(super) fn press(label: impl Into<String>, data: CallbackData) -> Self {
        Self { label: label.into(), action: ButtonAction::Press(data) }
    }

    pub(super) fn open(label: impl Into<String>, url: impl Into<String>) -> Self {
        Self { label: label.into(), action: ButtonAction::Open(url.into()) }
    }
}

impl Keyboard {
    /// Rows of buttons. Empty rows are left out; without any the chat keeps its keyboard.
    pub(super) fn rows(rows: impl IntoIterator<Item = Vec<Button>>) -> Self {
        let rows: Vec<Vec<Button>> = rows.into_iter().filter(|row| !row.is_empty()).collect();
        if rows.is_empty() { Self::Keep } else { Self::Inline(rows) }
    }

    /// Five buttons that rate a booking.
    pub(super) fn rating(booking: BookingId) -> Self {
        let stars = (1..=5).filter_map(|n| Stars::try_from(n).ok());
        let button = |stars: Stars| {
            Button::press(format!("{} ⭐", stars.get()), CallbackData::Rating { booking, stars })
        };
        Self::rows([stars.map(button).collect()])
    }
}

impl Texts {
    /// The buttons of a reminder that was not answered yet: "I come", and where there are staff to read it, requests.
    pub(super) fn reminder_keyboard(&self, booking: &BookingView, now: DateTime<Utc>) -> Keyboard {
        if !is_awaited(booking, now) || booking.answer == Some(VisitAnswer::Comes) {
            return Keyboard::Keep;
        }
        let comes = self.visit_button(booking, VisitAction::Comes);
        Keyboard::rows([vec![comes], self.request_buttons(booking)])
    }

    /// The buttons of a confirmation or move: the way, the calendar, "I can't come".
    pub(super) fn visit_keyboard(&self, booking: &BookingView, now: DateTime<Utc>) -> Keyboard {
        self.visit_keyboard_to(Some(self.place(booking)), booking, now)
    }

    /// The same with the way to this place. `None`: there is no one way.
    pub(super) fn visit_keyboard_to(
        &self,
        place: Option<Place<'_>>,
        booking: &BookingView,
        now: DateTime<Utc>,
    ) -> Keyboard {
        if !is_awaited(booking, now) {
            return Keyboard::Keep;
        }
        let route = place.and_then(|place| self.route_button(place));
        let cannot = self.has_staff().then(|| self.visit_button(booking, VisitAction::CannotCome));
        Keyboard::rows([
            route.into_iter().chain(self.calendar_button(booking)).collect(),
            cannot.into_iter().collect(),
        ])
    }

    /// All that can be done about a booking.
    pub(super) fn booking_keyboard(&self, booking: &BookingView, now: DateTime<Utc>) -> Keyboard {
        if !is_awaited(booking, now) {
            return Keyboard::Keep;
        }
        let comes = (booking.answer != Some(VisitAnswer::Comes))
            .then(|| self.visit_button(booking, VisitAction::Comes));
        let route = self.route_button(self.place(booking));
        Keyboard::rows([
            comes.into_iter().collect(),
            self.request_buttons(booking),
            route.into_iter().chain(self.calendar_button(booking)).collect(),
        ])
    }

    /// Another time, or none. Without a staff chat nobody would read it.
    fn request_buttons(&self, booking: &BookingView) -> Vec<Button> {
        let actions = [VisitAction::Move, VisitAction::CannotCome];
        let button = |action| self.visit_button(booking, action);
        if self.has_staff() { actions.map(button).into() } else { Vec::new() }
    }

    pub(super) fn visit_button(&self, booking: &BookingView, action: VisitAction) -> Button {
        let key = match action {
            VisitAction::Comes => "button-comes",
            VisitAction::Move | VisitAction::MoveOne => "button-move",
            VisitAction::CannotCome | VisitAction::CannotComeOne => "button-cannot",
            VisitAction::Sure => "button-sure",
            VisitAction::Keep => "button-keep",
            VisitAction::Open => "button-open",
        };
        let (booking, version) = (booking.id, booking.version);
        Button::press(self.plain(key), CallbackData::Visit { action, booking, version })
    }

    fn calendar_button(&self, booking: &BookingView) -> Option<Button> {
        let data = CallbackData::Calendar { booking: booking.id };
        let stands = booking.meaning == Meaning::Stands;
        stands.then(|| Button::press(self.plain("button-calendar"), data))
    }

    /// Buttons that open these addresses, one a row: label and URL.
    pub(super) fn links(links: Vec<(String, String)>) -> Keyboard {
        Keyboard::rows(links.into_iter().map(|(label, url)| vec![Button::open(label, url)]))
    }

    /// Whether somebody reads what clients want.
    pub(super) fn has_staff(&self) -> bool {
        self.venue.staff_chat.get().is_some()
    }
}

/// Whether the client is expected: the visit stands or waits to be confirmed, and is not over.
pub(super) fn is_awaited(booking: &BookingView, now: DateTime<Utc>) -> bool {
    let comes = match booking.meaning {
        Meaning::Stands | Meaning::Pending => !booking.cancelled && !booking.completed,
        Meaning::NoShow | Meaning::Ignored | Meaning::Cancelled => false,
    };
    comes && booking.visit_time.is_some_and(|visit_time| visit_time.end() > now)
}
