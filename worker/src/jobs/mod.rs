//! The job handlers of all queues, and what happens to a job that fails. apalis' own retries are not used.

mod events;
mod updates;

pub(crate) use events::booking as apply_booking;

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use chrono::TimeDelta;
use futures::FutureExt;
use shared::{
    domain::ids::JobId,
    queue::{IngestJob, Job, Keyspace, PayloadError, QueueError, QueueName, WakeChat},
    store::{
        DbErr,
        connect::{count_error, is_transient},
        dead_letters,
    },
    telemetry::metrics::{self, JobOutcome},
};
use tokio::time::Instant;

use crate::{
    apalis_runtime::Handler, app::App, delivery, delivery::DeliveryError, telegram::NotAnUpdate,
};

/// Longest run of one job; below the minute after which a silent worker's jobs go to another.
const JOB_TIMEOUT: Duration = Duration::from_secs(50);
const _: () = assert!(JOB_TIMEOUT.as_secs() + 5 <= Keyspace::orphan_after().as_secs());
/// Faults of its own after which a job is kept as a dead letter.
const FAULTS_ALLOWED: u32 = 5;
/// Longest pause between two attempts, in seconds.
const PAUSE_MAX: i64 = 15;

/// Why a job's work could not be done.
#[derive(Debug, thiserror::Error)]
pub enum WorkError {
    /// The payload can't be decoded: permanent.
    #[error("{0}")]
    Payload(#[from] PayloadError),
    #[error("{0}")]
    NotAnUpdate(#[from] NotAnUpdate),
    #[error("{0}")]
    Database(#[from] DbErr),
    #[error("{0}")]
    Queue(#[from] QueueError),
    /// Telegram did not answer what a text needs.
    #[error("the bot's name is not known: {0}")]
    BotName(String),
    #[error("panicked: {0}")]
    Panicked(String),
    #[error("took longer than {JOB_TIMEOUT:?}")]
    TimedOut,
}

impl From<DeliveryError> for WorkError {
    fn from(error: DeliveryError) -> Self {
        match error {
            DeliveryError::Database(error) => Self::Database(error),
            DeliveryError::Queue(error) => Self::Queue(error),
            DeliveryError::BotName(error) => Self::BotName(error),
        }
    }
}

impl WorkError {
    /// Counts the error in the metrics if it is the database's.
    pub fn count(&self) {
        if let Self::Database(error) = self {
            count_error(error);
        }
    }

    /// Whether no later attempt can succeed: the input can't be read.
    #[must_use]
    pub fn is_permanent(&self) -> bool {
        matches!(self, Self::Payload(_) | Self::NotAnUpdate(_))
    }

    /// Whether an unavailable server is the cause. Such an attempt does not count against the job.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Database(error) => is_transient(error),
            Self::Queue(_) | Self::BotName(_) => true,
            Self::Payload(_) | Self::NotAnUpdate(_) | Self::Panicked(_) | Self::TimedOut => false,
        }
    }
}

/// Processes an accepted event or update from the queue or the inbox.
///
/// # Errors
/// [`WorkError`]. Nothing was stored, and the job can be processed again.
pub async fn process(app: &App, job: &IngestJob) -> Result<(), WorkError> {
    match job {
        IngestJob::Booking(event) => events::booking(app, event).await,
        IngestJob::Rejected(request) => events::rejected(app, request).await,
        IngestJob::Update(update) => updates::process(app, update).await,
    }
}

/// Runs work with a timeout; a panic becomes an error.
pub async fn run_guarded<T>(
    work: impl Future<Output = Result<T, WorkError>>,
) -> Result<T, WorkError> {
    tokio::time::timeout(JOB_TIMEOUT, catch_panic(work)).await.unwrap_or(Err(WorkError::TimedOut))
}

/// Runs work; a panic becomes an error. An unreadable row of the database panics.
pub async fn catch_panic<T>(
    work: impl Future<Output = Result<T, WorkError>>,
) -> Result<T, WorkError> {
    AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|panic| {
        let text = panic
            .downcast_ref::<&str>()
            .map(|text| (*text).to_owned())
            .or_else(|| panic.downcast_ref::<String>().cloned());
        Err(WorkError::Panicked(text.unwrap_or_default()))
    })
}

/// The handler of all queues.
#[derive(Debug, Clone)]
pub struct Jobs(pub Arc<App>);

impl Handler for Jobs {
    async fn handle(
        &self,
        queue: QueueName,
        job_id: String,
        payload: Vec<u8>,
    ) -> Result<(), QueueError> {
        let started = Instant::now();
        let result = run_guarded(run(&self.0, queue, &payload)).await;
        let outcome = match result {
            Ok(()) => JobOutcome::Done,
            Err(error) => self.failed(queue, &job_id, payload, &error).await?,
        };
        metrics::job(queue.as_str(), outcome, started.elapsed());
        Ok(())
    }
}

async fn run(app: &Arc<App>, queue: QueueName, payload: &[u8]) -> Result<(), WorkError> {
    match queue {
        QueueName::Events | QueueName::Updates => process(app, &IngestJob::decode(payload)?).await,
        QueueName::Answers | QueueName::Bulk => {
            Ok(delivery::wake(app, queue, &WakeChat::decode(payload)?).await?)
        }
    }
}

impl Jobs {
    /// Pushes a failed job again as a new delayed job, or keeps it as a dead letter. An error, when neither
    /// could be stored, leaves the job in its queue.
    async fn failed(
        &self,
        queue: QueueName,
        job_id: &str,
        payload: Vec<u8>,
        error: &WorkError,
    ) -> Result<JobOutcome, QueueError> {
        error.count();
        let attempts = Attempts::of(job_id).after(error);
        let dead = error.is_permanent() || attempts.faults >= FAULTS_ALLOWED;
        if dead {
            let (db, reason) = (&self.0.db, error.to_string());
            let kept = dead_letters::keep(db, queue, job_id, &payload, &reason, attempts.faults);
            if kept.await.is_ok() {
                tracing::error!(queue = queue.as_str(), job_id, %error, "job set aside as a dead letter");
                return Ok(JobOutcome::Dead);
            }
        }
        tracing::warn!(queue = queue.as_str(), job_id, %error, "job failed, it comes again");
        let job = Job {
            id: attempts.job_id(),
            queue,
            due_at: Some(self.0.clock.now() + attempts.pause()),
            payload: String::from_utf8_lossy(&payload).into_owned(),
        };
        self.0.queue.push(&[job]).await?;
        Ok(JobOutcome::Later)
    }
}

/// The failed attempts of a job, counted in the ids of its retries: `e0199…~3.1` failed three times
/// because a server was away, and once by its own fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Attempts<'a> {
    base: &'a str,
    outages: u32,
    faults: u32,
}

impl<'a> Attempts<'a> {
    fn of(job_id: &'a str) -> Self {
        let counted = job_id.rsplit_once('~').and_then(|(base, counts)| {
            let (outages, faults) = counts.split_once('.')?;
            Some(Self { base, outages: outages.parse().ok()?, faults: faults.parse().ok()? })
        });
        counted.unwrap_or(Self { base: job_id, outages: 0, faults: 0 })
    }

    fn after(self, error: &WorkError) -> Self {
        if error.is_transient() {
            Self { outages: self.outages.saturating_add(1), ..self }
        } else {
            Self { faults: self.faults.saturating_add(1), ..self }
        }
    }

    fn job_id(self) -> JobId {
        JobId(format!("{}~{}.{}", self.base, self.outages, self.faults))
    }

    fn pause(self) -> TimeDelta {
        let doubled = 1_i64 << self.outages.saturating_add(self.faults).saturating_sub(1).min(6);
        TimeDelta::seconds(doubled.min(PAUSE_MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tries_are_kept_in_the_job_id() {
        let first = Attempts::of("e1");
        assert_eq!((first.outages, first.faults), (0, 0));
        let away = first.after(&WorkError::Queue(QueueError::Timeout(JOB_TIMEOUT))).job_id();
        assert_eq!(away.0, "e1~1.0");
        let fault = Attempts::of(&away.0).after(&WorkError::TimedOut).job_id();
        assert_eq!(fault.0, "e1~1.1");
        assert_eq!(Attempts::of(&fault.0).base, "e1");
        assert_eq!(Attempts::of("odd~id").base, "odd~id");
    }

    #[test]
    fn pauses_grow_and_stay_short() {
        let pause = |outages| Attempts { base: "e", outages, faults: 0 }.pause().num_seconds();
        assert_eq!([1, 2, 3, 4, 5, 1000].map(pause), [1, 2, 4, 8, 15, 15]);
    }

    #[tokio::test]
    async fn a_panic_is_caught_and_named() {
        let error = run_guarded::<()>(async { panic!("row 7") }).await.unwrap_err();
        assert_eq!(error.to_string(), "panicked: row 7");
        assert!(!error.is_transient());
    }
}
