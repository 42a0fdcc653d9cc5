//! The micro-batcher: requests hand their jobs in and wait; a task takes what has gathered and
//! stores it with one call. While calls are under way, the next ones gather.

use std::{sync::Arc, time::Duration};

use shared::{queue::IngestJob, telemetry::logs};
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use super::places::Places;

/// Requests that may wait to be taken; more are answered 503 after [`PATIENCE`].
const WAITING: usize = 4096;
/// Most requests stored with one call.
const BATCH: usize = 64;
/// Calls under way at the same time: while one is on its way, the next gathers. More would only make
/// the batches smaller, and Redis, which does one after the other, busier.
const IN_FLIGHT: usize = 4;
/// Longest time a request waits for its turn and its storage.
const PATIENCE: Duration = Duration::from_secs(10);

/// Neither Redis nor PostgreSQL took the jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("neither Redis nor PostgreSQL took it")]
pub struct NotStored;

/// One request's jobs, what is to be logged of them, and who waits for them.
struct Item {
    jobs: Vec<IngestJob>,
    tell: Tell,
    done: oneshot::Sender<Result<(), NotStored>>,
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
pub struct Intake(mpsc::Sender<Item>);

impl Intake {
    /// Starts the batcher. When `end` is cancelled it takes no more, stores what has gathered, and
    /// the tracked task ends.
    #[must_use]
    pub fn start(places: Arc<Places>, tasks: &TaskTracker, end: CancellationToken) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        tasks.spawn(run(receiver, places, end));
        Self(sender)
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
        let tell = Tell(Some(Box::new(tell)));
        let stored = async {
            let (done, answer) = oneshot::channel();
            self.0.send(Item { jobs, tell, done }).await.map_err(|_| NotStored)?;
            answer.await.map_err(|_| NotStored)?
        };
        tokio::time::timeout(PATIENCE, stored).await.unwrap_or(Err(NotStored))
    }
}

async fn run(mut waiting: mpsc::Receiver<Item>, places: Arc<Places>, end: CancellationToken) {
    let calls = TaskTracker::new();
    let permits = Arc::new(Semaphore::new(IN_FLIGHT));
    loop {
        // Room for a call first: what arrives meanwhile joins it.
        let Ok(permit) = Arc::clone(&permits).acquire_owned().await else { break };
        let mut items = Vec::with_capacity(BATCH);
        tokio::select! {
            biased;
            taken = waiting.recv_many(&mut items, BATCH) => if taken == 0 { break },
            () = end.cancelled(), if !waiting.is_closed() => {
                waiting.close();
                continue;
            }
        }
        let places = Arc::clone(&places);
        calls.spawn(async move {
            store(&places, items).await;
            drop(permit);
        });
    }
    calls.close();
    calls.wait().await;
}

async fn store(places: &Places, items: Vec<Item>) {
    let mut jobs = Vec::with_capacity(items.len());
    let mut waiters = Vec::with_capacity(items.len());
    for item in items {
        jobs.extend(item.jobs);
        waiters.push((item.tell, item.done));
    }
    let stored = places.store(&jobs).await;
    logs::together(|| waiters.iter_mut().for_each(|(tell, _)| tell.now(stored)));
    for (_, done) in waiters {
        // Whoever broke off does not wait any more; their jobs are stored all the same.
        let _ = done.send(stored);
    }
}
