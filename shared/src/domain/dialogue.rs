//! What the bot waits for from a client, what opens it and what ends it. A question that nobody answered must not
//! turn words of weeks later into an answer.

use chrono::TimeDelta;

use super::{
    ids::{BookingId, RequestId},
    join::{Join, LastDigits},
};

/// What the bot waits for from a client at some moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialogue {
    /// Nothing: no question was sent, or it has ended.
    Idle,
    /// Why can't you come? The request exists already.
    Reason(RequestId),
    /// When would another time suit you?
    NewTime(BookingId),
    /// What went wrong at the visit of this booking?
    Complaint(BookingId),
    /// Which are the last four digits of the booking's phone? Or: do you consent, before you join it?
    Digits(Join),
    /// How was the visit of this booking?
    Rating(BookingId),
}

/// The sorts of dialogues. A client has at most one of each; the first one open takes the words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DialogueKind {
    Reason,
    NewTime,
    Complaint,
    Digits,
    Rating,
}

/// How long a dialogue stays open.
pub const QUESTION_OPEN: TimeDelta = TimeDelta::days(1);

impl DialogueKind {
    /// In the order in which they take the client's words.
    pub const ALL: &[Self] =
        &[Self::Reason, Self::NewTime, Self::Complaint, Self::Digits, Self::Rating];

    /// The value in `dialogues.kind`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reason => "reason",
            Self::NewTime => "new_time",
            Self::Complaint => "complaint",
            Self::Digits => "digits",
            Self::Rating => "rating",
        }
    }

    /// Reads the database's value.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text)
    }
}

impl Dialogue {
    /// `None`: nothing is open.
    #[must_use]
    pub fn kind(self) -> Option<DialogueKind> {
        match self {
            Self::Idle => None,
            Self::Reason(_) => Some(DialogueKind::Reason),
            Self::NewTime(_) => Some(DialogueKind::NewTime),
            Self::Complaint(_) => Some(DialogueKind::Complaint),
            Self::Digits(_) => Some(DialogueKind::Digits),
            Self::Rating(_) => Some(DialogueKind::Rating),
        }
    }

    /// The booking that it is about, where it names one.
    #[must_use]
    pub fn booking(self) -> Option<BookingId> {
        match self {
            Self::NewTime(booking) | Self::Complaint(booking) | Self::Rating(booking) => {
                Some(booking)
            }
            Self::Digits(join) => join.booking,
            Self::Idle | Self::Reason(_) => None,
        }
    }

    /// What the client is about to join.
    #[must_use]
    pub fn join(self) -> Option<Join> {
        match self {
            Self::Digits(join) => Some(join),
            Self::Idle
            | Self::Reason(_)
            | Self::NewTime(_)
            | Self::Complaint(_)
            | Self::Rating(_) => None,
        }
    }

    /// Whether it takes these words. Digits are awaited for a day, in which the client may write of other things.
    #[must_use]
    pub fn takes(self, words: Option<&str>) -> bool {
        match self {
            Self::Digits(_) => words.is_some_and(|words| LastDigits::typed(words).is_some()),
            Self::Idle
            | Self::Reason(_)
            | Self::NewTime(_)
            | Self::Complaint(_)
            | Self::Rating(_) => true,
        }
    }

    /// The request that it is about.
    #[must_use]
    pub fn request(self) -> Option<RequestId> {
        match self {
            Self::Reason(request) => Some(request),
            Self::Idle
            | Self::NewTime(_)
            | Self::Complaint(_)
            | Self::Digits(_)
            | Self::Rating(_) => None,
        }
    }

    /// Reads what is stored. `None`: a row of this sort names nothing of that kind.
    #[must_use]
    pub fn of(
        kind: DialogueKind,
        booking: Option<BookingId>,
        request: Option<RequestId>,
        by_token: bool,
    ) -> Option<Self> {
        match kind {
            DialogueKind::Reason => request.map(Self::Reason),
            DialogueKind::NewTime => booking.map(Self::NewTime),
            DialogueKind::Complaint => booking.map(Self::Complaint),
            DialogueKind::Digits => Some(Self::Digits(Join { booking, by_token })),
            DialogueKind::Rating => booking.map(Self::Rating),
        }
    }
}

/// What a sent message does to the question about a visit in its chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QuestionEffect {
    /// The message is the question. It takes the place of one about another visit.
    Opens,
    /// The message is news of a booking: what the client writes next may be about that.
    Ends,
    Leaves,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::message::{MessageKind, Recipient};

    #[test]
    fn every_message_about_a_booking_to_its_client_opens_or_ends_the_question() {
        for kind in MessageKind::ALL.iter().copied() {
            let news = kind.recipient() == Recipient::Client && kind.follows_booking();
            assert_eq!(kind.properties().question != QuestionEffect::Leaves, news, "{kind:?}");
        }
        let opens = |kind: MessageKind| kind.properties().question == QuestionEffect::Opens;
        assert_eq!(MessageKind::names(opens), ["feedback"]);
    }

    #[test]
    fn words_go_to_a_question_that_was_opened_by_a_press_before_they_go_to_a_rating() {
        assert!(DialogueKind::ALL.is_sorted());
        assert_eq!(DialogueKind::ALL.last(), Some(&DialogueKind::Rating));
        for kind in DialogueKind::ALL.iter().copied() {
            assert_eq!(DialogueKind::parse(kind.as_str()), Some(kind));
            let open = Dialogue::of(kind, Some(BookingId(1)), Some(RequestId(2)), true).unwrap();
            assert_eq!(open.kind(), Some(kind));
        }
    }

    #[test]
    fn awaited_digits_leave_all_other_words_to_what_follows_in_the_order() {
        for kind in DialogueKind::ALL.iter().copied() {
            let open = Dialogue::of(kind, Some(BookingId(1)), Some(RequestId(2)), false).unwrap();
            let is_digits = kind == DialogueKind::Digits;
            assert!(open.takes(Some("4567")), "{kind:?}");
            for words in [Some("5"), Some("спасибо"), Some("C6UDS3"), None] {
                assert_eq!(open.takes(words), !is_digits, "{kind:?} {words:?}");
            }
        }
    }
}
