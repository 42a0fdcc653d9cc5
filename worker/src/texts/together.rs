//! Lists for clients: one message about several bookings, those of an order or those that the client booked one after
//! another ([`shared::domain::together`]).

use chrono::{DateTime, Utc};
use shared::domain::booking::BookingView;

use super::{Args, Keyboard, Lines, Rendered, Texts, html::telegram_len, place::Place};

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
        let mut lines = self.titled("created-title");
        let place = self.common_place(bookings);
        self.add_visits(&mut lines, bookings, place, |booking| {
            self.item_with_details(booking, is_one_order(bookings), now)
        });
        lines.gap();
        lines.add(order_money(bookings).and_then(|booking| self.money_line(booking)));
        place.into_iter().flat_map(|place| self.place_lines(place)).for_each(|it| lines.add(it));
        lines.gap();
        lines.add(self.plain("created-end"));
        let keyboard = |booking| self.visit_keyboard_to(place, booking, now);
        let mut keyboards = bookings.iter().map(keyboard);
        let keyboard = keyboards.find(|keyboard| *keyboard != Keyboard::Keep);
        Rendered::new(lines.text(), keyboard.unwrap_or(Keyboard::Keep))
    }

    /// The bookings are cancelled.
    #[must_use]
    pub fn cancelled_together(&self, bookings: &[BookingView], now: DateTime<Utc>) -> Rendered {
        if let [only] = bookings {
            return self.cancelled(only, now);
        }
        let mut lines = self.titled("cancelled-several-title");
        self.add_listed(&mut lines, bookings, |booking| self.upcoming_item(booking, now));
        lines.gap();
        lines.add(self.plain("cancelled-end"));
        Rendered::new(lines.text(), self.book_again())
    }

    /// The reminder of several visits, with the time left until the first.
    #[must_use]
    pub fn reminder_together(&self, bookings: &[BookingView], now: DateTime<Utc>) -> Rendered {
        if let [only] = bookings {
            return self.reminder(only, now);
        }
        let starts = bookings.iter().filter_map(|booking| booking.visit_time);
        let first = starts.map(|visit_time| visit_time.start()).min().unwrap_or(now);
        let mut lines = Lines::default();
        let left = self.times().left(first, now);
        lines.add(self.reminder_title(left, bookings));
        lines.gap();
        let place = self.common_place(bookings);
        self.add_visits(&mut lines, bookings, place, |booking| {
            self.item_with_details(booking, true, now)
        });
        lines.gap();
        lines.add(order_money(bookings).and_then(|booking| self.rest_line(booking)));
        place.into_iter().flat_map(|place| self.place_lines(place)).for_each(|it| lines.add(it));
        let mut keyboards = bookings.iter().map(|booking| self.reminder_keyboard(booking, now));
        let keyboard = keyboards.find(|keyboard| *keyboard != Keyboard::Keep);
        Rendered::new(lines.text(), keyboard.unwrap_or(Keyboard::Keep))
    }

    /// The question about several visits of one day: one rating for all.
    #[must_use]
    pub fn feedback_together(&self, bookings: &[BookingView], now: DateTime<Utc>) -> Rendered {
        let Some((first, others)) = bookings.split_first() else {
            return Rendered::new(String::new(), Keyboard::Keep);
        };
        if others.is_empty() {
            return self.feedback_request(first, now);
        }
        let mut services: Vec<String> = Vec::new();
        for service in bookings.iter().take(LISTED).map(|booking| self.service(booking)) {
            if !services.contains(&service) {
                services.push(service);
            }
        }
        let start = first.visit_time.map_or(now, |visit_time| visit_time.start());
        let args = Args::new()
            .html("service", services.join(", "))
            .html("day", self.times().day(start, now));
        Rendered::new(self.get("feedback-request", args), Keyboard::rating(first.id))
    }

    /// The list of visits. Those that are not at one place have each its own below it; where there is no room, without the
    /// lines of resources.
    fn add_visits(
        &self,
        lines: &mut Lines,
        bookings: &[BookingView],
        common: Option<Place<'_>>,
        item: impl Fn(&BookingView) -> String,
    ) {
        let with_place = |booking: &BookingView, shown: usize| {
            let place = self.place_lines(self.place(booking)).into_iter().take(shown);
            place.fold(item(booking), |item, line| format!("{item}\n   {line}"))
        };
        // The address is the first. That every visit is listed goes before it.
        let fits = |shown: &usize| {
            let listed = bookings.iter().take(LISTED);
            let units = listed.map(|booking| telegram_len(&with_place(booking, *shown)) + 1);
            units.sum::<usize>() <= LIST_UNITS
        };
        let shown = [usize::MAX, 1].into_iter().find(fits).filter(|_| common.is_none());
        // The address has room beside the list, the lines below it have not.
        let below = common.map(|place| self.place_lines(place)).unwrap_or_default();
        let below: usize = below.iter().skip(1).map(|line| telegram_len(line) + 1).sum();
        let room = LIST_UNITS.saturating_sub(below);
        self.add_items_within(lines, bookings, room, |booking| {
            with_place(booking, shown.unwrap_or(0))
        });
    }

    /// As many items as fit, and the number of the others.
    pub(super) fn add_listed(
        &self,
        lines: &mut Lines,
        bookings: &[BookingView],
        item: impl FnMut(&BookingView) -> String,
    ) {
        self.add_items_within(lines, bookings, LIST_UNITS, item);
    }

    fn add_items_within(
        &self,
        lines: &mut Lines,
        bookings: &[BookingView],
        room: usize,
        mut item: impl FnMut(&BookingView) -> String,
    ) {
        let (mut units, mut listed) = (0, 0);
        for booking in bookings.iter().take(LISTED) {
            let item = item(booking);
            units += telegram_len(&item) + 1;
            if units > room {
                break;
            }
            lines.add(item);
            listed += 1;
        }
        let more = i64::try_from(bookings.len() - listed).unwrap_or(i64::MAX);
        lines.add((more > 0).then(|| self.get("list-more", Args::new().number("n", more))));
    }

    /// When, what, the code, and below it what differs between bookings.
    fn item_with_details(
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

pub(super) fn is_one_order(bookings: &[BookingView]) -> bool {
    bookings.windows(2).all(|pair| match pair {
        [one, next] => one.order.is_some() && one.order == next.order,
        _ => true,
    })
}

/// The booking that shows the order's sums: each reservation knows those of the whole order.
fn order_money(bookings: &[BookingView]) -> Option<&BookingView> {
    let shows = bookings.iter().find(|booking| !booking.total_shown_elsewhere);
    shows.filter(|_| is_one_order(bookings))
}
