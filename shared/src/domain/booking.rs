//! A booking as it stands in the database, for those who show it: texts, cards, an operator's tools.
//! What an event does to a booking is decided elsewhere in the domain.

use super::{event::Slot, ids::BookingId, money::Money, phone::Phone};

/// All that is known of a booking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookingView {
    pub id: BookingId,
    /// Bukza's code.
    pub code: String,
    pub service: Option<String>,
    /// Hall, zone or room.
    pub zone: Option<String>,
    pub client_name: Option<String>,
    pub phone: Option<Phone>,
    /// `None`: a booking known only from its cancellation.
    pub slot: Option<Slot>,
    pub people: Option<u32>,
    pub total: Option<Money>,
    pub paid: Option<Money>,
    pub order: Option<String>,
    pub cancelled: bool,
    pub completed: bool,
    /// 1 to 5, once the client has rated the visit.
    pub rating: Option<u8>,
}
