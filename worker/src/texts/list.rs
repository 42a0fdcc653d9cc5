//! The list of a client's bookings: upcoming and past, the nearest first, as many as fit into one message.

use chrono::{DateTime, Utc};
use shared::domain::{booking::BookingView, status::Meaning};

use super::{
    Args, Button, Keyboard, Lines, Rendered, Texts, filled, html::telegram_len,
    keyboard::is_awaited as is_upcoming, visit::answer_mark,
};
use crate::bot::keyboard::{CallbackData, VisitAction};

/// How many bookings there are beyond those that were read, for «… и ещё N».
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Unread {
    pub upcoming: u64,
    pub past: u64,
}

/// Bookings to come of one page, and most bookings that are over.
const PAGE: usize = 6;
const PAST_MAX: usize = 10;
/// Most bookings to come in a text without buttons.
const UPCOMING_MAX: usize = 15;

/// Room for one half of the list, in Telegram's units: both together with their titles fit.
const HALF_UNITS: usize = 1_900;

impl Texts {
    /// A page of the client's `bookings`, given in any order: those to come, each with a button that opens it; on the
    /// last page those that are over, too. A page that there is not is the last one.
    #[must_use]
    pub fn bookings(
        &self,
        bookings: &[BookingView],
        unread: Unread,
        page: u16,
        now: DateTime<Utc>,
    ) -> Rendered {
        let (past, upcoming) = (past(bookings, now), upcoming(bookings, now));
        if past.is_empty() && upcoming.is_empty() {
            return Rendered::new(self.plain("list-none"), self.book_or_menu());
        }
        let last = upcoming.len().saturating_sub(1) / PAGE;
        let page = usize::from(page).min(last);
        let shown: Vec<&BookingView> =
            upcoming.iter().skip(page * PAGE).take(PAGE).copied().collect();
        let mut lines = Lines::default();
        lines.add(self.plain(match shown.is_empty() {
            true => "list-upcoming-none",
            false => "list-upcoming",
        }));
        let unread_here = if page == last { unread.upcoming } else { 0 };
        let item = |booking: &BookingView| self.upcoming_item(booking, now);
        self.add_items(&mut lines, &shown, (PAGE, unread_here), item);
        if page == last && !past.is_empty() {
            lines.gap();
            lines.add(self.plain("list-past"));
            let max = (PAST_MAX, unread.past);
            self.add_items(&mut lines, &past, max, |booking| self.past_item(booking, now));
        }
        if shown.is_empty() {
            return Rendered::new(lines.text(), self.book_or_menu());
        }
        lines.gap();
        lines.add(self.plain("list-tap"));
        let shown: Vec<BookingView> = shown.into_iter().cloned().collect();
        let rows = self.visit_rows(&shown, VisitAction::Open, now);
        Rendered::new(lines.text(), Keyboard::rows(rows.into_iter().chain([self.turn(page, last)])))
    }

    /// The buttons that turn to the pages beside this one.
    fn turn(&self, page: usize, last: usize) -> Vec<Button> {
        let button = |key, page: usize| {
            let page = u16::try_from(page).unwrap_or(u16::MAX);
            Button::press(self.plain(key), CallbackData::Page { page })
        };
        let back = page.checked_sub(1).map(|before| button("button-page-back", before));
        let next = (page < last).then(|| button("button-page-next", page + 1));
        back.into_iter().chain(next).collect()
    }

    /// The button that makes a booking, where the venue has a page for it.
    fn book_or_menu(&self) -> Keyboard {
        match &self.venue.company.booking_url {
            Some(url) => Self::links(vec![(self.plain("button-book"), url.clone())]),
            None => Keyboard::Menu,
        }
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
        let item = self.get(key, self.item_args(booking, now).code(&booking.code));
        let mark = answer_mark(booking.answer).trim_end();
        if mark.is_empty() { item } else { format!("{item} {mark}") }
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
