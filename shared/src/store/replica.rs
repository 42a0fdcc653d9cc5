//! Reads that may lag: answered by the replica while it has what their reader must see, and by the
//! primary where there is no replica, it lags, or it is away.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use futures::future::BoxFuture;
use sea_orm::{
    AccessMode, DatabaseConnection, DatabaseTransaction, DbErr, IsolationLevel, TransactionTrait,
};
use tokio::time::{Instant, timeout};

use super::{
    limited,
    statement::{sql, value},
};
use crate::{
    domain::ids::MessageId,
    telemetry::metrics::{self, ReadFrom},
};

/// Longest wait for the replica before the primary is read instead.
const PATIENCE: Duration = Duration::from_millis(500);
/// How long a replica that failed is left alone.
const LEFT_ALONE: Duration = Duration::from_secs(5);

/// A position in the primary's log of changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position(String);

/// What a replica must have received to be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fresh {
    /// The row of this message, and so every change that was made before it. Changes reach a replica
    /// in their order: a reader sees at least what was written before the call.
    Message(MessageId),
    /// All changes up to this position.
    Position(Position),
}

/// Where reads that may lag go.
#[derive(Debug, Clone)]
pub struct Reads {
    primary: DatabaseConnection,
    replica: Option<Arc<Replica>>,
}

#[derive(Debug)]
struct Replica {
    db: DatabaseConnection,
    left_alone_until: Mutex<Option<Instant>>,
}

impl Reads {
    #[must_use]
    pub fn new(primary: DatabaseConnection, replica: Option<DatabaseConnection>) -> Self {
        let replica =
            replica.map(|db| Arc::new(Replica { db, left_alone_until: Mutex::default() }));
        Self { primary, replica }
    }

    /// Reads in one snapshot. `what` may run twice.
    ///
    /// # Errors
    /// When the primary has to be read and fails.
    pub async fn read<T>(
        &self,
        fresh: &Fresh,
        what: impl for<'c> Fn(&'c DatabaseTransaction) -> BoxFuture<'c, Result<T, DbErr>>,
    ) -> Result<T, DbErr> {
        let from = match &self.replica {
            None => ReadFrom::Primary,
            Some(replica) if replica.is_left_alone() => ReadFrom::PrimaryAway,
            Some(replica) => match timeout(PATIENCE, replica.read(fresh, &what)).await {
                Ok(Ok(Some(found))) => {
                    metrics::read(ReadFrom::Replica);
                    return Ok(found);
                }
                Ok(Ok(None)) => ReadFrom::PrimaryLagging,
                Ok(Err(error)) => replica.failed(&error.to_string()),
                Err(_) => replica.failed("no answer in time"),
            },
        };
        metrics::read(from);
        let tx = limited(self.primary.begin()).await?;
        let found = what(&tx).await?;
        limited(tx.commit()).await?;
        Ok(found)
    }

    /// The primary's position now, for a later [`Fresh::Position`]; `None` without a replica.
    ///
    /// # Errors
    /// When the primary fails.
    pub async fn position(&self) -> Result<Option<Position>, DbErr> {
        const POSITION: &str = "SELECT pg_current_wal_lsn()::text AS position";
        if self.replica.is_none() {
            return Ok(None);
        }
        Ok(value(&self.primary, sql(POSITION, [])).await?.map(Position))
    }
}

impl Replica {
    /// `None`: it lags.
    async fn read<T>(
        &self,
        fresh: &Fresh,
        what: &impl for<'c> Fn(&'c DatabaseTransaction) -> BoxFuture<'c, Result<T, DbErr>>,
    ) -> Result<Option<T>, DbErr> {
        let (isolation, access) = (IsolationLevel::RepeatableRead, AccessMode::ReadOnly);
        // One snapshot, so that what is read is of the same instant as the check.
        let tx = self.db.begin_with_config(Some(isolation), Some(access)).await?;
        let found = if has(&tx, fresh).await? { Some(what(&tx).await?) } else { None };
        tx.commit().await?;
        Ok(found)
    }

    fn is_left_alone(&self) -> bool {
        let until = *self.left_alone_until.lock().unwrap_or_else(PoisonError::into_inner);
        until.is_some_and(|until| Instant::now() < until)
    }

    fn failed(&self, reason: &str) -> ReadFrom {
        let until = Some(Instant::now() + LEFT_ALONE);
        *self.left_alone_until.lock().unwrap_or_else(PoisonError::into_inner) = until;
        tracing::warn!(reason, "the replica fails, the primary is read for now");
        ReadFrom::PrimaryAway
    }
}

async fn has(tx: &DatabaseTransaction, fresh: &Fresh) -> Result<bool, DbErr> {
    const MESSAGE: &str = "SELECT EXISTS (SELECT 1 FROM messages WHERE id = $1) AS fresh";
    // A replica that was made the primary replays nothing any more.
    const POSITION: &str = "SELECT (CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() \
        ELSE pg_current_wal_lsn() END >= $1::text::pg_lsn) IS TRUE AS fresh";
    let statement = match fresh {
        Fresh::Message(id) => sql(MESSAGE, [id.0.into()]),
        Fresh::Position(position) => sql(POSITION, [position.0.clone().into()]),
    };
    Ok(value(tx, statement).await?.unwrap_or(false))
}
