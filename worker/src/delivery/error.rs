//! The errors of a delivery: of its job, which is retried, and of the rendering of a message.

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

/// Why a message could not be rendered: its row lacks what its kind needs, or PostgreSQL failed.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    #[error("{0}")]
    Database(#[from] DbErr),
    #[error("the row holds no {0}")]
    Missing(&'static str),
    /// There is nothing to say any more: the reason.
    #[error("nothing to say: {0}")]
    Moot(&'static str),
    /// Telegram has not answered what the bot's name is.
    #[error("the bot's name is not known: {0}")]
    BotName(String),
    #[error("the answer can't be read: {}", shared::json::fault(.0))]
    Answer(#[from] serde_json::Error),
}
