//! Checks at start: the schema must be known to this build; Redis settings that can lose accepted work
//! are logged.

use std::time::Duration;

use anyhow::bail;
use migrations::SchemaState;
use shared::queue::{
    JobQueue,
    durability::{self, Risk},
};
use shared::store::{DatabaseConnection, limited};
use tokio_util::sync::CancellationToken;

const PAUSE: Duration = Duration::from_secs(1);

/// Waits until PostgreSQL responds and its schema is current; `migrate` may still be running.
///
/// # Errors
/// When the schema is newer than this build and does not allow it: writing to it could lose data.
pub async fn await_schema(db: &DatabaseConnection, stop: &CancellationToken) -> anyhow::Result<()> {
    let mut logged = false;
    while !stop.is_cancelled() {
        match limited(migrations::schema_state(db)).await {
            Ok(SchemaState::Current) => return Ok(()),
            Ok(SchemaState::Newer { unknown }) => {
                let newer = unknown.join(", ");
                tracing::warn!(newer, "the schema is newer than this build, which may run on it");
                return Ok(());
            }
            Ok(SchemaState::Ahead { unknown }) => bail!(
                "the database was migrated by a newer version (it has {}); start that version, or \
                 restore the database of this one",
                unknown.join(", ")
            ),
            Ok(SchemaState::Behind { missing }) if !logged => {
                tracing::warn!(
                    missing = missing.join(", "),
                    "the schema is old: run `migrate`; waiting"
                );
                logged = true;
            }
            Err(error) if !logged => {
                tracing::warn!(%error, "the database can't be reached; waiting");
                logged = true;
            }
            Ok(SchemaState::Behind { .. }) | Err(_) => {}
        }
        tokio::select! {
            () = tokio::time::sleep(PAUSE) => {}
            () = stop.cancelled() => {}
        }
    }
    Ok(())
}

/// Logs Redis settings under which accepted work can be lost. `false`: Redis is away, nothing was checked.
pub async fn check_redis(queue: &JobQueue) -> bool {
    let available = queue.probe().await.is_ok();
    if available {
        warn_of_risks(queue).await;
    }
    available
}

/// Checks as soon as Redis is available.
pub async fn check_redis_later(queue: JobQueue, stop: CancellationToken) {
    let check = async {
        while !check_redis(&queue).await {
            tokio::time::sleep(PAUSE).await;
        }
    };
    let _ = stop.run_until_cancelled(check).await;
}

/// A managed Redis may hide its settings: those are not checked.
async fn warn_of_risks(queue: &JobQueue) {
    for risk in durability::risks(&queue.connection()).await {
        match risk {
            Risk::Evicts { policy } => {
                tracing::warn!(policy, "Redis may evict jobs: set maxmemory-policy noeviction");
            }
            Risk::NoLog => tracing::warn!(
                "Redis keeps no log: accepted webhooks are lost if it dies; set appendonly yes"
            ),
            Risk::LogLeftToSystem => tracing::warn!(
                "Redis leaves its log to the system: set appendfsync always, or everysec"
            ),
            Risk::LogFails => {
                tracing::error!("Redis cannot write its log: look at its disk and its own log");
            }
            // A documented choice.
            Risk::LogEverySecond => {}
        }
    }
}
