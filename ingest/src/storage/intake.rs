//! The way from a request to storage: requests hand their jobs in and wait; what has gathered is
//! stored with one call, and told with one write of the log.

use std::{sync::Arc, time::Duration};

use shared::{
    gather::{Gather, Limits},
    queue::IngestJob,
    telemetry::logs,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::places::Places;

/// More than four calls under way would only make the batches smaller, and Redis, which does one after
/// the other, busier; they share a connection, so where one is stuck all are.
const LIMITS: Limits = Limits { batch: 64, in_flight: 4, aside: 0 };
/// Longest time a request waits for its turn and its storage.
const PATIENCE: Duration = Duration::from_secs(10);

/// Neither Redis nor PostgreSQL took the jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("neither Redis nor PostgreSQL took it")]
pub struct NotStored;

/// One request's jobs, and what is to be logged of them.
struct Item {
    jobs: Vec<IngestJob>,
    tell: Tell,
}

type Log = dyn FnOnce(Result<(), NotStored>) + Send;

/// What is logged of a request once it is known whether it is stored: once, also if nobody waits for
/// it any more or it was never taken.
struct Tell(Option<Box<Log>>);

impl Tell {
    fn now(&mut self, stored: Result<(), NotStored>) {
        if let Some(tell) = self.0.take() {
            tell(stored);
        }
    }
}

impl Drop for Tell {
    fn drop(&mut self) {
        self.now(Err(NotStored));
    }
}

/// The way in for a handler.
#[derive(Debug, Clone)]
pub struct Intake(Gather<Item, Result<(), NotStored>>);

impl Intake {
    /// Starts it. When `end` is cancelled it takes no more, stores what has gathered, and the tracked
    /// task ends.
    #[must_use]
    pub fn start(places: Arc<Places>, tasks: &TaskTracker, end: CancellationToken) -> Self {
        Self(Gather::start(LIMITS, tasks, end, move |items| {
            let places = Arc::clone(&places);
            async move { store(&places, items).await }
        }))
    }

    /// Stores a request's jobs. `tell` logs whether they are stored; it runs together with others, so
    /// it must be quick.
    ///
    /// # Errors
    /// When they were not confirmed in time. They may be stored all the same.
    pub async fn store(
        &self,
        jobs: Vec<IngestJob>,
        tell: impl FnOnce(Result<(), NotStored>) + Send + 'static,
    ) -> Result<(), NotStored> {
        let item = Item { jobs, tell: Tell(Some(Box::new(tell))) };
        let stored = tokio::time::timeout(PATIENCE, self.0.ask(item)).await;
        stored.ok().flatten().unwrap_or(Err(NotStored))
    }
}

async fn store(places: &Places, items: Vec<Item>) -> Vec<Result<(), NotStored>> {
    let mut jobs = Vec::with_capacity(items.len());
    let mut tells = Vec::with_capacity(items.len());
    for item in items {
        jobs.extend(item.jobs);
        tells.push(item.tell);
    }
    let stored = places.store(&jobs).await;
    logs::together(|| tells.iter_mut().for_each(|tell| tell.now(stored)));
    vec![stored; tells.len()]
}
