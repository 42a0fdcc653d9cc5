//! When a worker asks the queue for jobs: at a steady pace, and each time only after the due jobs
//! were promoted in bounded steps by our own script.

use std::{
    fmt,
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use apalis_core::backend::ext::poll_strategy::{PollSnapshot, PollStrategy};
use tokio::time::{Instant, Interval, MissedTickBehavior};

type Promotion = Pin<Box<dyn Future<Output = ()> + Send + Sync>>;

/// Ticks every `pace`; each tick is reported once a promotion has run to its end. The stock
/// strategies lose their waker when a fetch outlasts the interval; tokio's interval keeps it.
pub(super) struct PromoteThenPoll<F> {
    interval: Interval,
    promote: F,
    promotion: Option<Promotion>,
}

impl<F> PromoteThenPoll<F> {
    pub(super) fn new(pace: Duration, phase: Duration, promote: F) -> Self {
        let mut interval = tokio::time::interval_at(Instant::now() + phase, pace);
        // A late tick must not shift those after it: the workers of a queue would come to ask in bunches.
        interval.set_missed_tick_behavior(MissedTickBehavior::Skip);
        Self { interval, promote, promotion: None }
    }
}

impl<F, Fut> PollStrategy for PromoteThenPoll<F>
where
    F: Fn() -> Fut,
    Fut: Future<Output = ()> + Send + Sync + 'static,
{
    fn poll_drive(&mut self, cx: &mut Context<'_>, _: &PollSnapshot) -> Poll<Option<()>> {
        loop {
            if let Some(promotion) = &mut self.promotion {
                if promotion.as_mut().poll(cx).is_pending() {
                    return Poll::Pending;
                }
                self.promotion = None;
                // Register for the next tick before reporting this one.
                if self.interval.poll_tick(cx).is_ready() {
                    cx.waker().wake_by_ref();
                }
                return Poll::Ready(Some(()));
            }
            if self.interval.poll_tick(cx).is_pending() {
                return Poll::Pending;
            }
            self.promotion = Some(Box::pin((self.promote)()));
        }
    }
}

impl<F> fmt::Debug for PromoteThenPoll<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PromoteThenPoll").field("pace", &self.interval.period()).finish()
    }
}
