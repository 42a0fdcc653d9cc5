//! The list of a client's bookings: upcoming and past, the nearest first, as many as fit into one message.

use chrono::{DateTime, Utc};
use shared::domain::{booking::BookingView, status::Meaning};

use super::{Args, Keyboard, Lines, Rendered, Texts, filled, html::telegram_len};

/// How many bookings there are beyond those that were read, for «… и ещё N».
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unread {
    pub upcoming: u64,
    pub past: u64,
}

/// Most bookings shown in each half.
const UPCOMING_MAX: usize = 15;
const PAST_MAX: usize = 10;

/// Room for one half of the list, in Telegram's units: both together with their titles fit.
const HALF_UNITS: usize = 1_900;

impl Texts {
    /// The client's `bookings`, given in any order: upcoming first, then past.
    #[must_use]
    pub fn bookings(
        &self,
        bookings: &[BookingView],
        unread: Unread,
        now: DateTime<Utc>,
    ) -> Rendered {
        let past = past(bookings, now);
        if past.is_empty() && upcoming(bookings, now).is_empty() {
            return Rendered::new(self.plain("list-none"), Keyboard::Menu);
        }
        let mut lines = Lines::default();
        self.add_upcoming(&mut lines, bookings, unread, now);
        if !past.is_empty() {
            lines.gap();
            lines.add(self.plain("list-past"));
            let max = (PAST_MAX, unread.past);
            self.add_items(&mut lines, &past, max, |booking| self.past_item(booking, now));
        }
        Rendered::new(lines.text(), Keyboard::Menu)
    }

    /// The upcoming bookings, or that there are none.
    pub(super) fn add_upcoming(
        &self,
        lines: &mut Lines,
        bookings: &[BookingView],
        unread: Unread,
        now: DateTime<Utc>,
    ) {
        let upcoming = upcoming(bookings, now);
        if upcoming.is_empty() {
            lines.add(self.plain("list-upcoming-none"));
            return;
        }
        lines.add(self.plain("list-upcoming"));
        let max = (UPCOMING_MAX, unread.upcoming);
        self.add_items(lines, &upcoming, max, |booking| self.upcoming_item(booking, now));
    }

    pub(super) fn upcoming_item(&self, booking: &BookingView, now: DateTime<Utc>) -> String {
        // Without a service the code is shown in its place.
        let named = filled(booking.service.as_deref()).is_some();
        let waits = booking.meaning == Meaning::Pending;
        let key = match (named, waits) {
            (true, false) => "list-item-code",
            (true, true) => "list-item-code-waits",
            (false, false) => "list-item",
            (false, true) => "list-item-waits",
        };
        self.get(key, self.item_args(booking, now).code(&booking.code))
    }

    /// As many items as fit, at most `max`, and the number of the rest, `unread` included.
    fn add_items(
        &self,
        lines: &mut Lines,
        bookings: &[&BookingView],
        (max, unread): (usize, u64),
        item: impl Fn(&BookingView) -> String,
    ) {
        let mut units = 0;
        let mut shown = 0;
        for booking in bookings.iter().take(max) {
            let line = item(booking);
            units += telegram_len(&line) + 1;
            if units > HALF_UNITS {
                break;
            }
            lines.add(line);
            shown += 1;
        }
        let more = u64::try_from(bookings.len() - shown).unwrap_or(0).saturating_add(unread);
        let more = i64::try_from(more).unwrap_or(i64::MAX);
        if more > 0 {
            lines.add(self.get("list-more", Args::new().number("n", more)));
        }
    }

    fn past_item(&self, booking: &BookingView, now: DateTime<Utc>) -> String {
        let args = self.item_args(booking, now);
        match booking.rating.filter(|_| booking.meaning != Meaning::NoShow) {
            _ if booking.cancelled => self.get("list-item-cancelled", args),
            Some(rating) => self.get("list-item-rated", args.number("stars", rating)),
            None => self.get("list-item", args),
        }
    }

    fn item_args(&self, booking: &BookingView, now: DateTime<Utc>) -> Args<'static> {
        let when =
            booking.visit_time.map(|visit_time| self.times().date_time(visit_time.start(), now));
        Args::new().html("when", when.unwrap_or_default()).html("service", self.service(booking))
    }
}

/// Bookings that have not ended and stand.
fn upcoming(bookings: &[BookingView], now: DateTime<Utc>) -> Vec<&BookingView> {
    let mut upcoming: Vec<&BookingView> = bookings.iter().filter(|b| is_upcoming(b, now)).collect();
    upcoming.sort_by_key(|booking| {
        (booking.visit_time.map(|visit_time| visit_time.start()), booking.id)
    });
    upcoming
}

/// All other bookings with a known time that were confirmed to the client.
fn past(bookings: &[BookingView], now: DateTime<Utc>) -> Vec<&BookingView> {
    let mut past: Vec<&BookingView> =
        bookings.iter().filter(|b| was_theirs(b) && !is_upcoming(b, now)).collect();
    past.sort_by_key(|booking| {
        std::cmp::Reverse((booking.visit_time.map(|visit_time| visit_time.start()), booking.id))
    });
    past
}

fn was_theirs(booking: &BookingView) -> bool {
    let meant = match booking.meaning {
        Meaning::Stands | Meaning::NoShow | Meaning::Cancelled => true,
        Meaning::Pending => booking.cancelled,
        Meaning::Ignored => false,
    };
    meant && booking.visit_time.is_some()
}

fn is_upcoming(booking: &BookingView, now: DateTime<Utc>) -> bool {
    let comes = match booking.meaning {
        Meaning::Stands | Meaning::Pending => !booking.cancelled && !booking.completed,
        Meaning::NoShow | Meaning::Ignored | Meaning::Cancelled => false,
    };
    comes && booking.visit_time.is_some_and(|visit_time| visit_time.end() > now)
}
