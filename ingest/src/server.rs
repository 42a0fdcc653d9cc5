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
    sync::Semaphore,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

/// Most connections at once; more wait in the listener's queue.
const CONNECTIONS: usize = 4096;
/// Longest time for a request's head to arrive, and for a connection to stand idle.
const HEAD_ARRIVAL: Duration = Duration::from_secs(75);
/// Longest time to finish what is in flight, once asked to stop.
const DRAIN: Duration = Duration::from_secs(20);
/// Read buffer of a connection, in bytes; a larger head is refused.
const BUFFER: usize = 16 * 1024;

/// Serves until `stop` is cancelled, then finishes the requests in flight. Says whether all of
/// them could be finished in time.
pub async fn serve(listener: TcpListener, router: Router, stop: CancellationToken) -> bool {
    let connections = TaskTracker::new();
    let permits = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = accept(&listener, &permits) => accepted,
        };
        match accepted {
            Ok((stream, permit)) => {
                let (router, stop) = (router.clone(), stop.clone());
                connections.spawn(async move {
                    connection(stream, router, stop).await;
                    drop(permit);
                });
            }
            Err(error) => {
                // Out of file descriptors, most likely: existing connections have to end first.
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
    drop(listener);
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
) -> std::io::Result<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let permit = Arc::clone(permits).acquire_owned().await.map_err(std::io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    Ok((stream, permit))
}

async fn connection(stream: TcpStream, router: Router, stop: CancellationToken) {
    // Answers are small: they must not wait for more to send.
    let _ = stream.set_nodelay(true);
    let service = TowerToHyperService::new(router);
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_ARRIVAL)
        .max_buf_size(BUFFER)
        .serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    let served = tokio::select! {
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
