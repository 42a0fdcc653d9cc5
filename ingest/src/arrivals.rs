//! The receive times of requests: what the order of one booking's events rests on.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use chrono::{DateTime, Utc};
use shared::clock::Clock;

/// Hands out receive times: the clock's, but each later than the one before, so that two events
/// never tie.
pub(crate) struct Arrivals {
    clock: Arc<dyn Clock>,
    /// The latest time handed out, in microseconds since 1970.
    last: AtomicI64,
}

impl fmt::Debug for Arrivals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arrivals").field("clock", &self.clock).finish_non_exhaustive()
    }
}

impl Arrivals {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, last: AtomicI64::new(i64::MIN) }
    }

    /// The time of an arrival now. If the clock was set back, time goes on by microseconds until
    /// the clock has caught up.
    pub(crate) fn next(&self) -> DateTime<Utc> {
        let now = self.clock.now();
        let micros = now.timestamp_micros();
        let step = |last: i64| micros.max(last.saturating_add(1));
        let last =
            self.last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(step(last)));
        DateTime::from_timestamp_micros(step(last.unwrap_or(i64::MIN))).unwrap_or(now)
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use shared::clock::ManualClock;

    use super::*;

    #[test]
    fn no_two_arrivals_tie_even_if_the_clock_goes_back() {
        let start: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().unwrap();
        let clock = ManualClock::at(start);
        let arrivals = Arrivals::new(Arc::new(clock.clone()));
        assert_eq!(arrivals.next(), start);
        assert_eq!(arrivals.next(), start + TimeDelta::microseconds(1));
        clock.advance(TimeDelta::seconds(-5));
        assert_eq!(arrivals.next(), start + TimeDelta::microseconds(2));
        clock.advance(TimeDelta::seconds(6));
        assert_eq!(arrivals.next(), start + TimeDelta::seconds(1));
    }

    #[test]
    fn threads_get_distinct_times() {
        let clock = ManualClock::at("2026-01-01T00:00:00Z".parse().unwrap());
        let arrivals = Arrivals::new(Arc::new(clock));
        let times: Vec<_> = std::thread::scope(|scope| {
            let take = || (0..1000).map(|_| arrivals.next()).collect::<Vec<_>>();
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(take)).collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        let distinct: std::collections::HashSet<_> = times.iter().collect();
        assert_eq!(distinct.len(), 4000);
    }
}
