//! Cards to the staff about what clients want or write, and what became of the staff's replies.

use chrono::{DateTime, Utc};
use shared::domain::{
    booking::BookingView,
    ids::{ChatId, RequestId},
    message::{ReplyOutcome, TakenRequest},
    phone::Phone,
    request::{Request, RequestKind},
};

use super::html::shorten;
use super::{Args, Button, Form, Keyboard, Lines, Rendered, Texts, untrusted};
use crate::bot::keyboard::CallbackData;

/// Most characters of a line of a client's words.
const LINE_MAX: usize = 1_000;
/// Most lines of a client's words in a card.
const LINES_MAX: usize = 30;
/// Most accounts without a phone on one card, and most characters of each one's words.
const STRANGERS_MAX: usize = 15;
const STRANGER_WORDS_MAX: usize = 200;
/// Telegram's limit of a caption.
const CAPTION_MAX: usize = 1_024;
/// Most characters of a name on a button.
const NAME_MAX: usize = 30;

impl Texts {
    /// A request of a client. `booking`: what it is about, as it is now; `phone`: the client's own. `again`: its card
    /// came before.
    #[must_use]
    pub fn staff_request(
        &self,
        request: &Request,
        (booking, phone): (Option<&BookingView>, Option<&Phone>),
        again: bool,
        now: DateTime<Utc>,
    ) -> Rendered {
        let title = match request.kind {
            RequestKind::Cancel => "staff-request-cancel",
            RequestKind::Move => "staff-request-move",
            RequestKind::Words => "staff-request-words",
            RequestKind::Complaint => "staff-request-complaint",
            RequestKind::Comes => "staff-request-comes",
        };
        let mut lines = Lines::default();
        if request.kind.is_to_be_taken() {
            lines.add(booking.and_then(|booking| self.urgent_line(booking, now)));
        }
        lines.add(self.plain(title));
        if again {
            lines.add(self.plain("staff-request-again"));
        }
        if let Some(booking) = booking {
            lines.add(self.get("staff-request-booking", Args::new().code(&booking.code)));
            if booking.cancelled {
                lines.add(self.plain("staff-request-cancelled-meanwhile"));
            } else if request.version.is_some_and(|version| version != booking.version) {
                lines.add(self.plain("staff-request-changed-meanwhile"));
            }
            lines.add(self.what_and_when(booking, now));
            for line in self.person_and_order(booking) {
                lines.add(line);
            }
        }
        if booking.is_none() {
            let phone = phone.map(|phone| phone.as_e164().to_owned());
            lines.add(phone.map(|name| self.get("staff-person", Args::new().html("name", name))));
        }
        if let Some(words) = &request.words {
            lines.add(self.get("staff-comment", Args::new().html("comment", client_words(words))));
        }
        // In a channel nobody can reply.
        if self.venue.staff_chat.has_buttons() {
            lines.gap();
            lines.add(self.plain("staff-request-reply"));
        }
        Rendered::new(lines.text(), self.request_keyboard(request))
    }

    fn request_keyboard(&self, request: &Request) -> Keyboard {
        if !request.kind.is_to_be_taken() {
            return Keyboard::Keep;
        }
        match &request.taken_by {
            Some(by) => self.taken_keyboard(request.id, by),
            None => {
                let data = CallbackData::Taken { request: request.id };
                Keyboard::rows([vec![Button::press(self.plain("button-take"), data)]])
            }
        }
    }

    fn taken_keyboard(&self, request: RequestId, by: &str) -> Keyboard {
        let name: String = by.chars().filter(|c| !c.is_control()).take(NAME_MAX).collect();
        let label = self.get("button-taken-by", Args::new().html("name", name));
        Keyboard::rows([vec![Button::press(label, CallbackData::Taken { request })]])
    }

    /// The buttons that a message has from now on.
    #[must_use]
    pub fn buttons(&self, telegram_message_id: i64, taken: Option<&TakenRequest>) -> Rendered {
        let keyboard = taken.map(|taken| self.taken_keyboard(taken.id, &taken.by));
        let keyboard = keyboard.unwrap_or(Keyboard::Inline(Vec::new()));
        Rendered { keyboard, ..Rendered::form(Form::Buttons { telegram_message_id }) }
    }

    /// What accounts without a phone wrote: name and words.
    #[must_use]
    pub fn staff_strangers(&self, words: &[(String, String)]) -> Rendered {
        let mut lines = Lines::default();
        lines.add(self.plain("staff-strangers"));
        for (name, words) in words.iter().take(STRANGERS_MAX) {
            let args = Args::new().untrusted_short("name", name, NAME_MAX).untrusted_short(
                "words",
                words,
                STRANGER_WORDS_MAX,
            );
            lines.add(self.get("staff-stranger", args));
        }
        if let Some(more) = words.len().checked_sub(STRANGERS_MAX).filter(|more| *more > 0) {
            let more = i64::try_from(more).unwrap_or(i64::MAX);
            lines.add(self.get("staff-more", Args::new().number("n", more)));
        }
        Rendered::new(lines.text(), Keyboard::Keep)
    }

    /// A copy of a message of another chat. A client's caption is made harmless.
    #[must_use]
    pub fn copy(
        &self,
        (from, telegram_message_id): (ChatId, i64),
        caption: Option<&str>,
    ) -> Rendered {
        let html = shorten(caption.map(client_words).unwrap_or_default(), CAPTION_MAX);
        Rendered { html, ..Rendered::form(Form::Copy { from, telegram_message_id }) }
    }

    /// What became of a reply of the staff, which is the message `to` of their chat.
    #[must_use]
    pub fn staff_receipt(&self, to: i64, outcome: ReplyOutcome) -> Rendered {
        let key = match outcome {
            ReplyOutcome::Delivered => {
                return Rendered::form(Form::Thumb { telegram_message_id: to });
            }
            ReplyOutcome::NotDelivered => "staff-reply-not-delivered",
            ReplyOutcome::PerhapsDelivered => "staff-reply-perhaps",
            ReplyOutcome::NoClient => "staff-reply-no-client",
        };
        let form = Form::ReplyTo { telegram_message_id: to };
        Rendered { form, ..Rendered::new(self.plain(key), Keyboard::Keep) }
    }
}

/// A client's words by lines: links, mentions and commands in them are none.
fn client_words(words: &str) -> String {
    let lines = words.lines().map(str::trim).filter(|line| untrusted::is_visible(line));
    let lines: Vec<String> =
        lines.take(LINES_MAX).map(|line| untrusted::harmless_short(line, LINE_MAX)).collect();
    lines.join("\n")
}
