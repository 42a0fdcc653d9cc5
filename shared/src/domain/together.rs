//! Which messages of a chat are one piece of news: those about an order's reservations, and those of a client who
//! books one after another. They are sent as one list, or added to the list that was sent.

use chrono::{DateTime, TimeDelta, Utc};

use super::{booking::Booking, venue::Venue};

/// How long the staff's cards about an order wait for each other.
pub const CARDS_WAIT: TimeDelta = TimeDelta::seconds(3);

/// A list that was sent longer ago is not added to. An edit makes no sound: what waited for long, as a card for a chat
/// that was closed, would stand above what was read already.
const LIST_IS_NEW: TimeDelta = TimeDelta::minutes(5);

/// The lists. Each holds messages of one kind ([`super::message_kind::Properties::listing`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listing {
    Confirmations,
    Cancellations,
    Reminders,
    Questions,
    CreatedCards,
    CancelledCards,
}

/// What the bookings of a list have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListedBy {
    /// The client.
    Client,
    /// The client and the order.
    Order,
}

/// When messages become one list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    pub by: ListedBy,
    /// A message that is due takes along those that become due within this time; a question waits for them
    /// ([`last_of_the_day`]).
    pub ahead: TimeDelta,
    /// A message that is due within this time after a list was sent is added to that list.
    pub added_within: TimeDelta,
}

impl Rule {
    /// After when a list must have been sent, for a message that is due at `due_at` to be added to it at `now`.
    #[must_use]
    pub fn added_after(self, due_at: DateTime<Utc>, now: DateTime<Utc>) -> DateTime<Utc> {
        (due_at - self.added_within).max(now - LIST_IS_NEW)
    }
}

impl Listing {
    /// The table.
    #[must_use]
    pub const fn rule(self) -> Rule {
        const NONE: TimeDelta = TimeDelta::zero();
        const MINUTE: TimeDelta = TimeDelta::minutes(1);
        let (by, ahead, added_within) = match self {
            Self::Confirmations => (ListedBy::Client, NONE, MINUTE),
            Self::Cancellations => (ListedBy::Order, NONE, TimeDelta::seconds(3)),
            Self::Reminders => (ListedBy::Order, TimeDelta::hours(1), NONE),
            // Visits of one day end within two.
            Self::Questions => (ListedBy::Order, TimeDelta::hours(48), NONE),
            Self::CreatedCards => (ListedBy::Client, CARDS_WAIT, MINUTE),
            Self::CancelledCards => (ListedBy::Order, CARDS_WAIT, NONE),
        };
        Rule { by, ahead, added_within }
    }

    /// Whether two bookings, about each of which a message of this kind waits in one chat, belong on one list.
    /// Two messages about one booking are never one.
    #[must_use]
    pub fn joins(self, one: &Booking, other: &Booking) -> bool {
        let (of, and) = (&one.details, &other.details);
        let is_one_client = of.phone.is_some() && of.phone == and.phone;
        let is_one_order = of.order.is_some() && of.order == and.order;
        one.id != other.id
            && is_one_client
            && match self.rule().by {
                ListedBy::Client => true,
                ListedBy::Order => is_one_order,
            }
    }
}

/// A list that the chat got, with one of its bookings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recent {
    pub telegram_message_id: i64,
    /// The order of the booking.
    pub order: Option<String>,
}

/// The list that a message is added to: the latest with a booking of its order, else, where lists are of a client, the
/// latest. `recent`: the oldest first, one entry for each booking.
#[must_use]
pub fn added_to(by: ListedBy, order: Option<&str>, recent: &[Recent]) -> Option<i64> {
    let of_order = |it: &&Recent| order.is_some() && it.order.as_deref() == order;
    let list = recent.iter().rev().find(of_order);
    let list = match by {
        ListedBy::Order => list,
        ListedBy::Client => list.or(recent.last()),
    };
    list.map(|list| list.telegram_message_id)
}

/// When the question about a visit is due that waits for those about others of its order: visits that begin on the
/// same day. `None`: it waits for none.
#[must_use]
pub fn last_of_the_day(
    booking: &Booking,
    others: &[(DateTime<Utc>, &Booking)],
    venue: &Venue,
) -> Option<DateTime<Utc>> {
    let day = |booking: &Booking| {
        booking.visit_time.map(|visit_time| venue.zone.local(visit_time.start()).date_naive())
    };
    let same_day = others.iter().filter(|(_, other)| {
        Listing::Questions.joins(booking, other) && day(other) == day(booking)
    });
    same_day.map(|(due_at, _)| *due_at).max()
}

#[cfg(test)]
#[path = "together_tests.rs"]
mod tests;
