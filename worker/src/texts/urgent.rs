//! Cards that cannot wait: the visit is soon, and the staff have to act.

use chrono::{DateTime, TimeDelta, Utc};
use shared::domain::booking::BookingView;

use super::{Args, Lines, Texts};

/// A visit that begins within this time is soon.
const SOON: TimeDelta = TimeDelta::hours(3);

impl Texts {
    /// A card with its title, which stands out where the visit is soon.
    pub(super) fn urgent_card(
        &self,
        title: &str,
        booking: &BookingView,
        now: DateTime<Utc>,
    ) -> Lines {
        let mut lines = Lines::default();
        lines.add(self.urgent_line(booking, now));
        lines.0.extend(self.card(title, booking).0);
        lines
    }

    /// The first line of a card about a visit that is soon.
    pub(super) fn urgent_line(&self, booking: &BookingView, now: DateTime<Utc>) -> Option<String> {
        let start = booking.visit_time?.start();
        let is_soon = start > now && start - now <= SOON;
        is_soon.then(|| {
            self.get("staff-urgent", Args::new().html("left", self.times().left(start, now)))
        })
    }
}
