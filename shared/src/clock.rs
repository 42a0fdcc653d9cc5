//! The source of the present time. Rules take an instant; I/O at the edges reads it from a [`Clock`], so
//! that tests set the time.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use tokio::time::Instant;

/// A source of the present time.
pub trait Clock: Send + Sync + std::fmt::Debug {
    /// The present instant, to the microsecond (PostgreSQL keeps no more).
    fn now(&self) -> DateTime<Utc>;
}

/// The machine's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the machine's clock")]
    fn now(&self) -> DateTime<Utc> {
        Utc::now().trunc_subsecs(6)
    }
}

/// Sleeps; not at all for a duration of zero. tokio's timers count whole milliseconds, rounded up: its sleep
/// of zero takes one or two.
pub async fn sleep(duration: Duration) {
    if !duration.is_zero() {
        tokio::time::sleep(duration).await;
    }
}

/// Sleeps until the clock shows `at`, for `longest` at most; returns whether it does. The clock may be set back meanwhile.
pub async fn sleep_until(clock: &dyn Clock, at: DateTime<Utc>, longest: Duration) -> bool {
    let started = Instant::now();
    loop {
        let early = (at - clock.now()).to_std().unwrap_or_default();
        if early.is_zero() {
            return true;
        }
        let left = longest.saturating_sub(started.elapsed());
        if left.is_zero() {
            return false;
        }
        sleep(early.min(left)).await;
    }
}

/// The clock that all machines of the fleet share: this machine's clock plus its offset from Redis' clock,
/// which `queue::keep_clock_synced` measures. Receive times of several ingests decide the order of a
/// booking's events, so they must come from one clock.
#[derive(Debug, Clone, Default)]
pub struct FleetClock {
    /// What to add to the machine's clock, in microseconds.
    offset: Arc<AtomicI64>,
}

impl FleetClock {
    /// Adopts the fleet's time, which was `fleet` when this machine's clock showed `machine`, give or take
    /// `tolerance`. Returns the new offset if the old one was off by more than the tolerance.
    pub fn set(
        &self,
        fleet: DateTime<Utc>,
        machine: DateTime<Utc>,
        tolerance: TimeDelta,
    ) -> Option<TimeDelta> {
        let measured = (fleet - machine).num_microseconds()?;
        let held = self.offset.load(Ordering::Relaxed);
        if measured.abs_diff(held) <= tolerance.num_microseconds()?.unsigned_abs() {
            return None;
        }
        self.offset.store(measured, Ordering::Relaxed);
        Some(TimeDelta::microseconds(measured))
    }
}

impl Clock for FleetClock {
    fn now(&self) -> DateTime<Utc> {
        SystemClock.now() + TimeDelta::microseconds(self.offset.load(Ordering::Relaxed))
    }
}

/// A clock that stands still until a test moves it.
#[derive(Debug, Clone)]
pub struct ManualClock(Arc<Mutex<DateTime<Utc>>>);

impl ManualClock {
    /// A clock that shows `now`.
    #[must_use]
    pub fn at(now: DateTime<Utc>) -> Self {
        Self(Arc::new(Mutex::new(now)))
    }

    /// Moves the clock by `by` (backwards if negative).
    pub fn advance(&self, by: TimeDelta) {
        let mut now = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *now += by;
    }
}

impl Clock for ManualClock {
    fn now(&self) -> DateTime<Utc> {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_sleep_of_zero_is_over_at_once_and_another_is_not() {
        assert!(sleep(Duration::ZERO).now_or_never().is_some());
        assert!(sleep(Duration::from_micros(1)).now_or_never().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn a_sleep_lasts_until_the_clock_shows_the_time_though_it_was_set_back() {
        const LONGEST: Duration = Duration::from_millis(1500);
        let start: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().unwrap();
        for (moves, shows_it, after) in [
            (&[(0, 100)][..], true, 0),
            (&[(90, 100)], true, 100),
            (&[(90, -100), (110, 200)], true, 300),
            (&[(90, -100), (1490, 199)], false, 1500),
            (&[], false, 1500),
        ] {
            let clock = ManualClock::at(start);
            let began = Instant::now();
            let moved = async {
                for (at, by) in moves {
                    sleep(Duration::from_millis(*at).saturating_sub(began.elapsed())).await;
                    clock.advance(TimeDelta::milliseconds(*by));
                }
            };
            let at = start + TimeDelta::milliseconds(100);
            let slept = async { (sleep_until(&clock, at, LONGEST).await, began.elapsed()) };
            let ((), slept) = tokio::join!(biased; moved, slept);
            assert_eq!(slept, (shows_it, Duration::from_millis(after)), "{moves:?}");
        }
    }

    #[test]
    fn the_fleets_time_is_taken_over_unless_the_difference_may_be_the_way_to_it() {
        let clock = FleetClock::default();
        let machine = SystemClock.now();
        let tolerance = TimeDelta::milliseconds(5);
        let ahead = |ms| machine + TimeDelta::milliseconds(ms);
        assert_eq!(clock.set(ahead(4), machine, tolerance), None);
        assert_eq!(clock.set(ahead(-2000), machine, tolerance), Some(TimeDelta::seconds(-2)));
        assert_eq!(clock.set(ahead(-2003), machine, tolerance), None, "no jitter");
        let off = SystemClock.now() - clock.now();
        assert!((off - TimeDelta::seconds(2)).num_milliseconds().abs() < 1000, "{off}");
        assert_eq!(clock.set(machine, machine, tolerance), Some(TimeDelta::zero()));
    }
}
