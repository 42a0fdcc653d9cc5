//! Hand-written statements through SeaORM: one way to write, run and read them.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement, TryGetable, Value};

use super::timeout::limited;

/// A PostgreSQL statement with its values.
pub(super) fn sql<const N: usize>(text: &str, values: [Value; N]) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, text, values)
}

/// Runs a statement and reads its rows.
pub(super) async fn all<T: FromQueryResult + Send + Sync>(
    conn: &impl ConnectionTrait,
    statement: Statement,
) -> Result<Vec<T>, DbErr> {
    limited(T::find_by_statement(statement).all(conn)).await
}

/// Runs a statement and reads its only row.
pub(super) async fn one<T: FromQueryResult + Send + Sync>(
    conn: &impl ConnectionTrait,
    statement: Statement,
) -> Result<Option<T>, DbErr> {
    limited(T::find_by_statement(statement).one(conn)).await
}

/// Runs a statement and reads the only column of its rows.
pub(super) async fn values<T: TryGetable>(
    conn: &impl ConnectionTrait,
    statement: Statement,
) -> Result<Vec<T>, DbErr> {
    let rows = limited(conn.query_all_raw(statement)).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

/// Runs a statement and reads the only column of its only row.
pub(super) async fn value<T: TryGetable>(
    conn: &impl ConnectionTrait,
    statement: Statement,
) -> Result<Option<T>, DbErr> {
    Ok(values(conn, statement).await?.pop())
}

/// Runs a statement and says how many rows it touched.
pub(super) async fn execute(
    conn: &impl ConnectionTrait,
    statement: Statement,
) -> Result<u64, DbErr> {
    Ok(limited(conn.execute_raw(statement)).await?.rows_affected())
}

/// A row that this version can't read: the database holds a word that it doesn't know.
pub(super) fn unreadable(what: &str, value: &str) -> DbErr {
    DbErr::Custom(format!("{what} holds {value:?}, which this version doesn't know"))
}
