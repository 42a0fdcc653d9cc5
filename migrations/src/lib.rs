//! The database schema as a list of migrations, each a plain SQL file beside this one.
//! Expand, then contract: version N−1 of the programs must run on schema N.

use sea_orm_migration::{
    prelude::*,
    sea_orm::{
        ConnectionTrait, DatabaseConnection, DbErr, FromQueryResult, Statement, TransactionTrait,
    },
};

mod m20261123_000001_initial;
mod m20261124_000002_messages_of_booking;

/// Any number that no other program uses for an advisory lock in this database ("BUKZAMIG").
const MIGRATION_LOCK: i64 = 0x4255_4b5a_414d_4947;

/// All migrations, oldest first.
#[derive(Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261123_000001_initial::Migration),
            Box::new(m20261124_000002_messages_of_booking::Migration),
        ]
    }
}

/// The name of the newest migration that this build knows.
#[must_use]
pub fn newest_known() -> String {
    Migrator::migrations().last().map(|m| m.name().to_owned()).unwrap_or_default()
}

/// Brings the schema to the newest version. Several starters may call it at once: a
/// transaction-scoped advisory lock (safe behind PgBouncer) lets one work while the rest wait.
///
/// # Errors
/// When the database can't be reached or a migration fails; nothing is half applied then.
pub async fn up(db: &DatabaseConnection) -> Result<(), DbErr> {
    let tx = db.begin().await?;
    tx.execute_raw(Statement::from_sql_and_values(
        tx.get_database_backend(),
        "SELECT pg_advisory_xact_lock($1)",
        [MIGRATION_LOCK.into()],
    ))
    .await?;
    Migrator::up(&tx, None).await?;
    tx.commit().await
}

/// How the database's schema stands to what this build knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SchemaState {
    /// The schema is the one this build was made for.
    Current,
    /// Some migrations are missing: run `migrate`.
    Behind { missing: Vec<String> },
    /// A newer build has migrated the database: this one must not write to it blindly.
    Ahead { unknown: Vec<String> },
}

#[derive(FromQueryResult)]
struct Applied {
    version: String,
}

/// Compares the database's schema with this build's migrations.
///
/// # Errors
/// When the database can't be asked.
pub async fn schema_state(db: &DatabaseConnection) -> Result<SchemaState, DbErr> {
    let known: Vec<String> = Migrator::migrations().iter().map(|m| m.name().to_owned()).collect();
    let backend = db.get_database_backend();
    let table = Statement::from_string(
        backend,
        "SELECT 1 AS one WHERE to_regclass('seaql_migrations') IS NOT NULL",
    );
    if db.query_one_raw(table).await?.is_none() {
        return Ok(SchemaState::Behind { missing: known });
    }
    let applied: Vec<String> = Applied::find_by_statement(Statement::from_string(
        backend,
        "SELECT version FROM seaql_migrations ORDER BY version",
    ))
    .all(db)
    .await?
    .into_iter()
    .map(|row| row.version)
    .collect();
    let unknown: Vec<String> = applied.iter().filter(|v| !known.contains(v)).cloned().collect();
    if !unknown.is_empty() {
        return Ok(SchemaState::Ahead { unknown });
    }
    let missing: Vec<String> = known.into_iter().filter(|v| !applied.contains(v)).collect();
    Ok(if missing.is_empty() { SchemaState::Current } else { SchemaState::Behind { missing } })
}
