//! Circuit breaker of one backend: opens at the first failed call, closes at the first successful probe.
//! While it is open, requests skip the backend instead of each waiting for the same timeout.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// Pause between probes while the circuit is open.
const PROBE_INTERVAL: Duration = Duration::from_millis(200);

#[derive(Debug)]
pub(super) struct CircuitBreaker {
    backend: &'static str,
    closed: AtomicBool,
    opened: Notify,
}

impl CircuitBreaker {
    pub(super) fn new(backend: &'static str) -> Self {
        Self { backend, closed: AtomicBool::new(true), opened: Notify::new() }
    }

    /// Whether calls are allowed.
    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// Opens the circuit after a failed call.
    pub(super) fn record_failure(&self, reason: &str) {
        if self.closed.swap(false, Ordering::Relaxed) {
            tracing::warn!(place = self.backend, reason, "backend unavailable: circuit opened");
            self.opened.notify_one();
        }
    }

    /// Probes the backend while the circuit is open, until `end`.
    pub(super) async fn watch<F>(&self, probe: impl Fn() -> F, end: CancellationToken)
    where
        F: Future<Output = bool>,
    {
        let watch = async {
            loop {
                self.opened.notified().await;
                loop {
                    tokio::time::sleep(PROBE_INTERVAL).await;
                    if probe().await {
                        break;
                    }
                }
                self.closed.store(true, Ordering::Relaxed);
                tracing::info!(place = self.backend, "backend available: circuit closed");
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
    async fn a_failure_opens_the_circuit_and_a_probe_closes_it() {
        let breaker = Arc::new(CircuitBreaker::new("redis"));
        let probes = Arc::new(AtomicU32::new(0));
        let end = CancellationToken::new();
        let watching = tokio::spawn({
            let (breaker, probes, end) = (Arc::clone(&breaker), Arc::clone(&probes), end.clone());
            async move {
                let probe = || async { probes.fetch_add(1, Ordering::Relaxed) >= 2 };
                breaker.watch(probe, end).await;
            }
        });
        assert!(breaker.is_closed());
        breaker.record_failure("refused");
        breaker.record_failure("refused");
        assert!(!breaker.is_closed());
        while !breaker.is_closed() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(probes.load(Ordering::Relaxed), 3);
        end.cancel();
        watching.await.unwrap();
    }
}
