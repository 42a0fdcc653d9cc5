//! What is measured rather than counted: how much waits in the queues, the inbox and the outbox.
//! And the upkeep of Redis that goes with it: finished jobs are forgotten.

use std::{sync::Arc, time::Duration};

use futures::FutureExt;
use shared::{
    queue::{QueueError, QueueName, clean_finished, depth, memory},
    store::{
        DbErr,
        connect::{count_error, pool_state},
        dead_letters, inbox, outbox, rejected,
        replica::{Fresh, Position},
        stats,
    },
    telemetry::metrics::{self, MeasuredAt, PoolState, QueueState},
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{
    app::App,
    jobs::{WorkError, catch_panic},
};

const MEASURE_EVERY: Duration = Duration::from_secs(10);
const CLEAN_EVERY: Duration = Duration::from_secs(1);
/// Whole tables are counted for at most one part in so many of the time.
const COUNTING_SHARE: u32 = 200;

/// Measures and cleans until `stop`.
pub async fn run(app: Arc<App>, stop: CancellationToken) {
    let mut measure = tokio::time::interval(MEASURE_EVERY);
    let mut clean = tokio::time::interval(CLEAN_EVERY);
    clean.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    measure.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    let mut census = Census::default();
    loop {
        let (what, result) = tokio::select! {
            () = stop.cancelled() => return,
            _ = measure.tick() => ("measure", catch_panic(self::measure(&app, &mut census)).await),
            _ = clean.tick() => ("clean", catch_panic(self::clean(&app)).await),
        };
        if let Err(error) = result {
            tracing::debug!(what, %error, "upkeep failed, it comes again");
        }
    }
}

async fn clean(app: &App) -> Result<(), WorkError> {
    for queue in QueueName::ALL {
        clean_finished(&app.queue.connection(), app.queue.keys(), queue).await?;
    }
    Ok(())
}

/// Each place by itself: while one is away, what the other knows goes on being told.
async fn measure(app: &App, census: &mut Census) -> Result<(), WorkError> {
    let (now, zone) = (app.clock.now(), app.settings.common.zone);
    metrics::venue_open(app.settings.opening_hours.contain(now, zone));
    let (idle, in_use) = pool_state(&app.db);
    metrics::db_connections(PoolState::Idle, idle);
    metrics::db_connections(PoolState::InUse, in_use);
    let (redis, postgres) = tokio::join!(measure_redis(app), measure_postgres(app, census));
    if let Err(error) = &postgres {
        count_error(error);
    }
    redis?;
    Ok(postgres?)
}

async fn measure_redis(app: &App) -> Result<(), QueueError> {
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
    let memory = memory(&app.queue.connection()).await?;
    metrics::redis_memory(memory.used, memory.max);
    metrics::measured(MeasuredAt::Redis, now);
    Ok(())
}

async fn measure_postgres(app: &App, census: &mut Census) -> Result<(), DbErr> {
    let now = app.clock.now();
    // Another worker, or an earlier run, may have learnt that the staff's group has a new id.
    if let Some(chat) = app.staff_chat()
        && let Some(to) = outbox::alias_of(&app.db, chat).await?
    {
        app.staff.renamed(chat, to);
    }
    metrics::inbox_depth(inbox::depth(&app.db).await?.unsigned_abs());
    metrics::dead_letters(dead_letters::count_open(&app.db).await?.unsigned_abs());
    metrics::rejected_requests(rejected::count_open(&app.db).await?.unsigned_abs());
    let overdue = stats::overdue(&app.db, now).await?;
    metrics::outbox_overdue(overdue.messages, overdue.oldest);
    census.take(app).await?;
    metrics::measured(MeasuredAt::Postgres, now);
    Ok(())
}

/// The counting of whole tables: rare as it gets dear, and on a replica where there is one.
#[derive(Default)]
struct Census {
    next: Option<Instant>,
    /// Where the primary was at the round before: what a replica must have to be asked.
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
        Ok(())
    }
}
