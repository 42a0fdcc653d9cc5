//! Lists for the staff: one card about several bookings of a client ([`shared::domain::together`]).

use chrono::{DateTime, Utc};
use shared::domain::{booking::BookingView, status::Meaning};

use super::{Args, ClientReach, Lines, Rendered, Texts, card::rendered, together::is_one_order};

impl Texts {
    /// The staff's card about several bookings that a client made.
    #[must_use]
    pub fn staff_created_together(
        &self,
        bookings: &[BookingView],
        reach: ClientReach,
        now: DateTime<Utc>,
    ) -> Rendered {
        match bookings {
            [only] => self.staff_created(only, reach, now),
            several => {
                let details = |booking: &BookingView| self.details(booking, true);
                self.staff_list("staff-created-several", several, details, reach, now)
            }
        }
    }

    /// The staff's card about several cancelled bookings.
    #[must_use]
    pub fn staff_cancelled_together(
        &self,
        bookings: &[BookingView],
        reach: ClientReach,
        now: DateTime<Utc>,
    ) -> Rendered {
        match bookings {
            [only] => self.staff_cancelled(only, reach, now),
            several => {
                let details = |booking: &BookingView| self.person_and_order(booking);
                self.staff_list("staff-cancelled-several", several, details, reach, now)
            }
        }
    }

    /// What differs stands with each booking, what they share once below.
    fn staff_list(
        &self,
        title: &str,
        bookings: &[BookingView],
        details: impl Fn(&BookingView) -> Vec<String>,
        reach: ClientReach,
        now: DateTime<Utc>,
    ) -> Rendered {
        let details: Vec<Vec<String>> = with_one_total(bookings).iter().map(details).collect();
        let is_shared = |line: &String| details.iter().all(|lines| lines.contains(line));
        let count = i64::try_from(bookings.len()).unwrap_or(i64::MAX);
        let mut lines = Lines::default();
        lines.add(self.get(title, Args::new().number("n", count)));
        let mut with_details = bookings.iter().zip(&details);
        self.add_listed(&mut lines, bookings, |booking| {
            let own = with_details.by_ref().find(|(other, _)| other.id == booking.id);
            let own = own.into_iter().flat_map(|(_, lines)| lines).filter(|line| !is_shared(line));
            let own: Vec<String> = own.map(|line| format!("   {line}")).collect();
            let item = self.staff_item(booking, now);
            if own.is_empty() { item } else { format!("{item}\n{}", own.join("\n")) }
        });
        for line in details.iter().take(1).flatten() {
            lines.add(Some(line.clone()).filter(is_shared));
        }
        lines.add(self.reach_line(reach));
        rendered(lines)
    }

    /// «• <code>B7K2M9</code> VR Арена · суббота, 27 декабря, 12:00»
    pub(super) fn staff_item(&self, booking: &BookingView, now: DateTime<Utc>) -> String {
        let what = self.what_and_when(booking, now).unwrap_or_default();
        let waits = booking.meaning == Meaning::Pending && !booking.cancelled;
        let key = if waits { "staff-item-waits" } else { "staff-item" };
        self.get(key, Args::new().code(&booking.code).html("what", what))
    }
}

/// Each reservation knows the sums of the whole order: a list of one order shows them once.
fn with_one_total(bookings: &[BookingView]) -> Vec<BookingView> {
    let mut views = bookings.to_vec();
    if is_one_order(bookings) {
        let total_shown_elsewhere = bookings.iter().all(|booking| booking.total_shown_elsewhere);
        for view in &mut views {
            view.total_shown_elsewhere = total_shown_elsewhere;
        }
    }
    views
}
