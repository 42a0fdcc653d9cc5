//! Answers to the staff's commands, as rows of the outbox: what they show is read when they are sent.

use chrono::TimeDelta;
use shared::{
    domain::{
        agenda::{day_span, parts_of},
        ids::ChatId,
        message::{Content, MessageKind},
        search::SearchTerms,
        staff_answer::StaffAnswer,
    },
    store::{
        DatabaseTransaction, DbErr, QueueWork, agenda,
        outbox::{self, NewMessage},
    },
};

use super::{cause::Cause, staff_command::StaffCommand};

/// An answer that comes later is not worth sending.
const PATIENCE: TimeDelta = TimeDelta::hours(1);

/// Plans the answer to a command, which is the message `message` of the staff's chat.
///
/// # Errors
/// When the database fails.
pub(super) async fn answer(
    tx: &DatabaseTransaction,
    (staff, message): (ChatId, i64),
    command: &StaffCommand,
    cause: Cause<'_>,
) -> Result<QueueWork, DbErr> {
    let today = cause.venue.zone.local(cause.received.at).date_naive();
    let answers = match command {
        StaffCommand::Today => agenda_of(tx, today, cause).await?,
        StaffCommand::Tomorrow => agenda_of(tx, today.succ_opt().unwrap_or(today), cause).await?,
        StaffCommand::Find(words) if SearchTerms::parse(words).is_some() => {
            vec![StaffAnswer::Found { words: words.clone() }]
        }
        StaffCommand::Find(_) => vec![StaffAnswer::HowToFind],
        StaffCommand::Stats => vec![StaffAnswer::Stats { day: today }],
        StaffCommand::Help => vec![StaffAnswer::Help],
    };
    plan(tx, (staff, message), answers, cause).await
}

/// The visits of a day, as so many messages as they need now.
async fn agenda_of(
    tx: &DatabaseTransaction,
    day: chrono::NaiveDate,
    cause: Cause<'_>,
) -> Result<Vec<StaffAnswer>, DbErr> {
    let Some(span) = day_span(cause.venue.zone, day) else { return Ok(Vec::new()) };
    let parts = parts_of(agenda::count_in(tx, span).await?);
    Ok((0..parts).map(|part| StaffAnswer::Agenda { day, part, parts }).collect())
}

/// Plans answers to the message `to`. The same ones that still wait give way, and the oldest of too many.
pub(super) async fn plan(
    tx: &DatabaseTransaction,
    (staff, to): (ChatId, i64),
    answers: Vec<StaffAnswer>,
    cause: Cause<'_>,
) -> Result<QueueWork, DbErr> {
    let replaced = outbox::cancel_replaced_staff_answers(tx, staff, &answers, cause.now).await?;
    let messages: Vec<NewMessage> = answers
        .into_iter()
        .enumerate()
        .map(|(n, answer)| {
            let content = Content::StaffAnswer { to: Some(to), answer };
            let message = NewMessage::staff_card(MessageKind::StaffAnswer, staff, cause.now)
                .expiring_at(cause.received.at + PATIENCE)
                .saying(content);
            cause.causes(message, &format!("staff answer {n}"))
        })
        .collect();
    Ok(replaced.and(outbox::insert(tx, &messages, cause.now).await?))
}
