//! The outbox: rows of `messages` from their planning to their end. Nothing here talks to Telegram;
//! a worker claims what is due, sends it with no transaction open, and settles how it ended.

mod claim;
mod due;
mod insert;
mod settle;
mod slices;

pub use claim::{Claim, Claimed, NotClaimed, Refused, ToClaim, claim};
pub use due::{Among, BrokenMessage, DueDecision, DueMessage, contents, due, first_due};
pub use insert::{JobRow, NewMessage, insert};
pub use settle::{
    Settled, Settlement, alias_of, cancel_pending, migrate_chat, postpone, release, reopen, settle,
};

use crate::{domain::message::Priority, queue::QueueName};

/// The queue in which the wake-ups of a priority travel.
#[must_use]
pub fn queue_of(priority: Priority) -> QueueName {
    match priority {
        Priority::Interactive => QueueName::Answers,
        Priority::Bulk => QueueName::Bulk,
    }
}
