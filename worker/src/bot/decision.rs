//! What a decision depends on, and what it is. Pure data; the rules are in `decide`, `rating`, `visit`, `words` and `join`.

use shared::domain::{
    booking::Stars,
    consent::Consent,
    dialogue::Dialogue,
    ids::{BookingId, RequestId},
    join::{Scope, Tries},
    message_kind::Switch,
    phone::PhoneRegion,
    request::RequestKind,
    venue::Locale,
};

use super::reply::Reply;

/// The sender's state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Client {
    /// The client has proven a phone, or joined a booking without one.
    pub registered: bool,
    pub reachable: bool,
    /// The dialogue open when the update was received, which takes the client's words.
    pub dialogue: Dialogue,
    /// Whether the phone may be taken.
    pub consent: Consent,
}

/// The booking that an intent is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConcernedBooking {
    pub id: BookingId,
    /// The booking is the sender's.
    pub own: bool,
    /// The visit has begun and was not cancelled.
    pub visited: bool,
    /// The client is expected: the visit stands, or waits to be confirmed, and is not over.
    pub awaited: bool,
    pub version: i32,
    /// How many visits the last message about it names.
    pub listed: usize,
}

/// What decisions depend on of the venue.
#[derive(Debug, Clone, Copy)]
pub struct Setting {
    pub region: PhoneRegion,
    /// There is a staff's chat, in which somebody reads what clients want.
    pub has_staff: bool,
    /// Clients consent to a document before their phone is taken.
    pub needs_consent: bool,
}

/// What to store and to reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decision {
    /// The client's new state. `None`: nothing is stored.
    pub client: Option<Client>,
    /// A rating to store. The store finds out whether it is new.
    pub rating: Option<(BookingId, Stars)>,
    /// What else is stored, in order.
    pub acts: Vec<Act>,
    /// Replies, in order.
    pub replies: Vec<Reply>,
}

/// Something to store besides the client's state. Where the booking has changed meanwhile, the reply says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Act {
    /// The client comes, to this visit and to those of the same message.
    Comes {
        booking: BookingId,
        version: i32,
    },
    /// The booking stays: a request to cancel it is taken back.
    Keep {
        booking: BookingId,
        version: i32,
    },
    /// A request to cancel, and the question for the reason.
    Cancel {
        booking: BookingId,
        version: i32,
    },
    /// The reason of a request to cancel, or none.
    Reason {
        request: RequestId,
        words: Option<String>,
    },
    /// A card to the staff.
    Request(Wish),
    /// Words of an account without a phone.
    StrangersWords(String),
    /// The client turns messages on or off.
    Turn {
        switch: Switch,
        on: bool,
    },
    /// The client consents to the venue's document.
    Consent,
    /// A client of before was shown the question for the consent.
    ConsentRequested,
    /// All that is held about the client is deleted.
    Forget,
    /// The language of all texts to this chat.
    Language(Locale),
    /// The booking is this client's from now on.
    Join(BookingId),
    /// Wrong tries to join a booking.
    Tries(Scope, Tries),
    Open(Dialogue),
    End(Dialogue),
    /// The buttons of a message have had their day.
    TakeButtons {
        message: Option<i64>,
    },
}

/// What a client wants of the staff.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    pub kind: RequestKind,
    pub booking: Option<BookingId>,
    pub words: Option<String>,
    /// A message of the client without text, with its caption.
    pub attachment: Option<(i64, String)>,
}

/// Which dialogues an intent ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    Nothing,
    One(Dialogue),
    All,
}

impl Client {
    /// The question for the consent.
    pub(super) fn ask_consent(self) -> Reply {
        Reply::AskConsent { registered: self.registered }
    }
}

impl Decision {
    pub(super) fn nothing(client: Option<Client>) -> Self {
        Self { client, rating: None, acts: Vec::new(), replies: Vec::new() }
    }

    pub(super) fn reply(client: Client, reply: Reply) -> Self {
        Self { replies: vec![reply], ..Self::nothing(Some(client)) }
    }
}
