//! The ceiling of this machine: a bare axum handler with one EVALSHA of the same size. It is a
//! process of its own, as ingest is.

use std::{net::SocketAddr, time::Duration};

use anyhow::Context;
use axum::{Router, body::Bytes, extract::State, http::StatusCode, routing::post};
use redis::{
    IntoConnectionInfo, Script,
    aio::{ConnectionManager, ConnectionManagerConfig},
    io::tcp::TcpSettings,
};

const RESPONSE_TIMEOUT: Duration = Duration::from_secs(10);

/// Does what pushing a job does: stores a payload and its meta in hashes, and the id in a sorted
/// set.
const PUSH: &str = "redis.call('HSET', KEYS[1], ARGV[1], ARGV[2]) \
    redis.call('HSET', KEYS[2] .. ARGV[1], 'attempts', '0', 'max_attempts', '25', 'status', 'Pending') \
    redis.call('ZADD', KEYS[3], ARGV[3], ARGV[1]) return 1";

#[derive(Clone)]
struct Ceiling {
    redis: ConnectionManager,
    push: Script,
}

/// Serves the ceiling until the process ends.
///
/// # Errors
/// When Redis or the port is unavailable.
pub async fn serve(listen: SocketAddr, redis_url: &str) -> anyhow::Result<()> {
    // A slow disk sometimes takes longer to sync than redis's default of half a second.
    let patient = ConnectionManagerConfig::new().set_response_timeout(Some(RESPONSE_TIMEOUT));
    // As in ingest: no waiting for Nagle's algorithm.
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
