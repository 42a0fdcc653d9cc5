//! The apalis workers of each queue, and how many jobs they may run at once.

use std::sync::Arc;

use shared::queue::QueueName;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{apalis_runtime::QueueRunner, app::App, jobs::Jobs};

/// Starts the workers of all queues as `tasks`.
pub fn spawn(tasks: &mut JoinSet<()>, app: &Arc<App>, stop: &CancellationToken) {
    let jobs = Arc::new(Jobs(Arc::clone(app)));
    for (queue, workers, concurrency) in pools(app.settings.concurrency) {
        for number in 0..workers {
            let runner = QueueRunner {
                queue,
                jobs: app.queue.clone(),
                clock: Arc::clone(&app.clock),
                // The sum is the queue's concurrency, but each worker runs at least one job.
                concurrency: ((concurrency + (workers - 1 - number) as usize) / workers as usize)
                    .max(1),
                number,
                of: workers,
                handler: Arc::clone(&jobs),
            };
            tasks.spawn(runner.run(stop.clone()));
        }
    }
}

/// Workers and concurrency of each queue. The setting is the concurrency of bulk messages. Events get half of
/// it, and answers a pool of their own that bulk can't fill.
///
/// A worker fetches one job at a time and waits each time for Redis to confirm, which includes its disk where
/// `appendfsync` is `always`. Several workers fetch side by side, and Redis writes them at once. A backlog of
/// bulk is drained as fast as it is fetched: with four workers half as fast as with sixteen.
fn pools(setting: usize) -> [(QueueName, u32, usize); 4] {
    let bulk = u32::try_from(setting).unwrap_or(u32::MAX).clamp(1, 16);
    [
        (QueueName::Events, 4, setting.div_ceil(2)),
        (QueueName::Updates, 2, setting.div_ceil(4)),
        (QueueName::Answers, 2, setting.div_ceil(4).max(2)),
        (QueueName::Bulk, bulk, setting),
    ]
}
