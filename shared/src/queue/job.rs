//! A job with an id of its own, and the queue it is pushed to and cancelled from.

use std::time::Duration;

use apalis_core::task::{builder::TaskBuilder, task_id::TaskId};
use apalis_redis::{ConnectionManager, RedisTask, queries::push_tasks};
use chrono::{DateTime, SubsecRound, Utc};
use secrecy::SecretString;
use tokio::time::{Instant, timeout};

use super::{
    IngestJob, Keyspace, QueueError, QueueName, WakeChat,
    connection::Link,
    payload,
    scripts::{CANCEL, run},
    wakeups::Wakeups,
};
use crate::domain::ids::{ChatId, EventId, JobId};

/// Most jobs pushed in one command. Longer lists are split, so that Redis serves others in between.
const PUSH_CHUNK: usize = 500;
/// Longest wait for a probe: below the second that `/readyz` gives its parts.
const PROBE: Duration = Duration::from_millis(900);

/// Work for one queue, with the id by which it can be cancelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    pub id: JobId,
    pub queue: QueueName,
    /// Not before this instant; `None`: now.
    pub due_at: Option<DateTime<Utc>>,
    pub payload: String,
}

impl Job {
    /// The job of something that ingest accepted. Its id is the event's own.
    #[must_use]
    pub fn ingest(job: &IngestJob) -> Self {
        let (queue, id) = match job {
            IngestJob::Booking(event) => (QueueName::Events, format!("e{}", event.id)),
            IngestJob::Rejected(request) => (QueueName::Events, format!("r{}", request.id)),
            IngestJob::Update(update) if update.attempts == 0 => {
                (QueueName::Updates, format!("u{}", update.id))
            }
            IngestJob::Update(update) => {
                (QueueName::Updates, format!("u{}.{}", update.id, update.attempts))
            }
        };
        Self { id: JobId(id), queue, due_at: None, payload: job.encode() }
    }

    /// The job of a planned message: wakes its chat when it is due.
    #[must_use]
    pub fn wake(queue: QueueName, id: JobId, chat: ChatId, due_at: DateTime<Utc>) -> Self {
        let payload = payload::encode(&WakeChat { chat, due_at });
        Self { id, queue, due_at: Some(due_at), payload }
    }

    /// The job of a message that is due already. Rounded down: the next fetch takes it.
    #[must_use]
    pub fn wake_now(queue: QueueName, id: JobId, chat: ChatId, due_at: DateTime<Utc>) -> Self {
        Self { due_at: Some(due_at.trunc_subsecs(0)), ..Self::wake(queue, id, chat, due_at) }
    }

    /// Wakes a chat again later. All wake-ups of one chat in one second are one job: their id is
    /// made of both, and the queue ignores an id that it holds already.
    #[must_use]
    pub fn wake_later(queue: QueueName, chat: ChatId, at: DateTime<Utc>) -> Self {
        let second = whole_second(at);
        let at = DateTime::from_timestamp(second, 0).unwrap_or(at);
        Self::wake(queue, JobId(format!("c{chat}.{second}")), chat, at)
    }

    /// Wakes a chat at the time for which the job at hand came too early. Under an id of its own: the
    /// queue still holds that job, and would ignore another of the same id.
    #[must_use]
    pub fn wake_anew(queue: QueueName, chat: ChatId, due_at: DateTime<Utc>) -> Self {
        Self::wake(queue, JobId(format!("w{}", EventId::fresh())), chat, due_at)
    }

    fn to_task(&self) -> RedisTask {
        let task = TaskBuilder::new(self.payload.clone().into_bytes())
            .task_id(TaskId::from_string(self.id.0.clone()));
        match self.due_at.and_then(|at| u64::try_from(whole_second(at)).ok()) {
            Some(second) => task.run_at_timestamp(second).build(),
            None => task.build(),
        }
    }
}

/// Rounds up to seconds, the unit of apalis: a promotion a second ahead starts no job more than a second
/// early.
fn whole_second(at: DateTime<Utc>) -> i64 {
    at.timestamp() + i64::from(at.timestamp_subsec_nanos() > 0)
}

/// The queues of one installation.
#[derive(Debug, Clone)]
pub struct JobQueue {
    pub(super) link: Link,
    keys: Keyspace,
    pub(super) wakeups: Wakeups,
}

impl JobQueue {
    /// Opens the queues under `prefix`. Connects at the first use.
    ///
    /// # Errors
    /// When the URL is malformed.
    pub fn open(
        url: &SecretString,
        prefix: &str,
        response_timeout: Duration,
    ) -> Result<Self, QueueError> {
        let link = Link::open(url, response_timeout)?;
        Ok(Self { link, keys: Keyspace::new(prefix), wakeups: Wakeups::default() })
    }

    #[must_use]
    pub fn connection(&self) -> ConnectionManager {
        self.link.connection()
    }

    #[must_use]
    pub fn keys(&self) -> &Keyspace {
        &self.keys
    }

    /// Stores the jobs, and wakes an idle poller. A job whose id the queue still holds is ignored: pushing
    /// again is harmless.
    ///
    /// # Errors
    /// When Redis did not confirm them all; some, or all, may be stored nevertheless.
    pub async fn push(&self, jobs: &[Job]) -> Result<(), QueueError> {
        let mut connection = self.connection();
        for queue in QueueName::ALL {
            let tasks: Vec<RedisTask> =
                jobs.iter().filter(|job| job.queue == queue).map(Job::to_task).collect();
            let config = self.keys.config(queue);
            for chunk in tasks.chunks(PUSH_CHUNK) {
                push_tasks(&mut connection, &config, chunk).await?;
                self.wake(queue);
            }
        }
        Ok(())
    }

    /// Wakes one idle poller of this process.
    pub fn wake(&self, queue: QueueName) {
        self.wakeups.wake(queue);
    }

    /// Waits until a poller of the queue is woken, and this is the one.
    pub async fn woken(&self, queue: QueueName) {
        self.wakeups.woken(queue).await;
    }

    /// Removes waiting jobs from a queue by id. A job that a worker holds already is left: its
    /// handler reads the database and finds nothing to do. Returns how many were removed.
    ///
    /// # Errors
    /// When Redis does not respond. The handlers of the jobs then find nothing to do.
    pub async fn cancel(&self, queue: QueueName, ids: &[JobId]) -> Result<u64, QueueError> {
        let config = self.keys.config(queue);
        let mut cancelled = 0;
        for chunk in ids.chunks(PUSH_CHUNK) {
            let mut call = CANCEL.prepare_invoke();
            call.key(config.scheduled_jobs_set())
                .key(config.active_jobs_list())
                .key(config.job_data_hash())
                .key(config.job_meta_hash());
            for id in chunk {
                call.arg(&id.0);
            }
            cancelled += run::<u64>(&call, &self.connection()).await?;
        }
        Ok(cancelled)
    }

    /// Whether Redis takes jobs: it has to write, as one that is full, or a replica, answers a
    /// ping as well. Whoever needs to know whether Redis is back asks this; a connection that stays
    /// silent is replaced.
    ///
    /// # Errors
    /// When it does not.
    pub async fn probe(&self) -> Result<(), QueueError> {
        let sent = Instant::now();
        let mut connection = self.connection();
        let mut write = redis::cmd("SET");
        write.arg(self.keys.key("probe", "written")).arg(1).arg("PX").arg(60_000);
        match timeout(PROBE, write.query_async::<()>(&mut connection)).await {
            Ok(response) => {
                self.link.answered();
                Ok(response?)
            }
            Err(_) => {
                self.link.silent(sent);
                Err(QueueError::Timeout(PROBE))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wake_ups_of_one_second_are_one_job_and_never_early() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let one = Job::wake_later(QueueName::Bulk, ChatId(-7), at("2026-01-01T00:00:00.200Z"));
        let two = Job::wake_later(QueueName::Bulk, ChatId(-7), at("2026-01-01T00:00:00.900Z"));
        assert_eq!(one, two);
        assert_eq!(one.due_at, Some(at("2026-01-01T00:00:01Z")));
    }
}
