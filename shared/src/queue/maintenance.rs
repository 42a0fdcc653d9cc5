//! Maintenance of a queue: promotes due jobs in bounded steps, deletes finished ones, measures the depth.

use chrono::{DateTime, Utc};

use super::{
    ConnectionManager, Keyspace, QueueError, QueueName,
    scripts::{CLEAN, PROMOTE, run},
};
use crate::clock::{Clock, SystemClock};

/// Jobs moved or deleted by one call of a script: some 2 ms of Redis' time.
const CHUNK: usize = 500;

/// Most due jobs that a fetch of apalis moves by itself: one write less for each single job.
const LEFT_TO_FETCH: usize = 16;

/// Moves all jobs due by `now` (and, apalis counting in seconds, up to a second later) into the
/// active list, in chunks until none is left. A few that are due by the machine's own clock, which apalis
/// reads, are left to the fetch. Returns how many jobs wait for a fetch.
///
/// # Errors
/// When Redis does not respond.
pub async fn promote_due(
    connection: &ConnectionManager,
    keys: &Keyspace,
    queue: QueueName,
    now: DateTime<Utc>,
) -> Result<usize, QueueError> {
    let config = keys.config(queue);
    let by_machine = SystemClock.now().min(now);
    loop {
        let mut call = PROMOTE.prepare_invoke();
        call.key(config.scheduled_jobs_set())
            .key(config.active_jobs_list())
            .key(config.job_data_hash())
            .arg(now.timestamp() + 1)
            .arg(CHUNK)
            .arg(by_machine.timestamp())
            .arg(LEFT_TO_FETCH);
        let (taken, waiting): (usize, usize) = run(&call, connection).await?;
        if taken < CHUNK {
            return Ok(waiting);
        }
    }
}

/// Deletes the finished jobs of a queue. Returns how many.
///
/// # Errors
/// When Redis does not respond.
pub async fn clean_finished(
    connection: &ConnectionManager,
    keys: &Keyspace,
    queue: QueueName,
) -> Result<usize, QueueError> {
    let config = keys.config(queue);
    let mut cleaned = 0;
    loop {
        let mut call = CLEAN.prepare_invoke();
        call.key(config.done_jobs_set())
            .key(config.job_data_hash())
            .key(config.job_meta_hash())
            .arg(CHUNK);
        let taken: usize = run(&call, connection).await?;
        cleaned += taken;
        if taken < CHUNK {
            return Ok(cleaned);
        }
    }
}

/// The numbers of jobs in a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Depth {
    /// Ready to be taken.
    pub active: u64,
    /// In the scheduled set with their time passed.
    pub due: u64,
    /// In the scheduled set for later.
    pub planned: u64,
    /// Abandoned by apalis after a panic of the runtime. Expected: 0.
    pub dead: u64,
    /// The oldest due job's due time, Unix seconds.
    pub oldest_due: Option<i64>,
}

/// Measures a queue.
///
/// # Errors
/// When Redis does not respond.
pub async fn depth(
    connection: &ConnectionManager,
    keys: &Keyspace,
    queue: QueueName,
    now: DateTime<Utc>,
) -> Result<Depth, QueueError> {
    let config = keys.config(queue);
    let scheduled = config.scheduled_jobs_set();
    let (active, due, all, dead, oldest): (u64, u64, u64, u64, Vec<(String, f64)>) = redis::pipe()
        .llen(config.active_jobs_list())
        .zcount(&scheduled, "-inf", now.timestamp())
        .zcard(&scheduled)
        .scard(config.dead_jobs_set())
        .zrange_withscores(&scheduled, 0, 0)
        .query_async(&mut connection.clone())
        .await?;
    #[expect(clippy::cast_possible_truncation, reason = "Unix seconds are far below 2^53")]
    let oldest_due =
        oldest.first().map(|(_, score)| *score as i64).filter(|at| *at <= now.timestamp());
    Ok(Depth { active, due, planned: all.saturating_sub(due), dead, oldest_due })
}
