//! The names of the queues, their Redis keys, and the apalis settings that every user of a queue must
//! share.

use std::time::Duration;

use apalis_redis::Config;

/// A worker that is silent for longer loses its jobs to another.
const HEARTBEAT_SECONDS: u64 = 5;
const HEARTBEAT: Duration = Duration::from_secs(HEARTBEAT_SECONDS);
const MISSED_HEARTBEATS: usize = 12;

/// A queue of the system.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum QueueName {
    /// Booking events and refused requests of Bukza.
    Events,
    /// Updates of Telegram.
    Updates,
    /// Wake-ups of chats where a client waits for a reply.
    Answers,
    /// Wake-ups of chats for everything else: confirmations, reminders, staff cards.
    Bulk,
}

impl QueueName {
    pub const ALL: [Self; 4] = [Self::Events, Self::Updates, Self::Answers, Self::Bulk];

    /// The name in Redis keys, metrics and dead letters.
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
        Config::default()
            .queue(format!("{{{}:{}}}", self.prefix, queue.as_str()))
            .batch_size(1)
            .heartbeat_interval(HEARTBEAT)
            .missed_heartbeats(MISSED_HEARTBEATS)
            .lock_tasks(false)
            .emit_events(false)
            .persist_results(true)
            .idempotency_ttl(Some(Duration::from_secs(60)))
    }

    /// The key of a worker's registration, for people to look at. apalis never deletes it.
    #[must_use]
    pub fn worker_note(&self, queue: QueueName, worker: &str) -> String {
        format!("{}:workers:metadata:{worker}", self.config(queue).queue.as_ref())
    }

    /// The time after which a silent worker's jobs go to another. Every handler must end well before.
    #[must_use]
    pub const fn orphan_after() -> Duration {
        Duration::from_secs(HEARTBEAT_SECONDS * MISSED_HEARTBEATS as u64)
    }

    /// The channel on which the names of queues with new jobs are published.
    #[must_use]
    pub fn wakeups(&self) -> String {
        self.key("wakeups", "pushed")
    }

    /// The marker of a Redis that holds all jobs of the near future.
    #[must_use]
    pub fn horizon(&self) -> String {
        self.key("horizon", "filled")
    }

    /// A key outside of the queues, in the slot of `group`: `{prefix:group}:name`.
    #[must_use]
    pub fn key(&self, group: &str, name: &str) -> String {
        format!("{{{}:{group}}}:{name}", self.prefix)
    }
}
