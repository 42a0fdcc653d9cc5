//! The pool of connections to PostgreSQL, made at its first use so that a program starts while
//! the database is away.

use std::time::Duration;

use sea_orm::{
    ConnectOptions, Database, DatabaseConnection, DbErr, RuntimeErr, SqlxError,
    sqlx::postgres::PgConnectOptions,
};
use secrecy::{ExposeSecret, SecretString};

use super::timeout::{STATEMENT, limited, watchful};
use crate::telemetry::metrics::{self, DbErrorKind};

/// A pool of at most `size` connections; waiting for one ends after 3 s.
///
/// # Errors
/// When the URL is malformed.
pub async fn connect(url: &SecretString, size: u32) -> Result<DatabaseConnection, DbErr> {
    let mut options = ConnectOptions::new(url.expose_secret());
    options
        .max_connections(size)
        .min_connections(0)
        .acquire_timeout(Duration::from_secs(3))
        .connect_timeout(Duration::from_secs(3))
        .idle_timeout(Duration::from_secs(300))
        .max_lifetime(Duration::from_secs(1800))
        .test_before_acquire(false)
        .map_sqlx_postgres_opts(given_up_by_the_server)
        .map_sqlx_postgres_pool_opts(watchful)
        .sqlx_logging(false)
        .connect_lazy(true);
    Database::connect(options).await
}

/// Sessions that PostgreSQL itself ends, or whose statement it does, when we have fallen silent: for it a
/// dead client is a slow one, whose transaction keeps its locks until the kernel finds out, in hours.
/// PgBouncer passes none of this on: `docs/scaling.md` says what to set there instead.
fn given_up_by_the_server(options: PgConnectOptions) -> PgConnectOptions {
    // Ended by PostgreSQL rather than given up here, a statement leaves its connection of use.
    let statement = STATEMENT.saturating_sub(Duration::from_secs(1));
    options.options([
        ("statement_timeout", format!("{}s", statement.as_secs())),
        // Between two statements of a transaction only the processor is at work.
        ("idle_in_transaction_session_timeout", "15s".to_owned()),
        ("tcp_keepalives_idle", "30".to_owned()),
        ("tcp_keepalives_interval", "10".to_owned()),
        ("tcp_keepalives_count", "3".to_owned()),
        // On a table without statistics the query for due messages looks expensive, and PostgreSQL would compile it
        // anew at each call: hundreds of milliseconds for a query of one.
        ("jit", "off".to_owned()),
    ])
}

/// Whether the database answers.
///
/// # Errors
/// When it does not.
pub async fn ping(db: &DatabaseConnection) -> Result<(), DbErr> {
    use sea_orm::ConnectionTrait;
    limited(db.execute_unprepared("SELECT 1")).await.map(|_| ())
}

/// The pool's connections: idle ones, and those in use.
#[must_use]
pub fn pool_state(db: &DatabaseConnection) -> (u32, u32) {
    let pool = db.get_postgres_connection_pool();
    let idle = u32::try_from(pool.num_idle()).unwrap_or(u32::MAX);
    (idle, pool.size().saturating_sub(idle))
}

/// Counts an error that made work fail, by its kind.
pub fn count_error(error: &DbErr) {
    let away = is_transient(error);
    metrics::db_error(if away { DbErrorKind::Unavailable } else { DbErrorKind::Refused });
}

/// Whether an error is the database's being away or busy, rather than a fault of ours: such work
/// is tried again and does not count as a failed try.
#[must_use]
pub fn is_transient(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error)) => {
            match error.as_ref() {
                SqlxError::Io(_)
                | SqlxError::Tls(_)
                | SqlxError::PoolTimedOut
                | SqlxError::PoolClosed
                | SqlxError::WorkerCrashed => true,
                SqlxError::Database(error) => error.code().is_some_and(|code| passes(&code)),
                _ => false,
            }
        }
        _ => false,
    }
}

/// Whether PostgreSQL refused the statement for what it says: it has done nothing of it, and will not.
pub(super) fn is_refusal(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(of)) | DbErr::Query(RuntimeErr::SqlxError(of))) = error
    else {
        return false;
    };
    matches!(of.as_ref(), SqlxError::Database(_)) && !is_transient(error)
}

/// Whether a SQLSTATE tells of a state that passes. The texts say the same, but in the language that
/// the server is set to.
fn passes(code: &str) -> bool {
    // 08: the connection. 53: no disk, memory or connection left. 57P: shutting down, crashed, starting
    // up. Then: cancelled, lock not available, serialization, deadlock, read-only after a failover,
    // silent for too long within a transaction.
    ["08", "53", "57P"].iter().any(|class| code.starts_with(class))
        || ["57014", "55P03", "40001", "40P01", "25006", "25P03"].contains(&code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outages_pass_and_faults_of_ours_do_not() {
        for code in ["08006", "53300", "53100", "57P01", "57P03", "40P01", "25006"] {
            assert!(passes(code), "{code}");
        }
        for code in ["23505", "22P05", "42601", "42703", "57000", ""] {
            assert!(!passes(code), "{code}");
        }
        assert!(is_transient(&DbErr::Conn(RuntimeErr::Internal("away".into()))));
        assert!(!is_transient(&DbErr::Custom("connection refused, says a client's name".into())));
    }
}
