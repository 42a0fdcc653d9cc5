//! Reading the Python bot's database, which this system takes over: clients, bookings, and messages that were sent. Each column
//! is text, because that database may have changed. Pure: the store reads the rows, and writes what is decided here.

mod bookings;
mod clients;
mod messages;
mod plan;
mod times;

pub use bookings::{OldBooking, OldBookings, ReadBooking};
pub use clients::{Clients, OldClient, OldUser};
pub use messages::{OldMessage, SentBefore};
pub use plan::{ImportEffect, ImportPlan, KnownBooking, WaitingMessage};

/// Longest text that is kept or shown of a column, in characters.
const TEXT_MAX_CHARS: usize = 200;
/// The same of a word that is not known.
const WORD_MAX_CHARS: usize = 40;

/// A row of the old database, by its id there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum OldRow {
    Client(String),
    Booking(String),
    Message(String),
}

/// A row that was not taken over, or a part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    pub row: OldRow,
    /// The booking's code, or the phone with most digits hidden.
    pub about: Option<String>,
    pub why: Why,
}

/// Why a row, or a part of it, was left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// A client without an account of Telegram.
    NoAccount,
    /// Another row, which is newer, has the same account.
    AccountTwice {
        other: String,
    },
    PhoneMissing,
    PhoneUnreadable,
    /// Another row, which is newer, has the same phone.
    PhoneTwice {
        other: String,
    },
    /// Another account has registered the phone here.
    PhoneOfOther,
    /// The account has registered another phone here.
    OtherPhone,
    /// The person's data were deleted here.
    Deleted,
    CodeMissing,
    CodeUnusable,
    /// Another row, which is newer, has the same code.
    CodeTwice {
        other: String,
    },
    StatusMissing,
    StatusUnknown {
        word: String,
    },
    StartMissing,
    StartImpossible {
        text: String,
    },
    DurationMissing,
    DurationImpossible {
        text: String,
    },
    /// The booking was taken over without its phone.
    BookingPhone,
    /// The booking was taken over without its rating.
    Rating {
        text: String,
    },
    KindMissing,
    KindUnknown {
        word: String,
    },
    SentMissing,
    SentUnreadable,
    /// The message belongs to no booking that was taken over.
    NoBooking,
}

impl Why {
    /// Whether the rest of the row was taken over.
    #[must_use]
    pub fn is_of_a_part(&self) -> bool {
        match self {
            Self::BookingPhone | Self::Rating { .. } => true,
            Self::NoAccount
            | Self::AccountTwice { .. }
            | Self::PhoneMissing
            | Self::PhoneUnreadable
            | Self::PhoneTwice { .. }
            | Self::PhoneOfOther
            | Self::OtherPhone
            | Self::Deleted
            | Self::CodeMissing
            | Self::CodeUnusable
            | Self::CodeTwice { .. }
            | Self::StatusMissing
            | Self::StatusUnknown { .. }
            | Self::StartMissing
            | Self::StartImpossible { .. }
            | Self::DurationMissing
            | Self::DurationImpossible { .. }
            | Self::KindMissing
            | Self::KindUnknown { .. }
            | Self::SentMissing
            | Self::SentUnreadable
            | Self::NoBooking => false,
        }
    }
}

/// The id of a row. Without one it is shown as a question mark.
fn row_id(id: Option<&str>) -> String {
    id.and_then(|id| line(id, WORD_MAX_CHARS)).unwrap_or_else(|| "?".to_owned())
}

/// A column's text as one line. `None`: nothing stands there.
fn line(text: &str, max_chars: usize) -> Option<String> {
    let parts = text.split(|c: char| c.is_whitespace() || c.is_control());
    let words: Vec<&str> = parts.filter(|word| !word.is_empty()).collect();
    let line: String = words.join(" ").chars().take(max_chars).collect();
    (!line.is_empty()).then_some(line)
}

/// What stands in a column, if anything does.
fn given(column: Option<&String>) -> Option<&str> {
    column.map(|text| text.trim()).filter(|text| !text.is_empty())
}

/// A text that is no phone, with all but its last two characters hidden.
fn hidden(text: &str) -> String {
    let count = text.chars().count().min(TEXT_MAX_CHARS);
    let shown = |(at, c)| if at + 2 < count { '*' } else { c };
    text.chars().take(count).enumerate().map(shown).collect()
}
