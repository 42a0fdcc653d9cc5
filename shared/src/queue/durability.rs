//! Finds settings and states of Redis that can lose accepted work. Checked at every start of a worker, and by
//! its doctor.

use std::collections::HashMap;

use chrono::{DateTime, Utc};

use super::{ConnectionManager, QueueError};

/// A setting or state of Redis under which accepted work can be lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Risk {
    /// A full Redis evicts jobs.
    Evicts { policy: String },
    /// All accepted work is lost when Redis dies.
    NoLog,
    /// The work accepted in the last half minute is lost when the machine dies.
    LogLeftToSystem,
    /// The work accepted in the last second is lost when the machine dies: a documented choice.
    LogEverySecond,
    /// The last write to the log failed: a full disk, mostly.
    LogFails,
}

/// The risks of this Redis. A setting that it hides (a managed one may refuse `CONFIG`) counts as none.
pub async fn risks(connection: &ConnectionManager) -> Vec<Risk> {
    let mut risks = Vec::new();
    if let Some(policy) = setting(connection, "maxmemory-policy").await
        && policy != "noeviction"
    {
        risks.push(Risk::Evicts { policy });
    }
    match setting(connection, "appendonly").await.as_deref() {
        Some("yes") => {}
        Some(_) => {
            risks.push(Risk::NoLog);
            return risks;
        }
        None => return risks,
    }
    match setting(connection, "appendfsync").await.as_deref() {
        Some("no") => risks.push(Risk::LogLeftToSystem),
        Some("everysec") => risks.push(Risk::LogEverySecond),
        _ => {}
    }
    let fails = |state: &RedisState| state.log_write.as_deref().is_some_and(|state| state != "ok");
    if state(connection).await.is_ok_and(|state| fails(&state)) {
        risks.push(Risk::LogFails);
    }
    risks
}

async fn setting(connection: &ConnectionManager, name: &str) -> Option<String> {
    let mut connection = connection.clone();
    let pair: (String, String) =
        redis::cmd("CONFIG").arg("GET").arg(name).query_async(&mut connection).await.ok()?;
    Some(pair.1)
}

/// The present state of Redis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedisState {
    pub version: String,
    /// Its own clock.
    pub now: DateTime<Utc>,
    /// Bytes in use, and the most it may use (0: what the machine has).
    pub used_memory: u64,
    pub max_memory: u64,
    /// How the last write to its log ended: `ok` or `err`. `None`: it keeps none.
    pub log_write: Option<String>,
}

/// Reads `INFO` and the clock.
///
/// # Errors
/// When Redis does not respond.
pub async fn state(connection: &ConnectionManager) -> Result<RedisState, QueueError> {
    let mut connection = connection.clone();
    let info: String = redis::cmd("INFO").query_async(&mut connection).await?;
    let (seconds, micros): (i64, u32) = redis::cmd("TIME").query_async(&mut connection).await?;
    let fields: HashMap<&str, &str> =
        info.lines().filter_map(|line| line.trim_end().split_once(':')).collect();
    let number = |name: &str| fields.get(name).and_then(|text| text.parse().ok()).unwrap_or(0);
    let keeps_log = fields.get("aof_enabled").is_some_and(|on| *on == "1");
    Ok(RedisState {
        version: fields.get("redis_version").map(|&text| text.to_owned()).unwrap_or_default(),
        now: DateTime::from_timestamp(seconds, micros.saturating_mul(1000)).unwrap_or_default(),
        used_memory: number("used_memory"),
        max_memory: number("maxmemory"),
        log_write: fields
            .get("aof_last_write_status")
            .filter(|_| keeps_log)
            .map(|&text| text.to_owned()),
    })
}
