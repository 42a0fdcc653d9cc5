//! Signals to stop: the first SIGTERM or SIGINT cancels a token, and work in flight is finished. The second
//! ends the process at once.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::systemd;

/// Listens for SIGTERM and SIGINT. The token is cancelled by the first of them; a second one ends
/// the process with 128 + its number, as a shell would report it.
///
/// # Errors
/// When the process cannot listen for signals.
pub fn on_signals() -> io::Result<CancellationToken> {
    let token = CancellationToken::new();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let stop = token.clone();
    tokio::spawn(async move {
        let name = name_of(next(&mut terminate, &mut interrupt).await);
        tracing::info!(signal = name, "stopping: finishing what is in flight");
        systemd::stopping();
        stop.cancel();
        let kind = next(&mut terminate, &mut interrupt).await;
        tracing::warn!(signal = name_of(kind), "second signal: ending at once");
        std::process::exit(128 + kind.as_raw_value());
    });
    Ok(token)
}

async fn next(terminate: &mut Signal, interrupt: &mut Signal) -> SignalKind {
    tokio::select! {
        _ = terminate.recv() => SignalKind::terminate(),
        _ = interrupt.recv() => SignalKind::interrupt(),
    }
}

fn name_of(kind: SignalKind) -> &'static str {
    if kind == SignalKind::terminate() { "SIGTERM" } else { "SIGINT" }
}
