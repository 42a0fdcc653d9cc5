//! How often requests go out, how often one is repeated, and for how long none is sent after a failure.

use std::time::Duration;

use rand::Rng;
use tokio::time::Instant;

use super::error::TableError;

/// The limits of a client.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// The shortest time between the beginnings of two requests.
    pub between: Duration,
    /// The pause before a request is repeated; doubled each time.
    pub backoff: Duration,
    /// The first pause of an open circuit; doubled each time.
    pub open: Duration,
    /// The longest one.
    pub open_max: Duration,
    /// The same for credentials that are refused: repeating them could lock the account.
    pub refused: Duration,
    pub refused_max: Duration,
    /// Longest request.
    pub timeout: Duration,
    /// Most rows of an answer. With so many there may be more.
    pub rows_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            between: Duration::from_secs(1),
            backoff: Duration::from_secs(1),
            open: Duration::from_secs(5),
            open_max: Duration::from_secs(300),
            refused: Duration::from_secs(60),
            refused_max: Duration::from_secs(3600),
            timeout: Duration::from_secs(30),
            rows_max: 5_000,
        }
    }
}

/// Longest pause that Bukza may demand.
pub(super) const RETRY_AFTER_MAX: Duration = Duration::from_secs(3600);

/// Three quarters to five quarters of a pause: the clients of a fleet do not keep step.
pub(super) fn with_jitter(pause: Duration) -> Duration {
    pause.mul_f64(rand::rng().random_range(0.75..1.25))
}

/// Keeps requests apart.
#[derive(Debug, Default)]
pub(super) struct Turns {
    next: Option<Instant>,
}

impl Turns {
    /// Waits for the turn of a request.
    pub(super) async fn wait(&mut self, limits: &Limits) {
        if let Some(next) = self.next {
            tokio::time::sleep_until(next).await;
        }
        self.next = Some(Instant::now() + limits.between);
    }
}

/// Sends nothing for a while after a failure. The first call afterwards is the probe.
#[derive(Debug, Default)]
pub(super) struct CircuitBreaker {
    failures: u32,
    open: Option<(Instant, String)>,
}

impl CircuitBreaker {
    /// # Errors
    /// [`TableError::Paused`] while the circuit is open.
    pub(super) fn check(&self) -> Result<(), TableError> {
        let Some((until, reason)) = &self.open else { return Ok(()) };
        let left = until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        Err(TableError::Paused { left, reason: reason.clone() })
    }

    /// Closes the circuit after a success.
    pub(super) fn succeeded(&mut self) {
        *self = Self::default();
    }

    /// Opens the circuit; returns for how long.
    pub(super) fn failed(&mut self, error: &TableError, limits: &Limits) -> Duration {
        let doubled = |first: Duration, max: Duration| {
            with_jitter(first.saturating_mul(1 << self.failures.min(16)).min(max))
        };
        let pause = match error {
            TableError::Limited { retry_after } => *retry_after,
            TableError::CredentialsRefused { .. } => doubled(limits.refused, limits.refused_max),
            TableError::Unreachable { .. }
            | TableError::NotUnderstood(_)
            | TableError::TooManyRows { .. }
            | TableError::Paused { .. } => doubled(limits.open, limits.open_max),
        };
        self.failures += 1;
        self.open = Some((Instant::now() + pause, error.to_string()));
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unreachable() -> TableError {
        TableError::Unreachable { reason: "connection refused".to_owned() }
    }

    #[tokio::test(start_paused = true)]
    async fn the_circuit_opens_for_longer_with_each_failure_and_closes_with_a_success() {
        let (mut breaker, limits) = (CircuitBreaker::default(), Limits::default());
        assert_eq!(breaker.check(), Ok(()));
        let mut last = Duration::ZERO;
        for expected in [5, 10, 20, 40, 80, 160, 300, 300] {
            let pause = breaker.failed(&unreachable(), &limits);
            let expected = Duration::from_secs(expected);
            assert!(
                pause >= expected.mul_f64(0.75) && pause <= expected.mul_f64(1.25),
                "{pause:?}"
            );
            let paused = breaker.check().unwrap_err();
            assert!(paused.to_string().contains("connection refused"), "{paused}");
            tokio::time::advance(pause).await;
            assert_eq!(breaker.check(), Ok(()), "a probe is allowed");
            last = pause;
        }
        assert!(last > Duration::from_secs(200));
        breaker.succeeded();
        assert!(breaker.failed(&unreachable(), &limits) < Duration::from_secs(7));
    }

    #[tokio::test(start_paused = true)]
    async fn the_pause_is_what_bukza_demands_and_long_for_refused_credentials() {
        let (mut breaker, limits) = (CircuitBreaker::default(), Limits::default());
        let retry_after = Duration::from_secs(77);
        assert_eq!(breaker.failed(&TableError::Limited { retry_after }, &limits), retry_after);
        breaker.succeeded();
        let pause = breaker.failed(&TableError::CredentialsRefused { status: 401 }, &limits);
        assert!(pause >= Duration::from_secs(45), "{pause:?}");
    }

    #[tokio::test(start_paused = true)]
    async fn requests_begin_a_second_apart() {
        let (mut turns, limits) = (Turns::default(), Limits::default());
        let started = Instant::now();
        for seconds in [0, 1, 2] {
            turns.wait(&limits).await;
            assert_eq!(started.elapsed().as_secs(), seconds);
        }
    }
}
