//! The binary: reads the settings, wires the parts, serves until it is asked to stop, and leaves
//! nothing accepted behind.

use std::sync::Arc;

use anyhow::Context;
use ingest::{
    app, server,
    storage::{Intake, Places, REDIS_TIMEOUT},
};
use shared::{
    clock::FleetClock,
    queue::{JobQueue, keep_time, take_time},
    settings::IngestSettings,
    store,
    telemetry::{Need, OpsServer, Readiness, logs, metrics, shutdown, supervision},
};
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let settings = IngestSettings::from_env()?;
    let _flush = logs::init(&settings.common, "ingest").context("LOG_DIR cannot be written to")?;
    let recorder = metrics::install().context("metrics cannot be recorded")?;
    let stop = shutdown::on_signals().context("signals cannot be listened for")?;
    let (tasks, end) = (TaskTracker::new(), CancellationToken::new());

    let common = &settings.common;
    let queue = JobQueue::open(&common.redis_url, &common.queue_prefix, REDIS_TIMEOUT)?;
    let db = store::connect(&common.database_url, common.database_pool).await?;
    let clock = FleetClock::default();
    take_time(&clock, &queue).await;
    tasks.spawn(keep_time(clock.clone(), queue.clone(), end.clone()));
    let places = Places::new(queue, db, &tasks, &end);
    let intake = Intake::start(Arc::clone(&places), &tasks, end.clone());

    let readiness = Arc::new(readiness(places, stop.clone()));
    let ops = OpsServer::bind(common.metrics_addr, recorder, Arc::clone(&readiness))
        .await
        .with_context(|| format!("METRICS_ADDR {} cannot be bound", common.metrics_addr))?;
    let listener = TcpListener::bind(settings.listen_addr)
        .await
        .with_context(|| format!("LISTEN_ADDR {} cannot be bound", settings.listen_addr))?;
    tokio::spawn(ops.serve(CancellationToken::new()));
    supervision::report(readiness, stop.clone());

    tracing::info!(
        listen_addr = %listener.local_addr()?,
        metrics_addr = %common.metrics_addr,
        version = env!("CARGO_PKG_VERSION"),
        "ready"
    );
    let router = app::router(&settings, intake, Arc::new(clock));
    server::serve(listener, router, stop).await;
    end.cancel();
    tasks.close();
    tasks.wait().await;
    tracing::info!("stopped");
    Ok(())
}

/// One of the two places is enough to accept webhooks.
fn readiness(places: Arc<Places>, stop: CancellationToken) -> Readiness {
    let (redis, postgres) = (Arc::clone(&places), places);
    Readiness::new(Need::Any, stop)
        .part("redis", move || {
            let places = Arc::clone(&redis);
            async move { places.ping_redis().await }
        })
        .part("postgres", move || {
            let places = Arc::clone(&postgres);
            async move { places.ping_database().await }
        })
}
