//! Logs, metrics, the operations port with health and readiness, the watchdog, and the signals to stop.

pub mod logs;
pub mod metrics;
mod ops_server;
mod readiness;
pub mod shutdown;
pub mod systemd;

mod watchdog;

pub use ops_server::OpsServer;
pub use readiness::{Need, Readiness, Report};

/// A duration in milliseconds for a log line. 64 bits, as 128 would become a text in JSON.
#[must_use]
pub fn milliseconds(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
