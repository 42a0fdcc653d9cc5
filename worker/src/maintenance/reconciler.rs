//! The reconciler: one worker at a time compares what PostgreSQL says is due with what happens, so
//! that an emptied Redis or a lost worker delays a message and never loses it.

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use futures::FutureExt;
use shared::{
    domain::ids::UserId,
    store::{
        DatabaseTransaction, DbErr, QueueWork, TransactionTrait, connect::is_transient, events,
        limited, person, reconcile,
    },
    telemetry::metrics,
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::queue_fill;
use crate::{app::App, jobs::catch_panic};

const PACE: Duration = Duration::from_secs(5);
/// Pause between two looks at whether Redis was emptied.
const LOOK: Duration = Duration::from_secs(1);
/// How long a due message may wait for its job before it is pushed again: a lost one, as that of an emptied
/// Redis is pushed at once.
const GRACE: TimeDelta = TimeDelta::seconds(20);
/// Rounds look at clients that changed in this time: longer than any pause between two rounds of
/// different leaders.
const CLIENTS_SINCE: TimeDelta = TimeDelta::minutes(2);
const COMPLETED_AT_ONCE: i64 = 1000;
/// Pages of clients that a round adopts.
const PAGES: usize = 20;

/// How far the clients are adopted that another tool may have put in while no worker was the reconciler.
#[derive(Debug, Clone, Copy)]
enum Earlier {
    /// Up to this one.
    Adopted(UserId),
    AllAdopted,
}

const NONE_ADOPTED: Earlier = Earlier::Adopted(UserId(0));

/// Runs a round every few seconds until `stop`, and fills Redis as soon as it was emptied.
pub async fn run(app: Arc<App>, stop: CancellationToken) {
    let mut earlier = NONE_ADOPTED;
    let mut last_round = Instant::now();
    let mut next_round = last_round + PACE;
    while stop.run_until_cancelled(tokio::time::sleep(LOOK)).await.is_some() {
        let is_due = Instant::now() >= next_round;
        if let Err(error) = catch_panic(queue_fill::run(&app, is_due)).await {
            error.count();
            tracing::warn!(%error, "filling the queue failed");
        }
        if !is_due {
            continue;
        }
        if last_round.elapsed().as_secs() > CLIENTS_SINCE.num_seconds().unsigned_abs() {
            earlier = NONE_ADOPTED;
        }
        match catch_panic(async { Ok(round(&app, &mut earlier).await?) }).await {
            Ok(()) => last_round = Instant::now(),
            Err(error) => {
                error.count();
                tracing::warn!(%error, "the reconciler's round failed");
            }
        }
        // After an outage of the database, too: workers first record what they have sent.
        next_round = Instant::now() + PACE;
    }
}

/// One round: `Ok` too when another worker leads. The steps are apart: one that fails is rolled back and
/// logged, and the others are done all the same.
///
/// # Errors
/// When the database fails.
async fn round(app: &App, earlier: &mut Earlier) -> Result<(), DbErr> {
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
    let before = *earlier;
    let adopt = async |tx: &_| adopt_earlier(tx, before, now).await;
    let (reached, adopted_earlier) = step(&tx, "adopt_earlier_clients", adopt).await?;
    let overdue = step(&tx, "overdue", async |tx| reconcile::overdue(tx, now, GRACE).await).await?;
    let complete = async |tx: &_| events::complete_past(tx, now, COMPLETED_AT_ONCE).await;
    let (completed, buttons) = step(&tx, "complete_past", complete).await?;
    let forgotten = step(&tx, "forget", async |tx| reconcile::forget(tx, now).await).await?;
    step(&tx, "finish_deletions", async |tx| person::finish(tx, now).await).await?;
    limited(tx.commit()).await?;
    *earlier = reached.unwrap_or(before);
    report(lost.0, overdue.0, [expired, completed, forgotten]);
    metrics::reconciled(overdue.0 as u64, started.elapsed());
    app.carry_out(lost.1.and(adopted).and(adopted_earlier).and(overdue.1).and(buttons)).await;
    Ok(())
}

/// Adopts some pages of clients. Returns how far it came.
async fn adopt_earlier(
    tx: &DatabaseTransaction,
    before: Earlier,
    now: DateTime<Utc>,
) -> Result<(Option<Earlier>, QueueWork), DbErr> {
    let (mut reached, mut work) = (before, QueueWork::default());
    for _ in 0..PAGES {
        let Earlier::Adopted(after) = reached else { break };
        let (last, adopted) = reconcile::adopt_page(tx, after, now).await?;
        reached = last.map_or(Earlier::AllAdopted, Earlier::Adopted);
        work = work.and(adopted);
    }
    Ok((Some(reached), work))
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
