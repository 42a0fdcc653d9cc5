//! What a running binary shows of itself: logs, metrics, the operations port with health and
//! readiness; and how it is asked to stop.

mod log_writer;
pub mod logs;
pub mod metrics;
mod ops_server;
mod readiness;
pub mod shutdown;
pub mod systemd;

mod watchdog;

pub use ops_server::OpsServer;
pub use readiness::{Need, Readiness, Report};

/// A duration for a log line, as a number: 128 bits, as the standard library has it, would become a
/// text in JSON.
#[must_use]
pub fn milliseconds(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
