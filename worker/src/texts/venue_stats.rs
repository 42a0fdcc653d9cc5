//! The numbers of a week and of a month, for the staff.

use shared::{
    domain::venue::Locale,
    store::venue_stats::{ServiceStars, VisitCounts},
};

use super::{Args, Keyboard, Lines, Rendered, Texts, filled, untrusted};

/// Most characters of a service.
const SERVICE_MAX: usize = 60;

/// The numbers of a span.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct SpanStats {
    pub counts: VisitCounts,
    pub stars: Vec<ServiceStars>,
}

impl Texts {
    /// The numbers of this week and of this month.
    #[must_use]
    pub fn stats(&self, week: &SpanStats, month: &SpanStats) -> Rendered {
        let mut lines = Lines::default();
        for (title, stats) in [("stats-week", week), ("stats-month", month)] {
            lines.gap();
            lines.add(self.plain(title));
            self.add_span(&mut lines, stats);
        }
        lines.gap();
        lines.add(self.plain("stats-end"));
        Rendered::new(lines.text(), Keyboard::Keep)
    }

    fn add_span(&self, lines: &mut Lines, stats: &SpanStats) {
        let VisitCounts { bookings, in_bot, confirmed, cancelled, no_shows, undelivered } =
            stats.counts;
        let number = |count: u64| Args::new().number("n", i64::try_from(count).unwrap_or(i64::MAX));
        lines.add(self.get("stats-bookings", number(bookings)));
        // In whole percent, rounded.
        let share = (in_bot * 200 + bookings).checked_div(bookings * 2);
        lines.add(share.map(|share| {
            self.get("stats-in-bot", number(in_bot).html("percent", share.to_string()))
        }));
        for (key, count) in [
            ("stats-confirmed", confirmed),
            ("stats-cancelled", cancelled),
            ("stats-no-shows", no_shows),
            ("stats-undelivered", undelivered),
        ] {
            lines.add(self.get(key, number(count)));
        }
        for ServiceStars { service, average, ratings } in &stats.stars {
            let service = match filled(service.as_deref()) {
                Some(service) => untrusted::harmless_short(service, SERVICE_MAX),
                None => self.plain("stats-no-service"),
            };
            let average = format!("{average:.1}");
            let average = match self.locale {
                Locale::Ru => average.replace('.', ","),
                Locale::En => average,
            };
            let args = Args::new().html("service", service).html("average", average);
            lines.add(self.get("stats-stars", args.number("n", *ratings)));
        }
    }
}
