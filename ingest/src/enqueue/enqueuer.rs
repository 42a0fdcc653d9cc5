//! The way from a request to storage: requests hand their jobs in and wait; what has gathered is
//! stored with one call, and told with one write of the log.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use shared::{
    batcher::{Batcher, Limits},
    queue::IngestJob,
    telemetry::logs,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{error::NotStored, fallback::Fallback};

/// More than four calls under way would only make the batches smaller, and Redis, which does one after
/// the other, busier; they share a connection, so where one is stuck all are.
const LIMITS: Limits = Limits { batch: 64, in_flight: 4, slow_permits: 0 };
/// A request that has waited so long for its turn is refused, and not stored.
const PATIENCE: Duration = Duration::from_secs(10);

/// One request's jobs, and what is to be logged of them.
struct Item {
    asked: Instant,
    jobs: Vec<IngestJob>,
    tell: OnStored,
}

type Log = dyn FnOnce(Result<(), NotStored>) + Send;

/// What is logged of a request once it is known whether it is stored: once, also if nobody waits for
/// it any more or it was never taken.
struct OnStored(Option<Box<Log>>);

impl OnStored {
    fn now(&mut self, stored: Result<(), NotStored>) {
        if let Some(tell) = self.0.take() {
            tell(stored);
        }
    }
}

impl Drop for OnStored {
    fn drop(&mut self) {
        self.now(Err(NotStored));
    }
}

/// The way in for a handler.
#[derive(Debug, Clone)]
pub struct Enqueuer(Batcher<Item, Result<(), NotStored>>);

impl Enqueuer {
    /// Starts it. When `end` is cancelled it takes no more, stores what has gathered, and the tracked
    /// task ends.
    #[must_use]
    pub fn start(fallback: Arc<Fallback>, tasks: &TaskTracker, end: CancellationToken) -> Self {
        Self(Batcher::start(LIMITS, tasks, end, move |items| {
            let fallback = Arc::clone(&fallback);
            async move { store(&fallback, items).await }
        }))
    }

    /// Stores a request's jobs. `tell` logs whether they are stored; it runs together with others, so
    /// it must be quick.
    ///
    /// # Errors
    /// When they were not confirmed. They may be stored all the same.
    pub async fn store(
        &self,
        jobs: Vec<IngestJob>,
        tell: impl FnOnce(Result<(), NotStored>) + Send + 'static,
    ) -> Result<(), NotStored> {
        let item = Item { asked: Instant::now(), jobs, tell: OnStored(Some(Box::new(tell))) };
        self.0.call(item).await.unwrap_or(Err(NotStored))
    }
}

async fn store(fallback: &Fallback, items: Vec<Item>) -> Vec<Result<(), NotStored>> {
    let (jobs, mut waiting) = take(items, Instant::now());
    let stored = if jobs.is_empty() { Err(NotStored) } else { fallback.store(&jobs).await };
    let answer = |in_time: bool| if in_time { stored } else { Err(NotStored) };
    logs::together(|| waiting.iter_mut().for_each(|(tell, in_time)| tell.now(answer(*in_time))));
    waiting.into_iter().map(|(_, in_time)| answer(in_time)).collect()
}

/// The jobs to store, and of each request what is logged, and whether it still waits for them.
fn take(items: Vec<Item>, now: Instant) -> (Vec<IngestJob>, Vec<(OnStored, bool)>) {
    let mut jobs = Vec::with_capacity(items.len());
    let mut waiting = Vec::with_capacity(items.len());
    for item in items {
        let in_time = now.saturating_duration_since(item.asked) <= PATIENCE;
        if in_time {
            jobs.extend(item.jobs);
        }
        waiting.push((item.tell, in_time));
    }
    (jobs, waiting)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use shared::{domain::ids::EventId, queue::TelegramUpdate};

    use super::*;

    #[test]
    fn who_has_waited_too_long_is_refused_and_not_stored() {
        let asked = Instant::now();
        let item = |update_id, asked| {
            let (id, received_at) = (EventId::fresh(), DateTime::UNIX_EPOCH);
            let raw = "{}".to_owned();
            let update = TelegramUpdate { id, received_at, update_id, raw, attempts: 0 };
            Item { asked, jobs: vec![IngestJob::Update(update)], tell: OnStored(None) }
        };
        let later = asked + PATIENCE + Duration::from_millis(1);
        let (jobs, waiting) = take(vec![item(1, asked), item(2, later)], later);
        assert!(matches!(&jobs[..], [IngestJob::Update(TelegramUpdate { update_id: 2, .. })]));
        let in_time: Vec<_> = waiting.iter().map(|(_, in_time)| *in_time).collect();
        assert_eq!(in_time, [false, true]);
    }
}
