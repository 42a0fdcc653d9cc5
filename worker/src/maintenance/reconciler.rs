//! The reconciler: one worker at a time compares what PostgreSQL says is due with what happens, so
//! that an emptied Redis or a lost worker delays a message and never loses it.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use futures::FutureExt;
use shared::{
    store::{
        DatabaseTransaction, DbErr, QueueWork, TransactionTrait, connect::is_transient, events,
        limited, reconcile,
    },
    telemetry::metrics,
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::{app::App, jobs::catch_panic};

const PACE: Duration = Duration::from_secs(5);
/// How long a due message may wait for its job before it is pushed again. With the pace of rounds
/// it bounds the delay after a loss of Redis to half a minute.
const GRACE: TimeDelta = TimeDelta::seconds(20);
/// Rounds look at clients that changed in this time: longer than any pause between two rounds of
/// different leaders.
const CLIENTS_SINCE: TimeDelta = TimeDelta::minutes(2);
/// After the database was away, workers first get to write down what they have sent.
const AFTER_OUTAGE: Duration = Duration::from_secs(5);
const COMPLETED_AT_ONCE: i64 = 1000;

/// Reconciles again and again, until `stop`.
pub async fn run(app: Arc<App>, stop: CancellationToken) {
    let mut was_away = true;
    loop {
        let pause = if was_away { AFTER_OUTAGE } else { PACE };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = stop.cancelled() => return,
        }
        match catch_panic(async { Ok(round(&app).await?) }).await {
            Ok(()) => was_away = false,
            Err(error) => {
                was_away = true;
                error.count();
                tracing::warn!(%error, "the reconciler's round failed");
            }
        }
    }
}

/// What one round did.
#[derive(Debug, Default)]
struct Round {
    lost: usize,
    overdue: usize,
    expired: u64,
    completed: u64,
    forgotten: u64,
    work: QueueWork,
}

/// One round: `Ok` too when another worker leads. The steps are apart: one that fails is rolled back and
/// logged, and the others are done all the same.
///
/// # Errors
/// When the database fails.
pub async fn round(app: &App) -> Result<(), DbErr> {
    let (started, now) = (Instant::now(), app.clock.now());
    let tx = limited(app.db.begin()).await?;
    if !reconcile::lead(&tx).await? {
        return limited(tx.rollback()).await;
    }
    let mut done = Round::default();
    if let Some((lost, work)) = step(&tx, "lost_leases", reconcile::lost_leases, now).await? {
        (done.lost, done.work) = (lost, done.work.and(work));
    }
    let expire = async |tx: &DatabaseTransaction, now| reconcile::expire(tx, now).await;
    done.expired = step(&tx, "expire", expire, now).await?.unwrap_or_default();
    let adopt = async |tx: &DatabaseTransaction, now| {
        reconcile::adopt_clients(tx, now - CLIENTS_SINCE, now).await
    };
    if let Some(work) = step(&tx, "adopt_clients", adopt, now).await? {
        done.work = done.work.and(work);
    }
    let overdue = async |tx: &DatabaseTransaction, now| reconcile::overdue(tx, now, GRACE).await;
    if let Some((overdue, work)) = step(&tx, "overdue", overdue, now).await? {
        (done.overdue, done.work) = (overdue, done.work.and(work));
    }
    let complete = async |tx: &DatabaseTransaction, now| {
        events::complete_past(tx, now, COMPLETED_AT_ONCE).await
    };
    done.completed = step(&tx, "complete_past", complete, now).await?.unwrap_or_default();
    let forget = async |tx: &DatabaseTransaction, now| reconcile::forget(tx, now).await;
    done.forgotten = step(&tx, "forget", forget, now).await?.unwrap_or_default();
    limited(tx.commit()).await?;
    report(&done);
    metrics::reconciled(done.overdue as u64, started.elapsed());
    app.carry_out(done.work).await;
    Ok(())
}

/// Runs a step within a savepoint. `None`: it failed by its own rows, and nothing of it is left.
async fn step<T>(
    tx: &DatabaseTransaction,
    name: &'static str,
    run: impl AsyncFnOnce(&DatabaseTransaction, DateTime<Utc>) -> Result<T, DbErr>,
    now: DateTime<Utc>,
) -> Result<Option<T>, DbErr> {
    let savepoint = limited(tx.begin()).await?;
    // The driver panics at some rows that it cannot read.
    match AssertUnwindSafe(run(&savepoint, now)).catch_unwind().await {
        Ok(Ok(done)) => {
            limited(savepoint.commit()).await?;
            return Ok(Some(done));
        }
        Ok(Err(error)) if is_transient(&error) => return Err(error),
        Ok(Err(error)) => tracing::error!(step = name, %error, "a step of the reconciler failed"),
        Err(_) => {
            tracing::error!(step = name, error = "panicked", "a step of the reconciler failed")
        }
    }
    limited(savepoint.rollback()).await?;
    Ok(None)
}

fn report(done: &Round) {
    let Round { lost, overdue, expired, completed, forgotten, .. } = *done;
    if lost > 0 {
        tracing::warn!(messages = lost, "workers were lost while sending");
    }
    if overdue > 0 {
        tracing::info!(messages = overdue, "overdue messages pushed again");
    }
    if expired + completed + forgotten > 0 {
        tracing::info!(expired, completed, forgotten, "reconciled");
    }
}
