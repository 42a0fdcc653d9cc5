//! Whether a place is worth trying: once a call to it has failed, it is left alone until it
//! answers a probe, so that not every request has to wait for the same timeout.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Between probes of a place that is away.
const BETWEEN_PROBES: Duration = Duration::from_millis(200);

/// The state of one place.
#[derive(Debug)]
pub(super) struct CircuitBreaker {
    name: &'static str,
    up: AtomicBool,
    fell: Notify,
}

impl CircuitBreaker {
    pub(super) fn new(name: &'static str) -> Self {
        Self { name, up: AtomicBool::new(true), fell: Notify::new() }
    }

    pub(super) fn is_up(&self) -> bool {
        self.up.load(Ordering::Relaxed)
    }

    /// A call failed.
    pub(super) fn failed(&self, reason: &str) {
        if self.up.swap(false, Ordering::Relaxed) {
            tracing::warn!(place = self.name, reason, "does not take jobs: left alone for now");
            self.fell.notify_one();
        }
    }

    /// Probes the place whenever it is away, until `end`.
    pub(super) async fn watch<F>(&self, probe: impl Fn() -> F, end: CancellationToken)
    where
        F: Future<Output = bool>,
    {
        let watch = async {
            loop {
                self.fell.notified().await;
                loop {
                    tokio::time::sleep(BETWEEN_PROBES).await;
                    if probe().await {
                        break;
                    }
                }
                self.up.store(true, Ordering::Relaxed);
                tracing::info!(place = self.name, "answers again");
            }
        };
        tokio::select! {
            () = watch => {}
            () = end.cancelled() => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, atomic::AtomicU32};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_place_that_failed_is_left_alone_until_it_answers() {
        let target = Arc::new(CircuitBreaker::new("redis"));
        let probes = Arc::new(AtomicU32::new(0));
        let end = CancellationToken::new();
        let watching = tokio::spawn({
            let (target, probes, end) = (Arc::clone(&target), Arc::clone(&probes), end.clone());
            async move {
                let probe = || async { probes.fetch_add(1, Ordering::Relaxed) >= 2 };
                target.watch(probe, end).await;
            }
        });
        assert!(target.is_up());
        target.failed("refused");
        target.failed("refused");
        assert!(!target.is_up());
        while !target.is_up() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(probes.load(Ordering::Relaxed), 3);
        end.cancel();
        watching.await.unwrap();
    }
}
