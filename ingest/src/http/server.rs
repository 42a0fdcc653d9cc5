//! The server loop: a bounded number of connections, a time limit for each request's head, and a
//! drain that finishes what is in flight.

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
const CONNECTIONS: usize = 4096;
/// Longest time for a request's head to arrive, and for a connection to stand idle.
const HEAD_ARRIVAL: Duration = Duration::from_secs(75);
/// How long a connection may still bring its first request, once asked to stop: it was made before that
/// could be known.
const LAST_ARRIVAL: Duration = Duration::from_millis(500);
/// Longest time to finish what is in flight, once asked to stop.
const DRAIN: Duration = Duration::from_secs(20);
/// Read buffer of a connection, in bytes; a larger head is refused.
const BUFFER: usize = 16 * 1024;

/// Serves until `stop` is cancelled, then finishes the requests in flight. Says whether all of
/// them could be finished in time.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) -> bool {
    let connections = TaskTracker::new();
    let permits = Arc::new(Semaphore::new(CONNECTIONS));
    let attend = |stream, permit: OwnedSemaphorePermit| {
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
            Ok((stream, permit)) => attend(stream, permit),
            Err(error) => {
                // Out of file descriptors, most likely: existing connections have to end first.
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    for stream in connected(listener) {
        let Ok(permit) = Arc::clone(&permits).try_acquire_owned() else { break };
        attend(stream, permit);
    }
    connections.close();
    tracing::info!(connections = connections.len(), "draining");
    let drained = tokio::time::timeout(DRAIN, connections.wait()).await.is_ok();
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

/// Closes the listener, and gives the connections that had been made by then and wait in its queue.
/// Closed without that it would reset them, with the requests that they have brought.
fn connected(listener: TcpListener) -> impl Iterator<Item = TcpStream> {
    let listener = listener.into_std();
    std::iter::from_fn(move || {
        let (stream, _) = listener.as_ref().ok()?.accept().ok()?;
        stream.set_nonblocking(true).ok()?;
        TcpStream::from_std(stream).ok()
    })
}

/// Waits for the first bytes of a connection.
async fn brings_a_request(stream: &TcpStream, stop: &CancellationToken) -> bool {
    let stopped = async {
        stop.cancelled().await;
        tokio::time::sleep(LAST_ARRIVAL).await;
    };
    tokio::select! {
        come = stream.readable() => come.is_ok(),
        () = stopped => false,
        () = tokio::time::sleep(HEAD_ARRIVAL) => false,
    }
}

async fn connection(stream: TcpStream, router: Router, stop: CancellationToken) {
    // Answers are small: they must not wait for more to send.
    let _ = stream.set_nodelay(true);
    if !brings_a_request(&stream, &stop).await {
        return;
    }
    let service = TowerToHyperService::new(router);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_ARRIVAL)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let served = tokio::select! {
        // First of all what has come is read: without it, being asked to stop closes the connection.
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
