//! The pool of connections to PostgreSQL, made at its first use so that a program starts while
//! the database is away.

use std::time::Duration;

use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr};
use secrecy::{ExposeSecret, SecretString};

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
        .sqlx_logging(false)
        .connect_lazy(true);
    Database::connect(options).await
}

/// Whether the database answers.
///
/// # Errors
/// When it does not.
pub async fn ping(db: &DatabaseConnection) -> Result<(), DbErr> {
    use sea_orm::ConnectionTrait;
    db.execute_unprepared("SELECT 1").await.map(|_| ())
}

/// The pool's connections: idle ones, and those in use.
#[must_use]
pub fn pool_state(db: &DatabaseConnection) -> (u32, u32) {
    let pool = db.get_postgres_connection_pool();
    let idle = u32::try_from(pool.num_idle()).unwrap_or(u32::MAX);
    (idle, pool.size().saturating_sub(idle))
}

/// Whether an error is the database's being away or busy, rather than a fault of ours: such work
/// is tried again and does not count as a failed try.
#[must_use]
pub fn is_transient(error: &DbErr) -> bool {
    match error {
        DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => true,
        _ => {
            let text = error.to_string();
            // Connection lost, shutdown (57P0x), too many connections (53300), deadlock (40P01),
            // serialization (40001), read-only after a failover (25006).
            const SIGNS: [&str; 14] = [
                "error communicating with database",
                "onnection refused",
                "onnection reset",
                "roken pipe",
                "unexpected end of file",
                "terminating connection",
                "shutting down",
                "starting up",
                "recovery mode",
                "too many clients",
                "too many connections",
                "deadlock detected",
                "could not serialize",
                "read-only transaction",
            ];
            SIGNS.iter().any(|sign| text.contains(sign))
        }
    }
}
