//! PostgreSQL, the truth: users, bookings, the outbox, and what was kept aside. SeaORM entities for
//! reading and for operators' tools; one hand-written statement for each step of the hot paths.

pub mod agenda;
pub mod bookings;
pub mod connect;
pub mod consents;
pub mod dead_letters;
pub mod dialogues;
pub mod entity;
pub mod events;
pub mod import;
pub mod inbox;
pub mod join;
pub mod languages;
pub mod outbox;
pub mod person;
pub mod preferences;
pub mod reconcile;
pub mod registration;
pub mod rejected;
pub mod replan;
pub mod replica;
pub mod requests;
pub mod search;
pub mod server;
pub mod staff_binding;
pub mod start_tokens;
pub mod stats;
pub mod statuses;
pub mod strangers;
pub mod table_sync;
pub mod updates;
pub mod users;
pub mod venue_stats;
pub mod visits;

mod lock;
mod rows;
mod statement;
mod timeout;
mod tutor;

pub use connect::connect;
pub use sea_orm::{DatabaseConnection, DatabaseTransaction, DbErr, TransactionTrait};
pub use timeout::limited;

use crate::{domain::ids::JobId, queue::Job};

/// What a committed change asks of the queue. Pushing or cancelling may fail: the reconciler finds
/// what was not pushed, and a job that was not cancelled finds nothing to do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct QueueWork {
    pub push: Vec<Job>,
    pub cancel: Vec<JobId>,
}

impl QueueWork {
    /// Both.
    pub fn and(mut self, other: Self) -> Self {
        self.push.extend(other.push);
        self.cancel.extend(other.cancel);
        self
    }
}
