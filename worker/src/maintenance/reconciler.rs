//! The reconciler: one worker at a time compares what PostgreSQL says is due with what happens, so
//! that an emptied Redis or a lost worker delays a message and never loses it.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use chrono::TimeDelta;
use futures::FutureExt;
use shared::{
    store::{
        DatabaseTransaction, DbErr, TransactionTrait, connect::is_transient, events, limited,
        reconcile,
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
/// After an outage of the database, workers first record what they have sent.
const AFTER_OUTAGE: Duration = Duration::from_secs(5);
const COMPLETED_AT_ONCE: i64 = 1000;

/// Runs a round every few seconds until `stop`.
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
    let staff = app.venue.staff_chat.get();
    let lost = async |tx: &_| reconcile::lost_leases(tx, staff, now).await;
    let lost = step(&tx, "lost_leases", lost).await?;
    let expired = step(&tx, "expire", async |tx| reconcile::expire(tx, now).await).await?;
    let since = now - CLIENTS_SINCE;
    let adopt = async |tx: &_| reconcile::adopt_clients(tx, since, now).await;
    let adopted = step(&tx, "adopt_clients", adopt).await?;
    let overdue = step(&tx, "overdue", async |tx| reconcile::overdue(tx, now, GRACE).await).await?;
    let complete = async |tx: &_| events::complete_past(tx, now, COMPLETED_AT_ONCE).await;
    let completed = step(&tx, "complete_past", complete).await?;
    let forgotten = step(&tx, "forget", async |tx| reconcile::forget(tx, now).await).await?;
    limited(tx.commit()).await?;
    report(lost.0, overdue.0, [expired, completed, forgotten]);
    metrics::reconciled(overdue.0 as u64, started.elapsed());
    app.carry_out(lost.1.and(adopted).and(overdue.1)).await;
    Ok(())
}

/// Runs a step within a savepoint. One that fails by its own rows is rolled back, and has done nothing.
async fn step<T: Default>(
    tx: &DatabaseTransaction,
    name: &'static str,
    run: impl AsyncFnOnce(&DatabaseTransaction) -> Result<T, DbErr>,
) -> Result<T, DbErr> {
    let savepoint = limited(tx.begin()).await?;
    // The driver panics at some rows that it cannot read.
    match AssertUnwindSafe(run(&savepoint)).catch_unwind().await {
        Ok(Ok(done)) => {
            limited(savepoint.commit()).await?;
            return Ok(done);
        }
        Ok(Err(error)) if is_transient(&error) => return Err(error),
        Ok(Err(error)) => tracing::error!(step = name, %error, "a step of the reconciler failed"),
        Err(_) => {
            tracing::error!(step = name, error = "panicked", "a step of the reconciler failed")
        }
    }
    limited(savepoint.rollback()).await?;
    Ok(T::default())
}

fn report(lost: usize, overdue: usize, [expired, completed, forgotten]: [u64; 3]) {
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
