//! What is left of clients whose data were deleted: every row and every key of Redis is read for their words.

use std::time::{Duration, Instant};

use redis::aio::MultiplexedConnection;

use super::departing::Departed;
use crate::harness::fleet::{Database, System};

/// Redis forgets a finished job after a minute, and the job of a cancelled answer is due after another.
const PATIENCE: Duration = Duration::from_secs(180);

/// The rows and keys that hold something of these clients, once Redis has had its time.
///
/// # Errors
/// When a server does not answer.
pub async fn of<H>(system: &System<H>, departed: &[Departed]) -> anyhow::Result<Vec<String>> {
    let personal: Vec<&str> =
        departed.iter().flat_map(|it| it.personal.iter().map(String::as_str)).collect();
    let is_personal = |text: &str| personal.iter().any(|it| text.contains(it));
    if personal.is_empty() {
        return Ok(Vec::new());
    }
    let mut found = in_database(&system.database, &is_personal).await?;
    let mut redis = system.redis().await?;
    let deadline = Instant::now() + PATIENCE;
    loop {
        let keys = in_redis(&mut redis, &system.database.name, &is_personal).await?;
        if keys.is_empty() || Instant::now() > deadline {
            found.extend(keys);
            return Ok(found);
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

async fn in_database(
    database: &Database,
    is_personal: &impl Fn(&str) -> bool,
) -> anyhow::Result<Vec<String>> {
    let tables = "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'";
    let mut found = Vec::new();
    for table in database.column::<String>(tables).await? {
        let rows = format!("SELECT to_jsonb(r)::text FROM {table} r");
        let rows = database.column::<String>(&rows).await?.into_iter();
        found.extend(rows.filter(|row| is_personal(row)).map(|row| format!("{table}: {row}")));
    }
    Ok(found)
}

async fn in_redis(
    redis: &mut MultiplexedConnection,
    prefix: &str,
    is_personal: &impl Fn(&str) -> bool,
) -> anyhow::Result<Vec<String>> {
    let keys: Vec<String> =
        redis::cmd("KEYS").arg(format!("*{prefix}*")).query_async(redis).await?;
    let mut found = Vec::new();
    for key in keys {
        let kind: String = redis::cmd("TYPE").arg(&key).query_async(redis).await?;
        let (command, rest): (_, &[&str]) = match kind.as_str() {
            "hash" => ("HGETALL", &[]),
            "zset" => ("ZRANGE", &["0", "-1"]),
            "list" => ("LRANGE", &["0", "-1"]),
            "set" => ("SMEMBERS", &[]),
            "string" => ("GET", &[]),
            _ => continue,
        };
        let value: redis::Value =
            redis::cmd(command).arg(&key).arg(rest).query_async(redis).await?;
        let shown = format!("Redis {key}: {value:?}");
        found.extend(is_personal(&shown).then_some(shown));
    }
    Ok(found)
}
