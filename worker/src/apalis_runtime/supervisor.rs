//! Keeps an apalis worker of one queue running: any error of Redis ends it, so another is built after a
//! pause, under a name that was never used before.

use std::{
    future::Future,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use apalis::prelude::WorkerBuilderExt;
use apalis_core::{
    backend::ext::{poll_strategy::PollWith, with_codec::WithCodec},
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

use super::{codec::RawCodec, drain::Drain, poll::PromoteThenPoll};

/// The shortest interval between two fetches of one worker. The workers of a queue fetch in turn, so that
/// an idle queue's latency is a fraction of it.
const PACE: Duration = Duration::from_millis(100);
/// The shortest interval between fetches of two workers of a queue: many workers load Redis no more than few.
const GAP: Duration = Duration::from_millis(25);
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
        // apalis fetches once before it uses the poll strategy, and its own promotion always fails from
        // 8,000 due jobs on: promote first.
        let (connection, keys) = (self.jobs.connection(), self.jobs.keys());
        promote_due(&connection, keys, self.queue, self.clock.now()).await?;
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
        let backend = PollWith::new(WithCodec::new(storage, RawCodec), self.strategy(&name));
        let backend = drain.over(backend);
        let ended = drain.clone();
        let (queue, handler) = (self.queue, Arc::clone(&self.handler));
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

    fn strategy(
        &self,
        name: &str,
    ) -> PromoteThenPoll<impl Fn() -> SyncFuture + Send + Sync + 'static> {
        let (connection, keys) = (self.jobs.connection(), self.jobs.keys().clone());
        let (queue, clock) = (self.queue, Arc::clone(&self.clock));
        let note = Mutex::new(Some(keys.worker_note(queue, name)));
        let pace = PACE.max(GAP * self.of);
        PromoteThenPoll::new(pace, pace * self.number / self.of.max(1), move || {
            let (connection, keys, clock) = (connection.clone(), keys.clone(), Arc::clone(&clock));
            // The worker is registered by now. Every worker has a new name: the registrations would pile up.
            let note = note.lock().unwrap_or_else(PoisonError::into_inner).take();
            // A failure of Redis recurs in the fetch that follows, and ends this worker.
            let promotion = async move {
                if let Some(note) = note {
                    let (mut redis, mut unlink) = (connection.clone(), redis::cmd("UNLINK"));
                    if let Err(error) = unlink.arg(note).exec_async(&mut redis).await {
                        tracing::debug!(%error, "could not delete the worker's note");
                    }
                }
                if let Err(error) = promote_due(&connection, &keys, queue, clock.now()).await {
                    tracing::debug!(queue = queue.as_str(), %error, "could not promote due jobs");
                }
            };
            SyncFuture::boxed(promotion)
        })
    }
}

/// A future that a `Sync` strategy can hold: it is only ever polled through `&mut`.
struct SyncFuture(Mutex<BoxFuture<'static, ()>>);

impl SyncFuture {
    fn boxed(future: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(Mutex::new(Box::pin(future)))
    }
}

impl Future for SyncFuture {
    type Output = ();

    fn poll(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<()> {
        match self.0.get_mut() {
            Ok(future) => future.as_mut().poll(cx),
            Err(poisoned) => poisoned.into_inner().as_mut().poll(cx),
        }
    }
}
