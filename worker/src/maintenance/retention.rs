//! Deletes clients whose last visit is longer over than `KEEP_CLIENTS_FOR`: one worker at a time, some at each round.

use std::{sync::Arc, time::Duration};

use shared::store::{
    DbErr, TransactionTrait, limited,
    person::{self, By, Deletion, Who},
    reconcile,
};
use tokio_util::sync::CancellationToken;

use crate::{app::App, jobs::catch_panic};

/// The pause before the first round, and between two rounds that leave some.
const SOON: Duration = Duration::from_secs(5);
/// The pause between two rounds.
const PAUSE: Duration = Duration::from_secs(600);
/// Most people of each sort in one round.
const LIMIT: i64 = 50;

/// Runs rounds until `stop`. Without the setting nothing is deleted.
pub async fn run(app: Arc<App>, stop: CancellationToken) {
    if app.venue.keep_clients_for.is_none() {
        return;
    }
    let mut pause = SOON;
    while stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_some() {
        let deleted = match catch_panic(async { Ok(round(&app).await?) }).await {
            Ok(deleted) => deleted,
            Err(error) => {
                tracing::warn!(%error, "clients whose time is over could not be deleted, retrying");
                0
            }
        };
        if deleted > 0 {
            tracing::info!(clients = deleted, "clients whose time is over were deleted");
        }
        pause = if deleted >= LIMIT { SOON } else { PAUSE };
    }
}

/// Deletes some, each in a transaction of its own. Returns how many.
async fn round(app: &App) -> Result<i64, DbErr> {
    let Some(kept) = app.venue.keep_clients_for else { return Ok(0) };
    let overdue = person::overdue(&app.db, app.clock.now() - kept, LIMIT).await?;
    let phones = overdue.phones.iter().map(Who::Phone);
    let mut deleted = 0;
    for who in phones.chain(overdue.chats.iter().copied().map(Who::Chat)) {
        if app.stop.is_cancelled() || !delete(app, who).await? {
            break;
        }
        deleted += 1;
    }
    Ok(deleted)
}

/// `false`: another worker is at it.
async fn delete(app: &App, who: Who<'_>) -> Result<bool, DbErr> {
    let tx = limited(app.db.begin()).await?;
    if !reconcile::lead_retention(&tx).await? {
        limited(tx.rollback()).await?;
        return Ok(false);
    }
    let key = app.venue.forget_key.as_ref();
    let deletion = Deletion { by: By::Retention, key, update_id: None, now: app.clock.now() };
    let (_, work) = person::erase(&tx, who, deletion).await?;
    limited(tx.commit()).await?;
    app.carry_out(work).await;
    Ok(true)
}
