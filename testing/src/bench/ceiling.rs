//! The ceiling of this machine: the least a server could do for a webhook, a bare axum handler with
//! one EVALSHA of the same size. A process of its own, as ingest is.

use std::{net::SocketAddr, time::Duration};

use anyhow::Context;
use axum::{Router, body::Bytes, extract::State, http::StatusCode, routing::post};
use redis::{
    IntoConnectionInfo, Script,
    aio::{ConnectionManager, ConnectionManagerConfig},
    io::tcp::TcpSettings,
};

const RESPONSE_TIMEOUT: Duration = Duration::from_secs(10);

/// Stores a payload under an id in a hash, its meta in another, and the id in a sorted set: what
/// pushing a job does.
const PUSH: &str = "redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) \
    redis.call('HSET', KEYS[2] .. ARGV[1], 'attempts', '0', 'max_attempts', '25', 'status', 'Pending') \
    redis.call('ZADD', KEYS[3], ARGV[3], ARGV[1]) return 1";

#[derive(Clone)]
struct Ceiling {
    redis: ConnectionManager,
    push: Script,
}

/// Serves until the process is ended. For the bench only.
///
/// # Errors
/// When Redis or the port is not to be had.
pub async fn serve(listen: SocketAddr, redis_url: &str) -> anyhow::Result<()> {
    // The stock half second is less than a slow disk takes for a sync now and then.
    let patient = ConnectionManagerConfig::new().set_response_timeout(Some(RESPONSE_TIMEOUT));
    // As ingest does it: the ceiling must not wait for Nagle's algorithm either.
    let address = redis_url.into_connection_info()?;
    let address = address.set_tcp_settings(TcpSettings::default().set_nodelay(true));
    let client = redis::Client::open(address)?;
    let redis = client.get_connection_manager_with_config(patient).await?;
    let state = Ceiling { redis, push: Script::new(PUSH) };
    let app = Router::new().route("/webhook/bukza", post(handle)).with_state(state);
    let listener = tokio::net::TcpListener::bind(listen).await?;
    axum::serve(listener, app).await.context("the ceiling ended")
}

async fn handle(State(ceiling): State<Ceiling>, body: Bytes) -> StatusCode {
    let id = format!("{:032x}", rand::random::<u128>());
    let mut redis = ceiling.redis.clone();
    let pushed: redis::RedisResult<i64> = ceiling
        .push
        .key("{ceiling}:data")
        .key("{ceiling}:meta:")
        .key("{ceiling}:scheduled")
        .arg(id)
        .arg(&body[..])
        .arg(1)
        .invoke_async(&mut redis)
        .await;
    if pushed.is_ok() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE }
}
