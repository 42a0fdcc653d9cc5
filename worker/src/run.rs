//! Starts all parts of the worker, and drains them after the signal to stop.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::Context;
use shared::{
    clock::{Clock, FleetClock},
    queue::{JobQueue, Keyspace, keep_clock_synced, sync_clock},
    settings::{Environment, WorkerSettings, WorkerTelegram},
    store::{self, replica::Reads},
    telemetry::{Need, OpsServer, Readiness, logs, metrics, shutdown, systemd},
};
use tokio::task::JoinSet;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    app::App,
    delivery::GroupPauses,
    maintenance::{agenda, inbox_drain, metrics_sampler, reconciler, redis_cleanup, retention},
    outbox_batcher::OutboxBatcher,
    preflight, staff_chat, table_sync,
    telegram::{self, Client, Limiter, Poller, UpdateParser},
    texts::Languages,
    worker_pools,
};

/// Longer than Redis takes to respond while a large script or a rewrite of its log runs.
const REDIS_TIMEOUT: Duration = Duration::from_secs(10);
/// Longest wait for what is in flight after the signal to stop.
const DRAIN: Duration = Duration::from_secs(20);
const _: () = assert!(DRAIN.as_secs() * 2 <= Keyspace::orphan_after().as_secs());

/// Runs the worker until the signal to stop.
///
/// # Errors
/// When it can't start: wrong settings, a port in use, a newer schema.
pub async fn run() -> anyhow::Result<()> {
    let settings = WorkerSettings::from_environment(&Environment::of_process())?;
    let _flush = logs::init(&settings.common, "worker").context("LOG_DIR can't be written to")?;
    let stop = shutdown::on_signals()?;
    let clock = FleetClock::default();
    let app = Arc::new(assemble(settings, Arc::new(clock.clone()), stop.clone()).await?);
    let ops_end = CancellationToken::new();
    let started = Arc::new(AtomicBool::new(false));
    let ops = serve_ops(&app, &stop, ops_end.clone(), Arc::clone(&started)).await?;
    preflight::await_schema(&app.db, &stop).await?;
    staff_chat::learn(&app, &stop).await;
    let checked = preflight::check_redis(&app.queue).await;
    sync_clock(&clock, &app.queue).await;
    let mut tasks = start(&app, &stop);
    tasks.spawn(keep_clock_synced(clock, app.queue.clone(), stop.clone()));
    if !checked {
        tasks.spawn(preflight::check_redis_later(app.queue.clone(), stop.clone()));
    }
    started.store(true, Ordering::Relaxed);
    tracing::info!(concurrency = app.settings.concurrency, "worker started");
    stop.cancelled().await;
    drain(&app, tasks).await;
    ops_end.cancel();
    ops.await.ok();
    tracing::info!("worker stopped");
    Ok(())
}

/// Waits for what is in flight, for at most [`DRAIN`].
async fn drain(app: &App, mut tasks: JoinSet<()>) {
    let drained = tokio::time::timeout(DRAIN, async {
        while let Some(ended) = tasks.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a task of the worker panicked");
            }
        }
        app.background.close();
        app.background.wait().await;
    });
    if drained.await.is_err() {
        tracing::warn!(
            "work in flight was left: its leases run out and another worker takes it over"
        );
    }
}

/// Makes the handles. Nothing is connected yet.
///
/// # Errors
/// When a URL, a text or the proxy of a setting can't be used.
pub async fn assemble(
    settings: WorkerSettings,
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
) -> anyhow::Result<App> {
    let common = &settings.common;
    let db = store::connect(&common.database_url, common.database_pool).await?;
    let replica = match &common.database_replica_url {
        Some(url) => Some(store::connect(url, common.database_pool).await?),
        None => None,
    };
    let queue = JobQueue::open(&common.redis_url, &common.queue_prefix, REDIS_TIMEOUT)?;
    let limiter = Limiter::new(queue.clone(), settings.telegram_rate);
    let texts = Languages::load(&settings.venue)?;
    report_venue_file(&settings, &texts);
    Ok(App {
        venue: Arc::clone(&settings.venue),
        group_pauses: GroupPauses::default(),
        outbox_batcher: OutboxBatcher::start(db.clone(), Arc::clone(&clock)),
        clock,
        reads: Reads::new(db.clone(), replica),
        db,
        queue,
        limiter,
        telegram: Client::open(&settings)?,
        update_parser: UpdateParser::new(Arc::clone(texts.venue())),
        texts,
        stop,
        background: TaskTracker::new(),
        settings,
    })
}

/// Logs what `venue.toml` changes, and which of its texts can't be used.
fn report_venue_file(settings: &WorkerSettings, texts: &Languages) {
    let file = &settings.venue.file;
    let Some(path) = &file.path else { return };
    let (resources, own_texts) = (file.resources.len(), texts.own().count());
    tracing::info!(path, resources, texts = own_texts, "the venue's file is in force");
    for broken in texts.broken() {
        let (line, key, language) = (broken.line, &broken.key, broken.locale.as_str());
        tracing::warn!(
            line,
            key,
            language,
            reason = broken.reason,
            "a text of the venue's file can't be used, the built-in one is"
        );
    }
}

async fn serve_ops(
    app: &Arc<App>,
    stop: &CancellationToken,
    end: CancellationToken,
    started: Arc<AtomicBool>,
) -> anyhow::Result<tokio::task::JoinHandle<()>> {
    let (redis, postgres) = (app.queue.clone(), app.db.clone());
    let readiness = Readiness::new(Need::All, stop.clone())
        .part("schema", move || {
            let current = started.load(Ordering::Relaxed);
            async move { if current { Ok(()) } else { Err("not migrated yet".to_owned()) } }
        })
        .part("redis", move || {
            let redis = redis.clone();
            async move { redis.probe().await.map_err(|e| e.to_string()) }
        })
        .part("postgres", move || {
            let postgres = postgres.clone();
            async move { store::connect::ping(&postgres).await.map_err(|e| e.to_string()) }
        });
    let addr = app.settings.common.metrics_addr;
    let readiness = Arc::new(readiness);
    let server = OpsServer::bind(addr, metrics::install()?, Arc::clone(&readiness))
        .await
        .with_context(|| format!("can't listen on METRICS_ADDR {addr}"))?;
    systemd::report(readiness, stop.clone());
    Ok(tokio::spawn(server.serve(end)))
}

fn start(app: &Arc<App>, stop: &CancellationToken) -> JoinSet<()> {
    let mut tasks = JoinSet::new();
    worker_pools::start(app, &mut tasks, stop);
    tasks.spawn(app.queue.clone().receive_pushes(stop.clone()));
    tasks.spawn(inbox_drain::run(Arc::clone(app), stop.clone()));
    tasks.spawn(reconciler::run(Arc::clone(app), stop.clone()));
    tasks.spawn(retention::run(Arc::clone(app), stop.clone()));
    tasks.spawn(agenda::run(Arc::clone(app), stop.clone()));
    tasks.spawn(table_sync::run(Arc::clone(app), stop.clone()));
    tasks.spawn(staff_chat::follow(Arc::clone(app), stop.clone()));
    tasks.spawn(metrics_sampler::run(Arc::clone(app), stop.clone()));
    tasks.spawn(redis_cleanup::run(Arc::clone(app), stop.clone()));
    let (this, end) = (Arc::clone(app), stop.clone());
    tasks.spawn(async move {
        let shown = (&this.texts, &*this.venue);
        telegram::register_commands(&this.telegram, shown, &this.settings.telegram, &end).await;
        if let WorkerTelegram::Webhook { url, secret } = &this.settings.telegram {
            telegram::watch(&this.telegram, url, secret, &end).await;
        }
    });
    if matches!(app.settings.telegram, WorkerTelegram::Polling) {
        let poller = Poller {
            client: app.telegram.clone(),
            queue: app.queue.clone(),
            db: app.db.clone(),
            clock: Arc::clone(&app.clock),
        };
        tasks.spawn(poller.run(stop.clone()));
    }
    tasks
}
