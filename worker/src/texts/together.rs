//! The confirmation of several bookings in one message: the reservations of an order, or what a client booked one
//! after another ([`shared::domain::together`]).

use chrono::{DateTime, Utc};
use shared::domain::booking::BookingView;

use super::{Args, Keyboard, Rendered, Texts, html::telegram_len};

/// Most bookings listed.
const LISTED: usize = 10;
/// Room for the list, in Telegram's units: title, price and address fit beside it.
const LIST_UNITS: usize = 3_000;

impl Texts {
    /// The bookings are confirmed, in this order. One alone gets the text of a confirmation.
    #[must_use]
    pub fn confirmed_together(&self, bookings: &[BookingView], now: DateTime<Utc>) -> Rendered {
        if let [only] = bookings {
            return self.created(only, now);
        }
        let is_one_order = bookings.windows(2).all(|pair| match pair {
            [one, next] => one.order.is_some() && one.order == next.order,
            _ => true,
        });
        let mut lines = self.titled("created-title");
        let (mut units, mut listed) = (0, 0);
        for booking in bookings.iter().take(LISTED) {
            let item = self.confirmed_item(booking, is_one_order, now);
            units += telegram_len(&item) + 1;
            if units > LIST_UNITS {
                break;
            }
            lines.add(item);
            listed += 1;
        }
        let more = i64::try_from(bookings.len() - listed).unwrap_or(i64::MAX);
        lines.add((more > 0).then(|| self.get("list-more", Args::new().number("n", more))));
        lines.gap();
        // Each reservation knows the sums of the whole order.
        let order = bookings.iter().find(|booking| !booking.total_shown_elsewhere);
        lines.add(order.filter(|_| is_one_order).and_then(|booking| self.money_line(booking)));
        lines.add(self.address_line());
        lines.gap();
        lines.add(self.plain("created-end"));
        Rendered::new(lines.text(), Keyboard::Keep)
    }

    /// When, what, the code, and below it what differs between bookings.
    fn confirmed_item(
        &self,
        booking: &BookingView,
        is_one_order: bool,
        now: DateTime<Utc>,
    ) -> String {
        let details = [
            booking.visit_time.and_then(|visit_time| self.times().duration(visit_time)),
            self.people(booking),
            self.zone(booking),
            self.money(booking).filter(|_| !is_one_order),
        ];
        let details: Vec<String> = details.into_iter().flatten().collect();
        let item = self.upcoming_item(booking, now);
        if details.is_empty() { item } else { format!("{item}\n   {}", details.join(" · ")) }
    }
}
