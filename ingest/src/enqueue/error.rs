//! The error of enqueueing.

/// Neither Redis nor PostgreSQL took the jobs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("neither Redis nor PostgreSQL took it")]
pub struct NotStored;
