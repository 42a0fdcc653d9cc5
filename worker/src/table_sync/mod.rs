//! Compares Bukza's own table with the bookings: every `BUKZA_SYNC_EVERY`, after the start, and after an outage of
//! PostgreSQL, in which requests may have been lost. One worker at a time does it.

mod round;

pub use round::{AHEAD, BEHIND, Compared, compare};

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, Utc};
use shared::{
    domain::ids::EventId,
    store::{DbErr, limited, server, table_sync},
    telemetry::metrics::{self, TableRound},
};
use tokio_util::sync::CancellationToken;

use crate::{app::App, bukza_table::BukzaTable, jobs::catch_panic};

/// The pause between two looks at whether a round is due.
const LOOK: Duration = Duration::from_secs(2);
/// The longest pause after a round that failed: it may be an outage that others had, too.
const RETRY: Duration = Duration::from_secs(60);

/// Runs rounds until `stop`. Without the settings of the API there are none.
pub async fn run(app: Arc<App>, stop: CancellationToken) {
    let Some(api) = &app.settings.bukza_api else { return };
    let rules = &app.settings.common.rules;
    let table = match BukzaTable::new(api, rules, Arc::clone(&app.clock)) {
        Ok(table) => table,
        Err(error) => {
            tracing::error!(%error, "Bukza's table can't be read: the settings make no client");
            return;
        }
    };
    let owner = EventId::fresh().to_string();
    // Requests may have been lost before the start, as in an outage.
    let mut outage = Some(app.clock.now());
    let (mut was_away, mut server) = (false, None);
    while stop.run_until_cancelled(tokio::time::sleep(LOOK)).await.is_some() {
        let now = app.clock.now();
        if std::mem::take(&mut was_away) {
            outage = Some(now);
        }
        match begin(&app, &owner, &mut server, &mut outage).await {
            Ok(true) => {
                outage = None;
                let round = catch_panic(round::run(&app, &table));
                let outcome = match stop.run_until_cancelled(round).await {
                    // Another worker takes it over.
                    None => TableRound::Failed,
                    Some(Ok(outcome)) => outcome,
                    Some(Err(error)) => {
                        error.count();
                        tracing::warn!(%error, "comparing Bukza's table failed");
                        was_away = true;
                        TableRound::Failed
                    }
                };
                metrics::table_round(outcome);
                was_away |= end(&app, &owner, outcome).await.is_err();
            }
            Ok(false) => {}
            Err(error) => {
                tracing::debug!(%error, "whether a round is due is not known");
                was_away = true;
            }
        }
    }
}

/// Begins a round, if one is due. A server that started anew since the last look was away meanwhile: `outage` is now.
async fn begin(
    app: &App,
    owner: &str,
    server: &mut Option<DateTime<Utc>>,
    outage: &mut Option<DateTime<Utc>>,
) -> Result<bool, DbErr> {
    let now = app.clock.now();
    let started = limited(server::started_at(&app.db)).await?;
    if server.replace(started).is_some_and(|before| before != started) {
        *outage = Some(now);
    }
    table_sync::begin_round(&app.db, owner, *outage, now).await
}

/// Ends a round. One that failed is tried again soon.
async fn end(app: &App, owner: &str, outcome: TableRound) -> Result<(), DbErr> {
    let every = app.settings.table_sync.every;
    let pause = match outcome {
        TableRound::Compared | TableRound::Refused => every,
        TableRound::Failed => every.min(RETRY),
    };
    let now: DateTime<Utc> = app.clock.now();
    table_sync::end_round(&app.db, owner, now + pause).await
}
