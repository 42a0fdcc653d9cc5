//! Readiness: checks each dependency of a binary with a timeout. A binary that is stopping is not ready.

use std::{fmt, time::Duration};

use futures::future::{BoxFuture, FutureExt, join_all};
use tokio_util::sync::CancellationToken;

/// Timeout of one part's check.
const CHECK_TIMEOUT: Duration = Duration::from_secs(1);
/// Longest reason shown, in characters.
const REASON_MAX_CHARS: usize = 200;

type Check = Box<dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// How many of the parts the binary needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// It works only with all of them.
    All,
    /// It works as long as one of them does.
    Any,
}

/// The dependencies of a binary, each with its check.
pub struct Readiness {
    need: Need,
    parts: Vec<(&'static str, Check)>,
    stopping: CancellationToken,
}

impl fmt::Debug for Readiness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<_> = self.parts.iter().map(|(name, _)| name).collect();
        f.debug_struct("Readiness")
            .field("need", &self.need)
            .field("parts", &names)
            .finish_non_exhaustive()
    }
}

/// The result of all checks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub ready: bool,
    /// Each part with `ok`, or why not.
    pub parts: Vec<(&'static str, String)>,
}

impl Readiness {
    /// Not ready any more from the moment `stopping` is cancelled.
    #[must_use]
    pub fn new(need: Need, stopping: CancellationToken) -> Self {
        Self { need, parts: Vec::new(), stopping }
    }

    /// Adds a part. `check` returns the reason why the part is down. No response within a second counts as
    /// down.
    #[must_use]
    pub fn part<F>(
        mut self,
        name: &'static str,
        check: impl Fn() -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = Result<(), String>> + Send + 'static,
    {
        self.parts.push((name, Box::new(move || check().boxed())));
        self
    }

    /// Checks all parts at the same time.
    pub async fn report(&self) -> Report {
        if self.stopping.is_cancelled() {
            return Report { ready: false, parts: vec![("process", "stopping".to_owned())] };
        }
        let checks = self.parts.iter().map(|(name, check)| async move {
            let result = tokio::time::timeout(CHECK_TIMEOUT, check()).await;
            (*name, result.unwrap_or_else(|_| Err("no answer within 1 s".to_owned())))
        });
        let results = join_all(checks).await;
        let ready = match self.need {
            Need::All => results.iter().all(|(_, result)| result.is_ok()),
            Need::Any => results.is_empty() || results.iter().any(|(_, result)| result.is_ok()),
        };
        Report {
            ready,
            parts: results.into_iter().map(|(name, result)| (name, word(result))).collect(),
        }
    }
}

impl Report {
    /// The parts as one JSON object.
    #[must_use]
    pub fn to_json(&self) -> String {
        let parts =
            self.parts.iter().map(|(name, state)| ((*name).to_owned(), state.as_str().into()));
        serde_json::Value::Object(parts.collect()).to_string()
    }
}

fn word(result: Result<(), String>) -> String {
    match result {
        Ok(()) => "ok".to_owned(),
        Err(reason) => {
            format!("down: {}", reason.chars().take(REASON_MAX_CHARS).collect::<String>())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn half_up(need: Need, stopping: &CancellationToken) -> Readiness {
        Readiness::new(need, stopping.clone())
            .part("redis", || async { Ok(()) })
            .part("postgres", || async { Err("connection refused".to_owned()) })
    }

    #[tokio::test]
    async fn says_which_part_is_down() {
        let stopping = CancellationToken::new();
        let report = half_up(Need::All, &stopping).report().await;
        assert!(!report.ready);
        assert_eq!(report.to_json(), r#"{"postgres":"down: connection refused","redis":"ok"}"#);
        assert!(half_up(Need::Any, &stopping).report().await.ready);
    }

    #[tokio::test]
    async fn is_not_ready_once_stopping() {
        let stopping = CancellationToken::new();
        let readiness = half_up(Need::Any, &stopping);
        stopping.cancel();
        let report = readiness.report().await;
        assert!(!report.ready);
        assert_eq!(report.to_json(), r#"{"process":"stopping"}"#);
    }

    #[tokio::test(start_paused = true)]
    async fn a_part_that_does_not_answer_is_down() {
        let readiness = Readiness::new(Need::All, CancellationToken::new())
            .part("redis", std::future::pending::<Result<(), String>>);
        assert_eq!(
            readiness.report().await.parts,
            [("redis", "down: no answer within 1 s".into())]
        );
    }
}
