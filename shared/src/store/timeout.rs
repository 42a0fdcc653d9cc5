//! A time limit for each call to PostgreSQL. A connection that a firewall or a dead machine
//! has made silent would otherwise hold its job, and its place in the pool, for ever.

use std::{
    pin::Pin,
    sync::{Mutex, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

use sea_orm::{DbErr, RuntimeErr, sqlx};
use sqlx::{
    Connection, PgConnection,
    pool::{PoolConnectionMetadata, PoolOptions},
};
use tokio::time::{Instant, timeout};

/// Longest wait for one statement's answer: several fit into a job's time, and a lock that other
/// changes of the same booking hold is long free.
pub(super) const STATEMENT: Duration = Duration::from_secs(10);
/// Longest wait for a sign of life of a connection under suspicion.
const SIGN_OF_LIFE: Duration = Duration::from_secs(2);
/// How long all connections are under suspicion after one was given up.
const SUSPICION: Duration = Duration::from_secs(60);

/// When an answer was last not waited for.
static GIVEN_UP: Mutex<Option<Instant>> = Mutex::new(None);

/// Waits for the database, but not for long.
///
/// # Errors
/// The database's own, or that it did not answer: then nothing is known of what it has done.
pub async fn limited<T>(query: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
    match timeout(STATEMENT, Watched { query: Box::pin(query), answered: false }).await {
        Ok(answer) => answer,
        Err(_) => {
            let silent = format!("the database did not answer within {STATEMENT:?}");
            Err(DbErr::Conn(RuntimeErr::Internal(silent)))
        }
    }
}

/// A call; notes when it is dropped without an answer, by our own limit or by
/// its caller. Noted before the connection goes back to its pool, which happens in the drop, too.
struct Watched<F> {
    query: Pin<Box<F>>,
    answered: bool,
}

impl<F: Future> Future for Watched<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        let answer = self.query.as_mut().poll(cx);
        self.answered = answer.is_ready();
        answer
    }
}

impl<F> Drop for Watched<F> {
    fn drop(&mut self) {
        if !self.answered {
            *GIVEN_UP.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        }
    }
}

fn under_suspicion() -> bool {
    let given_up = *GIVEN_UP.lock().unwrap_or_else(PoisonError::into_inner);
    given_up.is_some_and(|at| at.elapsed() < SUSPICION)
}

/// A pool that asks connections under suspicion for a sign of life, when they are taken and when they
/// come back, and closes the silent. Its own question at their return would wait for ever, and the
/// connection's place with it.
pub(super) fn watchful(pool: PoolOptions<sqlx::Postgres>) -> PoolOptions<sqlx::Postgres> {
    pool.before_acquire(|connection, _: PoolConnectionMetadata| Box::pin(lives(connection)))
        .after_release(|connection, _: PoolConnectionMetadata| Box::pin(lives(connection)))
}

async fn lives(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    if !under_suspicion() {
        return Ok(true);
    }
    match timeout(SIGN_OF_LIFE, connection.ping()).await {
        Ok(answer) => answer.map(|()| true),
        // An error closes it without a farewell, for which it would wait again.
        Err(_) => Err(sqlx::Error::Io(std::io::ErrorKind::TimedOut.into())),
    }
}
