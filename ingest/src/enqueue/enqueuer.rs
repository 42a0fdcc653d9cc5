//! Batches the jobs of concurrent requests: one call stores a batch.
//! Each request waits until its batch is stored.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use shared::{
    batcher::{Batcher, Limits},
    queue::IngestJob,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::{error::NotStored, fallback::Fallback};

/// While Redis runs one call, the next is on its way. More only make the batches smaller: Redis runs them one by one.
/// No slow permits: the calls share one connection, so a stuck call blocks them all.
const LIMITS: Limits = Limits { batch: 64, in_flight: 2, slow_permits: 0 };
/// Longest wait for a batch. A request that waited longer is refused and not stored.
const BATCH_WAIT_MAX: Duration = Duration::from_secs(10);

/// One request's jobs.
struct Item {
    enqueued_at: Instant,
    jobs: Vec<IngestJob>,
    on_stored: OnStored,
}

type Callback = dyn FnOnce(Result<(), NotStored>) + Send;

/// Logs the result of storing a request, exactly once. Dropping it logs [`NotStored`]: the caller may
/// have been cancelled, or the batcher closed.
struct OnStored(Option<Box<Callback>>);

impl OnStored {
    fn call(&mut self, stored: Result<(), NotStored>) {
        if let Some(callback) = self.0.take() {
            callback(stored);
        }
    }
}

impl Drop for OnStored {
    fn drop(&mut self) {
        self.call(Err(NotStored));
    }
}

/// Stores the jobs of handlers, in batches.
#[derive(Debug, Clone)]
pub struct Enqueuer(Batcher<Item, Result<(), NotStored>>);

impl Enqueuer {
    /// Starts the batcher as a tracked task. Once `end` is cancelled it accepts no more jobs, stores those
    /// it has, and ends.
    #[must_use]
    pub fn start(fallback: Arc<Fallback>, tasks: &TaskTracker, end: CancellationToken) -> Self {
        Self(Batcher::start(LIMITS, tasks, end, move |items| {
            let fallback = Arc::clone(&fallback);
            async move { store(&fallback, items).await }
        }))
    }

    /// Stores a request's jobs. `on_stored` logs the result. The callbacks of a batch run in sequence, so
    /// it must be quick.
    ///
    /// # Errors
    /// [`NotStored`] when neither backend confirmed the jobs. They may have been stored nevertheless.
    pub async fn store(
        &self,
        jobs: Vec<IngestJob>,
        on_stored: impl FnOnce(Result<(), NotStored>) + Send + 'static,
    ) -> Result<(), NotStored> {
        let on_stored = OnStored(Some(Box::new(on_stored)));
        let item = Item { enqueued_at: Instant::now(), jobs, on_stored };
        self.0.call(item).await.unwrap_or(Err(NotStored))
    }
}

async fn store(fallback: &Fallback, items: Vec<Item>) -> Vec<Result<(), NotStored>> {
    let (jobs, mut requests) = split_batch(items, Instant::now());
    let stored = if jobs.is_empty() { Err(NotStored) } else { fallback.store(&jobs).await };
    let result = |in_time: bool| if in_time { stored } else { Err(NotStored) };
    requests.iter_mut().for_each(|(on_stored, in_time)| on_stored.call(result(*in_time)));
    requests.into_iter().map(|(_, in_time)| result(in_time)).collect()
}

/// The jobs to store; for each request its callback, and whether it waited no longer than
/// [`BATCH_WAIT_MAX`].
fn split_batch(items: Vec<Item>, now: Instant) -> (Vec<IngestJob>, Vec<(OnStored, bool)>) {
    let mut jobs = Vec::with_capacity(items.len());
    let mut requests = Vec::with_capacity(items.len());
    for item in items {
        let in_time = now.saturating_duration_since(item.enqueued_at) <= BATCH_WAIT_MAX;
        if in_time {
            jobs.extend(item.jobs);
        }
        requests.push((item.on_stored, in_time));
    }
    (jobs, requests)
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use shared::{domain::ids::EventId, queue::TelegramUpdate};

    use super::*;

    #[test]
    fn a_request_that_waited_too_long_is_refused_and_not_stored() {
        let start = Instant::now();
        let item = |update_id, enqueued_at| {
            let (id, received_at) = (EventId::fresh(), DateTime::UNIX_EPOCH);
            let raw = "{}".to_owned();
            let update = TelegramUpdate { id, received_at, update_id, raw, attempts: 0 };
            Item { enqueued_at, jobs: vec![IngestJob::Update(update)], on_stored: OnStored(None) }
        };
        let later = start + BATCH_WAIT_MAX + Duration::from_millis(1);
        let (jobs, requests) = split_batch(vec![item(1, start), item(2, later)], later);
        assert!(matches!(&jobs[..], [IngestJob::Update(TelegramUpdate { update_id: 2, .. })]));
        let in_time: Vec<_> = requests.iter().map(|(_, in_time)| *in_time).collect();
        assert_eq!(in_time, [false, true]);
    }
}
