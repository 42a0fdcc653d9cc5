//! The binary: reads the settings, wires the parts, and serves until a signal. Stores every accepted
//! job before it exits.

use std::sync::Arc;

use anyhow::Context;
use ingest::{
    enqueue::{Enqueuer, Fallback, REDIS_TIMEOUT},
    http::server,
    router,
};
use shared::{
    clock::FleetClock,
    queue::{JobQueue, keep_clock_synced, sync_clock},
    settings::{Environment, IngestSettings},
    store,
    telemetry::{Need, OpsServer, Readiness, logs, metrics, shutdown, systemd},
};
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// On one thread: with a second one a webhook costs more in wake-ups between the two than it gains. Where one processor
/// is not enough, more ingests are.
#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let settings = IngestSettings::from_environment(&Environment::of_process())?;
    let _flush = logs::init(&settings.common, "ingest").context("LOG_DIR cannot be written to")?;
    let recorder = metrics::install().context("metrics cannot be recorded")?;
    let stop = shutdown::on_signals().context("signals cannot be listened for")?;
    let (tasks, end) = (TaskTracker::new(), CancellationToken::new());

    let common = &settings.common;
    let queue = JobQueue::open(&common.redis_url, &common.queue_prefix, REDIS_TIMEOUT)?;
    let db = store::connect(&common.database_url, common.database_pool).await?;
    let clock = FleetClock::default();
    sync_clock(&clock, &queue).await;
    tasks.spawn(keep_clock_synced(clock.clone(), queue.clone(), end.clone()));
    tasks.spawn(queue.clone().publish_pushes(end.clone()));
    let fallback = Fallback::new(queue, db, &tasks, &end);
    let enqueuer = Enqueuer::start(Arc::clone(&fallback), &tasks, end.clone());

    let readiness = Arc::new(readiness(fallback, stop.clone()));
    let ops = OpsServer::bind(common.metrics_addr, recorder, Arc::clone(&readiness))
        .await
        .with_context(|| format!("METRICS_ADDR {} cannot be bound", common.metrics_addr))?;
    let listener = TcpListener::bind(settings.listen_addr)
        .await
        .with_context(|| format!("LISTEN_ADDR {} cannot be bound", settings.listen_addr))?;
    tokio::spawn(ops.serve(CancellationToken::new()));
    systemd::report(readiness, stop.clone());

    tracing::info!(
        listen_addr = %listener.local_addr()?,
        metrics_addr = %common.metrics_addr,
        version = env!("CARGO_PKG_VERSION"),
        "ready"
    );
    let router = router::router(&settings, enqueuer, Arc::new(clock));
    server::serve(listener, router, stop).await;
    end.cancel();
    tasks.close();
    tasks.wait().await;
    tracing::info!("stopped");
    Ok(())
}

/// Redis or PostgreSQL alone is enough to accept webhooks.
fn readiness(fallback: Arc<Fallback>, stop: CancellationToken) -> Readiness {
    let (redis, postgres) = (Arc::clone(&fallback), fallback);
    Readiness::new(Need::Any, stop)
        .part("redis", move || {
            let fallback = Arc::clone(&redis);
            async move { fallback.ping_redis().await }
        })
        .part("postgres", move || {
            let fallback = Arc::clone(&postgres);
            async move { fallback.ping_database().await }
        })
}
