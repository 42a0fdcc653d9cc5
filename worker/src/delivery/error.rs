//! The error of one delivery job. The job is retried.

use shared::{queue::QueueError, store::DbErr};

/// PostgreSQL or Redis failed.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    #[error("{0}")]
    Database(#[from] DbErr),
    #[error("{0}")]
    Queue(#[from] QueueError),
}
