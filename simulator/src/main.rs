//! The simulator as a program: listens on a loopback port, prints where, runs until SIGTERM.
//! The rest is in the library, which tests run in-process.

use std::net::SocketAddr;

use anyhow::Context;
use clap::Parser;
use tokio::{net::TcpListener, signal::unix::SignalKind};

/// A fake Telegram Bot API with scripted faults.
#[derive(Debug, Parser)]
struct Arguments {
    /// Loopback address to listen on; port 0 picks a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    let arguments = Arguments::parse();
    anyhow::ensure!(
        arguments.listen.ip().is_loopback(),
        "the simulator listens on this machine alone: 127.0.0.1 or [::1]"
    );
    let listener = TcpListener::bind(arguments.listen)
        .await
        .with_context(|| format!("cannot listen on {}", arguments.listen))?;
    println!("listening on http://{}", listener.local_addr()?);
    let mut terminate = tokio::signal::unix::signal(SignalKind::terminate())?;
    tokio::select! {
        () = simulator::serve(listener) => {}
        _ = terminate.recv() => {}
        interrupted = tokio::signal::ctrl_c() => interrupted?,
    }
    Ok(())
}
