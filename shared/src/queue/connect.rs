//! The connection to Redis: one multiplexed connection that reconnects by itself, and the one
//! error type of the queue.

use std::time::Duration;

use apalis_redis::ConnectionManager;
use redis::{Client, IntoConnectionInfo, aio::ConnectionManagerConfig, io::tcp::TcpSettings};
use secrecy::{ExposeSecret, SecretString};

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

/// A connection that is made at its first use, so that a program starts while Redis is away.
/// Each command ends after `response_timeout`.
///
/// # Errors
/// When the URL is malformed.
pub fn connect(
    url: &SecretString,
    response_timeout: Duration,
) -> Result<ConnectionManager, QueueError> {
    let client = Client::open(prompt(url.expose_secret())?)?;
    let config = ConnectionManagerConfig::new()
        .set_response_timeout(Some(response_timeout))
        .set_connection_timeout(Some(Duration::from_secs(2)))
        .set_min_delay(Duration::from_millis(50))
        .set_max_delay(Duration::from_secs(1))
        .set_number_of_retries(1);
    Ok(client.get_connection_manager_lazy(config)?)
}

/// An address whose connections send at once. Commands of many tasks share one connection, and are
/// written one after the other: with Nagle's algorithm, which the client leaves on, each waits until
/// the one before is acknowledged, up to 40 ms.
///
/// # Errors
/// When the URL is malformed.
pub fn prompt(url: &str) -> redis::RedisResult<redis::ConnectionInfo> {
    let address = url.into_connection_info()?;
    Ok(address.set_tcp_settings(TcpSettings::default().set_nodelay(true)))
}
