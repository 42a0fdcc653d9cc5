//! The staff chat: its id is the setting's, or the one that Telegram has given the group since.

use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Utc};
use shared::{
    domain::ids::ChatId,
    queue::{Job, QueueName},
    store::{DatabaseConnection, DbErr, QueueWork, outbox},
};

/// The present id of the staff chat. Empty if the setting is not given.
#[derive(Debug)]
pub struct StaffChat(Option<AtomicI64>);

impl StaffChat {
    #[must_use]
    pub fn new(setting: Option<ChatId>) -> Self {
        Self(setting.map(|chat| AtomicI64::new(chat.0)))
    }

    #[must_use]
    pub fn get(&self) -> Option<ChatId> {
        self.0.as_ref().map(|chat| ChatId(chat.load(Ordering::Relaxed)))
    }

    /// Records that Telegram gave a group another id. Does nothing if it is not the staff's group.
    pub fn rename(&self, from: ChatId, to: ChatId) {
        if let Some(chat) = &self.0 {
            // A group is renamed once: every source gives the same id.
            let _ = chat.compare_exchange(from.0, to.0, Ordering::Relaxed, Ordering::Relaxed);
        }
    }

    /// Reads the id from PostgreSQL: another worker, or an earlier run, may have recorded a new one.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn refresh(&self, db: &DatabaseConnection) -> Result<(), DbErr> {
        if let Some(chat) = self.get()
            && let Some(to) = outbox::alias_of(db, chat).await?
        {
            self.rename(chat, to);
        }
        Ok(())
    }
}

/// Moves a group's waiting messages to its new id, and wakes that chat. Repeating it does no harm.
///
/// # Errors
/// When the database fails.
pub async fn migrate(
    db: &DatabaseConnection,
    from: ChatId,
    to: ChatId,
    now: DateTime<Utc>,
) -> Result<QueueWork, DbErr> {
    outbox::migrate_chat(db, from, to, now).await?;
    Ok(QueueWork { push: vec![Job::wake_later(QueueName::Bulk, to, now)], cancel: Vec::new() })
}
