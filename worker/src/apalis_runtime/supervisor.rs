//! Keeps an apalis worker of one queue running: any error of Redis ends it, so another is built after a
//! pause, under a name that was never used before.

use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use apalis::prelude::WorkerBuilderExt;
use apalis_core::{
    backend::ext::with_codec::WithCodec,
    error::{BoxDynError, WorkerError},
    task::task_id::TaskId,
    worker::{
        builder::WorkerBuilder,
        ext::{event_listener::EventListenerExt, parallelize::ParallelizeExt},
    },
};
use apalis_redis::RedisStorage;
use futures::{FutureExt, future::BoxFuture};
use shared::{
    clock::Clock,
    domain::ids::EventId,
    queue::{JobQueue, QueueError, QueueName, promote_due},
    telemetry::{metrics, milliseconds},
};
use tokio::time::Instant;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{
    codec::RawCodec,
    drain::Drain,
    poll::{Calls, OnCall},
};

/// How often the workers of a queue look into it by themselves, in turn: a job whose wake-up was lost waits no
/// longer. Below the second that due jobs are promoted ahead.
const POLL_EVERY: Duration = Duration::from_millis(250);
const PAUSE_MIN: Duration = Duration::from_millis(200);
const PAUSE_MAX: Duration = Duration::from_secs(5);
/// A worker that ran this long was healthy: the next failure starts with the shortest pause again.
const HEALTHY: Duration = Duration::from_secs(30);

/// Runs a job, and handles panics and retries itself. An error means only that Redis is away, and that the
/// job has to stay in the queue.
pub trait Handler: Send + Sync + 'static {
    fn handle(
        &self,
        queue: QueueName,
        job_id: String,
        payload: Vec<u8>,
    ) -> impl Future<Output = Result<(), QueueError>> + Send;
}

/// One worker of a queue and its settings.
#[derive(Debug)]
pub struct QueueRunner<H> {
    pub queue: QueueName,
    pub jobs: JobQueue,
    pub clock: Arc<dyn Clock>,
    /// Most jobs at once.
    pub concurrency: usize,
    /// Which of its queue's workers in this process it is, from 0.
    pub number: u32,
    /// How many there are.
    pub of: u32,
    pub handler: Arc<H>,
}

impl<H: Handler> QueueRunner<H> {
    /// Runs the queue's jobs until `stop`, finishes those in flight, and returns.
    pub async fn run(self, stop: CancellationToken) {
        // An apalis worker that ends by an error of Redis abandons its running jobs: wait for them here.
        let begun = TaskTracker::new();
        self.run_workers(&stop, &begun).await;
        begun.close();
        begun.wait().await;
    }

    async fn run_workers(&self, stop: &CancellationToken, begun: &TaskTracker) {
        let mut pause = PAUSE_MIN;
        while !stop.is_cancelled() {
            let started = Instant::now();
            let ended = self.run_worker(stop, begun).await;
            if stop.is_cancelled() {
                if let Err(error) = ended {
                    tracing::warn!(queue = self.queue.as_str(), %error, "queue worker ended with an error");
                }
                return;
            }
            metrics::queue_worker_restart(self.queue.as_str());
            pause =
                if started.elapsed() > HEALTHY { PAUSE_MIN } else { (pause * 2).min(PAUSE_MAX) };
            let error = ended.err().map(|e| e.to_string()).unwrap_or_default();
            tracing::warn!(
                queue = self.queue.as_str(),
                error,
                pause_ms = milliseconds(pause),
                "queue worker ended, starting another"
            );
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = stop.cancelled() => return,
            }
        }
    }

    async fn run_worker(
        &self,
        stop: &CancellationToken,
        begun: &TaskTracker,
    ) -> Result<(), BoxDynError> {
        // The probe replaces a silent connection before the next worker is built on it.
        self.jobs.probe().await?;
        self.worker(stop.clone(), begun.clone()).await?;
        Ok(())
    }

    /// An apalis worker under a new name, until `stop`. Boxed outside of any async block: within one the
    /// compiler can't prove that its future is `Send`.
    fn worker(
        &self,
        stop: CancellationToken,
        begun: TaskTracker,
    ) -> BoxFuture<'static, Result<(), WorkerError>> {
        let name = format!("{}-{}", self.queue.as_str(), EventId::fresh());
        let drain = Drain::new(stop);
        let storage: RedisStorage<Vec<u8>, _> =
            RedisStorage::new(drain.watch(self.jobs.connection()))
                .with_config(self.jobs.keys().config(self.queue));
        let (jobs, queue) = (self.jobs.clone(), self.queue);
        let backend = OnCall::new(
            WithCodec::new(storage, RawCodec),
            drain.clone(),
            self.calls(),
            self.promotion(&name),
            move || jobs.wake(queue),
        );
        let backend = drain.over(backend);
        let ended = drain.clone();
        let handler = Arc::clone(&self.handler);
        let worker = WorkerBuilder::new(name.as_str())
            .backend(backend)
            .concurrency(self.concurrency)
            .parallelize(move |job| begun.spawn(job))
            .on_event(move |_, event| ended.note(event))
            .build(move |payload: Vec<u8>, id: TaskId| {
                let handler = Arc::clone(&handler);
                async move {
                    handler
                        .handle(queue, id.to_string(), payload)
                        .await
                        .map_err(|error| -> BoxDynError { error.into() })
                }
            });
        worker.run_until(drain.finished().map(Ok::<(), WorkerError>)).boxed()
    }

    /// The worker's turn among those of its queue, and its wake-ups.
    fn calls(&self) -> Calls {
        let (jobs, queue) = (self.jobs.clone(), self.queue);
        Calls::new(POLL_EVERY * self.of, POLL_EVERY * self.number, move || {
            let jobs = jobs.clone();
            async move { jobs.woken(queue).await }.boxed()
        })
    }

    /// Promotes due jobs, and says whether jobs wait. The first call deletes the worker's registration: each
    /// worker has a new name, so that they would pile up.
    fn promotion(&self, name: &str) -> impl Fn() -> BoxFuture<'static, bool> + Send + 'static {
        let (jobs, queue, clock) = (self.jobs.clone(), self.queue, Arc::clone(&self.clock));
        let note = Mutex::new(Some(self.jobs.keys().worker_note(queue, name)));
        move || {
            let (jobs, clock) = (jobs.clone(), Arc::clone(&clock));
            let note = note.lock().unwrap_or_else(PoisonError::into_inner).take();
            async move {
                let connection = jobs.connection();
                if let Some(note) = note {
                    let (mut redis, mut unlink) = (connection.clone(), redis::cmd("UNLINK"));
                    if let Err(error) = unlink.arg(note).exec_async(&mut redis).await {
                        tracing::debug!(%error, "could not delete the worker's note");
                    }
                }
                match promote_due(&connection, jobs.keys(), queue, clock.now()).await {
                    Ok(waiting) => {
                        // More than this worker takes with its next fetch.
                        if waiting > 1 {
                            jobs.wake(queue);
                        }
                        waiting > 0
                    }
                    // The fetch that follows fails as well, and ends this worker.
                    Err(error) => {
                        tracing::debug!(queue = queue.as_str(), %error, "could not promote due jobs");
                        true
                    }
                }
            }
            .boxed()
        }
    }
}
