//! Whose share of the bot's limit a message takes: waiting bulk has a third of the turns at least, strangers have
//! a sixth at most.

use std::time::Duration;

use shared::domain::message::Priority;

/// Answers to strangers get one of so many turns.
pub(super) const STRANGERS_TURN: u32 = 6;
/// Longest wait inside a job. After it, a later job wakes the chat.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);
/// Longest wait of a stranger's answer inside a job: it must not keep clients' jobs waiting.
const STRANGERS_PATIENCE: Duration = Duration::from_millis(300);

/// Whose share of the bot's limit a message takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Share {
    /// Answers to registered clients.
    Answers,
    /// Answers to accounts that are not registered.
    Strangers,
    Bulk,
}

impl Share {
    /// The share of a message with this priority; `to_stranger`: it answers an account that is not registered.
    #[must_use]
    pub fn of(priority: Priority, to_stranger: bool) -> Self {
        match priority {
            Priority::Bulk => Self::Bulk,
            Priority::Interactive if to_stranger => Self::Strangers,
            Priority::Interactive => Self::Answers,
        }
    }

    /// Its name in `reserve.lua`.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Answers => "answers",
            Self::Strangers => "strangers",
            Self::Bulk => "bulk",
        }
    }

    /// Longest wait inside a job.
    pub(super) fn patience(self) -> Duration {
        match self {
            Self::Answers | Self::Bulk => PATIENCE,
            Self::Strangers => STRANGERS_PATIENCE,
        }
    }
}
