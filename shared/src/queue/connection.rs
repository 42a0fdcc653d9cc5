//! One multiplexed connection to Redis, which reconnects by itself and is replaced when it falls silent, and
//! the error of the queue.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use apalis_redis::ConnectionManager;
use redis::{
    Client, IntoConnectionInfo,
    aio::{ConnectionManagerConfig, PubSub},
    io::tcp::TcpSettings,
};
use secrecy::{ExposeSecret, SecretString};
use tokio::time::Instant;

/// A connection that is silent for longer is replaced. Longer than the timeout of connecting.
const SILENCE: Duration = Duration::from_secs(3);

/// A command of the queue failed.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// Redis failed. After a timeout the command may have taken effect.
    #[error("redis: {0}")]
    Redis(#[from] redis::RedisError),
    #[error("queue: {0}")]
    Apalis(#[from] apalis_redis::Error),
    #[error("redis did not answer within {0:?}")]
    Timeout(Duration),
}

/// The connection to Redis, opened at its first use, so that a program starts while Redis is away. The client
/// replaces a broken connection, but not a silent one, as behind a firewall that dropped its state: that is
/// done here.
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

    /// A connection of its own that receives what is published on `channel`.
    pub(super) async fn subscribe(&self, channel: &str) -> Result<PubSub, QueueError> {
        let mut subscription = self.0.client.get_async_pubsub().await?;
        subscription.subscribe(channel).await?;
        Ok(subscription)
    }

    /// Redis has responded on this connection.
    pub(super) fn answered(&self) {
        self.state().silent_since = None;
    }

    /// Redis has not responded to a command sent at `sent`. After a longer silence the next callers get a new
    /// connection; present users keep the old one.
    pub(super) fn silent(&self, sent: Instant) {
        let mut state = self.state();
        let since = *state.silent_since.get_or_insert(sent);
        if since.elapsed() < SILENCE {
            return;
        }
        // The same settings as of the first connection: it can't fail where that one did not.
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
