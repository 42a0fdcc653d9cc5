//! Plans the agenda that comes by itself (`AGENDA_AT`). Each worker tries; the database lets one succeed.

use std::{sync::Arc, time::Duration};

use shared::{
    domain::agenda::day_span,
    store::{DbErr, QueueWork, TransactionTrait, agenda, limited},
};
use tokio_util::sync::CancellationToken;

use crate::{app::App, jobs::catch_panic};

/// The longest pause between two looks: the clock may be corrected meanwhile.
const PAUSE: Duration = Duration::from_secs(30);
/// The pause after a failure of the database.
const RETRY: Duration = Duration::from_secs(5);

/// Looks until `stop`. Without the setting nothing is planned.
pub async fn run(app: Arc<App>, stop: CancellationToken) {
    if app.venue.agenda_at.is_none() {
        return;
    }
    let mut pause = Duration::ZERO;
    while stop.run_until_cancelled(tokio::time::sleep(pause)).await.is_some() {
        pause = match catch_panic(async { Ok(round(&app).await?) }).await {
            Ok(work) => {
                if let Some(work) = work {
                    tracing::info!(messages = work.push.len(), "the agenda was planned");
                    app.carry_out(work).await;
                }
                until_next(&app)
            }
            Err(error) => {
                tracing::warn!(%error, "the agenda could not be planned, retrying");
                RETRY
            }
        };
    }
}

/// Plans the agenda that is due, if it was not planned before.
async fn round(app: &App) -> Result<Option<QueueWork>, DbErr> {
    let (now, zone) = (app.clock.now(), app.venue.zone);
    let due = app.venue.agenda_at.and_then(|at| at.due(zone, now));
    let Some((due, staff)) = due.zip(app.venue.staff_chat.get()) else { return Ok(None) };
    let Some(span) = day_span(zone, due.day) else { return Ok(None) };
    let tx = limited(app.db.begin()).await?;
    let work = agenda::plan(&tx, due, span, staff, now).await?;
    limited(tx.commit()).await?;
    Ok(work)
}

fn until_next(app: &App) -> Duration {
    let now = app.clock.now();
    let next = app.venue.agenda_at.and_then(|at| at.next(app.venue.zone, now));
    let left = next.and_then(|next| (next - now).to_std().ok()).unwrap_or(PAUSE);
    // A moment later: the time is then reached for certain.
    (left + Duration::from_millis(50)).min(PAUSE)
}
