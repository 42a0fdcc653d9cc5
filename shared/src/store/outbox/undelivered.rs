//! Cards to the staff about messages that have not reached their client, or perhaps not: the staff have a
//! telephone.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr};

use super::JobRow;
use crate::{
    domain::{
        ids::{ChatId, MessageId},
        message::MessageKind,
        together::CARDS_WAIT,
    },
    store::{
        QueueWork,
        statement::{all, sql},
    },
};

/// Plans one card for each of `messages` that ended `failed` or `unknown` and is replaced by a call. To be run
/// in the transaction that ends them.
///
/// # Errors
/// When the database fails.
pub async fn undelivered_cards(
    conn: &impl ConnectionTrait,
    messages: &[MessageId],
    staff: Option<ChatId>,
    now: DateTime<Utc>,
) -> Result<QueueWork, DbErr> {
    let Some(staff) = staff.filter(|_| !messages.is_empty()) else {
        return Ok(QueueWork::default());
    };
    let ids: Vec<i64> = messages.iter().map(|message| message.0).collect();
    let kinds = MessageKind::names(|kind| kind.properties().replaced_by_a_call);
    let due_at = now + CARDS_WAIT;
    let values = [ids.into(), staff.0.into(), now.into(), kinds.into(), due_at.into()];
    let cards = sql(include_str!("../sql/undelivered_cards.sql"), values);
    JobRow::work(all(conn, cards).await?, now)
}
