//! A booking as the system knows it, and the part of it that texts are made from.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::{
    event::{Details, EventMark, FormField, VisitTime},
    history::History,
    ids::{BookingCode, BookingId, UserId},
    money::Money,
    phone::Phone,
    request::VisitAnswer,
    status::Meaning,
    time::VenueZone,
    wall_clock::{ClockSource, VisitClock},
};

/// Where a booking is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BookingStatus {
    Active,
    Cancelled,
    /// The visit's end has passed.
    Completed,
}

impl BookingStatus {
    pub const ALL: &[Self] = &[Self::Active, Self::Cancelled, Self::Completed];

    /// The value in `bookings.status`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Cancelled => "cancelled",
            Self::Completed => "completed",
        }
    }

    /// Reads the value of `bookings.status`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|status| status.as_str() == text)
    }
}

/// A stored booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booking {
    pub id: BookingId,
    pub code: BookingCode,
    /// The client in the bot, if known.
    pub user: Option<UserId>,
    pub details: Details,
    /// The visit's instants, by the rules of the zone as they were when they were stored.
    pub visit_time: Option<VisitTime>,
    /// The visit's times as the venue's clocks show them. `None`: a build before has written the row.
    pub clock: Option<VisitClock>,
    pub status: BookingStatus,
    /// What its status means.
    pub meaning: Meaning,
    /// The words that decided the meaning.
    pub status_words: Option<String>,
    /// Raised by each change that a client must hear of.
    pub version: i32,
    pub rating: Option<Stars>,
    pub rated_at: Option<DateTime<Utc>>,
    /// The requests that decided the meaning; `None`: a build before has written the row.
    pub history: Option<History>,
    pub last_event: EventMark,
    pub created_at: DateTime<Utc>,
}

impl Booking {
    /// The visit's instants by the zone's present rules, which may have changed since they were stored.
    #[must_use]
    pub fn visit_time_in(&self, zone: VenueZone) -> Option<VisitTime> {
        let written = self.clock.filter(|clock| clock.source == ClockSource::Written);
        written.and_then(|clock| zone.visit_time(clock.times)).or(self.visit_time)
    }

    /// The instants at which the zone's clocks show, by its present rules, what the client was shown.
    #[must_use]
    pub fn shown_time_in(&self, zone: VenueZone) -> Option<VisitTime> {
        self.clock.and_then(|clock| zone.visit_time(clock.times)).or(self.visit_time)
    }
}

/// A rating of 1 to 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u8", into = "u8")]
pub struct Stars(u8);

/// Ratings go from 1 to 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a rating is 1 to 5")]
pub struct NotARating;

impl Stars {
    #[must_use]
    pub fn get(self) -> u8 {
        self.0
    }
}

impl TryFrom<u8> for Stars {
    type Error = NotARating;
    fn try_from(stars: u8) -> Result<Self, NotARating> {
        if (1..=5).contains(&stars) { Ok(Self(stars)) } else { Err(NotARating) }
    }
}

impl From<Stars> for u8 {
    fn from(stars: Stars) -> Self {
        stars.0
    }
}

/// What texts about a booking are made from: the booking as it is when they are sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookingView {
    pub id: BookingId,
    pub code: String,
    pub service: Option<String>,
    pub zone: Option<String>,
    pub client_name: Option<String>,
    pub last_name: Option<String>,
    pub phone: Option<Phone>,
    pub visit_time: Option<VisitTime>,
    pub people: Option<u32>,
    /// The order's total. A message shows it only where `total_shown_elsewhere` is false.
    pub total: Option<Money>,
    pub paid: Option<Money>,
    /// What is to be paid in advance.
    pub prepayment: Option<Money>,
    /// The order's number.
    pub order: Option<String>,
    /// The order's id in the address of its page in Bukza.
    pub order_page: Option<String>,
    pub comment: Option<String>,
    pub fields: Vec<FormField>,
    pub meaning: Meaning,
    pub status_words: Option<String>,
    /// Another message like this, about another reservation of the order, shows the order's total.
    pub total_shown_elsewhere: bool,
    pub cancelled: bool,
    pub completed: bool,
    pub rating: Option<u8>,
    /// Raised by each change that its client hears of.
    pub version: i32,
    /// What its client answered about this version, where that was read.
    pub answer: Option<VisitAnswer>,
}

impl From<&Booking> for BookingView {
    fn from(booking: &Booking) -> Self {
        let details = &booking.details;
        Self {
            id: booking.id,
            code: booking.code.to_string(),
            service: details.service.clone(),
            zone: details.zone.clone(),
            client_name: details.client_name.clone(),
            last_name: details.last_name.clone(),
            phone: details.phone.clone(),
            visit_time: booking.visit_time,
            people: details.people,
            total: details.total,
            paid: details.paid,
            prepayment: details.prepayment,
            order: details.order.clone(),
            order_page: details.order_page.clone(),
            comment: details.comment.clone(),
            fields: details.fields.clone(),
            meaning: booking.meaning,
            status_words: booking.status_words.clone(),
            total_shown_elsewhere: false,
            cancelled: booking.status == BookingStatus::Cancelled,
            completed: booking.status == BookingStatus::Completed,
            rating: booking.rating.map(Stars::get),
            version: booking.version,
            answer: None,
        }
    }
}
