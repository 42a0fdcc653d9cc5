//! Joining a booking without its phone: by the token of a link, or by Bukza's code with the last four digits of the
//! booking's phone. Five wrong tries lock a booking's code for a day, and an account for an hour. Pure rules.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};
use sha2::{Digest, Sha256};

use super::{
    forgotten::hex,
    ids::{BookingCode, BookingId, ChatId},
    phone::Phone,
};

/// So many wrong tries lock.
pub const TRIES: i32 = 5;
/// How long nobody joins a booking by its code.
pub const BOOKING_LOCK: TimeDelta = TimeDelta::days(1);
/// How long an account joins nothing by digits.
pub const CHAT_LOCK: TimeDelta = TimeDelta::hours(1);

/// The token of a booking's start link: whoever has it may join the booking. `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct StartToken(String);

impl StartToken {
    /// How many characters a token has: 95 bits.
    pub const CHARS: usize = 16;

    /// Reads a token: 16 Latin letters or digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let sound = text.len() == Self::CHARS && text.bytes().all(|b| b.is_ascii_alphanumeric());
        sound.then(|| Self(text.to_owned()))
    }

    /// The token as the link has it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for StartToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("StartToken(…)")
    }
}

/// What stands behind `/start`, or is typed: the way to a booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum JoinKey {
    Token(StartToken),
    Code(BookingCode),
}

impl JoinKey {
    /// Reads the payload of a link.
    #[must_use]
    pub fn of_link(payload: &str) -> Option<Self> {
        let token = StartToken::parse(payload).map(Self::Token);
        token.or_else(|| typed_code(payload).map(Self::Code))
    }
}

/// Letters and digits of Bukza's codes, as far as they differ.
const MIXED: std::ops::RangeInclusive<usize> = 5..=8;
/// The length of the codes seen so far.
const USUAL: usize = 6;

/// A word that looks like a code of Bukza (`C6UDS3`), alone in its text: Latin letters and digits in any case, or six
/// capital letters. Other words are for the staff.
#[must_use]
pub fn typed_code(text: &str) -> Option<BookingCode> {
    let word = text.trim();
    let is_latin = word.bytes().all(|b| b.is_ascii_alphanumeric());
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    let letters = word.len() - digits;
    let is_mixed = MIXED.contains(&word.len()) && digits > 0 && letters > 0;
    let is_capital = word.len() == USUAL && word.bytes().all(|b| b.is_ascii_uppercase());
    (is_latin && (is_mixed || is_capital)).then(|| BookingCode::parse(word).ok()).flatten()
}

/// The last four digits of a phone. `Debug` hides them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct LastDigits([u8; 4]);

impl LastDigits {
    /// Reads what a client typed: four digits, perhaps with spaces or dashes between them.
    #[must_use]
    pub fn typed(text: &str) -> Option<Self> {
        let digits: Vec<u8> =
            text.trim().bytes().filter(|b| !matches!(b, b' ' | b'-')).take(5).collect();
        let all = digits.iter().all(u8::is_ascii_digit);
        <[u8; 4]>::try_from(digits).ok().filter(|_| all).map(Self)
    }

    /// Those of a phone.
    #[must_use]
    pub fn of(phone: &Phone) -> Option<Self> {
        let number = phone.as_e164();
        Self::typed(number.get(number.len().checked_sub(4)?..)?)
    }
}

impl fmt::Debug for LastDigits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LastDigits(…)")
    }
}

/// What a client is about to join, once the four digits are there or the consent is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Join {
    /// `None`: no booking that can be joined has the code. The client does not learn that.
    pub booking: Option<BookingId>,
    pub by_token: bool,
}

/// What a token or code leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// No booking, or one that is over, cancelled, or of a client who is in the bot.
    Nothing,
    /// A booking of the client who wants to join.
    Own(BookingId),
    Free {
        booking: BookingId,
        /// Of the booking's phone. `None`: it has none.
        digits: Option<LastDigits>,
    },
}

/// What counts wrong tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Tries at a booking by its code.
    Booking(BookingId),
    /// An account's tries by code.
    Chat,
    /// An account's tries by token. They lock no booking, and not the account's way by code.
    Token,
}

impl Scope {
    /// The value in `join_tries.scope`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Booking(_) => "booking",
            Self::Chat => "chat",
            Self::Token => "token",
        }
    }

    /// The value in `join_tries.subject`, for the account of `chat`. It is a hash: tries outlast the deletion of the
    /// account's data, which would otherwise give new ones.
    #[must_use]
    pub fn subject(self, chat: ChatId) -> String {
        match self {
            Self::Booking(booking) => booking.to_string(),
            Self::Chat | Self::Token => hex(&Sha256::digest(format!("joins {chat}"))),
        }
    }

    fn lock(self) -> TimeDelta {
        match self {
            Self::Booking(_) => BOOKING_LOCK,
            Self::Chat | Self::Token => CHAT_LOCK,
        }
    }
}

/// Wrong tries of one scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tries {
    pub wrong: i32,
    /// The last wrong one.
    pub last_at: DateTime<Utc>,
    pub locked_until: Option<DateTime<Utc>>,
}

impl Tries {
    #[must_use]
    pub fn are_locked(&self, now: DateTime<Utc>) -> bool {
        self.locked_until.is_some_and(|until| until > now)
    }

    /// With another wrong one. What is older than the lock would be does not count any more.
    #[must_use]
    pub fn and_wrong(self, scope: Scope, now: DateTime<Utc>) -> Self {
        let counts = self.locked_until.is_none() && now - self.last_at < scope.lock();
        let wrong = if counts { self.wrong.saturating_add(1) } else { 1 };
        let locked_until = (wrong >= TRIES).then(|| now + scope.lock());
        Self { wrong, last_at: now, locked_until }
    }
}

/// All that is known where somebody wants to join a booking, read under its lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JoinFacts {
    pub join: Join,
    pub target: Target,
    /// The account's.
    pub chat: Tries,
    /// The booking's.
    pub booking: Tries,
    pub now: DateTime<Utc>,
}

#[cfg(test)]
#[path = "join_tests.rs"]
mod tests;
