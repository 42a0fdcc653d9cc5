//! Receive times of requests. They decide the order of a booking's events.
//! A proxy's time is earlier than ours when another ingest hung before the request was handed to this one.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use axum::http::HeaderMap;
use chrono::{DateTime, TimeDelta, Utc};
use shared::clock::Clock;

/// When the proxy received the request: `t=` and seconds since 1970, the format of many proxies.
const REQUEST_START: &str = "x-request-start";
/// Smallest delay for which the proxy's time counts. Below it our own clock does, which is finer and never
/// ties. Below 1 s, the proxy's wait for an ingest that takes no connection.
const DELAY_MIN: TimeDelta = TimeDelta::milliseconds(500);
/// Longest delay of a request. An older time is not this request's.
const DELAY_MAX: TimeDelta = TimeDelta::seconds(120);

/// Hands out the clock's times, each later than the one before: two events never tie.
pub(crate) struct ReceiveTimes {
    clock: Arc<dyn Clock>,
    /// The latest time handed out, in microseconds since 1970.
    last: AtomicI64,
}

impl fmt::Debug for ReceiveTimes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReceiveTimes").field("clock", &self.clock).finish_non_exhaustive()
    }
}

impl ReceiveTimes {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, last: AtomicI64::new(i64::MIN) }
    }

    /// The receive time of a request with these headers that arrives now. A delayed request gets the
    /// proxy's time: with a later one it would override events that the proxy received after it.
    pub(crate) fn of(&self, headers: &HeaderMap) -> DateTime<Utc> {
        let now = self.next();
        proxy_time(headers)
            .filter(|received| (DELAY_MIN..=DELAY_MAX).contains(&(now - received)))
            .unwrap_or(now)
    }

    /// The clock's time. After the clock was set back, each call adds a microsecond to the latest time
    /// until the clock has caught up.
    fn next(&self) -> DateTime<Utc> {
        let now = self.clock.now();
        let micros = now.timestamp_micros();
        let step = |last: i64| micros.max(last.saturating_add(1));
        let last =
            self.last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |last| Some(step(last)));
        DateTime::from_timestamp_micros(step(last.unwrap_or(i64::MIN))).unwrap_or(now)
    }
}

fn proxy_time(headers: &HeaderMap) -> Option<DateTime<Utc>> {
    let seconds: f64 =
        headers.get(REQUEST_START)?.to_str().ok()?.strip_prefix("t=")?.parse().ok()?;
    // The cast saturates; such a time is out of range as well.
    DateTime::from_timestamp_millis((seconds * 1000.0).round() as i64)
}

#[cfg(test)]
mod tests {
    use shared::clock::ManualClock;

    use super::*;

    #[test]
    fn no_two_times_tie_even_if_the_clock_goes_back() {
        let start: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().unwrap();
        let clock = ManualClock::at(start);
        let receive_times = ReceiveTimes::new(Arc::new(clock.clone()));
        assert_eq!(receive_times.next(), start);
        assert_eq!(receive_times.next(), start + TimeDelta::microseconds(1));
        clock.advance(TimeDelta::seconds(-5));
        assert_eq!(receive_times.next(), start + TimeDelta::microseconds(2));
        clock.advance(TimeDelta::seconds(6));
        assert_eq!(receive_times.next(), start + TimeDelta::seconds(1));
    }

    #[test]
    fn a_delayed_request_has_the_proxys_time() {
        let now: DateTime<Utc> = "2026-01-01T00:00:00Z".parse().unwrap();
        let receive_times = ReceiveTimes::new(Arc::new(ManualClock::at(now)));
        let at = |start: &str| {
            let headers = [("x-request-start".parse().unwrap(), start.parse().unwrap())];
            receive_times.of(&headers.into_iter().collect())
        };
        assert_eq!(at("t=1767225591.250"), now - TimeDelta::milliseconds(8750));
        // The first ingest took no connection.
        assert_eq!(at("t=1767225598.996"), now - TimeDelta::milliseconds(1004));
        for nonsense in [
            "t=1767225599.750",
            "t=1767225601.000",
            "t=1767225400.000",
            "1767225591.250",
            "t=",
            "t=NaN",
            "t=1e300",
            "t=-1e300",
        ] {
            assert!(at(nonsense) > now, "{nonsense}");
        }
    }

    #[test]
    fn threads_get_distinct_times() {
        let clock = ManualClock::at("2026-01-01T00:00:00Z".parse().unwrap());
        let receive_times = ReceiveTimes::new(Arc::new(clock));
        let times: Vec<_> = std::thread::scope(|scope| {
            let take = || (0..1000).map(|_| receive_times.next()).collect::<Vec<_>>();
            let threads: Vec<_> = (0..4).map(|_| scope.spawn(take)).collect();
            threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
        });
        let distinct: std::collections::HashSet<_> = times.iter().collect();
        assert_eq!(distinct.len(), 4000);
    }
}
