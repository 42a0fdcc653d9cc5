//! A group that has become a supergroup has another id: its messages move, and the staff's chat follows.

use chrono::{DateTime, Utc};
use shared::{
    domain::{ids::ChatId, venue::StaffChat},
    queue::{Job, QueueName},
    store::{DatabaseConnection, DbErr, QueueWork, outbox},
};

/// Reads the staff's id from PostgreSQL: another worker, or an earlier run, may have recorded a new one.
///
/// # Errors
/// When the database fails.
pub async fn refresh(staff: &StaffChat, db: &DatabaseConnection) -> Result<(), DbErr> {
    if let Some(chat) = staff.get()
        && let Some(to) = outbox::alias_of(db, chat).await?
    {
        staff.rename(chat, to);
    }
    Ok(())
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
