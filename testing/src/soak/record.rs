//! What the clients of a soak did, and the responses they got.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use simulator::bukza::model::Reservation;

use super::{departing::Departed, guest::Joined, preferences::Turned};

/// What a request means for its booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Meaning {
    Stands,
    Pending,
    NoShow,
    Ignored,
    Cancelled,
}

/// How a request expresses its meaning: a status in the venue's words, an event, or nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    None,
    New,
    Confirmed,
    Restored,
    Pending,
    NoShow,
    Ignored,
    ByClient,
    CancelEvent,
}

impl Word {
    #[must_use]
    pub fn meaning(self) -> Meaning {
        match self {
            Self::None | Self::New | Self::Confirmed | Self::Restored => Meaning::Stands,
            Self::Pending => Meaning::Pending,
            Self::NoShow => Meaning::NoShow,
            Self::Ignored => Meaning::Ignored,
            Self::ByClient | Self::CancelEvent => Meaning::Cancelled,
        }
    }

    /// Whether it undoes a cancellation at once.
    #[must_use]
    pub fn restores(self) -> bool {
        self == Self::Restored
    }

    /// The status, where it is one.
    #[must_use]
    pub fn status(self) -> Option<&'static str> {
        match self {
            Self::None | Self::CancelEvent => None,
            Self::New => Some("Новая"),
            Self::Confirmed => Some("Подтверждено"),
            Self::Restored => Some("Восстановлено"),
            Self::Pending => Some("Ожидает оплаты"),
            Self::NoShow => Some("Не пришёл"),
            Self::Ignored => Some("Техническая"),
            Self::ByClient => Some("Отменён клиентом"),
        }
    }
}

/// One event of a booking. Each is accepted before the next is posted, so their order is known.
#[derive(Debug, Clone)]
pub struct Event {
    /// The service's name, which identifies the event in texts: `SK7001-3` is the third event of
    /// the booking `SK7001`. An event without new times keeps the previous tag, and so does a
    /// correction of a past visit.
    pub tag: String,
    pub word: Word,
    pub start: DateTime<Utc>,
    pub end: DateTime<Utc>,
    pub with_phone: bool,
    /// Its times correct a visit that is over.
    pub corrected: bool,
    /// Time of the first attempt to post it.
    pub begun: DateTime<Utc>,
    /// Time at which the accepted request was sent.
    pub sent: DateTime<Utc>,
    /// Time of its response.
    pub answered: DateTime<Utc>,
    /// The event id in ingest's 200 response; `None` until accepted.
    pub accepted: Option<String>,
    /// It was lost on the way: Bukza's table alone knows it.
    pub lost: bool,
}

impl Event {
    #[must_use]
    pub fn meaning(&self) -> Meaning {
        self.word.meaning()
    }
}

/// One booking.
#[derive(Debug, Clone)]
pub struct Booking {
    pub code: String,
    /// The client's number.
    pub client: u32,
    pub phone: String,
    /// The order's number, where it is one of several reservations.
    pub order: Option<String>,
    pub events: Vec<Event>,
    /// What Bukza's own table shows.
    pub row: Option<Reservation>,
    /// The stars that its client gave last.
    pub rated: Option<u8>,
}

impl Booking {
    /// The last event that is to be known in the end: it was accepted, or Bukza's table shows it.
    #[must_use]
    pub fn last_known(&self) -> Option<&Event> {
        self.events.iter().rfind(|event| event.accepted.is_some() || event.lost)
    }

    /// The times that came with this tag first, before any correction.
    #[must_use]
    pub fn times_of(&self, tag: &str) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        self.of_tag(tag).next().map(|event| (event.start, event.end))
    }

    /// The events with this tag.
    pub fn of_tag(&self, tag: &str) -> impl Iterator<Item = &Event> {
        self.events.iter().filter(move |event| event.tag == tag)
    }

    /// How long the visit had been over when its first request was sent.
    #[must_use]
    pub fn over_at_first(&self) -> Option<TimeDelta> {
        let first = self.events.first()?;
        Some(first.begun - first.end).filter(|over| *over > TimeDelta::zero())
    }
}

/// One client.
#[derive(Debug, Clone, Default)]
pub struct Client {
    /// The accounts that the client's number belonged to, oldest first.
    pub chats: Vec<i64>,
    /// Times at which the client was unreachable: not registered, or the bot was blocked.
    pub absences: Vec<(DateTime<Utc>, DateTime<Utc>)>,
    /// Whether the bot knows the client's number.
    pub registered: bool,
    /// What was turned off or on from each account, in order.
    pub turned: HashMap<i64, Vec<Turned>>,
}

/// What a fault explains. The least that is true of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Excuse {
    /// Messages waited, and a worker may have lost the lease of one it was sending.
    LostLease,
    /// Messages waited.
    Delay,
    /// No message to a client waited.
    Nothing,
}

impl Excuse {
    fn delays(self) -> bool {
        match self {
            Self::LostLease | Self::Delay => true,
            Self::Nothing => false,
        }
    }
}

/// A fault that was injected.
#[derive(Debug, Clone, Copy)]
pub struct InjectedFault {
    pub name: &'static str,
    pub excuse: Excuse,
    pub from: DateTime<Utc>,
    /// When all programs were ready again.
    pub to: DateTime<Utc>,
}

/// Everything that clients and fault injectors did.
#[derive(Debug, Default)]
pub struct Record {
    pub bookings: Vec<Booking>,
    pub clients: HashMap<u32, Client>,
    /// Clients who have their data deleted.
    pub departed: Vec<Departed>,
    /// Bookings that somebody opens without their phone.
    pub joined: Vec<Joined>,
    /// Ids of Telegram's updates.
    pub updates: Vec<i64>,
    /// Marks in the bodies of requests that were refused with 4xx.
    pub refused: Vec<String>,
    pub faults: Vec<InjectedFault>,
    /// Posts that got no answer, and those that were answered 503.
    pub unanswered: u64,
    pub not_stored: u64,
    /// Problems that clients and fault injectors noticed.
    pub problems: Vec<String>,
}

impl Record {
    /// Events that were answered 200.
    #[must_use]
    pub fn accepted(&self) -> usize {
        let events = self.bookings.iter().flat_map(|booking| &booking.events);
        events.filter(|event| event.accepted.is_some()).count()
    }

    /// Events that were lost on the way.
    #[must_use]
    pub fn lost(&self) -> usize {
        self.bookings.iter().flat_map(|booking| &booking.events).filter(|event| event.lost).count()
    }

    /// Total duration of the faults between two instants that make messages wait.
    #[must_use]
    pub fn broken_for(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> TimeDelta {
        let overlap = |fault: &InjectedFault| {
            (fault.to.min(to) - fault.from.max(from)).max(TimeDelta::zero())
        };
        self.faults.iter().filter(|fault| fault.excuse.delays()).map(overlap).sum()
    }

    /// Whether a fault may have cost a worker the lease that ended at this instant.
    #[must_use]
    pub fn lost_before(&self, at: DateTime<Utc>) -> bool {
        self.lost_between(at, at)
    }

    /// Whether a fault may have cost a worker a lease that ended between these instants. Leases last
    /// up to 90 s.
    #[must_use]
    pub fn lost_between(&self, from: DateTime<Utc>, to: DateTime<Utc>) -> bool {
        let near =
            |fault: &InjectedFault| fault.from <= to && from <= fault.to + TimeDelta::seconds(90);
        self.lost_leases().any(near)
    }

    fn lost_leases(&self) -> impl Iterator<Item = &InjectedFault> {
        self.faults.iter().filter(|fault| fault.excuse == Excuse::LostLease)
    }

    /// Whether a worker that called Telegram at this instant may have failed to record the outcome.
    #[must_use]
    pub fn unsettled(&self, at: DateTime<Utc>) -> bool {
        let near = |fault: &InjectedFault| {
            at - TimeDelta::seconds(2) <= fault.to && fault.from <= at + TimeDelta::seconds(45)
        };
        self.lost_leases().any(near)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_felt_while_it_lasts_and_a_little_longer() {
        let at = |seconds: i64| DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap();
        let of = |excuse| InjectedFault { name: "x", excuse, from: at(10), to: at(20) };
        let record = |excuse| Record { faults: vec![of(excuse)], ..Record::default() };
        let (delay, nothing) = (record(Excuse::Delay), record(Excuse::Nothing));
        let record = record(Excuse::LostLease);
        assert_eq!(record.broken_for(at(0), at(15)), TimeDelta::seconds(5));
        assert_eq!(record.broken_for(at(12), at(30)), TimeDelta::seconds(8));
        assert_eq!(record.broken_for(at(21), at(30)), TimeDelta::zero());
        assert!(record.lost_before(at(60)) && !record.lost_before(at(9)));
        assert!(!record.lost_before(at(111)));
        assert!(record.unsettled(at(-30)) && record.unsettled(at(21)));
        assert!(!record.unsettled(at(-40)) && !record.unsettled(at(23)));
        assert_eq!(delay.broken_for(at(0), at(15)), TimeDelta::seconds(5));
        assert!(!delay.lost_before(at(15)) && !delay.unsettled(at(15)));
        assert_eq!(nothing.broken_for(at(0), at(15)), TimeDelta::zero());
    }
}
