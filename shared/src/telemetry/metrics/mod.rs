//! Every metric of the system: its name, its bounded labels, and the typed function that records
//! it. Metrics are named nowhere else.
//!
//! Gauges of the queue, the outbox and the users describe the whole service, and every worker
//! measures them: take their maximum, not their sum. Everything else describes one process.

mod catalogue;
mod labels;
mod record;

pub use labels::{
    BookingChange, DbErrorKind, DeletionOrigin, EnqueuedTo, JobOutcome, Label, MeasuredAt,
    MessageOutcome, PoolState, QueueState, ReadFrom, Source, TableCall, TableOutcome, TableRound,
    TableRow, TelegramOutcome, UpdateOutcome, WebhookOutcome, WebhookRepair, WhichWay,
};
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder, PrometheusHandle};
pub use record::*;

/// Installs the recorder of this process, describes every metric, and records the build.
///
/// # Errors
/// When a recorder is installed already.
pub fn install() -> Result<PrometheusHandle, BuildError> {
    let handle = catalogue::with_buckets(PrometheusBuilder::new())?.install_recorder()?;
    catalogue::describe();
    record::build_info();
    record::at_zero();
    Ok(handle)
}

#[cfg(test)]
mod golden_tests;
