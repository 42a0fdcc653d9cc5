//! The log lines of requests without the right secret: one in a second, with the number of those since the line
//! before. A stranger's flood fills no disk; the metrics count each request.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

/// The shortest interval between two lines.
const INTERVAL: Duration = Duration::from_secs(1);

/// The refusals of one source.
#[derive(Debug)]
pub(crate) struct RefusalLog {
    source: &'static str,
    started: Instant,
    /// Before this time since the start no line is written, in milliseconds.
    next_ms: AtomicU64,
    refused: AtomicU64,
}

impl RefusalLog {
    /// `source`: the field of the line.
    pub(crate) fn new(source: &'static str) -> Self {
        let (next_ms, refused) = (AtomicU64::new(0), AtomicU64::new(0));
        Self { source, started: Instant::now(), next_ms, refused }
    }

    /// Counts a refusal, and logs it with those before when a line is due.
    pub(crate) fn refused(&self) {
        if let Some(refused) = self.count(self.started.elapsed()) {
            let source = self.source;
            tracing::warn!(source, refused, "webhook refused: no or wrong secret");
        }
    }

    /// Counts a refusal. Returns how many there were since the last line, when one is due.
    fn count(&self, uptime: Duration) -> Option<u64> {
        self.refused.fetch_add(1, Ordering::Relaxed);
        let milliseconds = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        let (now, due) = (milliseconds(uptime), self.next_ms.load(Ordering::Relaxed));
        let next = now.saturating_add(milliseconds(INTERVAL));
        let is_first = now >= due
            && self
                .next_ms
                .compare_exchange(due, next, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok();
        is_first.then(|| self.refused.swap(0, Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flood_is_one_line_a_second_that_counts_it() {
        let log = RefusalLog::new("bukza");
        let lines: Vec<u64> =
            (0..=3_000).filter_map(|ms| log.count(Duration::from_millis(ms))).collect();
        assert_eq!(lines, [1, 1_000, 1_000, 1_000]);
        assert_eq!(log.count(Duration::from_secs(60)), Some(1));
    }
}
