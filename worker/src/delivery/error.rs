//! The error of one delivery job. The job is retried.

use shared::{queue::QueueError, store::DbErr};

/// PostgreSQL or Redis failed, or Telegram where a text needs it.
#[derive(Debug, thiserror::Error)]
pub enum DeliveryError {
    #[error("{0}")]
    Database(#[from] DbErr),
    #[error("{0}")]
    Queue(#[from] QueueError),
    #[error("the bot's name is not known: {0}")]
    BotName(String),
}
