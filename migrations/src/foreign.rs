//! Refuses a database that holds the tables of another program, such as of the Python bot that this system replaces.

use sea_orm_migration::sea_orm::{ConnectionTrait, DbErr, Statement};

/// Refuses a database without this system's schema that has a table of the same name.
pub(crate) async fn refuse(conn: &impl ConnectionTrait) -> Result<(), DbErr> {
    const FOREIGN: &str = "SELECT to_regclass('users') IS NOT NULL \
        AND to_regclass('seaql_migrations') IS NULL AS is_foreign";
    let row =
        conn.query_one_raw(Statement::from_string(conn.get_database_backend(), FOREIGN)).await?;
    let is_foreign: bool = row.map_or(Ok(false), |row| row.try_get("", "is_foreign"))?;
    if is_foreign {
        return Err(DbErr::Custom(
            "the database holds another program's table `users`: DATABASE_URL names a database of this system's \
             own, and `worker import` takes over what the Python bot has"
                .to_owned(),
        ));
    }
    Ok(())
}
