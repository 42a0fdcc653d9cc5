//! The two fallback for jobs: Redis, and the inbox in PostgreSQL for when Redis is away.

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

/// Where jobs are stored.
#[derive(Debug)]
pub struct Fallback {
    queue: JobQueue,
    db: DatabaseConnection,
    redis: CircuitBreaker,
    inbox: CircuitBreaker,
    /// The database was seen to have a schema that this version may write to.
    schema_known: AtomicBool,
}

impl Fallback {
    /// Takes the connections, and watches them until `end` as tracked tasks.
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
            schema_known: AtomicBool::new(false),
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

    /// Stores the jobs in Redis, or else in the inbox. A job may end up in both: it is applied
    /// once, by its id.
    ///
    /// # Errors
    /// When neither place confirmed them.
    pub(super) async fn store(&self, jobs: &[IngestJob]) -> Result<(), NotStored> {
        if self.redis.is_up() {
            let pushed: Vec<Job> = jobs.iter().map(Job::ingest).collect();
            match timeout(REDIS_TIMEOUT, self.queue.push(&pushed)).await {
                Ok(Ok(())) => {
                    metrics::enqueued(EnqueuedTo::Redis, jobs.len());
                    return Ok(());
                }
                Ok(Err(error)) => self.redis.failed(&error.to_string()),
                Err(_) => self.redis.failed("no answer in time"),
            }
        }
        if self.inbox.is_up() {
            match timeout(INBOX_TIMEOUT, self.keep(jobs)).await {
                Ok(Ok(())) => {
                    metrics::enqueued(EnqueuedTo::Inbox, jobs.len());
                    return Ok(());
                }
                Ok(Err(error)) => {
                    store::connect::count_error(&error);
                    self.inbox.failed(&error.to_string());
                }
                Err(_) => {
                    metrics::db_error(DbErrorKind::Unavailable);
                    self.inbox.failed("no answer in time");
                }
            }
        }
        metrics::enqueued(EnqueuedTo::Nowhere, jobs.len());
        Err(NotStored)
    }

    async fn keep(&self, jobs: &[IngestJob]) -> Result<(), DbErr> {
        self.know_schema().await?;
        store::inbox::keep(&self.db, jobs).await
    }

    /// Asks once, at the first use: a schema that a newer version has made is not written to blindly.
    /// Redis alone is enough to go on with, as Bukza does not repeat what is refused.
    async fn know_schema(&self) -> Result<(), DbErr> {
        if self.schema_known.load(Ordering::Relaxed) {
            return Ok(());
        }
        match limited(migrations::schema_state(&self.db)).await? {
            SchemaState::Current | SchemaState::Newer { .. } => {
                self.schema_known.store(true, Ordering::Relaxed)
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

    /// Whether Redis takes jobs, and if not, why.
    ///
    /// # Errors
    /// The reason.
    pub async fn ping_redis(&self) -> Result<(), String> {
        answer(REDIS_TIMEOUT, self.queue.probe()).await
    }

    /// Whether PostgreSQL takes jobs, and if not, why.
    ///
    /// # Errors
    /// The reason.
    pub async fn ping_database(&self) -> Result<(), String> {
        let asked = async {
            self.know_schema().await?;
            store::connect::ping(&self.db).await
        };
        answer(INBOX_TIMEOUT, asked).await
    }
}

async fn answer<E: Display>(
    limit: Duration,
    asked: impl Future<Output = Result<(), E>>,
) -> Result<(), String> {
    match timeout(limit, asked).await {
        Ok(answer) => answer.map_err(|error| error.to_string()),
        Err(_) => Err("no answer in time".to_owned()),
    }
}
