//! When a worker fetches: if it is woken, and at a slow pace besides, each time after our own script has
//! promoted the due jobs in bounded steps and has seen that jobs wait.

use std::{
    fmt,
    mem::take,
    task::{Context, Poll},
    time::Duration,
};

use apalis_core::{
    backend::{Backend, BackendConfig, WireFormatBackend},
    delegate_codec, delegate_config,
    worker::context::WorkerContext,
};
use futures::{FutureExt, future::BoxFuture};
use tokio::time::{Instant, Interval, MissedTickBehavior};

use super::drain::Drain;

/// Calls for a fetch: every `pace`, and whenever `woken` ends.
pub(super) struct Calls {
    interval: Interval,
    woken: Box<dyn Fn() -> BoxFuture<'static, ()> + Send>,
    waiting: Option<BoxFuture<'static, ()>>,
    has_ticked: bool,
    is_woken: bool,
}

impl Calls {
    pub(super) fn new(
        pace: Duration,
        phase: Duration,
        woken: impl Fn() -> BoxFuture<'static, ()> + Send + 'static,
    ) -> Self {
        let mut interval = tokio::time::interval_at(Instant::now() + phase, pace);
        // A late tick must not shift the next ones: the workers of a queue would look in bunches.
        interval.set_missed_tick_behavior(MissedTickBehavior::Skip);
        Self { interval, woken: Box::new(woken), waiting: None, has_ticked: false, is_woken: false }
    }

    /// Notes calls, and has `cx` woken at the next one.
    fn listen(&mut self, cx: &mut Context<'_>) {
        while self.interval.poll_tick(cx).is_ready() {
            self.has_ticked = true;
        }
        while self.waiting.get_or_insert_with(&self.woken).poll_unpin(cx).is_ready() {
            self.waiting = None;
            self.is_woken = true;
        }
    }

    /// Whether there was a call since the last one that was taken.
    fn take(&mut self) -> bool {
        let has_ticked = take(&mut self.has_ticked);
        take(&mut self.is_woken) || has_ticked
    }

    /// The worker got a job, and may be at its limit: it is none of the idle. Whether another is to be woken
    /// in its place.
    fn hand_over(&mut self) -> bool {
        self.waiting = None;
        take(&mut self.is_woken)
    }
}

enum Phase {
    Idle,
    Promoting(BoxFuture<'static, bool>),
    Fetching,
}

/// A backend that fetches when it is called for, and then until its queue is empty.
pub(super) struct OnCall<B, P> {
    backend: B,
    drain: Drain,
    calls: Calls,
    /// Promotes due jobs; the answer: whether jobs wait.
    promote: P,
    /// Wakes another worker.
    pass_on: Box<dyn Fn() + Send>,
    phase: Phase,
}

impl<B, P> OnCall<B, P> {
    pub(super) fn new(
        backend: B,
        drain: Drain,
        calls: Calls,
        promote: P,
        pass_on: impl Fn() + Send + 'static,
    ) -> Self {
        Self { backend, drain, calls, promote, pass_on: Box::new(pass_on), phase: Phase::Idle }
    }
}

impl<B, P> Backend for OnCall<B, P>
where
    B: Backend,
    P: Fn() -> BoxFuture<'static, bool> + Send + 'static,
{
    type Task = B::Task;
    type Error = B::Error;

    fn poll_ready(
        &mut self,
        cx: &mut Context<'_>,
        worker: &WorkerContext,
    ) -> Poll<Result<(), Self::Error>> {
        self.backend.poll_ready(cx, worker)
    }

    /// Listens also during a fetch: it may come back empty although a job was pushed meanwhile.
    fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
        worker: &WorkerContext,
    ) -> Poll<Option<Result<Self::Task, Self::Error>>> {
        loop {
            self.calls.listen(cx);
            self.phase = match &mut self.phase {
                Phase::Idle if !self.calls.take() => return Poll::Pending,
                Phase::Idle => Phase::Promoting((self.promote)()),
                Phase::Promoting(promotion) => match promotion.poll_unpin(cx) {
                    Poll::Pending => return Poll::Pending,
                    Poll::Ready(true) => Phase::Fetching,
                    Poll::Ready(false) => Phase::Idle,
                },
                // apalis promotes with each fetch, and fails where many are due: they are promoted in time.
                Phase::Fetching
                    if !self.drain.is_fetching() && take(&mut self.calls.has_ticked) =>
                {
                    Phase::Promoting((self.promote)())
                }
                Phase::Fetching => match self.backend.poll_next(cx, worker) {
                    Poll::Ready(fetched) => {
                        if self.calls.hand_over() {
                            (self.pass_on)();
                        }
                        return Poll::Ready(fetched);
                    }
                    Poll::Pending if self.drain.is_fetching() => return Poll::Pending,
                    Poll::Pending => Phase::Idle,
                },
            };
        }
    }

    fn poll_close(
        &mut self,
        cx: &mut Context<'_>,
        worker: &WorkerContext,
    ) -> Poll<Result<(), Self::Error>> {
        self.backend.poll_close(cx, worker)
    }
}

delegate_codec!(OnCall<B, P>, backend);
delegate_config!(OnCall<B, P>, backend);

impl<B, P> fmt::Debug for OnCall<B, P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OnCall").field("pace", &self.calls.interval.period()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::{pending, poll_fn},
        sync::Arc,
        task::Waker,
    };

    use tokio::sync::Notify;

    use super::*;

    const PACE: Duration = Duration::from_millis(100);

    /// Milliseconds since `start` of the next call.
    async fn next_call(calls: &mut Calls, start: Instant) -> u128 {
        poll_fn(|cx| {
            calls.listen(cx);
            if calls.take() { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        start.elapsed().as_millis()
    }

    #[tokio::test(start_paused = true)]
    async fn workers_look_in_turn_also_after_one_was_late() {
        let start = Instant::now();
        let at = |phase| Calls::new(PACE, phase, || pending().boxed());
        let (mut first, mut second) = (at(Duration::ZERO), at(PACE / 2));
        assert_eq!(next_call(&mut first, start).await, 0);
        assert_eq!(next_call(&mut second, start).await, 50);
        // No poll for a while, as in a busy program.
        tokio::time::advance(Duration::from_millis(195)).await;
        assert_eq!(next_call(&mut first, start).await, 245);
        assert_eq!(next_call(&mut second, start).await, 245);
        assert_eq!(next_call(&mut second, start).await, 250);
        assert_eq!(next_call(&mut first, start).await, 300);
        assert_eq!(next_call(&mut second, start).await, 350);
        assert_eq!(next_call(&mut first, start).await, 400);
    }

    #[tokio::test(start_paused = true)]
    async fn a_worker_that_is_woken_looks_at_once() {
        let (start, pushed) = (Instant::now(), Arc::new(Notify::new()));
        let idle = Arc::clone(&pushed);
        let woken = move || Arc::clone(&idle).notified_owned().boxed();
        let mut calls = Calls::new(PACE, PACE, woken);
        let mut call = next_call(&mut calls, start).boxed();
        assert!((&mut call).now_or_never().is_none());
        pushed.notify_waiters();
        assert_eq!(call.await, 0);
        assert_eq!(next_call(&mut calls, start).await, 100);
        // A wake-up that comes with a job goes to another worker.
        let mut call = next_call(&mut calls, start).boxed();
        assert!((&mut call).now_or_never().is_none());
        pushed.notify_waiters();
        drop(call);
        calls.listen(&mut Context::from_waker(Waker::noop()));
        assert!(calls.hand_over());
        assert!(!calls.hand_over());
        assert_eq!(next_call(&mut calls, start).await, 200);
    }
}
