//! What is known of deleted people without their data: a keyed hash of the phone, by which later requests do not bring
//! name and phone back.

use std::fmt::Write;

use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use secrecy::{ExposeSecret, SecretString};
use sha2::Sha256;

use super::event::{BookingEvent, Details};

/// Shortest key, in bytes.
const KEY_MIN: usize = 32;
/// Longest key, in bytes.
const KEY_MAX: usize = 256;
/// How many digits of a hash name the key it was made with.
const KEY_NAME: usize = 8;

/// The key of the hashes (`FORGET_KEY`). Without it nobody can find out by trying all numbers whose they are.
#[derive(Debug, Clone)]
pub struct ForgetKey(SecretString);

impl ForgetKey {
    /// Reads a key of 32 to 256 characters without spaces.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let sound = (KEY_MIN..=KEY_MAX).contains(&text.len())
            && text.chars().all(|c| !c.is_whitespace() && !c.is_control());
        sound.then(|| Self(SecretString::from(text)))
    }

    /// The hash of a phone in E.164, with the name of the key before it.
    #[must_use]
    pub fn hash(&self, phone: &str) -> String {
        format!("{}:{}", self.name(), self.digits(phone))
    }

    /// Whether a hash is of this phone. `None`: it was made with another key.
    #[must_use]
    pub fn is_of(&self, hash: &str, phone: &str) -> Option<bool> {
        let (name, digits) = hash.split_once(':')?;
        (name == self.name()).then(|| digits == self.digits(phone))
    }

    fn name(&self) -> String {
        let mut name = self.digits("the key itself");
        name.truncate(KEY_NAME);
        name
    }

    fn digits(&self, text: &str) -> String {
        // HMAC takes keys of any length.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(self.0.expose_secret().as_bytes()) else {
            return String::new();
        };
        mac.update(text.as_bytes());
        hex(&mac.finalize().into_bytes())
    }
}

/// Bytes as hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// What is known of deletions when a request about a booking comes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// When the data of the booking's client were deleted.
    pub booking_at: Option<DateTime<Utc>>,
    /// The hash of the phone that the booking had then.
    pub booking_phone: Option<String>,
    /// When the data of the request's own phone were deleted last.
    pub phone_at: Option<DateTime<Utc>>,
}

impl Forgotten {
    /// Whether the person in a request is one whose data were deleted. A booking of before the deletion brings nobody
    /// back, unless it has another phone now; a new one is new data.
    #[must_use]
    pub fn hides(&self, event: &BookingEvent, key: Option<&ForgetKey>) -> bool {
        if self.phone_at.is_some_and(|at| event.received_at <= at) {
            return true;
        }
        let Some(booking_at) = self.booking_at else { return false };
        if event.received_at <= booking_at {
            return true;
        }
        let (hash, phone) = (self.booking_phone.as_deref(), event.details.phone.as_ref());
        let is_same = key.zip(hash).zip(phone).and_then(|((key, hash), phone)| {
            // Of a hash by a key of before nothing is known.
            key.is_of(hash, phone.as_e164())
        });
        is_same.unwrap_or(true)
    }

    /// The same for a row of Bukza's table. It does not show when its booking was made: that of a phone whose data were
    /// deleted may be from before.
    #[must_use]
    pub fn hides_row(&self, row: &BookingEvent, key: Option<&ForgetKey>) -> bool {
        self.phone_at.is_some() || self.hides(row, key)
    }
}

impl BookingEvent {
    /// The request without the person.
    #[must_use]
    pub fn without_person(self) -> Self {
        let details = Details {
            client_name: None,
            last_name: None,
            phone: None,
            comment: None,
            fields: Vec::new(),
            ..self.details
        };
        Self { details, reading: None, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        event::{Change, FormField, RequestStatus},
        ids::{BookingCode, EventId},
        phone::Phone,
    };

    const PHONE: &str = "+79991234567";
    const OTHER: &str = "+79997654321";

    fn key() -> ForgetKey {
        ForgetKey::parse("a key of a test, without spaces, yes".replace(' ', "-").as_str()).unwrap()
    }

    fn at(day: u32) -> DateTime<Utc> {
        format!("2026-01-{day:02}T12:00:00Z").parse().unwrap()
    }

    fn event(day: u32, phone: Option<&str>) -> BookingEvent {
        let text = |text: &str| Some(text.to_owned());
        let details = Details {
            service: text("VR"),
            client_name: text("Алина"),
            last_name: text("Иванова"),
            phone: phone.and_then(Phone::international),
            comment: text("с тортом"),
            fields: vec![FormField { name: "Имя".into(), value: "Алина".into() }],
            ..Details::default()
        };
        BookingEvent {
            id: EventId("e".into()),
            received_at: at(day),
            code: BookingCode::parse("A1").unwrap(),
            change: Change::Cancelled(None),
            status: RequestStatus::default(),
            details,
            reading: Some(Box::default()),
            wall_clock: None,
        }
    }

    #[test]
    fn a_hash_is_of_its_phone_and_key_alone() {
        let hash = key().hash(PHONE);
        assert!(!hash.contains("9991234567"), "{hash}");
        assert_eq!(key().is_of(&hash, PHONE), Some(true));
        assert_eq!(key().is_of(&hash, OTHER), Some(false));
        let another = ForgetKey::parse(&"k".repeat(32)).unwrap();
        assert_eq!(another.is_of(&hash, PHONE), None);
        assert!(ForgetKey::parse("short").is_none() && ForgetKey::parse(&" ".repeat(40)).is_none());
        assert!(!format!("{:?}", key()).contains("test"));
    }

    #[test]
    fn a_known_booking_brings_nobody_back_and_a_new_one_or_another_phone_does() {
        let known = |hash: Option<String>| Forgotten {
            booking_at: Some(at(10)),
            booking_phone: hash,
            phone_at: None,
        };
        let hash = Some(key().hash(PHONE));
        let late = Forgotten { phone_at: Some(at(10)), ..Forgotten::default() };
        let stale = ForgetKey::parse(&"k".repeat(32)).unwrap().hash(OTHER);
        for (forgotten, event, hidden) in [
            (known(hash.clone()), event(11, Some(PHONE)), true),
            (known(hash.clone()), event(11, None), true),
            (known(hash.clone()), event(11, Some(OTHER)), false),
            (known(hash), event(9, Some(OTHER)), true),
            (known(None), event(11, Some(OTHER)), true),
            (known(Some(stale)), event(11, Some(OTHER)), true),
            (late.clone(), event(9, Some(PHONE)), true),
            (late, event(11, Some(PHONE)), false),
            (Forgotten::default(), event(11, Some(PHONE)), false),
        ] {
            assert_eq!(forgotten.hides(&event, Some(&key())), hidden, "{forgotten:?} {event:?}");
        }
    }

    #[test]
    fn a_request_without_its_person_keeps_the_booking() {
        let event = event(1, Some(PHONE)).without_person();
        let only = Details { service: Some("VR".into()), ..Details::default() };
        assert_eq!(event.details, only);
    }
}
