//! The database schema as a list of migrations, each a plain SQL file beside this one.
//! Expand, then contract: version N−1 of the programs must run on schema N.

use std::time::Duration;

use sea_orm_migration::{
    prelude::*,
    sea_orm::{DatabaseConnection, DbErr, Statement, TransactionTrait},
};

mod compatibility;
mod foreign;
mod grants;
mod lock_wait;
mod m20261123_000001_initial;
mod m20261124_000002_messages_of_booking;
mod m20261125_000001_compatibility;
mod m20261125_000002_order_of_updates;
mod m20261127_000001_meanings;
mod m20261127_000002_horizon;
mod m20261127_000005_order_messages;
mod m20261127_000006_messages_in_telegram;
mod m20261128_000001_update_identity;
mod m20261129_000001_conversation;
mod m20261129_000002_rights;
mod m20261129_000003_join;
mod m20261129_000004_tokens;
mod m20261129_000005_binding;
mod m20261129_000006_about_chat;
mod m20261129_000007_agenda;
mod m20261129_000008_tutor;
mod m20261129_000009_wall_clock;
mod m20261130_000002_table_sync;
#[cfg(feature = "rehearsal")]
mod m99991231_000001_rehearsal;

use compatibility::{EVERY_BUILD, Step};
pub use compatibility::{SchemaState, schema_state};

/// Key of the advisory lock, unique in this database ("BUKZAMIG").
const MIGRATION_LOCK: i64 = 0x4255_4b5a_414d_4947;

/// How long `migrate` tries where others use the tables, as a backup does.
const PATIENCE: Duration = Duration::from_secs(300);

/// All migrations, oldest first, each with the builds that may run on its schema.
fn steps() -> Vec<Step> {
    vec![
        Step::new(m20261123_000001_initial::Migration, EVERY_BUILD),
        Step::new(m20261124_000002_messages_of_booking::Migration, EVERY_BUILD),
        Step::new(m20261125_000001_compatibility::Migration, EVERY_BUILD),
        Step::new(m20261125_000002_order_of_updates::Migration, EVERY_BUILD),
        Step::new(m20261127_000001_meanings::Migration, EVERY_BUILD),
        Step::new(m20261127_000002_horizon::Migration, EVERY_BUILD),
        Step::new(m20261127_000005_order_messages::Migration, EVERY_BUILD),
        Step::new(m20261127_000006_messages_in_telegram::Migration, EVERY_BUILD),
        Step::new(m20261128_000001_update_identity::Migration, EVERY_BUILD),
        Step::new(m20261129_000001_conversation::Migration, EVERY_BUILD),
        Step::new(m20261129_000002_rights::Migration, EVERY_BUILD),
        Step::new(m20261129_000003_join::Migration, EVERY_BUILD),
        Step::new(m20261129_000004_tokens::Migration, EVERY_BUILD),
        Step::new(m20261129_000005_binding::Migration, EVERY_BUILD),
        Step::new(m20261129_000006_about_chat::Migration, EVERY_BUILD),
        Step::new(m20261129_000007_agenda::Migration, EVERY_BUILD),
        Step::new(m20261129_000008_tutor::Migration, EVERY_BUILD),
        Step::new(m20261129_000009_wall_clock::Migration, EVERY_BUILD),
        Step::new(m20261130_000002_table_sync::Migration, EVERY_BUILD),
        #[cfg(feature = "rehearsal")]
        Step::new(m99991231_000001_rehearsal::Migration, EVERY_BUILD),
    ]
}

/// All migrations, oldest first.
#[derive(Debug)]
pub struct Migrator;

impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        steps().into_iter().map(|step| step.migration).collect()
    }
}

/// The name of the newest migration that this build knows.
#[must_use]
pub fn newest_known() -> String {
    Migrator::migrations().last().map(|m| m.name().to_owned()).unwrap_or_default()
}

/// Brings the schema to the newest version. Concurrent calls are serialized by a
/// transaction-scoped advisory lock, which is safe behind PgBouncer. Does nothing if a newer build has migrated
/// already and its schema allows this build.
///
/// # Errors
/// When the database can't be reached, a migration fails, others use the tables for minutes, or the schema
/// excludes this build. Nothing is applied then.
pub async fn up(db: &DatabaseConnection) -> Result<SchemaState, DbErr> {
    up_within(db, PATIENCE).await
}

/// The same with another patience where others use the tables.
///
/// # Errors
/// As above.
pub async fn up_within(db: &DatabaseConnection, patience: Duration) -> Result<SchemaState, DbErr> {
    lock_wait::up(db, patience).await
}

async fn attempt(db: &DatabaseConnection) -> Result<SchemaState, DbErr> {
    let tx = db.begin().await?;
    tx.execute_raw(Statement::from_sql_and_values(
        tx.get_database_backend(),
        "SELECT pg_advisory_xact_lock($1)",
        [MIGRATION_LOCK.into()],
    ))
    .await?;
    tx.execute_unprepared(lock_wait::LIMIT).await?;
    foreign::refuse(&tx).await?;
    match schema_state(&tx).await? {
        SchemaState::Ahead { unknown } => {
            return Err(DbErr::Custom(format!(
                "a newer version has migrated the database (it has {}), and this one can't run on it",
                unknown.join(", ")
            )));
        }
        state @ SchemaState::Newer { .. } => return Ok(state),
        SchemaState::Current | SchemaState::Behind { .. } => {}
    }
    Migrator::up(&tx, None).await?;
    compatibility::declare(&tx).await?;
    tx.execute_unprepared(grants::GRANTS).await?;
    tx.commit().await?;
    Ok(SchemaState::Current)
}
