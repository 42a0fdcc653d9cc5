//! The queues by name, the Redis keys that belong to them, and the apalis settings that every
//! user of a queue must share.

use std::time::Duration;

use apalis_redis::Config;

/// How long a worker may be silent before its jobs go to another.
const HEARTBEAT_SECONDS: u64 = 5;
const HEARTBEAT: Duration = Duration::from_secs(HEARTBEAT_SECONDS);
const MISSED_HEARTBEATS: usize = 12;

/// A queue of the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum QueueName {
    /// What Bukza sent: booking events and refused requests.
    Events,
    /// What Telegram sent.
    Updates,
    /// Wake-ups of chats to which somebody waits for an answer.
    Answers,
    /// Wake-ups of chats for everything else: confirmations, reminders, staff cards.
    Bulk,
}

impl QueueName {
    pub const ALL: [Self; 4] = [Self::Events, Self::Updates, Self::Answers, Self::Bulk];

    /// The name as it stands in Redis keys, metrics and the ledger.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::Updates => "updates",
            Self::Answers => "answers",
            Self::Bulk => "bulk",
        }
    }

    /// Finds a queue by its name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|name| name.as_str() == text)
    }
}

/// All keys of one installation: several can share a Redis under different prefixes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keyspace {
    prefix: String,
}

impl Keyspace {
    /// Keys that start with `prefix` (setting `QUEUE_PREFIX`).
    #[must_use]
    pub fn new(prefix: impl Into<String>) -> Self {
        Self { prefix: prefix.into() }
    }

    /// The apalis settings of a queue. The braces make all its keys one Redis Cluster slot.
    #[must_use]
    pub fn config(&self, queue: QueueName) -> Config {
        let mut config = Config::default()
            .queue(format!("{{{}:{}}}", self.prefix, queue.as_str()))
            .batch_size(1)
            .heartbeat_interval(HEARTBEAT)
            .missed_heartbeats(MISSED_HEARTBEATS)
            .lock_tasks(false)
            .emit_events(false)
            .persist_results(true);
        config = config.idempotency_ttl(Some(Duration::from_secs(60)));
        config
    }

    /// What apalis notes of a worker, and never deletes. It is for people to look at.
    #[must_use]
    pub fn worker_note(&self, queue: QueueName, worker: &str) -> String {
        format!("{}:workers:metadata:{worker}", self.config(queue).queue.as_ref())
    }

    /// How long a silent worker keeps its jobs: every handler must end well below it.
    #[must_use]
    pub const fn orphan_after() -> Duration {
        Duration::from_secs(HEARTBEAT_SECONDS * MISSED_HEARTBEATS as u64)
    }

    /// A key outside of the queues, in the slot of `group`: `{prefix:group}:name`.
    #[must_use]
    pub fn key(&self, group: &str, name: &str) -> String {
        format!("{{{}:{group}}}:{name}", self.prefix)
    }
}
