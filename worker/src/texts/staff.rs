//! Cards for the staff's chat. Short, since many may share a message ([`super::join_cards`]): each
//! outside value is cut to what a card has room for.

use chrono::{DateTime, Utc};
use shared::{bukza::Fault, domain::booking::BookingView};

use super::{Args, Before, Keyboard, Lines, Rendered, Texts, booking::positive, filled, html};

/// Most characters of a name in a card.
const NAME_MAX: usize = 60;
/// Most characters of a status in a card.
pub(super) const WORDS_MAX: usize = 80;
/// Most faults named in a card; all of them are kept with the request.
const FAULTS_MAX: usize = 5;

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
        let mut lines = self.card("staff-created", booking);
        self.add_whole(&mut lines, booking, now);
        lines.add(self.reach_line(reach));
        card(lines)
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
        let service = before.other_service(booking).map(|s| html::escape_short(s, NAME_MAX));
        let start = before.other_start(booking);
        let when = start.map(|start| self.times().date_time(start, now));
        let was: Vec<String> = service.into_iter().chain(when).collect();
        if !was.is_empty() {
            lines.add(self.get("staff-was", Args::new().html("was", was.join(" · "))));
        }
        self.add_whole(&mut lines, booking, now);
        lines.add(self.reach_line(reach));
        card(lines)
    }

    /// A booking that is off.
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
        lines.add(self.order_line(booking));
        lines.add(self.reach_line(reach));
        card(lines)
    }

    /// A client's rating.
    #[must_use]
    pub fn staff_rated(&self, booking: &BookingView, stars: u8, now: DateTime<Utc>) -> Rendered {
        let args = Args::new()
            .html("stars", "⭐".repeat(stars.min(5).into()))
            .number("n", stars)
            .text("code", &booking.code);
        let mut lines = Lines::default();
        lines.add(self.get("staff-rated", args));
        lines.add(self.what_and_when(booking, now));
        lines.add(self.person_line(booking));
        lines.add(self.order_line(booking));
        card(lines)
    }

    /// The client cannot be told about this booking.
    #[must_use]
    pub fn staff_unreachable(&self, booking: &BookingView, now: DateTime<Utc>) -> Rendered {
        let mut lines = self.card("staff-unreachable", booking);
        lines.add(self.what_and_when(booking, now));
        lines.add(self.person_line(booking));
        lines.add(self.plain("staff-unreachable-why"));
        card(lines)
    }

    /// A request of Bukza that was refused: its faults by field, nothing of its body.
    #[must_use]
    pub fn staff_rejected(
        &self,
        faults: &[Fault],
        received_at: DateTime<Utc>,
        now: DateTime<Utc>,
    ) -> Rendered {
        let when = self.times().date_time(received_at, now);
        let args = Args::new().html("when", when);
        let mut lines = Lines::default();
        lines.add(self.get("staff-rejected", args));
        for fault in faults.iter().take(FAULTS_MAX) {
            let args =
                Args::new().short("field", &fault.field, 40).short("message", &fault.message, 100);
            lines.add(self.get("staff-fault", args));
        }
        if let Some(more) = faults.len().checked_sub(FAULTS_MAX).filter(|more| *more > 0) {
            let more = i64::try_from(more).unwrap_or(i64::MAX);
            lines.add(self.get("staff-faults-more", Args::new().number("n", more)));
        }
        lines.add(self.plain("staff-rejected-end"));
        card(lines)
    }

    pub(super) fn card(&self, title: &str, booking: &BookingView) -> Lines {
        let mut lines = Lines::default();
        lines.add(self.get(title, Args::new().text("code", &booking.code)));
        lines
    }

    fn add_whole(&self, lines: &mut Lines, booking: &BookingView, now: DateTime<Utc>) {
        lines.add(self.what_and_when(booking, now));
        lines.add(self.person_line(booking));
        lines.add(self.people_and_price(booking));
        lines.add(self.order_line(booking));
    }

    /// «VR Арена · суббота, 27 декабря, 12:00 · 1 час»
    pub(super) fn what_and_when(
        &self,
        booking: &BookingView,
        now: DateTime<Utc>,
    ) -> Option<String> {
        let service = filled(booking.service.as_deref()).map(|s| html::escape_short(s, NAME_MAX));
        let when = booking.slot.map(|slot| self.times().date_time(slot.start(), now));
        let duration = booking.slot.and_then(|slot| self.times().duration(slot));
        joined(service.into_iter().chain(when).chain(duration))
    }

    /// Name and phone, or which of them is missing.
    pub(super) fn person_line(&self, booking: &BookingView) -> String {
        let name = filled(booking.client_name.as_deref())
            .map_or_else(|| self.plain("staff-no-name"), |name| html::escape_short(name, NAME_MAX));
        let phone = booking.phone.as_ref();
        let phone =
            phone.map_or_else(|| self.plain("staff-no-phone"), |p| html::escape(p.as_e164()));
        self.get("staff-person", Args::new().html("name", format!("{name}, {phone}")))
    }

    fn people_and_price(&self, booking: &BookingView) -> Option<String> {
        let people = booking.people.filter(|n| *n > 0);
        let people = people.map(|n| self.get("people", Args::new().number("n", n)));
        let total = positive(booking.total).map(|total| {
            let args = Args::new().html("total", total.to_string());
            match positive(booking.paid) {
                Some(paid) => self.get("staff-price-paid", args.html("paid", paid.to_string())),
                None => self.get("staff-price", args),
            }
        });
        joined(total.into_iter().chain(people))
    }

    /// The order, as a link to Bukza's page of it where its number has the form of one.
    fn order_line(&self, booking: &BookingView) -> Option<String> {
        let order = filled(booking.order.as_deref())?;
        let linkable = order.len() <= 40
            && order.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        let key = if linkable { "staff-order-link" } else { "staff-order" };
        Some(self.get(key, Args::new().short("order", order, 40)))
    }

    pub(super) fn reach_line(&self, reach: ClientReach) -> String {
        self.plain(match reach {
            ClientReach::InBot => "staff-in-bot",
            ClientReach::NotInBot => "staff-not-in-bot",
            ClientReach::Blocked => "staff-bot-blocked",
        })
    }
}

fn joined(parts: impl Iterator<Item = String>) -> Option<String> {
    let parts: Vec<String> = parts.collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

pub(super) fn card(lines: Lines) -> Rendered {
    Rendered::new(lines.text(), Keyboard::Keep)
}
