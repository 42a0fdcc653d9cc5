//! The outbox' vocabulary: what kinds of messages there are, whom they address, what states a row
//! goes through.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{
    booking::Stars,
    event::VisitTime,
    ids::{ChatId, RequestId},
    request_fault::Fault,
    staff_answer::StaffAnswer,
    tutor::TutorCard,
};

macro_rules! text_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$vdoc])* $variant),+ }

        impl $name {
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The value in the database and in metric labels.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }

            /// Reads the database's value.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

text_enum!(
    /// What a message says.
    MessageKind {
        /// To the client: your booking is made.
        Confirmation = "confirmation",
        /// To the client: your booking has another time or service now.
        Moved = "moved",
        /// To the client: your booking is cancelled.
        Cancelled = "cancelled",
        /// To the client: your visit is soon.
        Reminder = "reminder",
        /// To the client, after the visit: how was it?
        Feedback = "feedback",
        /// To the client: the answer to what they wrote or pressed.
        Answer = "answer",
        /// To the staff: a new booking.
        StaffCreated = "staff_created",
        /// To the staff: a booking has another time or service.
        StaffMoved = "staff_moved",
        /// To the staff: a booking is cancelled.
        StaffCancelled = "staff_cancelled",
        /// To the staff: a client rated a visit.
        StaffRated = "staff_rated",
        /// To the staff: a request from Bukza could not be used.
        StaffRejected = "staff_rejected",
        /// To the staff: how one of the first requests was read.
        StaffTutor = "staff_tutor",
        /// To the staff: a client can't be reached about a booking.
        StaffUnreachable = "staff_unreachable",
        /// To the staff: a message about a booking has not reached its client, or perhaps not.
        StaffUndelivered = "staff_undelivered",
        /// To the staff: what no client hears, and the staff should know ([`Note`]).
        StaffNote = "staff_note",
        /// To the staff: Telegram gave their group another id.
        StaffGroupMoved = "staff_group_moved",
        /// To a chat that is the staff's, was it, or wanted to be: what became of it.
        StaffChatNotice = "staff_chat_notice",
        /// To the staff: what a client wants of them, or writes to them.
        StaffRequest = "staff_request",
        /// To the staff: what accounts without a phone write, one card for all of them.
        StaffStrangers = "staff_strangers",
        /// To the staff: a client's photo, voice message or file.
        StaffCopy = "staff_copy",
        /// To the staff: whether their reply has reached the client.
        StaffReceipt = "staff_receipt",
        /// To the staff: a text that invites a client to their booking.
        StaffInvitation = "staff_invitation",
        /// To the staff: a client joined a booking by a token or code.
        StaffJoined = "staff_joined",
        /// To the staff: other buttons below a card.
        StaffButtons = "staff_buttons",
        /// To the staff: the answer to what one of them wrote or pressed.
        StaffAnswer = "staff_answer",
        /// To the staff: the agenda that comes by itself.
        StaffAgenda = "staff_agenda",
        /// To the staff: what Bukza's own table shows otherwise.
        StaffTable = "staff_table",
        /// To the client: what one of the staff replied.
        StaffReply = "staff_reply",
        /// To the client: other buttons below a message.
        ClientButtons = "client_buttons",
    }
);

text_enum!(
    /// Whom a message addresses.
    Recipient { Client = "client", Staff = "staff" }
);

text_enum!(
    /// Answers that somebody waits for go ahead of everything else.
    Priority { Interactive = "interactive", Bulk = "bulk" }
);

text_enum!(
    /// The states of an outbox row. All but the first two are final.
    MessageStatus {
        Scheduled = "scheduled",
        /// A worker holds a lease and talks to Telegram.
        Sending = "sending",
        Sent = "sent",
        Failed = "failed",
        Cancelled = "cancelled",
        /// Its time passed before it could be sent.
        Expired = "expired",
        /// It may or may not have reached the client, and saying it twice would be worse.
        Unknown = "unknown",
    }
);

/// A message that a rule plans; the store gives it a row and a job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    pub kind: MessageKind,
    /// Tells two messages of one kind and booking version apart.
    pub dedup_key: String,
    pub due_at: DateTime<Utc>,
    /// Not worth saying from this instant on.
    pub expires_at: Option<DateTime<Utc>>,
    /// What the text needs beyond the booking.
    pub content: Option<Content>,
}

/// How long a cancellation is worth sending where the visit's times are not known.
const WITHOUT_TIMES: TimeDelta = TimeDelta::hours(24);

impl Planned {
    /// A confirmation or move, due `now`. It is worth sending until the visit's end.
    #[must_use]
    pub fn to_client(
        kind: MessageKind,
        content: Option<Content>,
        visit_time: VisitTime,
        now: DateTime<Utc>,
    ) -> Self {
        let expires_at = Some(visit_time.end());
        Self { kind, dedup_key: String::new(), due_at: now, expires_at, content }
    }

    /// A cancellation, due `now`.
    #[must_use]
    pub fn cancelled(visit_time: Option<VisitTime>, now: DateTime<Utc>) -> Self {
        let expires_at = visit_time.map_or(now + WITHOUT_TIMES, |visit_time| visit_time.end());
        let kind = MessageKind::Cancelled;
        let (dedup_key, expires_at) = (String::new(), Some(expires_at));
        Self { kind, dedup_key, due_at: now, expires_at, content: None }
    }

    /// A card or note to the staff. It does not expire.
    #[must_use]
    pub fn to_staff(
        kind: MessageKind,
        dedup_key: String,
        content: Option<Content>,
        due_at: DateTime<Utc>,
    ) -> Self {
        Self { kind, dedup_key, due_at, expires_at: None, content }
    }
}

/// The numbers of the refused requests that share a card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefusalNumbers {
    pub first: i64,
    pub last: i64,
    /// How many there are: between the first and the last are others, too.
    pub count: i64,
}

impl RefusalNumbers {
    /// One alone.
    #[must_use]
    pub fn of(number: i64) -> Self {
        Self { first: number, last: number, count: 1 }
    }

    /// With another.
    #[must_use]
    pub fn and(self, number: i64) -> Self {
        Self {
            first: self.first.min(number),
            last: self.last.max(number),
            count: self.count.saturating_add(1),
        }
    }
}

/// What a text needs beyond the booking as it is when it is sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Content {
    /// Where the booking was moved from.
    MovedFrom { start: DateTime<Utc>, service: Option<String> },
    /// Why requests were refused: the newest of them.
    Rejected {
        faults: Vec<Fault>,
        received_at: DateTime<Utc>,
        /// Which requests. Builds before leave it out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        numbers: Option<RefusalNumbers>,
    },
    /// The stars that were given.
    Rated { stars: Stars },
    /// An answer of the bot, in the bot's own form.
    Answer(serde_json::Value),
    /// What a note to the staff is about.
    Note(Note),
    /// Which message has not reached its client. `perhaps`: its result is unknown.
    Undelivered { kind: MessageKind, perhaps: bool },
    /// The group's id from now on.
    GroupMoved { to: ChatId },
    /// What became of a chat as the staff's. It goes to this topic of it.
    StaffChat { news: StaffChatNews, topic: Option<i64> },
    /// A request to the staff. `again`: nobody took it when its card came first.
    Request {
        id: RequestId,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        again: bool,
    },
    /// What accounts without a phone wrote: name and words.
    Strangers { words: Vec<(String, String)> },
    /// A message of another chat that is copied. `caption` takes the place of its own.
    Copy { from: ChatId, telegram_message_id: i64, caption: Option<String> },
    /// What became of a reply of the staff, which is the message `to` of their chat.
    Receipt { to: i64, outcome: ReplyOutcome },
    /// The buttons that a message of the chat has from now on: at most one.
    Buttons { telegram_message_id: i64, taken: Option<TakenRequest> },
    /// A text that invites a client, in reply to the card `to`. Its token is read when it is sent.
    Invitation { to: i64 },
    /// How a request was read.
    Tutor(Box<TutorCard>),
    /// The differences between Bukza's table and the bookings that have this card's number.
    TableDifferences { card: i64 },
    /// Bukza's table was not used: it has so few of the known bookings.
    TableRefused { known: u32, found: u32 },
    /// The buttons that the card of differences above has from now on.
    TableButtons { telegram_message_id: i64, card: i64 },
    /// What the staff get to read in answer to the message `to` of their chat, or by itself.
    StaffAnswer { to: Option<i64>, answer: StaffAnswer },
}

/// What became of a chat as the staff's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StaffChatNews {
    /// A link bound it: cards come here.
    Bound,
    /// Cards go to another chat, of this title, or to none.
    Left { to: Option<String> },
    /// The link that was opened here works no more.
    LinkOver,
}

/// A request that one of the staff took, as the button below its card shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TakenRequest {
    pub id: RequestId,
    /// The first name of whoever took it.
    pub by: String,
}

/// What became of a reply of the staff to a client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReplyOutcome {
    Delivered,
    /// The client can't be written to, or Telegram refused the reply.
    NotDelivered,
    /// Nobody knows whether it was delivered.
    PerhapsDelivered,
    /// The card is about several clients, or about none who is in the bot.
    NoClient,
}

/// What a note tells the staff about a booking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Note {
    /// The booking was announced to the client; now it waits for its payment or confirmation.
    Waits,
    /// It waits for its payment or confirmation, and was not announced to the client.
    WaitsUntold,
    /// It stands, and did not before.
    Confirmed,
    /// The client did not come.
    NoShow,
    /// The booking is no client's any more. It was announced to a client, who relies on it.
    BelievesBooked,
    /// A request that says "stands" came right after the cancellation, and does not revive the booking.
    StandsAfterCancel,
    /// A phone came later than the booking.
    PhoneAdded,
    /// A word for a cancellation stands in the status, and what stands beside it held it back.
    HeldBack { words: String },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_are_stored_by_these_names() {
        let words = "не отменён".to_owned();
        for (note, json) in [
            (Note::Waits, r#"{"note":"waits"}"#),
            (Note::WaitsUntold, r#"{"note":"waits_untold"}"#),
            (Note::Confirmed, r#"{"note":"confirmed"}"#),
            (Note::NoShow, r#"{"note":"no_show"}"#),
            (Note::BelievesBooked, r#"{"note":"believes_booked"}"#),
            (Note::StandsAfterCancel, r#"{"note":"stands_after_cancel"}"#),
            (Note::PhoneAdded, r#"{"note":"phone_added"}"#),
            (Note::HeldBack { words }, r#"{"note":{"held_back":{"words":"не отменён"}}}"#),
        ] {
            let content = Content::Note(note);
            assert_eq!(serde_json::to_string(&content).unwrap(), json);
            assert_eq!(serde_json::from_str::<Content>(json).unwrap(), content);
        }
    }
}
