//! How far ahead jobs stand in Redis, and the marker key by which an emptied Redis is noticed. PostgreSQL
//! holds what is due later, and pushes it in time.

use chrono::TimeDelta;

use super::{JobQueue, QueueError};

/// Only jobs that are due within this time stand in Redis.
pub const HORIZON: TimeDelta = TimeDelta::hours(48);
/// The marker is gone after this time without a worker that looks at it. So a Redis that was away for
/// longer, or restored from a backup, counts as emptied: Redis drops what has expired.
const MARKER_LIVES_SECONDS: i64 = 30;
const COMPLETE: &str = "complete";
const FILLING: &str = "filling";

impl JobQueue {
    /// Whether Redis holds all jobs that are due within the [`HORIZON`]. `false`: it was emptied, and is
    /// not filled again yet. Keeps the marker alive.
    ///
    /// # Errors
    /// When Redis does not respond.
    pub async fn is_complete(&self) -> Result<bool, QueueError> {
        let marker = self.keys().horizon();
        let mut look = redis::pipe();
        look.get(&marker).expire(&marker, MARKER_LIVES_SECONDS).ignore();
        let (found,): (Option<String>,) = look.query_async(&mut self.connection()).await?;
        Ok(found.as_deref() == Some(COMPLETE))
    }

    /// Notes that Redis is being filled. If it is emptied again before the end, this is gone.
    ///
    /// # Errors
    /// When Redis does not respond.
    pub async fn begin_fill(&self) -> Result<(), QueueError> {
        let mut set = redis::cmd("SET");
        set.arg(self.keys().horizon()).arg(FILLING);
        Ok(set.exec_async(&mut self.connection()).await?)
    }

    /// Notes that Redis holds all jobs that are due within the [`HORIZON`], unless it was emptied since
    /// [`Self::begin_fill`].
    ///
    /// # Errors
    /// When Redis does not respond.
    pub async fn mark_complete(&self) -> Result<(), QueueError> {
        let mut set = redis::cmd("SET");
        set.arg(self.keys().horizon()).arg(COMPLETE);
        set.arg("EX").arg(MARKER_LIVES_SECONDS).arg("XX");
        Ok(set.exec_async(&mut self.connection()).await?)
    }
}
