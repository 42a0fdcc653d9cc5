//! The apalis workers of each queue, and how many jobs each runs at once.

use std::sync::Arc;

use shared::queue::QueueName;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::{apalis_runtime::QueueRunner, app::App, jobs::Jobs};

/// Starts the workers of every queue as tasks that end at `stop`.
pub(crate) fn start(app: &Arc<App>, tasks: &mut JoinSet<()>, stop: &CancellationToken) {
    let jobs = Arc::new(Jobs(Arc::clone(app)));
    for (queue, workers, concurrency) in pools(app.settings.concurrency) {
        for number in 0..workers {
            let runner = QueueRunner {
                queue,
                jobs: app.queue.clone(),
                clock: Arc::clone(&app.clock),
                // The sum is the queue's concurrency, but at least one each.
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

/// Each queue with its number of apalis workers and of jobs at once. `setting` is the number of bulk
/// messages at once. Events get half of it. Answers have a queue of their own, which bulk cannot fill.
///
/// A worker fetches one job at a time and waits for Redis to confirm, including its disk where
/// `appendfsync` is `always`. Several workers fetch in parallel, and Redis writes their jobs at once. A
/// bulk backlog drains as fast as it is fetched: with four workers half as fast as with sixteen.
fn pools(setting: usize) -> [(QueueName, u32, usize); 4] {
    let workers = |most, jobs| u32::try_from(jobs).unwrap_or(u32::MAX).clamp(1, most);
    let events = setting.div_ceil(2);
    [
        (QueueName::Events, workers(8, events), events),
        (QueueName::Updates, 2, setting.div_ceil(4)),
        (QueueName::Answers, 2, setting.div_ceil(4).max(2)),
        (QueueName::Bulk, workers(16, setting), setting),
    ]
}
