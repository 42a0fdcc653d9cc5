//! The outbox: rows of `messages` from their planning to their end. Nothing here talks to Telegram;
//! a worker claims what is due, sends it with no transaction open, and settles how it ended.

mod answers;
mod cards;
mod claim;
mod due;
mod insert;
mod listed;
mod retime;
mod settle;
mod slices;
mod staff_answers;
mod stale_buttons;
mod undelivered;
mod unknown;

pub use answers::{
    KnownAnswer, cancel_answer, cancel_replaced, cancel_replaced_card, known_answers,
};
pub use cards::{Card, cards_in, is_sending, waiting_copies, words_acknowledged};
pub use claim::{Claim, Claimed, NotClaimed, Refused, ToClaim, claim};
pub use due::{Among, BrokenMessage, DueDecision, DueMessage, contents, due, first_due, following};
pub use insert::{JobRow, NewMessage, insert};
pub use listed::{listed_in, listed_lately};
pub use retime::retime;
pub use settle::{
    Settled, Settlement, alias_of, cancel_pending, cancel_staff_cards, migrate_chat,
    move_staff_cards, postpone, release, reopen, settle,
};
pub use staff_answers::cancel_replaced_staff_answers;
pub use stale_buttons::take_stale_buttons;
pub use undelivered::undelivered_cards;
pub use unknown::{Resent, UnknownMessage, resend, unknown};

use sea_orm::DbErr;

use super::statement::unreadable;
use crate::{domain::message::Priority, queue::QueueName};

/// The queue in which the wake-ups of messages travel that have this `messages.lane`.
pub(super) fn queue_of(lane: &str) -> Result<QueueName, DbErr> {
    match Priority::parse(lane).ok_or_else(|| unreadable("messages.lane", lane))? {
        Priority::Interactive => Ok(QueueName::Answers),
        Priority::Bulk => Ok(QueueName::Bulk),
    }
}
