//! Why a chat could not be served; its job is tried again.

use shared::{queue::QueueError, store::DbErr};

/// PostgreSQL or Redis failed.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    #[error("{0}")]
    Database(#[from] DbErr),
    #[error("{0}")]
    Queue(#[from] QueueError),
}
