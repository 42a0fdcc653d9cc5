//! Synchronizes the fleet's clock with Redis, which all programs share.

use std::time::{Duration, Instant};

use chrono::{DateTime, TimeDelta, Utc};
use tokio_util::sync::CancellationToken;

use super::{JobQueue, QueueError};
use crate::clock::{Clock, FleetClock, SystemClock};

/// Pause between two measurements. A change of the machine's clock is noticed within it.
const INTERVAL: Duration = Duration::from_secs(5);
/// A longer round trip measures too little, and would delay the start.
const TIMEOUT: Duration = Duration::from_millis(500);
const SAMPLES: usize = 5;
/// Smaller differences are ignored.
const LEAST: TimeDelta = TimeDelta::milliseconds(1);
/// A larger offset is logged.
const LOGGED_OFFSET: TimeDelta = TimeDelta::milliseconds(500);

/// Synchronizes `clock` until `stop`. While Redis is away the last offset stays.
pub async fn keep_clock_synced(clock: FleetClock, queue: JobQueue, stop: CancellationToken) {
    while stop.run_until_cancelled(tokio::time::sleep(INTERVAL)).await.is_some() {
        sync_clock(&clock, &queue).await;
    }
}

/// Synchronizes `clock` once, by the quickest of some samples. Does nothing if Redis is slow or away.
pub async fn sync_clock(clock: &FleetClock, queue: &JobQueue) {
    // The first command opens the connection, which takes longer than a round trip.
    if !matches!(tokio::time::timeout(TIMEOUT, time(queue)).await, Ok(Ok(_))) {
        return;
    }
    let mut quickest: Option<Sample> = None;
    for _ in 0..SAMPLES {
        let sent = Instant::now();
        let machine = SystemClock.now();
        let Ok(Ok(fleet)) = tokio::time::timeout(TIMEOUT, time(queue)).await else { return };
        let took = sent.elapsed();
        if quickest.as_ref().is_none_or(|sample| took < sample.took) {
            quickest = Some(Sample { fleet, machine, took });
        }
    }
    let Some(Sample { fleet, machine, took }) = quickest else { return };
    // Redis read its clock at some moment of the round trip: half of that is the tolerance.
    let half = TimeDelta::from_std(took / 2).unwrap_or_default();
    if let Some(offset) = clock.set(fleet, machine + half, half + LEAST)
        && offset.abs() > LOGGED_OFFSET
    {
        let offset_ms = offset.num_milliseconds();
        tracing::warn!(offset_ms, "this machine's clock is off: Redis' time is used instead");
    }
}

/// Redis' time, this machine's time when the command was sent, and the duration of the round trip.
struct Sample {
    fleet: DateTime<Utc>,
    machine: DateTime<Utc>,
    took: Duration,
}

async fn time(queue: &JobQueue) -> Result<DateTime<Utc>, QueueError> {
    let (seconds, micros): (i64, u32) =
        redis::cmd("TIME").query_async(&mut queue.connection()).await?;
    Ok(DateTime::from_timestamp(seconds, micros.saturating_mul(1000)).unwrap_or_default())
}
