//! Stops an apalis worker: it fetches no more jobs, and runs on until its jobs are done and acknowledged.
//! apalis 1.0.0 stops acknowledging once it is to stop, and hangs after the fifth finished job.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll},
};

use apalis_core::{
    backend::{Backend, BackendConfig, WireFormatBackend},
    delegate_codec, delegate_config,
    worker::{context::WorkerContext, event::Event},
};
use futures::{FutureExt, future::BoxFuture};
use redis::{Cmd, Pipeline, RedisFuture, Value, aio::ConnectionLike};
use tokio_util::sync::CancellationToken;

/// The jobs and commands of one worker that are in flight. apalis is stopped once `finished`, not before.
#[derive(Debug, Clone)]
pub(super) struct Drain {
    stop: CancellationToken,
    finished: CancellationToken,
    jobs: Arc<AtomicUsize>,
    commands: Arc<AtomicUsize>,
}

impl Drain {
    /// For a worker that drains once `stop` is cancelled.
    pub(super) fn new(stop: CancellationToken) -> Self {
        let (jobs, commands) = (Arc::default(), Arc::default());
        Self { stop, finished: CancellationToken::new(), jobs, commands }
    }

    /// Waits until `stop` is cancelled and nothing is in flight.
    pub(super) async fn finished(self) {
        self.finished.cancelled().await;
    }

    /// Wraps the connection of the worker's storage, to see whether a fetch is in flight.
    pub(super) fn watch<C>(&self, connection: C) -> Watched<C> {
        Watched { connection, commands: Arc::clone(&self.commands) }
    }

    /// Wraps a backend: it hands out jobs until `stop` is cancelled.
    pub(super) fn over<B>(&self, backend: B) -> Draining<B> {
        let stopped = self.stop.clone().cancelled_owned().boxed();
        Draining { backend, drain: self.clone(), stopped }
    }

    /// Counts a finished job, or records that the worker ended by itself.
    pub(super) fn note(&self, event: &Event) {
        match event {
            Event::Success(_) | Event::Error(_) => {
                self.jobs.fetch_sub(1, Ordering::Relaxed);
            }
            Event::Exit => self.finished.cancel(),
            _ => {}
        }
    }

    fn is_stopping(&self) -> bool {
        self.stop.is_cancelled()
    }

    /// A fetch in flight may bring a job. Without waiting for it the job is orphaned for a minute.
    pub(super) fn is_fetching(&self) -> bool {
        self.commands.load(Ordering::Relaxed) > 0
    }

    fn check(&self) {
        if self.is_stopping() && !self.is_fetching() && self.jobs.load(Ordering::Relaxed) == 0 {
            self.finished.cancel();
        }
    }
}

/// A backend of a worker with its [`Drain`].
pub(super) struct Draining<B> {
    backend: B,
    drain: Drain,
    /// Wakes the worker at the stop.
    stopped: BoxFuture<'static, ()>,
}

impl<B> fmt::Debug for Draining<B> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Draining").field("drain", &self.drain).finish_non_exhaustive()
    }
}

impl<B: Backend> Backend for Draining<B> {
    type Task = B::Task;
    type Error = B::Error;

    fn poll_ready(
        &mut self,
        cx: &mut Context<'_>,
        worker: &WorkerContext,
    ) -> Poll<Result<(), Self::Error>> {
        self.backend.poll_ready(cx, worker)
    }

    /// The backend sends no acknowledgements during a fetch, and jobs may wait for theirs. So it is polled to
    /// the end of the fetch, also after `stop`.
    fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
        worker: &WorkerContext,
    ) -> Poll<Option<Result<Self::Task, Self::Error>>> {
        if !self.drain.is_stopping() && self.stopped.poll_unpin(cx).is_ready() {
            cx.waker().wake_by_ref();
        }
        if !self.drain.is_stopping() || self.drain.is_fetching() {
            let polled = self.backend.poll_next(cx, worker);
            if matches!(polled, Poll::Ready(Some(Ok(_)))) {
                self.drain.jobs.fetch_add(1, Ordering::Relaxed);
            }
            if polled.is_ready() {
                return polled;
            }
        }
        self.drain.check();
        Poll::Pending
    }

    fn poll_close(
        &mut self,
        cx: &mut Context<'_>,
        worker: &WorkerContext,
    ) -> Poll<Result<(), Self::Error>> {
        self.backend.poll_close(cx, worker)
    }
}

delegate_codec!(Draining<B>, backend);
delegate_config!(Draining<B>, backend);

/// A connection that counts its commands in flight.
#[derive(Clone)]
pub(super) struct Watched<C> {
    connection: C,
    commands: Arc<AtomicUsize>,
}

impl<C> Watched<C> {
    fn count(&self) -> Counted {
        self.commands.fetch_add(1, Ordering::Relaxed);
        Counted(Arc::clone(&self.commands))
    }
}

/// One command in flight, until it is dropped.
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl<C: ConnectionLike + Send> ConnectionLike for Watched<C> {
    fn req_packed_command<'a>(&'a mut self, command: &'a Cmd) -> RedisFuture<'a, Value> {
        let counted = self.count();
        let response = self.connection.req_packed_command(command);
        response.inspect(move |_| drop(counted)).boxed()
    }

    fn req_packed_commands<'a>(
        &'a mut self,
        pipeline: &'a Pipeline,
        offset: usize,
        count: usize,
    ) -> RedisFuture<'a, Vec<Value>> {
        let counted = self.count();
        let responses = self.connection.req_packed_commands(pipeline, offset, count);
        responses.inspect(move |_| drop(counted)).boxed()
    }

    fn get_db(&self) -> i64 {
        self.connection.get_db()
    }
}
