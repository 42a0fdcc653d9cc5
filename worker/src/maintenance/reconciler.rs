//! The reconciler: one worker at a time compares what PostgreSQL says is due with what happens, so
//! that an emptied Redis or a lost worker delays a message and never loses it.

use std::{sync::Arc, time::Duration};

use chrono::TimeDelta;
use shared::{
    store::{DbErr, TransactionTrait, events, limited, reconcile},
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

/// One round: `Ok` too when another worker leads.
///
/// # Errors
/// When the database fails.
pub async fn round(app: &App) -> Result<(), DbErr> {
    let started = Instant::now();
    let now = app.clock.now();
    let tx = limited(app.db.begin()).await?;
    if !reconcile::lead(&tx).await? {
        return limited(tx.rollback()).await;
    }
    let (lost, mut work) = reconcile::lost_leases(&tx, now).await?;
    let expired = reconcile::expire(&tx, now).await?;
    work = work.and(reconcile::adopt_clients(&tx, now - CLIENTS_SINCE, now).await?);
    let (overdue, wake_ups) = reconcile::overdue(&tx, now, GRACE).await?;
    let completed = events::complete_past(&tx, now, COMPLETED_AT_ONCE).await?;
    let forgotten = reconcile::forget(&tx, now).await?;
    limited(tx.commit()).await?;
    report(lost, overdue, [expired, completed, forgotten]);
    metrics::reconciled(overdue as u64, started.elapsed());
    app.carry_out(work.and(wake_ups)).await;
    Ok(())
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
