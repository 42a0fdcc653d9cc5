//! Periodic tasks beside the jobs: the reconciler, filling Redis, the inbox drain, the sampling of metrics,
//! and the cleanup of Redis.

pub mod inbox_drain;
pub mod metrics_sampler;
pub mod queue_fill;
pub mod reconciler;
pub mod redis_cleanup;
