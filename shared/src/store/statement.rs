//! Hand-written statements through SeaORM: one way to write, run and read them.

use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, Statement, Value};

use super::timeout::limited;
use crate::domain::ids::MessageId;

/// A PostgreSQL statement with its values.
pub(super) fn sql<const N: usize>(text: &str, values: [Value; N]) -> Statement {
    Statement::from_sql_and_values(DbBackend::Postgres, text, values)
}

/// A statement on `= ANY($1)` of these rows, and its first value. For one row it is `= $1`: PostgreSQL
/// plans that once, but each time anew for a list, whose length it can't know, and planning takes longer
/// than running.
pub(super) fn by_ids(text: &str, ids: &[MessageId]) -> (String, Value) {
    match ids {
        [one] => (text.replace("= ANY($1)", "= $1"), one.0.into()),
        _ => (text.to_owned(), ids.iter().map(|id| id.0).collect::<Vec<_>>().into()),
    }
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
