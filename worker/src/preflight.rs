//! Checks at start: the schema must be one that this build knows, and settings of Redis that
//! endanger the promise are warned of.

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

/// Waits until the database answers and its schema is current; `migrate` may still be at it.
///
/// # Errors
/// When the schema is newer than this build and does not say that it may run on it: writing to it
/// blindly could lose what it has to keep.
pub async fn await_schema(db: &DatabaseConnection, stop: &CancellationToken) -> anyhow::Result<()> {
    let mut told = false;
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
            Ok(SchemaState::Behind { missing }) if !told => {
                tracing::warn!(
                    missing = missing.join(", "),
                    "the schema is old: run `migrate`; waiting"
                );
                told = true;
            }
            Err(error) if !told => {
                tracing::warn!(%error, "the database can't be reached; waiting");
                told = true;
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

/// Warns of settings of Redis under which accepted work can be lost. `false`: Redis is away, and was
/// not asked.
pub async fn check_redis(queue: &JobQueue) -> bool {
    let answers = queue.probe().await.is_ok();
    if answers {
        warn_of_risks(queue).await;
    }
    answers
}

/// Checks as soon as Redis is there.
pub async fn check_redis_later(queue: JobQueue, stop: CancellationToken) {
    let check = async {
        while !check_redis(&queue).await {
            tokio::time::sleep(PAUSE).await;
        }
    };
    let _ = stop.run_until_cancelled(check).await;
}

/// Silent about what Redis doesn't tell: a managed one may not.
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
            // Documented, and a matter of choice.
            Risk::LogEverySecond => {}
        }
    }
}
