//! The server loop: a bounded number of connections, a time limit for each request's head, and a drain
//! that finishes the requests in flight.

use std::{sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Most connections at once; more wait in the listener's queue.
const CONNECTIONS: usize = 1024;
/// Longest time for a request's head to arrive, and for a connection to be idle: who holds all connections
/// holds up others for no longer. nginx closes its idle ones before (`nginx/ingest/local.conf`).
const HEAD_TIMEOUT: Duration = Duration::from_secs(10);
/// How long after the stop a connection may still send its first request: the client opened it before it
/// could know.
const FIRST_REQUEST_GRACE: Duration = Duration::from_millis(500);
/// Longest time to finish the requests in flight after the stop.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(20);
/// Read buffer of a connection, in bytes; a larger head is refused.
const BUFFER: usize = 16 * 1024;

/// Serves until `stop` is cancelled, then finishes the requests in flight. Returns whether all of them
/// ended in time.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) -> bool {
    let connections = TaskTracker::new();
    let permits = Arc::new(Semaphore::new(CONNECTIONS));
    let spawn = |stream, permit: OwnedSemaphorePermit| {
        let (router, stop) = (router.clone(), stop.clone());
        connections.spawn(async move {
            connection(stream, router, stop).await;
            drop(permit);
        });
    };
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = accept(&listener, &permits) => accepted,
        };
        match accepted {
            Ok((stream, permit)) => spawn(stream, permit),
            Err(error) => {
                // Most likely out of file descriptors until other connections end.
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    for stream in accepted_by_kernel(listener) {
        let Ok(permit) = Arc::clone(&permits).try_acquire_owned() else { break };
        spawn(stream, permit);
    }
    connections.close();
    tracing::info!(connections = connections.len(), "draining");
    let drained = tokio::time::timeout(DRAIN_TIMEOUT, connections.wait()).await.is_ok();
    if !drained {
        tracing::warn!(
            connections = connections.len(),
            "gave up requests that did not end in time"
        );
    }
    drained
}

async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
) -> std::io::Result<(TcpStream, OwnedSemaphorePermit)> {
    let permit = Arc::clone(permits).acquire_owned().await.map_err(std::io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    Ok((stream, permit))
}

/// The connections that wait in the listener's queue; then closes it.
/// Dropping them would reset them and lose their requests.
fn accepted_by_kernel(listener: TcpListener) -> impl Iterator<Item = TcpStream> {
    let listener = listener.into_std();
    std::iter::from_fn(move || {
        let (stream, _) = listener.as_ref().ok()?.accept().ok()?;
        stream.set_nonblocking(true).ok()?;
        TcpStream::from_std(stream).ok()
    })
}

/// Whether the first bytes of a connection arrive in time.
async fn receives_bytes(stream: &TcpStream, stop: &CancellationToken) -> bool {
    let stopped = async {
        stop.cancelled().await;
        tokio::time::sleep(FIRST_REQUEST_GRACE).await;
    };
    tokio::select! {
        ready = stream.readable() => ready.is_ok(),
        () = stopped => false,
        () = tokio::time::sleep(HEAD_TIMEOUT) => false,
    }
}

async fn connection(stream: TcpStream, router: Router, stop: CancellationToken) {
    // Responses are small: Nagle's algorithm would delay them.
    let _ = stream.set_nodelay(true);
    if !receives_bytes(&stream, &stop).await {
        return;
    }
    let service = TowerToHyperService::new(router);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let served = tokio::select! {
        // Reads arrived bytes first. Otherwise a stop closes the connection with a request unread.
        biased;
        served = connection.as_mut() => served,
        () = stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = served {
        tracing::debug!(%error, "a connection broke off");
    }
}
