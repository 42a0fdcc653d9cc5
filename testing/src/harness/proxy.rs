//! A TCP proxy between two parts of the system. It forwards everything until a test sets one of
//! several network faults.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinHandle,
};

use crate::harness::ports;

/// The network's present condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Network {
    /// Everything is forwarded.
    Well,
    /// New connections are refused, and open ones closed.
    Refusing,
    /// Nothing is forwarded, and no connection is closed. A connection that was open meanwhile
    /// stays silent for ever, as if a firewall had dropped it. Later connections work.
    Silent,
    /// Requests are forwarded, but the connection is closed instead of a response.
    CutBeforeAnswer,
    /// A connection is closed in the middle of a response, after this many bytes of responses.
    CutAfter(usize),
    /// Each chunk is delayed, both ways.
    Slow(Duration),
}

/// A proxy that listens on its own loopback port until it is dropped.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    network: watch::Sender<Network>,
    broken: Arc<AtomicU32>,
    task: JoinHandle<()>,
}

impl Proxy {
    /// Starts one before `server`.
    ///
    /// # Errors
    /// When no port can be bound.
    pub async fn before(server: SocketAddr) -> anyhow::Result<Self> {
        Self::on(listen()?, server)
    }

    fn on(listener: TcpListener, server: SocketAddr) -> anyhow::Result<Self> {
        let address = listener.local_addr()?;
        let (network, seen) = watch::channel(Network::Well);
        let broken = Arc::new(AtomicU32::new(0));
        let task = tokio::spawn(serve(listener, server, seen, Arc::clone(&broken)));
        Ok(Self { address, network, broken, task })
    }

    /// Starts one before the server of a URL; returns the URL through the proxy.
    ///
    /// # Errors
    /// When the URL names no host and port, or no port can be bound.
    pub async fn before_url(url: &str) -> anyhow::Result<(Self, String)> {
        let listener = listen()?;
        let (server, through) = through(url, listener.local_addr()?)?;
        Ok((Self::on(listener, server)?, through))
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Changes the network from now on.
    pub fn set(&self, network: Network) {
        self.network.send_replace(network);
    }

    /// How many connections a fault has affected.
    #[must_use]
    pub fn broken(&self) -> u32 {
        self.broken.load(Ordering::Relaxed)
    }
}

/// The server that a URL names, and the URL with `proxy` in its place.
pub(crate) fn through(url: &str, proxy: SocketAddr) -> anyhow::Result<(SocketAddr, String)> {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let slash = if rest.contains('/') { "/" } else { "" };
    let authority = authority.replace(host, &proxy.to_string());
    Ok((host.parse()?, format!("{scheme}://{authority}{slash}{path}")))
}

/// A listener of a proxy.
pub(crate) fn listen() -> anyhow::Result<TcpListener> {
    let listener = ports::listen()?;
    listener.set_nonblocking(true)?;
    Ok(TcpListener::from_std(listener)?)
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(
    listener: TcpListener,
    server: SocketAddr,
    mut network: watch::Receiver<Network>,
    broken: Arc<AtomicU32>,
) {
    let address = listener.local_addr();
    let mut listener = Some(listener);
    // Owned by this task, so that connections end with the proxy.
    let mut connections = tokio::task::JoinSet::new();
    loop {
        while connections.try_join_next().is_some() {}
        let refusing = *network.borrow_and_update() == Network::Refusing;
        match (&listener, refusing) {
            (_, true) => listener = None,
            (None, false) => {
                let Ok(address) = address else { return };
                // Connections being closed may hold the port for a moment.
                match TcpListener::bind(address).await {
                    Ok(again) => listener = Some(again),
                    Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
                }
                continue;
            }
            (Some(_), false) => {}
        }
        tokio::select! {
            changed = network.changed() => if changed.is_err() { return },
            accepted = accept(listener.as_ref()) => {
                let (network, broken) = (network.clone(), Arc::clone(&broken));
                connections.spawn(async move {
                    if connection(accepted, server, network, &broken).await == End::Broken {
                        broken.fetch_add(1, Ordering::Relaxed);
                    }
                });
            }
        }
    }
}

async fn accept(listener: Option<&TcpListener>) -> TcpStream {
    let Some(listener) = listener else { return std::future::pending().await };
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            return stream;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// How a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum End {
    /// By one of its two ends.
    Own,
    /// By the network.
    Broken,
}

async fn connection(
    mut near: TcpStream,
    server: SocketAddr,
    network: watch::Receiver<Network>,
    broken: &AtomicU32,
) -> End {
    let Ok(mut far) = TcpStream::connect(server).await else { return End::Own };
    let _ = (near.set_nodelay(true), far.set_nodelay(true));
    let (mut near_in, mut near_out) = near.split();
    let (mut far_in, mut far_out) = far.split();
    let requests = pump(&mut near_in, &mut far_out, network.clone(), Way::Requests, broken);
    let answered = pump(&mut far_in, &mut near_out, network, Way::Answered, broken);
    // The end of one direction ends both, because dropping the sockets closes them.
    tokio::select! {
        end = requests => end,
        end = answered => end,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Requests,
    Answered,
}

async fn pump(
    from: &mut (impl AsyncRead + Unpin),
    to: &mut (impl AsyncWrite + Unpin),
    mut network: watch::Receiver<Network>,
    way: Way,
    broken: &AtomicU32,
) -> End {
    let mut buffer = vec![0; 16 * 1024];
    let mut passed = 0;
    loop {
        let now = *network.borrow_and_update();
        match now {
            Network::Refusing => return End::Broken,
            Network::Silent => {
                broken.fetch_add(u32::from(way == Way::Requests), Ordering::Relaxed);
                // Silent for good, whatever the network does later.
                return std::future::pending().await;
            }
            _ => {}
        }
        let read = tokio::select! {
            changed = network.changed() => {
                if changed.is_err() {
                    return End::Own;
                }
                continue;
            }
            read = from.read(&mut buffer) => read,
        };
        let Ok(length @ 1..) = read else { return End::Own };
        let mut piece = &buffer[..length];
        match (now, way) {
            (Network::CutBeforeAnswer, Way::Answered) => return End::Broken,
            (Network::CutAfter(limit), Way::Answered) if passed + length > limit => {
                piece = &piece[..limit.saturating_sub(passed)];
                let _ = to.write_all(piece).await;
                return End::Broken;
            }
            (Network::Slow(by), _) => tokio::time::sleep(by).await,
            _ => {}
        }
        passed += piece.len();
        if to.write_all(piece).await.is_err() {
            return End::Own;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers each byte with the same byte twice.
    async fn doubling() -> SocketAddr {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    while let Ok(byte) = stream.read_u8().await {
                        stream.write_all(&[byte, byte]).await.unwrap();
                    }
                });
            }
        });
        address
    }

    async fn exchange(stream: &mut TcpStream, byte: u8) -> std::io::Result<[u8; 2]> {
        stream.write_all(&[byte]).await?;
        let mut answer = [0; 2];
        stream.read_exact(&mut answer).await.map(|_| answer)
    }

    #[tokio::test]
    async fn breaks_in_each_way_and_heals() {
        let proxy = Proxy::before(doubling().await).await.unwrap();
        let connect = || TcpStream::connect(proxy.address());
        let mut first = connect().await.unwrap();
        assert_eq!(exchange(&mut first, 1).await.unwrap(), [1, 1]);

        proxy.set(Network::CutBeforeAnswer);
        assert!(exchange(&mut first, 2).await.is_err());

        proxy.set(Network::CutAfter(3));
        let mut second = connect().await.unwrap();
        assert_eq!(exchange(&mut second, 3).await.unwrap(), [3, 3]);
        assert!(exchange(&mut second, 4).await.is_err());

        proxy.set(Network::Well);
        let mut silent = connect().await.unwrap();
        assert_eq!(exchange(&mut silent, 5).await.unwrap(), [5, 5]);
        proxy.set(Network::Silent);
        let wait = Duration::from_millis(100);
        assert!(tokio::time::timeout(wait, exchange(&mut silent, 6)).await.is_err());
        proxy.set(Network::Well);
        assert!(
            tokio::time::timeout(wait, exchange(&mut silent, 7)).await.is_err(),
            "silent for ever"
        );
        let mut third = connect().await.unwrap();
        assert_eq!(exchange(&mut third, 8).await.unwrap(), [8, 8]);

        proxy.set(Network::Refusing);
        assert!(exchange(&mut third, 9).await.is_err(), "cut");
        while connect().await.is_ok() {
            tokio::task::yield_now().await;
        }
        proxy.set(Network::Slow(wait));
        let mut fourth = loop {
            match connect().await {
                Ok(stream) => break stream,
                Err(_) => tokio::task::yield_now().await,
            }
        };
        let started = tokio::time::Instant::now();
        assert_eq!(exchange(&mut fourth, 10).await.unwrap(), [10, 10]);
        assert!(started.elapsed() >= wait * 2);
        assert_eq!(proxy.broken(), 4);
    }

    #[tokio::test]
    async fn stands_in_a_url_with_all_else_as_it_was() {
        let (proxy, url) = Proxy::before_url("postgres://u:p@127.0.0.1:5432/db?x=1").await.unwrap();
        assert_eq!(url, format!("postgres://u:p@{}/db?x=1", proxy.address()));
        let (proxy, url) = Proxy::before_url("redis://:p@127.0.0.1:6379").await.unwrap();
        assert_eq!(url, format!("redis://:p@{}", proxy.address()));
        let (proxy, url) = Proxy::before_url("http://127.0.0.1:8081").await.unwrap();
        assert_eq!(url, format!("http://{}", proxy.address()));
    }
}
