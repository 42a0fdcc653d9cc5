//! Long polling, for a machine without a public address: by one worker at a time, under a lease in
//! Redis. An update is stored before its receipt is confirmed to Telegram.

use std::{sync::Arc, sync::LazyLock, time::Duration};

use redis::Script;
use serde::Serialize;
use serde_json::Value;
use shared::{
    clock::Clock,
    domain::ids::EventId,
    queue::{IngestJob, Job, JobQueue, QueueError, TelegramUpdate},
    store::{DatabaseConnection, DbErr, inbox},
    telemetry::metrics::{self, WebhookRepair},
};
use tokio_util::sync::CancellationToken;

use super::{
    client::{Client, method},
    error::is_conflict,
    setup::{ALLOWED_UPDATES, remove_webhook},
};

/// How long Telegram holds a call when there is nothing new: below the client's own 20 s.
const HOLD: Duration = Duration::from_secs(15);
/// How long a silent poller keeps its lease: longer than one call with the client's pauses.
const LEASE: Duration = Duration::from_secs(45);
/// How often the other workers check whether the lease is free.
const STANDBY: Duration = Duration::from_secs(3);
/// The pause after an error: doubles from the first to the last.
const BACKOFF: std::ops::RangeInclusive<Duration> =
    Duration::from_secs(1)..=Duration::from_secs(30);

/// Acquires or renews the lease. KEYS: lease. ARGV: owner, milliseconds.
static ACQUIRE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "local owner = redis.call('GET', KEYS[1]) \
         if owner and owner ~= ARGV[1] then return 0 end \
         redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2]) return 1",
    )
});
/// Releases the lease if it still is the owner's. KEYS: lease. ARGV: owner.
static RELEASE: LazyLock<Script> = LazyLock::new(|| {
    Script::new(
        "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end \
         return 0",
    )
});

/// Fetches updates while no other worker does. Without Redis no worker can hold the lease, and nothing
/// is fetched: Telegram keeps updates for a day.
#[derive(Debug)]
pub struct Poller {
    pub client: Client,
    pub queue: JobQueue,
    pub db: DatabaseConnection,
    pub clock: Arc<dyn Clock>,
}

/// Why a round ended early.
#[derive(Debug, thiserror::Error)]
enum PollError {
    /// A second poller, or a webhook that is still set.
    #[error("conflict: {0}")]
    Conflict(String),
    #[error("Telegram: {0}")]
    Telegram(String),
    #[error("lease: {0}")]
    Lease(#[from] QueueError),
    /// Both Redis and PostgreSQL failed. Telegram keeps the updates.
    #[error("updates could not be stored: {0}")]
    NotStored(#[from] DbErr),
}

// Raw updates: one of an unknown kind must not cost the others.
method!("GetUpdates", GetUpdates {
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<i64>,
    timeout: u64,
    allowed_updates: [&'static str; 3],
} -> Vec<Value>);

impl Poller {
    /// Fetches until `stop`.
    pub async fn run(self, stop: CancellationToken) {
        let owner = EventId::fresh().0;
        let mut pause = *BACKOFF.start();
        while let Some(round) = stop.run_until_cancelled(self.poll_while_leading(&owner)).await {
            let wait = match round {
                Ok(()) => {
                    pause = *BACKOFF.start();
                    STANDBY
                }
                Err(PollError::Conflict(_)) if self.webhook_removed().await => *BACKOFF.start(),
                Err(error) => {
                    let wait = pause;
                    tracing::warn!(%error, retry_in_seconds = wait.as_secs(), "fetching updates failed");
                    pause = (pause * 2).min(*BACKOFF.end());
                    wait
                }
            };
            let _ = stop.run_until_cancelled(tokio::time::sleep(wait)).await;
        }
        // Another worker can start at once.
        let _ = self.release_lease(&owner).await;
    }

    /// Fetches while this worker holds the lease. `Ok`: another worker holds it.
    async fn poll_while_leading(&self, owner: &str) -> Result<(), PollError> {
        // Without an offset Telegram begins with the oldest unconfirmed update.
        let mut offset = None;
        while self.acquire_lease(owner).await? {
            let updates = self.fetch(offset).await?;
            let jobs: Vec<IngestJob> =
                updates.iter().filter_map(|update| self.job(update)).collect();
            self.store(&jobs).await?;
            // The next call confirms with this offset the updates stored now.
            let newest = updates.iter().filter_map(update_id).max();
            offset = newest.map(|id| id + 1).or(offset);
        }
        Ok(())
    }

    /// Removes a webhook that another program has set, after a conflict. `false`: there is none, another poller
    /// caused it; or Telegram does not answer.
    async fn webhook_removed(&self) -> bool {
        let Ok(info) = self.client.get_webhook_info().await else { return false };
        if info.url.is_empty() {
            return false;
        }
        let host = info.host();
        match remove_webhook(&self.client).await {
            Ok(()) => {
                metrics::telegram_webhook_repaired(WebhookRepair::Url);
                tracing::warn!(host, "a webhook was set by another program and is removed");
                true
            }
            Err(reason) => {
                tracing::warn!(host, reason, "the webhook of another program could not be removed");
                false
            }
        }
    }

    async fn fetch(&self, offset: Option<i64>) -> Result<Vec<Value>, PollError> {
        let request =
            GetUpdates { offset, timeout: HOLD.as_secs(), allowed_updates: ALLOWED_UPDATES };
        self.client.call(request).await.map_err(|error| {
            let kind = if is_conflict(&error) { PollError::Conflict } else { PollError::Telegram };
            kind(error.to_string())
        })
    }

    fn job(&self, update: &Value) -> Option<IngestJob> {
        Some(IngestJob::Update(TelegramUpdate {
            id: EventId::fresh(),
            received_at: self.clock.now(),
            update_id: update_id(update)?,
            raw: update.to_string(),
            attempts: 0,
        }))
    }

    /// Pushes to the queue, or to the inbox if Redis fails after the lease was renewed.
    async fn store(&self, updates: &[IngestJob]) -> Result<(), DbErr> {
        if updates.is_empty() {
            return Ok(());
        }
        let jobs: Vec<Job> = updates.iter().map(Job::ingest).collect();
        let Err(error) = self.queue.push(&jobs).await else { return Ok(()) };
        tracing::warn!(%error, updates = updates.len(), "queue push failed, updates go to the inbox");
        inbox::keep(&self.db, updates).await
    }

    async fn acquire_lease(&self, owner: &str) -> Result<bool, QueueError> {
        let milliseconds = u64::try_from(LEASE.as_millis()).unwrap_or(u64::MAX);
        let taken: u8 = ACQUIRE
            .key(self.lease())
            .arg(owner)
            .arg(milliseconds)
            .invoke_async(&mut self.queue.connection())
            .await?;
        Ok(taken == 1)
    }

    async fn release_lease(&self, owner: &str) -> Result<(), QueueError> {
        RELEASE
            .key(self.lease())
            .arg(owner)
            .invoke_async::<()>(&mut self.queue.connection())
            .await?;
        Ok(())
    }

    fn lease(&self) -> String {
        self.queue.keys().key("telegram", "poller")
    }
}

fn update_id(update: &Value) -> Option<i64> {
    update.get("update_id")?.as_i64()
}
