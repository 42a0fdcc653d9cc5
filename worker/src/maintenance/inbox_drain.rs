//! Drains the inbox: payloads that ingest accepted while Redis was away are applied from PostgreSQL,
//! whether Redis is back or not.

use std::{sync::Arc, time::Duration};

use shared::{
    queue::{IngestJob, QueueName},
    store::{dead_letters, inbox},
};
use tokio_util::sync::CancellationToken;

use crate::{
    app::App,
    jobs::{self, WorkError},
};

/// The pause between two reads of the empty inbox. It fills only in outages.
const INTERVAL: Duration = Duration::from_secs(1);
const BATCH: i64 = 100;
/// Attempts before an entry becomes a dead letter.
const ATTEMPTS: i32 = 5;

/// Drains the inbox until `stop`.
pub async fn run(app: Arc<App>, stop: CancellationToken) {
    loop {
        let drained = match jobs::catch_panic(round(&app)).await {
            Ok(applied) => applied == 0,
            Err(error) => {
                tracing::debug!(%error, "the inbox can't be read");
                true
            }
        };
        let pause = if drained { INTERVAL } else { Duration::ZERO };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = stop.cancelled() => return,
        }
    }
}

async fn round(app: &App) -> Result<usize, WorkError> {
    let entries = inbox::take(&app.db, app.clock.now(), BATCH).await?;
    let mut applied = 0;
    for entry in entries {
        let result = jobs::run_guarded(async {
            jobs::process(app, &IngestJob::decode(entry.payload.as_bytes())?).await
        });
        match result.await {
            Ok(()) => applied += 1,
            Err(error) if error.is_transient() => return Err(error),
            Err(error) if entry.attempts < ATTEMPTS && !error.is_permanent() => {
                tracing::warn!(inbox_id = entry.id, %error, "inbox entry failed, retrying");
                continue;
            }
            Err(error) => {
                tracing::error!(inbox_id = entry.id, %error, "inbox entry became a dead letter");
                let id = format!("inbox-{}", entry.id);
                let attempts = entry.attempts.unsigned_abs();
                let payload = entry.payload.as_bytes();
                let reason = error.to_string();
                dead_letters::keep(&app.db, QueueName::Events, &id, payload, &reason, attempts)
                    .await?;
            }
        }
        inbox::done(&app.db, entry.id).await?;
    }
    if applied > 0 {
        tracing::info!(applied, "inbox entries applied");
    }
    Ok(applied)
}
