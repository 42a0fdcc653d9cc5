//! Cards for the staff's chat, short because several may share a message ([`super::join_cards`]). Their lines
//! are in [`super::card`].

use chrono::{DateTime, Utc};
use shared::domain::{booking::BookingView, status::Meaning};

use super::{
    Args, Before, Lines, Rendered, Texts,
    card::{NAME_MAX, rendered},
    untrusted,
};

/// Whether the bot can write to the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientReach {
    InBot,
    NotInBot,
    /// The client blocked the bot, or is gone from Telegram.
    Blocked,
}

impl Texts {
    /// A new booking.
    #[must_use]
    pub fn staff_created(
        &self,
        booking: &BookingView,
        reach: ClientReach,
        now: DateTime<Utc>,
    ) -> Rendered {
        let title = match booking.meaning {
            Meaning::Pending => "staff-waiting",
            Meaning::Stands | Meaning::NoShow | Meaning::Ignored | Meaning::Cancelled => {
                "staff-created"
            }
        };
        let mut lines = self.card(title, booking);
        self.add_whole(&mut lines, booking, now);
        lines.add(self.reach_line(reach));
        rendered(lines)
    }

    /// A booking with another time or service.
    #[must_use]
    pub fn staff_moved(
        &self,
        booking: &BookingView,
        before: &Before,
        reach: ClientReach,
        now: DateTime<Utc>,
    ) -> Rendered {
        let mut lines = self.card("staff-moved", booking);
        let service = before.other_service(booking).map(|s| untrusted::harmless_short(s, NAME_MAX));
        let start = before.other_start(booking);
        let when = start.map(|start| self.times().date_time(start, now));
        let was: Vec<String> = service.into_iter().chain(when).collect();
        if !was.is_empty() {
            lines.add(self.get("staff-was", Args::new().html("was", was.join(" · "))));
        }
        if booking.meaning == Meaning::Pending {
            lines.add(self.plain("staff-waits"));
        }
        self.add_whole(&mut lines, booking, now);
        lines.add(self.reach_line(reach));
        rendered(lines)
    }

    /// A cancelled booking.
    #[must_use]
    pub fn staff_cancelled(
        &self,
        booking: &BookingView,
        reach: ClientReach,
        now: DateTime<Utc>,
    ) -> Rendered {
        let mut lines = self.card("staff-cancelled", booking);
        lines.add(self.what_and_when(booking, now));
        lines.add(self.person_line(booking));
        lines.add(self.status_line(booking));
        lines.add(self.order_line(booking));
        lines.add(self.reach_line(reach));
        rendered(lines)
    }

    /// A client's rating.
    #[must_use]
    pub fn staff_rated(&self, booking: &BookingView, stars: u8, now: DateTime<Utc>) -> Rendered {
        let args = Args::new()
            .html("stars", "⭐".repeat(stars.min(5).into()))
            .number("n", stars)
            .code(&booking.code);
        let mut lines = Lines::default();
        lines.add(self.get("staff-rated", args));
        lines.add(self.what_and_when(booking, now));
        lines.add(self.person_line(booking));
        lines.add(self.order_line(booking));
        rendered(lines)
    }

    /// The client can't be reached about this booking.
    #[must_use]
    pub fn staff_unreachable(&self, booking: &BookingView, now: DateTime<Utc>) -> Rendered {
        let mut lines = self.card("staff-unreachable", booking);
        lines.add(self.what_and_when(booking, now));
        lines.add(self.person_line(booking));
        lines.add(self.plain("staff-unreachable-why"));
        rendered(lines)
    }
}
