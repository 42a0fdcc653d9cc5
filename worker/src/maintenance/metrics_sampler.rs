//! Samples gauges: the depth of the queues, the inbox and the outbox, and the state of the connections.

use std::{sync::Arc, time::Duration};

use futures::FutureExt;
use shared::{
    queue::{QueueError, QueueName, depth, durability},
    store::{
        DbErr,
        connect::{count_error, pool_state},
        dead_letters, inbox,
        person::By,
        rejected,
        replica::{Fresh, Position},
        stats, table_sync,
    },
    telemetry::metrics::{self, MeasuredAt, PoolState, QueueState},
};
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use crate::{
    app::App,
    jobs::{WorkError, catch_panic},
};

const INTERVAL: Duration = Duration::from_secs(10);
/// Counting whole tables takes at most this part of the time: one in 200.
const COUNTING_SHARE: u32 = 200;

/// Samples every [`INTERVAL`] until `stop`.
pub async fn run(app: Arc<App>, stop: CancellationToken) {
    let mut interval = tokio::time::interval(INTERVAL);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut census = Census::default();
    while stop.run_until_cancelled(interval.tick()).await.is_some() {
        if let Err(error) = catch_panic(sample(&app, &mut census)).await {
            tracing::debug!(%error, "metrics could not be sampled");
        }
    }
}

/// Redis and PostgreSQL are sampled apart: one that is down does not hide the other's metrics.
async fn sample(app: &App, census: &mut Census) -> Result<(), WorkError> {
    let (now, venue) = (app.clock.now(), &app.venue);
    metrics::venue_open(venue.opening_hours.contain(now, venue.zone));
    app.telegram.record_way();
    let (idle, in_use) = pool_state(&app.db);
    metrics::db_connections(PoolState::Idle, idle);
    metrics::db_connections(PoolState::InUse, in_use);
    let (redis, postgres) = tokio::join!(sample_redis(app), sample_postgres(app, census));
    if let Err(error) = &postgres {
        count_error(error);
    }
    redis?;
    Ok(postgres?)
}

async fn sample_redis(app: &App) -> Result<(), QueueError> {
    let now = app.clock.now();
    for queue in QueueName::ALL {
        let depth = depth(&app.queue.connection(), app.queue.keys(), queue, now).await?;
        let name = queue.as_str();
        metrics::queue_depth(name, QueueState::Active, depth.active);
        metrics::queue_depth(name, QueueState::Due, depth.due);
        metrics::queue_depth(name, QueueState::Scheduled, depth.planned);
        metrics::queue_depth(name, QueueState::Dead, depth.dead);
        let due_for = depth.oldest_due.map_or(0, |at| (now.timestamp() - at).max(0));
        metrics::queue_oldest_due(name, Duration::from_secs(due_for.unsigned_abs()));
    }
    metrics::telegram_freeze_left(app.limiter.frozen_for().await?);
    let redis = durability::state(&app.queue.connection()).await?;
    metrics::redis_memory(redis.used_memory, redis.max_memory);
    metrics::measured(MeasuredAt::Redis, now);
    Ok(())
}

async fn sample_postgres(app: &App, census: &mut Census) -> Result<(), DbErr> {
    let now = app.clock.now();
    metrics::inbox_depth(inbox::depth(&app.db).await?.unsigned_abs());
    metrics::dead_letters(dead_letters::count_open(&app.db).await?.unsigned_abs());
    metrics::rejected_requests(rejected::count_open(&app.db).await?.unsigned_abs());
    let overdue = stats::overdue(&app.db, now).await?;
    metrics::outbox_overdue(overdue.messages, overdue.oldest);
    if app.settings.bukza_api.is_some() {
        let counts = table_sync::counts(&app.db).await?;
        counts.into_iter().for_each(|(kind, count)| metrics::table_differences(kind, count));
    }
    census.take(app).await?;
    metrics::measured(MeasuredAt::Postgres, now);
    Ok(())
}

/// Counts whole tables: the longer it takes the rarer, and on a replica if there is one.
#[derive(Default)]
struct Census {
    next: Option<Instant>,
    /// The primary's position at the previous sample. A replica that is behind it is not read.
    before: Option<Position>,
}

impl Census {
    async fn take(&mut self, app: &App) -> Result<(), DbErr> {
        let position = app.reads.position().await?;
        let before = std::mem::replace(&mut self.before, position);
        if self.next.is_some_and(|next| Instant::now() < next) {
            return Ok(());
        }
        let (started, now) = (Instant::now(), app.clock.now());
        let found = match before.map(Fresh::Position) {
            Some(fresh) => app.reads.read(&fresh, |tx| stats::census(tx, now).boxed()).await?,
            None => stats::census(&app.db, now).await?,
        };
        self.next = Some(started + started.elapsed() * COUNTING_SHARE);
        metrics::outbox_planned(found.planned);
        metrics::active_users(found.active_users);
        for (by, count) in By::ALL.iter().zip(found.deletions) {
            metrics::recorded_deletions(by.origin(), count);
        }
        Ok(())
    }
}
