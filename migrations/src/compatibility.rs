//! Which builds may run on which schema. Each migration declares the oldest such build in the database: a
//! build that does not know the migration reads there whether it may run.

use sea_orm_migration::{
    MigrationTrait, MigratorTrait,
    sea_orm::{self, ConnectionTrait, DbErr, FromQueryResult, Statement},
};

use crate::{Migrator, newest_known, steps};

/// For a migration that only adds: every earlier build may run on its schema.
pub(crate) const EVERY_BUILD: &str = "";

/// A migration, and the oldest build that may run on its schema.
pub(crate) struct Step {
    pub(crate) migration: Box<dyn MigrationTrait>,
    /// The migration that a build has to know to run on this schema: [`EVERY_BUILD`] or, after a removal,
    /// the migration of the first build that did not use the removed part.
    needs: &'static str,
}

impl Step {
    pub(crate) fn new(migration: impl MigrationTrait + 'static, needs: &'static str) -> Self {
        Self { migration: Box::new(migration), needs }
    }
}

/// The database's schema compared with this build's migrations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SchemaState {
    /// The schema of this build.
    Current,
    /// Some migrations are missing: run `migrate`.
    Behind { missing: Vec<String> },
    /// A newer build has migrated the database, and its migrations allow this build: an update is in progress
    /// or was rolled back.
    Newer { unknown: Vec<String> },
    /// A newer build has migrated the database, and its migrations exclude this build.
    Ahead { unknown: Vec<String> },
}

impl SchemaState {
    /// Whether this build may work on the schema.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        matches!(self, Self::Current | Self::Newer { .. })
    }
}

#[derive(FromQueryResult)]
struct Applied {
    version: String,
    /// `None` without a declaration.
    needs: Option<String>,
}

/// Compares the database's schema with this build's migrations.
///
/// # Errors
/// When the query fails.
pub async fn schema_state(db: &impl ConnectionTrait) -> Result<SchemaState, DbErr> {
    let known: Vec<String> = Migrator::migrations().iter().map(|m| m.name().to_owned()).collect();
    let applied = applied(db).await?;
    let unknown: Vec<&Applied> = applied.iter().filter(|a| !known.contains(&a.version)).collect();
    if !unknown.is_empty() {
        let newest = newest_known();
        // A migration without a declaration excludes this build.
        let allowed = |a: &&Applied| a.needs.as_ref().is_some_and(|needs| *needs <= newest);
        let usable = unknown.iter().all(allowed);
        let unknown = unknown.iter().map(|a| a.version.clone()).collect();
        if !usable {
            return Ok(SchemaState::Ahead { unknown });
        }
        if known.iter().all(|name| applied.iter().any(|a| a.version == *name)) {
            return Ok(SchemaState::Newer { unknown });
        }
    }
    let missing: Vec<String> =
        known.into_iter().filter(|name| !applied.iter().any(|a| a.version == *name)).collect();
    Ok(if missing.is_empty() { SchemaState::Current } else { SchemaState::Behind { missing } })
}

async fn applied(db: &impl ConnectionTrait) -> Result<Vec<Applied>, DbErr> {
    const WITH_NEEDS: &str = "SELECT m.version, c.needs FROM seaql_migrations m \
        LEFT JOIN schema_compatibility c ON c.version = m.version ORDER BY m.version";
    const WITHOUT: &str =
        "SELECT version, NULL::text AS needs FROM seaql_migrations ORDER BY version";
    let statement = if !has_table(db, "seaql_migrations").await? {
        return Ok(Vec::new());
    } else if has_table(db, "schema_compatibility").await? {
        WITH_NEEDS
    } else {
        WITHOUT
    };
    Applied::find_by_statement(Statement::from_string(db.get_database_backend(), statement))
        .all(db)
        .await
}

async fn has_table(db: &impl ConnectionTrait, name: &str) -> Result<bool, DbErr> {
    let statement = "SELECT 1 AS one WHERE to_regclass($1) IS NOT NULL";
    let statement = Statement::from_sql_and_values(
        db.get_database_backend(),
        statement,
        [name.to_owned().into()],
    );
    Ok(db.query_one_raw(statement).await?.is_some())
}

/// Stores the declaration of each migration of this build.
pub(crate) async fn declare(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    const DECLARE: &str = "INSERT INTO schema_compatibility (version, needs) VALUES ($1, $2) \
        ON CONFLICT (version) DO UPDATE SET needs = excluded.needs";
    for step in steps() {
        let values = [step.migration.name().to_owned().into(), step.needs.to_owned().into()];
        let backend = db.get_database_backend();
        db.execute_raw(Statement::from_sql_and_values(backend, DECLARE, values)).await?;
    }
    Ok(())
}
