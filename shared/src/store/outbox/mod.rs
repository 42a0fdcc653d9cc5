//! The outbox: rows of `messages` from their planning to their end. Nothing here talks to Telegram;
//! a worker claims what is due, sends it with no transaction open, and settles how it ended.

mod batch;
mod claim;
mod head;
mod insert;
mod settle;

pub use batch::{Sent, ToClaim, claim_each, due_heads, settle_sent};
pub use claim::{Claim, NotClaimed, claim};
pub use head::{Among, BrokenMessage, Due, DueMessage, contents, due_among, due_head, first_due};
pub use insert::{JobRow, NewMessage, insert};
pub use settle::{
    Settled, alias_of, cancel_pending, migrate_chat, postpone, release, reopen, settle,
};

use crate::{domain::message::Priority, queue::QueueName};

/// The queue in which the wake-ups of a lane travel.
#[must_use]
pub fn queue_of(lane: Priority) -> QueueName {
    match lane {
        Priority::Interactive => QueueName::Answers,
        Priority::Bulk => QueueName::Bulk,
    }
}
