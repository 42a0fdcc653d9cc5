//! A SOCKS5 proxy (RFC 1928, RFC 1929) that wants a user and a password, and leads to one server whatever name it
//! is given.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

use anyhow::ensure;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use super::proxy::listen;

const VERSION: u8 = 5;
const BY_PASSWORD: u8 = 2;
const BY_NAME: u8 = 3;

/// A proxy that listens until it is dropped.
#[derive(Debug)]
pub struct Socks {
    address: SocketAddr,
    passed: Arc<AtomicU32>,
    refused: Arc<AtomicU32>,
    task: JoinHandle<()>,
}

impl Socks {
    /// Starts one before `server`, for this user.
    ///
    /// # Errors
    /// When no port can be bound.
    pub fn start(
        server: SocketAddr,
        user: &'static str,
        password: &'static str,
    ) -> anyhow::Result<Self> {
        let listener = listen()?;
        let address = listener.local_addr()?;
        let counts = [Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0))];
        let [passed, refused] = counts.clone();
        let task = tokio::spawn(serve(listener, server, [user, password], counts));
        Ok(Self { address, passed, refused, task })
    }

    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many connections were passed on.
    #[must_use]
    pub fn passed(&self) -> u32 {
        self.passed.load(Ordering::Relaxed)
    }

    /// How many had a wrong user or password.
    #[must_use]
    pub fn refused(&self) -> u32 {
        self.refused.load(Ordering::Relaxed)
    }
}

impl Drop for Socks {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(
    listener: TcpListener,
    server: SocketAddr,
    expected: [&'static str; 2],
    [passed, refused]: [Arc<AtomicU32>; 2],
) {
    // Owned by this task, so that connections end with the proxy.
    let mut connections = tokio::task::JoinSet::new();
    while let Ok((mut near, _)) = listener.accept().await {
        while connections.try_join_next().is_some() {}
        let (passed, refused) = (Arc::clone(&passed), Arc::clone(&refused));
        connections.spawn(async move {
            if !greet(&mut near, expected).await? {
                refused.fetch_add(1, Ordering::Relaxed);
                return Ok(());
            }
            let mut far = TcpStream::connect(server).await?;
            // Success; the address that was bound is of no use.
            near.write_all(&[VERSION, 0, 0, 1, 0, 0, 0, 0, 0, 0]).await?;
            passed.fetch_add(1, Ordering::Relaxed);
            copy_bidirectional(&mut near, &mut far).await?;
            anyhow::Ok(())
        });
    }
}

/// Whether the user and password were right; then the request was read, too.
async fn greet(near: &mut TcpStream, expected: [&str; 2]) -> anyhow::Result<bool> {
    ensure!(near.read_u8().await? == VERSION, "not SOCKS5");
    read_text(near).await?;
    near.write_all(&[VERSION, BY_PASSWORD]).await?;
    near.read_u8().await?;
    let given = [read_text(near).await?, read_text(near).await?];
    let is_right =
        given.iter().zip(expected).all(|(given, expected)| *given == expected.as_bytes());
    near.write_all(&[1, u8::from(!is_right)]).await?;
    if !is_right {
        return Ok(false);
    }
    let mut request = [0; 4];
    near.read_exact(&mut request).await?;
    ensure!(request[3] == BY_NAME, "the name was not left to the proxy");
    read_text(near).await?;
    near.read_u16().await?;
    Ok(true)
}

/// Bytes behind their number.
async fn read_text(near: &mut TcpStream) -> std::io::Result<Vec<u8>> {
    let mut text = vec![0; usize::from(near.read_u8().await?)];
    near.read_exact(&mut text).await?;
    Ok(text)
}
