//! The listening side: hyper connections around the axum routes, so that a fault can cut one.

use std::{convert::Infallible, io, net::SocketAddr};

use axum::{Router, body::Body, extract::Request};
use hyper::{body::Incoming, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::{TcpListener, TcpStream},
    task::{JoinHandle, JoinSet},
};
use tower_service::Service;

use crate::{
    api::{self, CutConnection},
    bukza,
    client::Client,
    control, page,
    state::Simulator,
};

/// Serves a new simulator on `listener` until the future is dropped.
pub async fn serve(listener: TcpListener) {
    let simulator = std::sync::Arc::new(Simulator::new());
    let routes = Router::new()
        .nest("/_sim", control::routes())
        .merge(bukza::api::routes())
        .nest("/play", page::routes())
        .fallback(api::call)
        .with_state(simulator);
    // Owned here: connections end with the server.
    let mut connections = JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((stream, _)) => {
                connections.spawn(connection(stream, routes.clone()));
            }
            Err(error) => {
                // Out of file descriptors, most likely: others may close soon.
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(std::time::Duration::from_millis(50)).await;
            }
        }
    }
}

async fn connection(stream: TcpStream, routes: Router) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: Request<Incoming>| {
        let mut routes = routes.clone();
        async move {
            let response = routes
                .call(request.map(Body::new))
                .await
                .unwrap_or_else(|never: Infallible| match never {});
            match response.extensions().get::<CutConnection>() {
                Some(CutConnection) => Err(io::Error::other("cut by a scripted fault")),
                None => Ok(response),
            }
        }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .serve_connection(TokioIo::new(stream), service)
        .await;
    if let Err(error) = served {
        tracing::debug!(%error, "connection ended");
    }
}

/// A simulator that runs within this process until it is dropped.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Running {
    /// Base URL for `TELEGRAM_API_URL`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops the server and closes its port.
    pub async fn stop(&mut self) {
        self.task.abort();
        let _ = (&mut self.task).await;
    }

    /// A client of its control API.
    #[must_use]
    pub fn client(&self) -> Client {
        Client::new(&self.url())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Starts a simulator in this process, on a free loopback port.
///
/// # Errors
/// When no port can be bound.
pub async fn spawn() -> io::Result<Running> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    Ok(Running { address, task: tokio::spawn(serve(listener)) })
}
