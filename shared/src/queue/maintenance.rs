//! Maintenance of a queue: promotes due jobs in bounded steps, deletes finished ones, measures the depth.

use chrono::{DateTime, Utc};

use super::{
    ConnectionManager, Keyspace, QueueError, QueueName,
    scripts::{CLEAN, PROMOTE, run},
};

/// Jobs moved or deleted by one call of a script: some 2 ms of Redis' time.
const CHUNK: usize = 500;

/// Moves all jobs due by `now` (and, apalis counting in seconds, up to a second later) into the
/// active list, in chunks until none is left. Returns how many jobs wait in that list.
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
    loop {
        let mut call = PROMOTE.prepare_invoke();
        call.key(config.scheduled_jobs_set())
            .key(config.active_jobs_list())
            .key(config.job_data_hash())
            .arg(now.timestamp() + 1)
            .arg(CHUNK);
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

/// The memory of Redis, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Memory {
    pub used: u64,
    /// `maxmemory`; zero: no limit.
    pub max: u64,
}

/// Reads `INFO memory`.
///
/// # Errors
/// When Redis does not respond.
pub async fn memory(connection: &ConnectionManager) -> Result<Memory, QueueError> {
    let info: String =
        redis::cmd("INFO").arg("memory").query_async(&mut connection.clone()).await?;
    Ok(memory_of(&info))
}

fn memory_of(info: &str) -> Memory {
    let field = |name: &str| {
        let value = info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
        value.and_then(|value| value.trim().parse().ok()).unwrap_or(0)
    };
    Memory { used: field("used_memory"), max: field("maxmemory") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_read_from_info() {
        let info = "# Memory\r\nused_memory:1048576\r\nused_memory_human:1.00M\r\n\
                    maxmemory:268435456\r\nmaxmemory_policy:noeviction\r\n";
        assert_eq!(memory_of(info), Memory { used: 1_048_576, max: 268_435_456 });
        assert_eq!(memory_of(""), Memory::default());
    }
}
