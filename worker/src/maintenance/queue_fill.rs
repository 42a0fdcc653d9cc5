//! Fills Redis from PostgreSQL: with the jobs of messages that come within the horizon, and, after it was
//! emptied, with all of them, soonest first.

use shared::{
    domain::ids::MessageId,
    store::{DatabaseTransaction, DbErr, QueueWork, TransactionTrait, limited, reconcile},
};
use tokio::time::Instant;

use crate::{app::App, jobs::WorkError};

/// Pages that one round pushes. What remains is left to the next.
const PAGES: usize = 20;

/// Fills Redis if it was emptied, and pushes what has come within the horizon if a round `is_due`.
///
/// # Errors
/// When PostgreSQL or Redis fails. What was not pushed is tried again.
pub async fn run(app: &App, is_due: bool) -> Result<(), WorkError> {
    fill_if_emptied(app).await?;
    if is_due { push_approaching(app).await } else { Ok(()) }
}

/// Fills Redis if it was emptied, as its missing marker shows. Does nothing if another worker does it.
async fn fill_if_emptied(app: &App) -> Result<(), WorkError> {
    // While Redis is away there is nothing to fill.
    let Ok(false) = app.queue.is_complete().await else { return Ok(()) };
    let Some(tx) = lead(app).await? else { return Ok(()) };
    let (started, now) = (Instant::now(), app.clock.now());
    app.queue.begin_fill().await?;
    let mut jobs = push(app, reconcile::due_chats(&tx, now).await?).await?;
    let mut place = Some((now, MessageId(0)));
    while let Some(after) = place {
        let (last, page) = reconcile::planned(&tx, after, now).await?;
        jobs += push(app, page).await?;
        place = last;
    }
    app.queue.mark_complete().await?;
    limited(tx.commit()).await?;
    let duration_ms = started.elapsed().as_millis();
    tracing::info!(jobs, duration_ms, "the queue was filled from PostgreSQL");
    Ok(())
}

/// Pushes the jobs of messages that have come within the horizon.
async fn push_approaching(app: &App) -> Result<(), WorkError> {
    for _ in 0..PAGES {
        let Some(tx) = lead(app).await? else { return Ok(()) };
        let page = reconcile::approaching(&tx, app.clock.now()).await?;
        let jobs = push(app, page).await?;
        limited(tx.commit()).await?;
        if jobs == 0 {
            return Ok(());
        }
    }
    Ok(())
}

/// A transaction in which this worker is the reconciler, unless another one is.
async fn lead(app: &App) -> Result<Option<DatabaseTransaction>, DbErr> {
    let tx = limited(app.db.begin()).await?;
    if reconcile::lead(&tx).await? {
        return Ok(Some(tx));
    }
    limited(tx.rollback()).await?;
    Ok(None)
}

async fn push(app: &App, work: QueueWork) -> Result<usize, WorkError> {
    app.queue.push(&work.push).await?;
    Ok(work.push.len())
}
