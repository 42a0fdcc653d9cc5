//! Free loopback ports. They are taken below the range from which the system gives ports to
//! outgoing connections, so that no connection takes one between the choice and its use.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::atomic::{AtomicU32, Ordering},
};

use anyhow::Context;

const FIRST: u32 = 15_000;
const COUNT: u32 = 16_000;

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A loopback address that nothing listens on, for another program.
///
/// # Errors
/// When no port is free.
pub fn free() -> anyhow::Result<SocketAddr> {
    Ok(listen()?.local_addr()?)
}

/// A listener on a free port. Each call in one process returns another port, and different
/// processes start at different ports. A listener of this process is taken from here: a released
/// port can stay in use for a moment, by a program that another thread is starting.
///
/// # Errors
/// When no port is free.
pub fn listen() -> anyhow::Result<TcpListener> {
    let start = std::process::id().wrapping_mul(7919);
    (0..COUNT)
        .filter_map(|_| {
            let offset = start.wrapping_add(NEXT.fetch_add(1, Ordering::Relaxed)) % COUNT;
            let port = u16::try_from(FIRST + offset).ok()?;
            let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
            TcpListener::bind(address).ok()
        })
        .next()
        .context("no free port")
}
