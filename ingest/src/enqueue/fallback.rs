//! Stores jobs in Redis and, while Redis is away, in the inbox table of PostgreSQL.

use std::{
    fmt::Display,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use migrations::SchemaState;
use shared::{
    queue::{IngestJob, Job, JobQueue},
    store::{self, DatabaseConnection, DbErr, limited},
    telemetry::metrics::{self, DbErrorKind, EnqueuedTo},
};
use tokio::time::timeout;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{circuit_breaker::CircuitBreaker, error::NotStored};

/// Longest wait for Redis to confirm.
pub const REDIS_TIMEOUT: Duration = Duration::from_secs(2);
/// Longest wait for PostgreSQL to confirm.
const INBOX_TIMEOUT: Duration = Duration::from_secs(3);

/// Redis first, then the inbox; each behind a circuit breaker.
#[derive(Debug)]
pub struct Fallback {
    queue: JobQueue,
    db: DatabaseConnection,
    redis: CircuitBreaker,
    inbox: CircuitBreaker,
    /// The schema was checked: this version may write to it.
    schema_checked: AtomicBool,
}

impl Fallback {
    /// Spawns tracked tasks that probe both backends until `end`.
    #[must_use]
    pub fn new(
        queue: JobQueue,
        db: DatabaseConnection,
        tasks: &TaskTracker,
        end: &CancellationToken,
    ) -> Arc<Self> {
        let fallback = Arc::new(Self {
            queue,
            db,
            redis: CircuitBreaker::new("redis"),
            inbox: CircuitBreaker::new("inbox"),
            schema_checked: AtomicBool::new(false),
        });
        let (watched, ended) = (Arc::clone(&fallback), end.clone());
        tasks.spawn(async move {
            watched.redis.watch(|| async { watched.ping_redis().await.is_ok() }, ended).await;
        });
        let (watched, ended) = (Arc::clone(&fallback), end.clone());
        tasks.spawn(async move {
            watched.inbox.watch(|| async { watched.ping_database().await.is_ok() }, ended).await;
        });
        fallback
    }

    /// Stores the jobs in Redis or, when that fails, in the inbox. A job may end up in both: the worker
    /// applies it once, by its id.
    ///
    /// # Errors
    /// [`NotStored`] when neither confirmed the jobs.
    pub(super) async fn store(&self, jobs: &[IngestJob]) -> Result<(), NotStored> {
        if self.redis.is_closed() {
            let pushed: Vec<Job> = jobs.iter().map(Job::ingest).collect();
            match timeout(REDIS_TIMEOUT, self.queue.push(&pushed)).await {
                Ok(Ok(())) => {
                    metrics::enqueued(EnqueuedTo::Redis, jobs.len());
                    return Ok(());
                }
                Ok(Err(error)) => self.redis.record_failure(&error.to_string()),
                Err(_) => self.redis.record_failure("no answer in time"),
            }
        }
        if self.inbox.is_closed() {
            match timeout(INBOX_TIMEOUT, self.store_in_inbox(jobs)).await {
                Ok(Ok(())) => {
                    metrics::enqueued(EnqueuedTo::Inbox, jobs.len());
                    return Ok(());
                }
                Ok(Err(error)) => {
                    store::connect::count_error(&error);
                    self.inbox.record_failure(&error.to_string());
                }
                Err(_) => {
                    metrics::db_error(DbErrorKind::Unavailable);
                    self.inbox.record_failure("no answer in time");
                }
            }
        }
        metrics::enqueued(EnqueuedTo::Nowhere, jobs.len());
        Err(NotStored)
    }

    async fn store_in_inbox(&self, jobs: &[IngestJob]) -> Result<(), DbErr> {
        self.check_schema().await?;
        store::inbox::keep(&self.db, jobs).await
    }

    /// Checks the schema once, at the first use: an unknown schema of a newer version is not written to.
    /// Not checked at start-up, because Redis alone is enough to accept webhooks.
    async fn check_schema(&self) -> Result<(), DbErr> {
        if self.schema_checked.load(Ordering::Relaxed) {
            return Ok(());
        }
        match limited(migrations::schema_state(&self.db)).await? {
            SchemaState::Current | SchemaState::Newer { .. } => {
                self.schema_checked.store(true, Ordering::Relaxed)
            }
            SchemaState::Behind { .. } => {}
            SchemaState::Ahead { unknown } => {
                let unknown = unknown.join(", ");
                let newer = format!("the schema is newer than this version: it has {unknown}");
                return Err(DbErr::Custom(newer));
            }
        }
        Ok(())
    }

    /// Whether Redis takes jobs.
    ///
    /// # Errors
    /// Why it does not.
    pub async fn ping_redis(&self) -> Result<(), String> {
        within(REDIS_TIMEOUT, self.queue.probe()).await
    }

    /// Whether PostgreSQL takes jobs.
    ///
    /// # Errors
    /// Why it does not.
    pub async fn ping_database(&self) -> Result<(), String> {
        let ping = async {
            self.check_schema().await?;
            store::connect::ping(&self.db).await
        };
        within(INBOX_TIMEOUT, ping).await
    }
}

async fn within<E: Display>(
    limit: Duration,
    call: impl Future<Output = Result<(), E>>,
) -> Result<(), String> {
    match timeout(limit, call).await {
        Ok(result) => result.map_err(|error| error.to_string()),
        Err(_) => Err("no answer in time".to_owned()),
    }
}
