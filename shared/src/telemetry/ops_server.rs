//! The operations port (`METRICS_ADDR`): `/metrics`, `/healthz` (the process lives) and `/readyz`
//! (it can do its work). Private; small and bounded, so that no probe can harm the work.

use std::{convert::Infallible, io, net::SocketAddr, sync::Arc, time::Duration};

use http_body_util::Full;
use hyper::{
    Method, Request, Response, StatusCode,
    body::{Bytes, Incoming},
    header::{CONTENT_TYPE, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use metrics_exporter_prometheus::PrometheusHandle;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
};
use tokio_util::sync::CancellationToken;

use super::{metrics, readiness::Readiness};

/// Most connections at once; more wait in the listener's queue.
const CONNECTIONS: usize = 64;
/// Longest life of one connection.
const CONNECTION_LIFE: Duration = Duration::from_secs(60);
/// How often samples are folded into their buckets, so that they do not pile up between scrapes.
const UPKEEP: Duration = Duration::from_secs(1);

/// The operations port, bound and not yet served.
#[derive(Debug)]
pub struct OpsServer {
    listener: TcpListener,
    service: Arc<Service>,
}

#[derive(Debug)]
struct Service {
    metrics: PrometheusHandle,
    readiness: Arc<Readiness>,
}

impl OpsServer {
    /// Binds the port.
    ///
    /// # Errors
    /// When the address cannot be bound.
    pub async fn bind(
        addr: SocketAddr,
        metrics: PrometheusHandle,
        readiness: Arc<Readiness>,
    ) -> io::Result<Self> {
        let listener = TcpListener::bind(addr).await?;
        Ok(Self { listener, service: Arc::new(Service { metrics, readiness }) })
    }

    /// The address in use.
    ///
    /// # Errors
    /// When the system fails to return it.
    pub fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until `end`. Give it a token that outlives the drain: `/readyz` has to say that the
    /// process is stopping.
    pub async fn serve(self, end: CancellationToken) {
        let permits = Arc::new(Semaphore::new(CONNECTIONS));
        let mut upkeep = tokio::time::interval(UPKEEP);
        loop {
            let accepted = tokio::select! {
                () = end.cancelled() => return,
                _ = upkeep.tick() => {
                    self.service.metrics.run_upkeep();
                    continue;
                }
                accepted = accept(&self.listener, &permits) => accepted,
            };
            match accepted {
                Ok((stream, permit)) => {
                    let service = Arc::clone(&self.service);
                    tokio::spawn(async move {
                        let _permit = permit;
                        // A probe that breaks off or is slow fails alone.
                        let _ = tokio::time::timeout(CONNECTION_LIFE, service.serve(stream)).await;
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "the operations port cannot accept a connection");
                    tokio::time::sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }
}

/// A connection, once there is room for one.
async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
) -> io::Result<(TcpStream, tokio::sync::OwnedSemaphorePermit)> {
    let permit = Arc::clone(permits).acquire_owned().await.map_err(io::Error::other)?;
    let (stream, _) = listener.accept().await?;
    Ok((stream, permit))
}

impl Service {
    async fn serve(self: Arc<Self>, stream: TcpStream) {
        let handler = service_fn(|request: Request<Incoming>| {
            let service = Arc::clone(&self);
            async move {
                Ok::<_, Infallible>(service.respond(request.method(), request.uri().path()).await)
            }
        });
        let served = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(Duration::from_secs(5))
            .serve_connection(TokioIo::new(stream), handler)
            .await;
        if let Err(error) = served {
            tracing::debug!(%error, "a connection to the operations port broke off");
        }
    }

    async fn respond(&self, method: &Method, path: &str) -> Response<Full<Bytes>> {
        if method != Method::GET && method != Method::HEAD {
            return response(StatusCode::METHOD_NOT_ALLOWED, "text/plain", "GET only\n".into());
        }
        match path {
            "/healthz" => response(StatusCode::OK, "text/plain", "ok\n".into()),
            "/metrics" => {
                metrics::process_memory();
                let text = self.metrics.render();
                response(StatusCode::OK, "text/plain; version=0.0.4; charset=utf-8", text)
            }
            "/readyz" => {
                let report = self.readiness.report().await;
                let status =
                    if report.ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
                response(status, "application/json", report.to_json())
            }
            _ => response(StatusCode::NOT_FOUND, "text/plain", "not found\n".into()),
        }
    }
}

fn response(status: StatusCode, kind: &'static str, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

#[cfg(test)]
mod tests {
    use metrics_exporter_prometheus::PrometheusBuilder;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::telemetry::Need;

    async fn started(stopping: &CancellationToken) -> SocketAddr {
        let recorder = PrometheusBuilder::new().build_recorder();
        ::metrics::with_local_recorder(&recorder, || {
            ::metrics::counter!("tried_total").increment(3)
        });
        let readiness =
            Readiness::new(Need::All, stopping.clone()).part("redis", || async { Ok(()) });
        let addr = SocketAddr::from(([127, 0, 0, 1], 0));
        let server = OpsServer::bind(addr, recorder.handle(), Arc::new(readiness)).await.unwrap();
        let addr = server.local_addr().unwrap();
        tokio::spawn(server.serve(CancellationToken::new()));
        addr
    }

    async fn exchange(addr: SocketAddr, request: &str) -> String {
        let mut stream = TcpStream::connect(addr).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut response = String::new();
        stream.read_to_string(&mut response).await.unwrap();
        response
    }

    async fn get(addr: SocketAddr, path: &str) -> String {
        exchange(addr, &format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"))
            .await
    }

    #[tokio::test]
    async fn answers_probes_and_scrapes() {
        let addr = started(&CancellationToken::new()).await;
        assert!(get(addr, "/healthz").await.starts_with("HTTP/1.1 200"));
        let ready = get(addr, "/readyz").await;
        assert!(
            ready.starts_with("HTTP/1.1 200") && ready.ends_with(r#"{"redis":"ok"}"#),
            "{ready}"
        );
        let metrics = get(addr, "/metrics").await;
        assert!(metrics.contains("\ntried_total 3\n"), "{metrics}");
        assert!(get(addr, "/").await.starts_with("HTTP/1.1 404"));
        assert!(get(addr, "/metrics/../x?y").await.starts_with("HTTP/1.1 404"));
    }

    #[tokio::test]
    async fn survives_what_is_no_request() {
        let addr = started(&CancellationToken::new()).await;
        assert!(exchange(addr, "\0\0\0 nonsense\r\n\r\n").await.starts_with("HTTP/1.1 400"));
        let post =
            "POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        assert!(exchange(addr, post).await.starts_with("HTTP/1.1 405"));
        assert!(get(addr, "/healthz").await.starts_with("HTTP/1.1 200"));
    }

    #[tokio::test]
    async fn says_that_it_is_stopping_while_it_still_lives() {
        let stopping = CancellationToken::new();
        let addr = started(&stopping).await;
        stopping.cancel();
        let ready = get(addr, "/readyz").await;
        assert!(ready.starts_with("HTTP/1.1 503") && ready.contains("stopping"), "{ready}");
        assert!(get(addr, "/healthz").await.starts_with("HTTP/1.1 200"));
    }
}
