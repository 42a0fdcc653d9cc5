//! Whether Telegram answers well, as the whole fleet knows it: server errors in a row, the last good answer, and
//! who probes.

use std::time::Duration;

use chrono::{DateTime, Utc};
use shared::queue::QueueError;

use super::{
    Limiter,
    answered::{ANSWERED, ERRORS_IN_A_ROW, SERVER_ERRORS},
};

/// At most one probe of the fleet in this time.
pub const PROBE_EVERY: Duration = Duration::from_secs(15);
const PROBE: &str = "probe";

impl Limiter {
    /// Whether Telegram has answered a call well since.
    ///
    /// # Errors
    /// When Redis does not answer.
    pub async fn answered_since(&self, since: DateTime<Utc>) -> Result<bool, QueueError> {
        let mut get = redis::cmd("GET");
        get.arg(self.key(ANSWERED));
        let at: Option<i64> = get.query_async(&mut self.queue.connection()).await?;
        Ok(at.is_some_and(|at| at >= since.timestamp_micros()))
    }

    /// The right to probe Telegram now: one of the fleet has it, once in [`PROBE_EVERY`].
    ///
    /// # Errors
    /// When Redis does not answer.
    pub async fn may_probe(&self) -> Result<bool, QueueError> {
        let ttl = u64::try_from(PROBE_EVERY.as_millis()).unwrap_or(u64::MAX);
        let mut set = redis::cmd("SET");
        set.arg(self.key(PROBE)).arg(1).arg("NX").arg("PX").arg(ttl);
        let taken: Option<String> = set.query_async(&mut self.queue.connection()).await?;
        Ok(taken.is_some())
    }

    /// Records that a probe was answered well. Messages are sent again; the next server error stops them at once.
    ///
    /// # Errors
    /// When Redis does not answer.
    pub async fn probe_answered(&self, now: DateTime<Utc>) -> Result<(), QueueError> {
        let (day, errors) = (86_400, self.key(SERVER_ERRORS));
        let mut pipe = redis::pipe();
        pipe.cmd("SET").arg(self.key(ANSWERED)).arg(now.timestamp_micros()).arg("EX").arg(day);
        pipe.cmd("SET").arg(errors).arg(ERRORS_IN_A_ROW - 1).arg("XX").arg("EX").arg(day);
        Ok(pipe.exec_async(&mut self.queue.connection()).await?)
    }
}
