//! Keeping the fleet's time: Redis is asked for it, as all programs talk to the same one.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;

use super::{JobQueue, QueueError};
use crate::clock::{Clock, FleetClock, SystemClock};

/// Between two questions. A clock that is set while the programs run is noticed within it.
const PACE: Duration = Duration::from_secs(5);
/// An answer that took longer says too little, and at start is not waited for.
const LONGEST: Duration = Duration::from_millis(500);
const QUESTIONS: usize = 5;
/// Smaller differences are left alone.
const LEAST: TimeDelta = TimeDelta::milliseconds(1);
/// A machine that is this far off is told of.
const NOTEWORTHY: TimeDelta = TimeDelta::milliseconds(500);

/// Puts `clock` right again and again, until `stop`. While Redis is away it goes on as it is.
pub async fn keep_clock_synced(clock: FleetClock, queue: JobQueue, stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(PACE)).await.is_some() {
        sync_clock(&clock, &queue).await;
    }
}

/// Puts `clock` right once, if Redis answers promptly: by the quickest of some answers.
pub async fn sync_clock(clock: &FleetClock, queue: &JobQueue) {
    // The first command makes the connection, which takes longer than an answer.
    if !matches!(tokio::time::timeout(LONGEST, time(queue)).await, Ok(Ok(_))) {
        return;
    }
    let mut quickest: Option<Answer> = None;
    for _ in 0..QUESTIONS {
        let asked = Instant::now();
        let machine = SystemClock.now();
        let Ok(Ok(fleet)) = tokio::time::timeout(LONGEST, time(queue)).await else { return };
        let took = asked.elapsed();
        if quickest.as_ref().is_none_or(|answer| took < answer.took) {
            quickest = Some(Answer { fleet, machine, took });
        }
    }
    let Some(Answer { fleet, machine, took }) = quickest else { return };
    // Redis told it at some moment between question and answer: half of that is the tolerance.
    let half = TimeDelta::from_std(took / 2).unwrap_or_default();
    if let Some(offset) = clock.set(fleet, machine + half, half + LEAST)
        && offset.abs() > NOTEWORTHY
    {
        let offset_ms = offset.num_milliseconds();
        tracing::warn!(offset_ms, "this machine's clock is off: Redis' time is used instead");
    }
}

/// What Redis said, what this machine's clock showed when it was asked, and how long that took.
struct Answer {
    fleet: DateTime<Utc>,
    machine: DateTime<Utc>,
    took: Duration,
}

async fn time(queue: &JobQueue) -> Result<DateTime<Utc>, QueueError> {
    let (seconds, micros): (i64, u32) =
        redis::cmd("TIME").query_async(&mut queue.connection()).await?;
    Ok(DateTime::from_timestamp(seconds, micros.saturating_mul(1000)).unwrap_or_default())
}
