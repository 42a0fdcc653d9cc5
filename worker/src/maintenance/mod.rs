//! What runs beside the jobs, by the clock: the reconciler, the emptying of the inbox, and the
//! sampling of metrics.

pub mod inbox_drain;
pub mod metrics_sampler;
pub mod reconciler;
