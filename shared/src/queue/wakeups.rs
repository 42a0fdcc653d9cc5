//! The idle pollers of this process, of which a push wakes one. A wake-up may be lost: pollers look into
//! their queue by themselves, too.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use tokio::sync::Notify;

use super::QueueName;

/// The idle pollers of this process, by queue.
#[derive(Debug, Clone, Default)]
pub(super) struct Wakeups(Arc<[Idle; QueueName::ALL.len()]>);

#[derive(Debug, Default)]
struct Idle {
    pollers: AtomicUsize,
    woken: Notify,
}

/// One idle poller, until it is dropped.
struct Waiting<'a>(&'a Idle);

impl<'a> Waiting<'a> {
    fn on(idle: &'a Idle) -> Self {
        idle.pollers.fetch_add(1, Ordering::SeqCst);
        Self(idle)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.pollers.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Wakeups {
    /// Wakes one idle poller of the queue. Without one nothing happens: a busy poller fetches again before
    /// it becomes idle.
    pub(super) fn wake(&self, queue: QueueName) {
        let idle = self.of(queue);
        if idle.pollers.load(Ordering::SeqCst) > 0 {
            idle.woken.notify_one();
        }
    }

    pub(super) async fn woken(&self, queue: QueueName) {
        let idle = self.of(queue);
        let _waiting = Waiting::on(idle);
        idle.woken.notified().await;
    }

    fn of(&self, queue: QueueName) -> &Idle {
        &self.0[queue as usize]
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    const QUEUE: QueueName = QueueName::Bulk;

    #[tokio::test]
    async fn one_idle_poller_is_woken_and_a_later_one_is_not() {
        let wakeups = Wakeups::default();
        wakeups.wake(QUEUE);
        let mut first = wakeups.woken(QUEUE).boxed();
        let mut second = wakeups.woken(QUEUE).boxed();
        assert!((&mut first).now_or_never().is_none(), "woken before it was idle");
        assert!((&mut second).now_or_never().is_none());
        wakeups.wake(QueueName::Events);
        assert!((&mut first).now_or_never().is_none(), "woken for another queue");
        wakeups.wake(QUEUE);
        assert!(first.now_or_never().is_some());
        assert!((&mut second).now_or_never().is_none());
    }

    #[tokio::test]
    async fn a_wake_up_of_a_poller_that_ends_goes_to_the_next() {
        let wakeups = Wakeups::default();
        let mut first = wakeups.woken(QUEUE).boxed();
        let mut second = wakeups.woken(QUEUE).boxed();
        assert!((&mut first).now_or_never().is_none() && (&mut second).now_or_never().is_none());
        wakeups.wake(QUEUE);
        drop(first);
        assert!(second.now_or_never().is_some());
    }
}
