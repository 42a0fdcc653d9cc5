//! A press of the staff on the card of what Bukza's table shows otherwise: it is applied, and the answer says what became
//! of it.

use shared::{
    domain::{
        ids::ChatId,
        message::{Content, MessageKind},
        staff_answer::StaffAnswer,
    },
    store::{
        DatabaseTransaction, DbErr, QueueWork,
        outbox::{self, NewMessage},
        table_sync::{self, TableCard, Which},
    },
};

use super::{cause::Cause, intent::TableButton, lookup};

/// Applies what was pressed below the message `message`. A button that is not below its card does nothing.
///
/// # Errors
/// When the database fails.
pub(super) async fn press(
    tx: &DatabaseTransaction,
    (staff, message): (ChatId, i64),
    pressed: TableButton,
    cause: Cause<'_>,
) -> Result<QueueWork, DbErr> {
    let Some(card) = table_sync::card_in(tx, staff, message).await? else {
        return Ok(QueueWork::default());
    };
    let which = match pressed {
        TableButton::One(id) => Which::One(id),
        TableButton::All(of) if TableCard(of) == card => Which::All,
        TableButton::All(_) => return Ok(QueueWork::default()),
    };
    let applied = table_sync::press(tx, card, which, cause.venue, cause.now).await?;
    let answer = vec![StaffAnswer::TableApplied(applied)];
    let work = lookup::plan(tx, (staff, message), answer, cause).await?;
    let content = Content::TableButtons { telegram_message_id: message, card: card.0 };
    let edit = NewMessage::staff_card(MessageKind::StaffButtons, staff, cause.now).saying(content);
    let edit = cause.causes(edit, "buttons");
    Ok(work.and(outbox::insert(tx, &[edit], cause.now).await?))
}
