//! Which builds may run on which schema. Each migration declares it in the database, so that an older
//! build, which does not know the migration, learns whether it may go on, or must not start.

use sea_orm_migration::{
    MigrationTrait, MigratorTrait,
    sea_orm::{self, ConnectionTrait, DbErr, FromQueryResult, Statement},
};

use crate::{Migrator, newest_known, steps};

/// For a migration that only adds: what ran before it runs on.
pub(crate) const EVERY_BUILD: &str = "";

/// A migration, and the oldest build that may run on the schema it makes.
pub(crate) struct Step {
    pub(crate) migration: Box<dyn MigrationTrait>,
    /// The migration which a build has to know to run on the schema that this one makes:
    /// [`EVERY_BUILD`], or, where something is taken away, the migration whose build was the first
    /// to do without it.
    needs: &'static str,
}

impl Step {
    pub(crate) fn new(migration: impl MigrationTrait + 'static, needs: &'static str) -> Self {
        Self { migration: Box::new(migration), needs }
    }
}

/// How the database's schema stands to what this build knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SchemaState {
    /// The schema is the one this build was made for.
    Current,
    /// Some migrations are missing: run `migrate`.
    Behind { missing: Vec<String> },
    /// A newer build has migrated the database, and its migrations say that this one may run on it:
    /// an update is under way, or was taken back.
    Newer { unknown: Vec<String> },
    /// A newer build has migrated the database to what this one must not write to.
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
    /// `None`: nothing was declared of it.
    needs: Option<String>,
}

/// Compares the database's schema with this build's migrations.
///
/// # Errors
/// When the database can't be asked.
pub async fn schema_state(db: &impl ConnectionTrait) -> Result<SchemaState, DbErr> {
    let known: Vec<String> = Migrator::migrations().iter().map(|m| m.name().to_owned()).collect();
    let applied = applied(db).await?;
    let unknown: Vec<&Applied> = applied.iter().filter(|a| !known.contains(&a.version)).collect();
    if !unknown.is_empty() {
        let newest = newest_known();
        // What declares nothing is not trusted.
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
    let asked = "SELECT 1 AS one WHERE to_regclass($1) IS NOT NULL";
    let asked =
        Statement::from_sql_and_values(db.get_database_backend(), asked, [name.to_owned().into()]);
    Ok(db.query_one_raw(asked).await?.is_some())
}

/// Declares of each migration of this build what it needs.
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
