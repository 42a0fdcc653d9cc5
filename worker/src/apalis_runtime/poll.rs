//! The poll strategy of a worker: it fetches at a steady pace, each time after our own script has promoted
//! the due jobs in bounded steps.

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
        // A late tick must not shift the next ones: the workers of a queue would fetch in bunches.
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

#[cfg(test)]
mod tests {
    use std::future::poll_fn;

    use super::*;

    const PACE: Duration = Duration::from_millis(100);
    const SNAPSHOT: PollSnapshot = PollSnapshot {
        consecutive_ready: 0,
        total_ready: 0,
        total_pending: 0,
        idle_for: Duration::ZERO,
    };

    /// Milliseconds since `start` of the strategy's next fetch.
    async fn next_fetch<F, Fut>(strategy: &mut PromoteThenPoll<F>, start: Instant) -> u128
    where
        F: Fn() -> Fut,
        Fut: Future<Output = ()> + Send + Sync + 'static,
    {
        poll_fn(|cx| strategy.poll_drive(cx, &SNAPSHOT)).await;
        start.elapsed().as_millis()
    }

    #[tokio::test(start_paused = true)]
    async fn workers_fetch_in_turn_also_after_one_was_late() {
        let start = Instant::now();
        let mut first = PromoteThenPoll::new(PACE, Duration::ZERO, || std::future::ready(()));
        let mut second = PromoteThenPoll::new(PACE, PACE / 2, || std::future::ready(()));
        assert_eq!(next_fetch(&mut first, start).await, 0);
        assert_eq!(next_fetch(&mut second, start).await, 50);
        // No poll for a while, as in a busy program.
        tokio::time::advance(Duration::from_millis(195)).await;
        assert_eq!(next_fetch(&mut first, start).await, 245);
        assert_eq!(next_fetch(&mut second, start).await, 245);
        assert_eq!(next_fetch(&mut second, start).await, 250);
        assert_eq!(next_fetch(&mut first, start).await, 300);
        assert_eq!(next_fetch(&mut second, start).await, 350);
        assert_eq!(next_fetch(&mut first, start).await, 400);
    }

    #[tokio::test(start_paused = true)]
    async fn a_promotion_ends_before_jobs_are_fetched() {
        let start = Instant::now();
        let promotion = || tokio::time::sleep(Duration::from_millis(30));
        let mut strategy = PromoteThenPoll::new(PACE, Duration::ZERO, promotion);
        assert_eq!(next_fetch(&mut strategy, start).await, 30);
        assert_eq!(next_fetch(&mut strategy, start).await, 130);
    }
}
