//! Periodic tasks beside the jobs: the reconciler, filling Redis, the inbox drain, the sampling of metrics,
//! the cleanup of Redis, the deletion of clients whose time is over, and the agenda that comes by itself.

pub mod agenda;
pub mod inbox_drain;
pub mod metrics_sampler;
pub mod queue_fill;
pub mod reconciler;
pub mod redis_cleanup;
pub mod retention;
