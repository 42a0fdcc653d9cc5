//! The connection to Redis: one multiplexed connection that reconnects by itself, and is replaced when
//! it falls silent; and the one error type of the queue.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use apalis_redis::ConnectionManager;
use redis::{Client, IntoConnectionInfo, aio::ConnectionManagerConfig, io::tcp::TcpSettings};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

/// How long Redis may be silent before the connection is suspected rather than Redis. Longer than
/// making a connection may take.
const SILENCE: Duration = Duration::from_secs(3);

/// Why work could not be put into, or taken out of, the queue.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// Redis did not take the command. After a timeout it may have been stored all the same.
    #[error("redis: {0}")]
    Redis(#[from] redis::RedisError),
    #[error("queue: {0}")]
    Apalis(#[from] apalis_redis::Error),
    #[error("redis did not answer within {0:?}")]
    Timeout(Duration),
}

/// The way to Redis. The connection is made at its first use, so that a program starts while Redis is
/// away. The client makes another when one breaks, but not when one only falls silent, as behind a
/// firewall that has forgotten it: so that is done here.
#[derive(Clone)]
pub(super) struct Link(Arc<Inner>);

struct Inner {
    client: Client,
    config: ConnectionManagerConfig,
    state: Mutex<State>,
}

struct State {
    connection: ConnectionManager,
    silent_since: Option<Instant>,
}

impl Link {
    /// Each command ends after `response_timeout`.
    ///
    /// # Errors
    /// When the URL is malformed.
    pub(super) fn open(url: &SecretString, response_timeout: Duration) -> Result<Self, QueueError> {
        let client = Client::open(prompt(url.expose_secret())?)?;
        let config = ConnectionManagerConfig::new()
            .set_response_timeout(Some(response_timeout))
            .set_connection_timeout(Some(Duration::from_secs(2)))
            .set_min_delay(Duration::from_millis(50))
            .set_max_delay(Duration::from_secs(1))
            .set_number_of_retries(1);
        let connection = client.get_connection_manager_lazy(config.clone())?;
        let state = Mutex::new(State { connection, silent_since: None });
        Ok(Self(Arc::new(Inner { client, config, state })))
    }

    pub(super) fn connection(&self) -> ConnectionManager {
        self.state().connection.clone()
    }

    /// Redis has answered on this connection.
    pub(super) fn answered(&self) {
        self.state().silent_since = None;
    }

    /// Redis has not answered in time, since `asked`. When that goes on, the next to ask for the
    /// connection get another one; who has the old one keeps it.
    pub(super) fn silent(&self, asked: Instant) {
        let mut state = self.state();
        let since = *state.silent_since.get_or_insert(asked);
        if since.elapsed() < SILENCE {
            return;
        }
        // Made from the same settings as the first: it can't fail where that did not.
        if let Ok(connection) = self.0.client.get_connection_manager_lazy(self.0.config.clone()) {
            *state = State { connection, silent_since: None };
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The client's own Debug may show the password.
        f.debug_struct("Link").finish_non_exhaustive()
    }
}

/// An address whose connections send at once. Commands of many tasks share one connection, and are
/// written one after the other: with Nagle's algorithm, which the client leaves on, each waits until
/// the one before is acknowledged, up to 40 ms.
fn prompt(url: &str) -> redis::RedisResult<redis::ConnectionInfo> {
    let address = url.into_connection_info()?;
    Ok(address.set_tcp_settings(TcpSettings::default().set_nodelay(true)))
}
