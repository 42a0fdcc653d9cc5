//! The list of a client's bookings: what is to come, and what was. As many as fit into one message,
//! the nearest first.

use chrono::{DateTime, Utc};
use shared::domain::booking::BookingView;

use super::{Args, Keyboard, Lines, Rendered, Texts, html::telegram_len};

/// Most bookings shown in each half.
const UPCOMING_MAX: usize = 15;
const PAST_MAX: usize = 10;

/// Room for one half of the list, in Telegram's units: both together with their titles fit.
const HALF_UNITS: usize = 1_900;

impl Texts {
    /// All bookings of a client, in any order: what is still to come, then what was.
    #[must_use]
    pub fn bookings(&self, bookings: &[BookingView], now: DateTime<Utc>) -> Rendered {
        let past = past(bookings, now);
        if past.is_empty() && upcoming(bookings, now).is_empty() {
            return Rendered::new(self.plain("list-none"), Keyboard::Menu);
        }
        let mut lines = Lines::default();
        self.add_upcoming(&mut lines, bookings, now);
        if !past.is_empty() {
            lines.gap();
            lines.add(self.plain("list-past"));
            self.add_items(&mut lines, &past, PAST_MAX, |booking| self.past_item(booking, now));
        }
        Rendered::new(lines.text(), Keyboard::Menu)
    }

    /// The upcoming ones among `bookings`, or that there are none.
    pub(super) fn add_upcoming(
        &self,
        lines: &mut Lines,
        bookings: &[BookingView],
        now: DateTime<Utc>,
    ) {
        let upcoming = upcoming(bookings, now);
        if upcoming.is_empty() {
            lines.add(self.plain("list-upcoming-none"));
            return;
        }
        lines.add(self.plain("list-upcoming"));
        self.add_items(lines, &upcoming, UPCOMING_MAX, |booking| {
            let args = self.item_args(booking, now).text("code", &booking.code);
            let named =
                booking.service.as_deref().is_some_and(|service| !service.trim().is_empty());
            // Without a service the code stands in its place already.
            self.get(if named { "list-item-code" } else { "list-item" }, args)
        });
    }

    fn add_items(
        &self,
        lines: &mut Lines,
        bookings: &[&BookingView],
        max: usize,
        item: impl Fn(&BookingView) -> String,
    ) {
        let mut units = 0;
        for (shown, booking) in bookings.iter().enumerate() {
            let line = item(booking);
            units += telegram_len(&line) + 1;
            if shown == max || units > HALF_UNITS {
                let more = i64::try_from(bookings.len() - shown).unwrap_or(i64::MAX);
                lines.add(self.get("list-more", Args::new().number("n", more)));
                return;
            }
            lines.add(line);
        }
    }

    fn past_item(&self, booking: &BookingView, now: DateTime<Utc>) -> String {
        let args = self.item_args(booking, now);
        match booking.rating {
            _ if booking.cancelled => self.get("list-item-cancelled", args),
            Some(rating) => self.get("list-item-rated", args.number("stars", rating)),
            None => self.get("list-item", args),
        }
    }

    fn item_args(&self, booking: &BookingView, now: DateTime<Utc>) -> Args<'static> {
        let when = booking.slot.map(|slot| self.times().date_time(slot.start(), now));
        Args::new().html("when", when.unwrap_or_default()).html("service", self.service(booking))
    }
}

/// Those that take place, or are taking place.
fn upcoming(bookings: &[BookingView], now: DateTime<Utc>) -> Vec<&BookingView> {
    let mut upcoming: Vec<&BookingView> = bookings.iter().filter(|b| is_upcoming(b, now)).collect();
    upcoming.sort_by_key(|booking| (booking.slot.map(|slot| slot.start()), booking.id));
    upcoming
}

/// All others whose time is known: a cancellation of something never seen tells a client nothing.
fn past(bookings: &[BookingView], now: DateTime<Utc>) -> Vec<&BookingView> {
    let mut past: Vec<&BookingView> =
        bookings.iter().filter(|b| b.slot.is_some() && !is_upcoming(b, now)).collect();
    past.sort_by_key(|booking| {
        std::cmp::Reverse((booking.slot.map(|slot| slot.start()), booking.id))
    });
    past
}

fn is_upcoming(booking: &BookingView, now: DateTime<Utc>) -> bool {
    !booking.cancelled && !booking.completed && booking.slot.is_some_and(|slot| slot.end() > now)
}
