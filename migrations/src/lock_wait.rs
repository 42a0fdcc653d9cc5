//! Waiting for tables that others use, a running backup above all. Statements of others queue behind one
//! that waits for its lock: so a migration waits for half a second at a time, and is tried again later.

use std::time::{Duration, Instant};

use sea_orm_migration::sea_orm::{
    ConnectionTrait, DatabaseConnection, DbErr, RuntimeErr, SqlxError, Statement,
};

use crate::{SchemaState, attempt};

/// For how long others may have to wait behind a statement of a migration.
pub(crate) const LIMIT: &str = "SET LOCAL lock_timeout = '500ms'";
/// Between two attempts: what has waited behind one is done by then.
const PAUSE: Duration = Duration::from_secs(2);
/// Locks that others have held for longer than a migration waits, by process.
const HOLDERS: &str = "SELECT format('%s on %s by process %s (%s) for %s', l.mode, \
        string_agg(DISTINCT c.relname, ', '), l.pid, \
        coalesce(nullif(a.application_name, ''), a.usename, 'unknown'), \
        coalesce(date_trunc('second', clock_timestamp() - a.xact_start)::text, 'some time')) AS holder \
    FROM pg_locks l JOIN pg_class c ON c.oid = l.relation AND c.relkind = 'r' \
    JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = current_schema() \
    LEFT JOIN pg_stat_activity a ON a.pid = l.pid \
    WHERE l.granted AND l.pid <> pg_backend_pid() \
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
      AND (a.xact_start IS NULL OR a.xact_start < clock_timestamp() - interval '500 ms') \
    GROUP BY l.mode, l.pid, a.application_name, a.usename, a.xact_start ORDER BY a.xact_start";

/// Migrates as soon as the tables are free, for `patience` at most.
pub(crate) async fn up(db: &DatabaseConnection, patience: Duration) -> Result<SchemaState, DbErr> {
    let started = Instant::now();
    loop {
        match attempt(db).await {
            Err(error) if is_lock(&error) => {}
            ended => return ended,
        }
        let holders = holders(db).await?;
        if started.elapsed() >= patience {
            return Err(DbErr::Custom(format!(
                "the tables were in use for {} s: {holders}. Run `migrate` again when that is over, or end \
                 it by SELECT pg_terminate_backend(PROCESS)",
                patience.as_secs()
            )));
        }
        tracing::warn!(holders, "the tables are in use: the migration is tried again");
        tokio::time::sleep(PAUSE).await;
    }
}

async fn holders(db: &DatabaseConnection) -> Result<String, DbErr> {
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), HOLDERS)).await?;
    let holders: Result<Vec<String>, DbErr> =
        rows.iter().map(|row| row.try_get("", "holder")).collect();
    let holders = holders?.join("; ");
    Ok(if holders.is_empty() { "the lock was free again just now".to_owned() } else { holders })
}

/// Whether a lock was not to be had: 55P03, or 40P01 where two waited for each other.
fn is_lock(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(of)) | DbErr::Query(RuntimeErr::SqlxError(of))) = error
    else {
        return false;
    };
    let SqlxError::Database(of) = of.as_ref() else { return false };
    of.code().is_some_and(|code| ["55P03", "40P01"].contains(&code.as_ref()))
}
