//! Periodic tasks beside the jobs: the reconciler, filling Redis, the inbox drain, the sampling of metrics,
//! the cleanup of Redis,
//! and the deletion of clients whose time is over.

pub mod inbox_drain;
pub mod metrics_sampler;
pub mod queue_fill;
pub mod reconciler;
pub mod redis_cleanup;
pub mod retention;
