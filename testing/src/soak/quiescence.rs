//! Quiescence: no work is left in Redis, in PostgreSQL or at Telegram's webhook.

use std::time::{Duration, Instant};

use redis::{AsyncCommands, aio::MultiplexedConnection};

use super::{context::SoakContext, table};
use crate::harness::fleet::{Database, System};

/// Messages due within this are waited for. Those of visits in some days are not.
const NEAR: &str = "1 hour";
pub const QUEUES: [&str; 4] = ["events", "updates", "answers", "bulk"];

/// How many jobs of accepted work are not applied yet.
///
/// # Errors
/// When Redis does not answer.
pub async fn unapplied(redis: &mut MultiplexedConnection, prefix: &str) -> redis::RedisResult<u64> {
    let mut jobs = 0;
    for queue in ["events", "updates"] {
        jobs += under_way(redis, prefix, queue).await?;
        jobs += redis.zcard::<_, u64>(format!("{{{prefix}:{queue}}}:scheduled")).await?;
    }
    Ok(jobs)
}

/// Jobs of a queue that are ready or held by a worker.
async fn under_way(
    redis: &mut MultiplexedConnection,
    prefix: &str,
    queue: &str,
) -> redis::RedisResult<u64> {
    let base = format!("{{{prefix}:{queue}}}");
    let mut jobs: u64 = redis.llen(format!("{base}:active")).await?;
    // Each worker has a set of its own.
    let holders: Vec<String> = redis.keys(format!("{base}:inflight:*")).await?;
    for holder in holders {
        jobs += redis.scard::<_, u64>(holder).await?;
    }
    Ok(jobs)
}

/// Descriptions of the work left; empty at quiescence. A system's queue prefix is its database's name.
///
/// # Errors
/// When a server does not answer.
pub async fn left(
    redis: &mut MultiplexedConnection,
    database: &Database,
    telegram: &simulator::Client,
) -> anyhow::Result<Vec<String>> {
    let prefix = &database.name;
    let mut waits = Vec::new();
    let mut note = |count: u64, what: &str| {
        if count > 0 {
            waits.push(format!("{count} {what}"));
        }
    };
    for queue in QUEUES {
        note(under_way(redis, prefix, queue).await?, &format!("jobs in {queue}"));
    }
    note(unapplied(redis, prefix).await?, "accepted and not applied");
    note(telegram.stats().await?.pending_updates, "updates before the webhook");
    let rows = [
        ("SELECT count(*) FROM inbox".to_owned(), "in the inbox"),
        ("SELECT count(*) FROM messages WHERE status = 'sending'".to_owned(), "being sent"),
        (
            format!(
                "SELECT count(*) FROM messages WHERE status = 'scheduled' \
                 AND due_at <= now() + interval '{NEAR}' AND chat_id IS NOT NULL"
            ),
            "messages due soon",
        ),
    ];
    for (sql, what) in rows {
        note(database.one::<i64>(&sql).await?.unsigned_abs(), what);
    }
    Ok(waits)
}

/// The work left in a soak.
///
/// # Errors
/// When a server does not answer.
pub async fn waiting<H>(system: &System<H>, context: &SoakContext) -> anyhow::Result<Vec<String>> {
    let mut redis = system.redis().await?;
    let mut waits = left(&mut redis, &system.database, &context.telegram).await?;
    let busy = context.busy_clients();
    if busy > 0 {
        waits.push(format!("{busy} clients still acting"));
    }
    Ok(waits)
}

/// Waits until nothing is left three times in a row, so that follow-up work is seen. Returns how
/// long it took, or the work left after the plan's patience.
///
/// # Errors
/// When a server does not answer.
pub async fn wait<H>(
    system: &mut System<H>,
    context: &SoakContext,
) -> anyhow::Result<Result<Duration, Vec<String>>> {
    system.database.reconnect().await?;
    let started = Instant::now();
    let mut quiet = 0;
    loop {
        // A server that does not answer is not quiescent.
        let waits = match waiting(system, context).await {
            Ok(waits) => waits,
            Err(error) => {
                let _ = system.database.reconnect().await;
                vec![format!("a server that does not answer: {error:#}")]
            }
        };
        quiet = if waits.is_empty() { quiet + 1 } else { 0 };
        if quiet >= 3 {
            return Ok(Ok(started.elapsed()));
        }
        if started.elapsed() > context.plan.patience {
            return Ok(Err(waits));
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// Waits until nothing is left, then for a whole round of Bukza's table and all that follows from it.
///
/// # Errors
/// When a server does not answer.
pub async fn wait_with_table<H>(
    system: &mut System<H>,
    context: &SoakContext,
) -> anyhow::Result<Result<Duration, Vec<String>>> {
    let first = match wait(system, context).await? {
        Ok(first) => first,
        waits => return Ok(waits),
    };
    let started = Instant::now();
    if let Err(waits) = table::last_round(context).await {
        return Ok(Err(vec![waits]));
    }
    let round = started.elapsed();
    Ok(wait(system, context).await?.map(|more| first + round + more))
}
