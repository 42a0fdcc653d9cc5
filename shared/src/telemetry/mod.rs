//! What a running binary shows of itself: logs, metrics, the operations port with health and
//! readiness; and how it is asked to stop.

pub mod logs;
pub mod metrics;
mod ops_server;
mod readiness;
pub mod shutdown;

pub use ops_server::OpsServer;
pub use readiness::{Need, Readiness, Report};
