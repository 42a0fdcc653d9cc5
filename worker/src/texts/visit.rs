//! What the bot says while a client decides about a visit: the questions, and what came of the answers.

use chrono::{DateTime, Utc};
use shared::domain::{
    booking::BookingView,
    ids::{BookingId, RequestId},
    request::{RequestKind, VisitAnswer},
};

use super::{Args, Button, Keyboard, Rendered, Texts, keyboard::is_awaited, replies::company_line};
use crate::{
    bot::keyboard::{CallbackData, VisitAction},
    texts::filled,
};

/// Most characters of a button's label.
const LABEL_MAX: usize = 50;

impl Texts {
    /// The title of a reminder. A client who has confirmed all these visits gets no second question.
    pub(super) fn reminder_title(&self, left: String, bookings: &[BookingView]) -> String {
        let confirmed = bookings.iter().all(|booking| booking.answer == Some(VisitAnswer::Comes));
        let key = if confirmed { "reminder-confirmed-title" } else { "reminder-title" };
        self.get(key, Args::new().html("left", left))
    }

    /// The client comes, to each of these visits.
    #[must_use]
    pub fn visit_confirmed(&self, bookings: &[BookingView], now: DateTime<Utc>) -> Rendered {
        let mut lines = self.titled("visit-confirmed");
        self.add_listed(&mut lines, bookings, |booking| self.upcoming_item(booking, now));
        Rendered::new(lines.text(), Keyboard::Keep)
    }

    /// The booking stays as it is.
    #[must_use]
    pub fn visit_kept(&self) -> Rendered {
        Rendered::new(self.plain("visit-kept"), Keyboard::Keep)
    }

    /// Asks once more before the staff get a request to cancel.
    #[must_use]
    pub fn surely_cannot(&self, booking: &BookingView, now: DateTime<Utc>) -> Rendered {
        let mut lines = self.titled("cannot-sure");
        lines.add(self.service_line(booking));
        lines.add(self.when_line(booking, now));
        let sure = self.visit_button(booking, VisitAction::Sure);
        let keep = self.visit_button(booking, VisitAction::Keep);
        Rendered::new(lines.text(), Keyboard::rows([vec![sure, keep]]))
    }

    /// Asks which of these visits the client means.
    #[must_use]
    pub fn which_visit(
        &self,
        bookings: &[BookingView],
        action: VisitAction,
        now: DateTime<Utc>,
    ) -> Rendered {
        let keyboard = self.visit_rows(bookings, action, now);
        Rendered::new(self.plain("which-visit"), Keyboard::rows(keyboard))
    }

    /// A button for each visit, one a row.
    pub(super) fn visit_rows(
        &self,
        bookings: &[BookingView],
        action: VisitAction,
        now: DateTime<Utc>,
    ) -> Vec<Vec<Button>> {
        let button = |booking: &BookingView| {
            let start = booking.visit_time.map(|visit_time| visit_time.start());
            let when = start.map(|start| self.times().short(start, now)).unwrap_or_default();
            let service = filled(booking.service.as_deref()).unwrap_or(&booking.code);
            let mark = answer_mark(booking.answer);
            let label: String = format!("{mark}{when} {service}").chars().take(LABEL_MAX).collect();
            let (booking, version) = (booking.id, booking.version);
            vec![Button::press(label, CallbackData::Visit { action, booking, version })]
        };
        bookings.iter().filter(|booking| is_awaited(booking, now)).map(button).collect()
    }

    /// Asks why the client can't come. The request goes to the staff in any case.
    #[must_use]
    pub fn ask_reason(&self, request: RequestId) -> Rendered {
        let button =
            Button::press(self.plain("button-no-reason"), CallbackData::NoReason { request });
        Rendered::new(self.plain("ask-reason"), Keyboard::rows([vec![button]]))
    }

    /// Asks when another time would suit the client.
    #[must_use]
    pub fn ask_new_time(&self) -> Rendered {
        let page = self.venue.company.booking_url.as_ref();
        let button = page.map(|url| Button::open(self.plain("button-free-times"), url.clone()));
        Rendered::new(self.plain("ask-new-time"), Keyboard::rows([button.into_iter().collect()]))
    }

    /// Asks what went wrong.
    #[must_use]
    pub fn ask_complaint(&self) -> Rendered {
        Rendered::new(self.plain("ask-complaint"), Keyboard::Keep)
    }

    /// The staff have the request before them.
    #[must_use]
    pub fn request_delivered(&self, kind: RequestKind) -> Rendered {
        let key = match kind {
            RequestKind::Cancel => "request-delivered-cancel",
            RequestKind::Move => "request-delivered-move",
            RequestKind::Words | RequestKind::Comes => "request-delivered-words",
            RequestKind::Complaint => "request-delivered-complaint",
        };
        Rendered::new(self.plain(key), Keyboard::Keep)
    }

    /// The staff's chat can't be reached at present.
    #[must_use]
    pub fn request_pending(&self) -> Rendered {
        let html = match filled(self.venue.company.phone.as_deref()) {
            Some(phone) => {
                self.get("request-pending-phone", Args::new().html("phone", company_line(phone)))
            }
            None => self.plain("request-pending"),
        };
        Rendered::new(html, Keyboard::Keep)
    }

    /// One of the staff has taken the request.
    #[must_use]
    pub fn request_taken(&self, kind: RequestKind) -> Rendered {
        let key = match kind {
            RequestKind::Cancel => "request-taken-cancel",
            RequestKind::Move => "request-taken-move",
            RequestKind::Words | RequestKind::Complaint | RequestKind::Comes => "request-taken",
        };
        Rendered::new(self.plain(key), Keyboard::Keep)
    }

    /// Nobody would read a request here: the client calls.
    #[must_use]
    pub fn call_venue(&self) -> Rendered {
        let html = match filled(self.venue.company.phone.as_deref()) {
            Some(phone) => self.get("call-venue", Args::new().html("phone", company_line(phone))),
            None => self.plain("call-venue-contacts"),
        };
        Rendered::new(html, Keyboard::Keep)
    }

    /// The booking as it is now. `changed`: it is not as the pressed button's message shows it.
    #[must_use]
    pub fn booking(&self, booking: &BookingView, changed: bool, now: DateTime<Utc>) -> Rendered {
        if booking.cancelled {
            return Rendered::new(self.plain("visit-cancelled"), self.book_again());
        }
        if !is_awaited(booking, now) {
            return Rendered::new(self.plain("visit-over"), Keyboard::Menu);
        }
        let title = if changed { "booking-changed-title" } else { "booking-title" };
        let mut lines = self.titled(title);
        lines.add(self.service_line(booking));
        self.add_details(&mut lines, booking, now);
        lines.add(self.waits_line(booking));
        let answer = booking.answer.map(|answer| match answer {
            VisitAnswer::Comes => "line-answer-comes",
            VisitAnswer::WantsToMove => "line-answer-move",
            VisitAnswer::CannotCome => "line-answer-cannot",
        });
        lines.add(answer.map(|key| self.plain(key)));
        Rendered::new(lines.text(), self.booking_keyboard(booking, now))
    }

    /// The booking of a button, if it is still the client's.
    #[must_use]
    pub fn booking_or_stale(
        &self,
        bookings: &[BookingView],
        id: BookingId,
        changed: bool,
        now: DateTime<Utc>,
    ) -> Rendered {
        match bookings.iter().find(|booking| booking.id == id) {
            Some(booking) => self.booking(booking, changed, now),
            None => self.stale_button(true),
        }
    }
}

/// The sign of an answer before a booking in a list.
pub(super) fn answer_mark(answer: Option<VisitAnswer>) -> &'static str {
    match answer {
        Some(VisitAnswer::Comes) => "✅ ",
        Some(VisitAnswer::WantsToMove) => "🕓 ",
        Some(VisitAnswer::CannotCome) => "✖️ ",
        None => "",
    }
}
