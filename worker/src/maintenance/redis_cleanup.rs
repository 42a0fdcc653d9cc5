//! Deletes finished jobs from Redis: apalis leaves them there.

use std::{sync::Arc, time::Duration};

use shared::queue::{QueueName, clean_finished};
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

use crate::{
    app::App,
    jobs::{WorkError, catch_panic},
};

const INTERVAL: Duration = Duration::from_secs(1);

/// Deletes finished jobs every [`INTERVAL`] until `stop`.
pub async fn run(app: Arc<App>, stop: CancellationToken) {
    let mut interval = tokio::time::interval(INTERVAL);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    while stop.run_until_cancelled(interval.tick()).await.is_some() {
        if let Err(error) = catch_panic(clean(&app)).await {
            tracing::debug!(%error, "finished jobs could not be deleted");
        }
    }
}

async fn clean(app: &App) -> Result<(), WorkError> {
    for queue in QueueName::ALL {
        clean_finished(&app.queue.connection(), app.queue.keys(), queue).await?;
    }
    Ok(())
}
