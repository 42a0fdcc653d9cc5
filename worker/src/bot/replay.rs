//! A press of the staff on the card of refused requests: they are read again, and the answer says what became of them.

use shared::{
    domain::{
        ids::ChatId,
        message::{Content, MessageKind},
        staff_answer::StaffAnswer,
    },
    store::{
        DatabaseTransaction, DbErr, QueueWork,
        outbox::{self, NewMessage},
        rejected,
    },
};

use super::{cause::Cause, lookup};

/// Replays the requests of a card below the message `message`. A button that is not below such a card does nothing.
///
/// # Errors
/// When the database fails.
pub(super) async fn replay(
    tx: &DatabaseTransaction,
    (staff, message): (ChatId, i64),
    (first, last): (i64, i64),
    cause: Cause<'_>,
) -> Result<QueueWork, DbErr> {
    let cards = rejected::cards_in(tx, staff, message).await?;
    let is_meant =
        |card: &&rejected::RefusalCard| (card.numbers.first, card.numbers.last) == (first, last);
    let Some(card) = cards.iter().find(is_meant) else { return Ok(QueueWork::default()) };
    let replayed = rejected::replay(tx, card, cause.received.rules, cause.now).await?;
    let is_done = replayed.refused == 0 && !replayed.more;
    let answer = vec![StaffAnswer::Replayed(replayed)];
    let work = lookup::plan(tx, (staff, message), answer, cause).await?;
    if !is_done || cards.len() > 1 {
        return Ok(work);
    }
    let content = Content::Buttons { telegram_message_id: message, taken: None };
    let edit = NewMessage::staff_card(MessageKind::StaffButtons, staff, cause.now).saying(content);
    let edit = cause.causes(edit, "buttons");
    Ok(work.and(outbox::insert(tx, &[edit], cause.now).await?))
}
