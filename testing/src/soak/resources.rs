//! Resources: memory and connections, which must return near their start values, and panics and
//! errors in logs.

use std::{collections::BTreeMap, path::Path};

use redis::AsyncCommands;

use super::{audit::Violation, quiescence::QUEUES};
use crate::harness::{fleet::System, servers::redis_info as info};

/// Memory that Redis may keep beyond its start and its planned jobs, for buffers and fragmentation.
const MEMORY_SLACK: u64 = 2 * 1024 * 1024;
/// A planned job's largest size in Redis, in bytes.
const PLANNED_JOB: u64 = 2 * 1024;
/// Finished jobs are removed within seconds. A few are always left.
const JOBS_SLACK: u64 = 50;

/// What is in use at one moment.
#[derive(Debug, Clone, Copy, Default)]
pub struct Usage {
    /// Bytes that Redis has allocated.
    pub redis_memory: u64,
    pub redis_connections: u64,
    pub postgres_connections: u64,
    /// Jobs with data in Redis, and jobs planned for later.
    pub jobs: u64,
    pub planned: u64,
    /// Resident bytes of the largest of our programs.
    pub largest_program: u64,
}

impl Usage {
    /// Measures a system.
    ///
    /// # Errors
    /// When a server does not answer.
    pub async fn of<H>(system: &System<H>) -> anyhow::Result<Self> {
        let mut redis = system.redis().await?;
        let mut usage = Self {
            redis_memory: info(&mut redis, "used_memory").await?,
            redis_connections: info(&mut redis, "connected_clients").await?,
            ..Self::default()
        };
        for queue in QUEUES {
            let base = format!("{{{}:{queue}}}", system.database.name);
            usage.jobs += redis.hlen::<_, u64>(format!("{base}:data")).await?;
            usage.planned += redis.zcard::<_, u64>(format!("{base}:scheduled")).await?;
        }
        let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()";
        usage.postgres_connections = system.database.one::<i64>(sql).await?.unsigned_abs();
        let programs = system.ingests.iter().chain(&system.workers);
        let memory = programs.filter_map(|program| program.process.memory());
        usage.largest_program = memory.max().unwrap_or_default();
        Ok(usage)
    }
}

/// Violations for resources that have grown.
#[must_use]
pub fn grown(start: Usage, end: Usage, programs: u64) -> Vec<Violation> {
    let most = [
        (
            "Redis' memory in bytes",
            end.redis_memory,
            start.redis_memory + end.planned * PLANNED_JOB + MEMORY_SLACK,
        ),
        // A program may hold an old connection and a new one.
        ("connections to Redis", end.redis_connections, start.redis_connections + programs),
        // The pools grow up to the setting, and shrink after minutes.
        ("connections to PostgreSQL", end.postgres_connections, programs * 5 + 4),
        ("jobs that Redis holds", end.jobs, end.planned + JOBS_SLACK),
    ];
    most.into_iter()
        .filter(|(_, is, most)| is > most)
        .map(|(what, is, most)| Violation {
            about: "resources".to_owned(),
            what: format!("{what}: {is}, at most {most} were expected"),
        })
        .collect()
}

/// Panics in the logs below a folder, and how often each error was logged.
///
/// # Errors
/// When they can't be read.
pub fn logged(folder: &Path) -> anyhow::Result<(Vec<Violation>, BTreeMap<String, u64>)> {
    let (mut panics, mut errors) = (Vec::new(), BTreeMap::new());
    for entry in std::fs::read_dir(folder)?.filter_map(Result::ok) {
        let name = entry.file_name().to_string_lossy().into_owned();
        let ours = name.starts_with("ingest-") || name.starts_with("worker-");
        if !ours || !name.ends_with(".log") {
            continue;
        }
        let text = std::fs::read(entry.path())?;
        for line in String::from_utf8_lossy(&text).lines() {
            if line.contains("panicked") {
                panics.push(Violation { about: name.clone(), what: line.to_owned() });
            }
            let line: serde_json::Value = serde_json::from_str(line).unwrap_or_default();
            if line["level"] == "ERROR" {
                let message = line["message"].as_str().or(line["fields"]["message"].as_str());
                *errors.entry(message.unwrap_or("?").to_owned()).or_default() += 1;
            }
        }
    }
    Ok((panics, errors))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_did_not_come_back_is_named() {
        let start = Usage { redis_memory: 1_000_000, redis_connections: 20, ..Usage::default() };
        assert!(grown(start, Usage { planned: 10, jobs: 30, ..start }, 5).is_empty());
        let end = Usage {
            redis_memory: 9_000_000,
            redis_connections: 26,
            postgres_connections: 30,
            jobs: 61,
            planned: 10,
            ..start
        };
        let named = grown(start, end, 5);
        assert_eq!(named.len(), 4, "{named:?}");
    }

    #[test]
    fn panics_and_errors_are_found_in_our_logs_alone() {
        let folder = tempfile::tempdir().unwrap();
        let write =
            |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write(
            "worker-1.log",
            "thread 'main' panicked at src/x.rs\n{\"level\":\"ERROR\",\"message\":\"no\"}\n",
        );
        write("redis-server.log", "panicked\n");
        let (panics, errors) = logged(folder.path()).unwrap();
        assert_eq!(panics.len(), 1);
        assert_eq!(errors.get("no"), Some(&1));
    }
}
