//! What clients decide in the chat: the answer about a visit, and requests to the staff. A booking changes only
//! when Bukza says so.

use chrono::{DateTime, TimeDelta, Utc};

use super::ids::{BookingId, ChatId, RequestId};

/// How long a request waits for the client's reason before its card goes without one.
pub const REASON_WAIT: TimeDelta = TimeDelta::seconds(60);
/// After this time without a delivered card the client learns whom to call.
pub const DELIVERY_PATIENCE: TimeDelta = TimeDelta::seconds(60);
/// When the card of a request that nobody took comes again.
pub const SHOWN_AGAIN_AFTER: TimeDelta = TimeDelta::hours(1);
/// Longest words of a client that are kept, in characters.
pub const WORDS_MAX_CHARS: usize = 1_000;

/// What a client answered about a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VisitAnswer {
    Comes,
    WantsToMove,
    CannotCome,
}

impl VisitAnswer {
    pub const ALL: &[Self] = &[Self::Comes, Self::WantsToMove, Self::CannotCome];

    /// The value in `visit_answers.answer`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Comes => "comes",
            Self::WantsToMove => "wants_to_move",
            Self::CannotCome => "cannot_come",
        }
    }

    /// Reads the database's value.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|answer| answer.as_str() == text)
    }
}

/// What a client wants of the staff.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RequestKind {
    /// To cancel a booking.
    Cancel,
    /// Another time for a booking.
    Move,
    /// That they read something.
    Words,
    /// That they read why a visit was rated low.
    Complaint,
    /// That they know: the client comes after all.
    Comes,
}

impl RequestKind {
    pub const ALL: &[Self] = &[Self::Cancel, Self::Move, Self::Words, Self::Complaint, Self::Comes];

    /// The value in `requests.kind`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cancel => "cancel",
            Self::Move => "move",
            Self::Words => "words",
            Self::Complaint => "complaint",
            Self::Comes => "comes",
        }
    }

    /// Reads the database's value.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text)
    }

    /// Whether one of the staff takes it by a button, and its card comes again if nobody does.
    #[must_use]
    pub fn is_to_be_taken(self) -> bool {
        match self {
            Self::Cancel | Self::Move | Self::Complaint => true,
            Self::Words | Self::Comes => false,
        }
    }

    /// Whether the client waits to learn that the staff have it.
    #[must_use]
    pub fn is_awaited(self) -> bool {
        match self {
            Self::Cancel | Self::Move | Self::Words | Self::Complaint => true,
            Self::Comes => false,
        }
    }
}

/// A stored request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub id: RequestId,
    pub kind: RequestKind,
    /// The client's chat.
    pub chat: ChatId,
    pub booking: Option<BookingId>,
    /// The booking's version that it is about.
    pub version: Option<i32>,
    pub words: Option<String>,
    pub update_id: i64,
    pub created_at: DateTime<Utc>,
    pub delivered_at: Option<DateTime<Utc>>,
    pub taken_by: Option<String>,
    /// The client took it back.
    pub withdrawn: bool,
}

/// A client's words as they are kept: trimmed, cut, without control characters but line breaks.
#[must_use]
pub fn kept_words(text: &str) -> String {
    let visible = text.trim().chars().filter(|c| !c.is_control() || *c == '\n');
    visible.take(WORDS_MAX_CHARS).collect()
}
