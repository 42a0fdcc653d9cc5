//! The jobs that Redis is to hold, as PostgreSQL knows them: of overdue messages, of those that come within
//! the horizon, and all of them where Redis was emptied.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use super::BATCH;
use crate::{
    domain::ids::{ChatId, JobId, MessageId},
    queue::{HORIZON, Job},
    store::{
        QueueWork,
        outbox::queue_of,
        statement::{all, sql},
    },
};

/// A chat with due messages of one lane.
#[derive(FromQueryResult)]
struct DueChat {
    lane: String,
    chat_id: i64,
    messages: i64,
    /// When its first message is to be tried.
    at: DateTime<Utc>,
}

/// A planned message with its own job.
#[derive(FromQueryResult)]
struct Planned {
    id: i64,
    job_id: String,
    lane: String,
    chat_id: i64,
    due_at: DateTime<Utc>,
}

/// The place of a message in the order of due times.
pub type Place = (DateTime<Utc>, MessageId);

/// Wakes the chats of messages that are due for longer than `grace` and were not pushed in that time: a
/// page of chats, not of messages, so that a chat with thousands of them keeps no other waiting. Not by the
/// messages' own jobs: such a job may be held for a minute by a worker that died with it, and the queue
/// ignores another of the same id. Returns how many messages wait there.
///
/// # Errors
/// When the database fails.
pub async fn overdue(
    conn: &impl ConnectionTrait,
    now: DateTime<Utc>,
    grace: TimeDelta,
) -> Result<(usize, QueueWork), DbErr> {
    // One row of a chat notes for all of them that the chat was pushed.
    const OVERDUE: &str = "WITH waiting AS (SELECT min(id) AS id, min(due_at) AS due_at, \
        count(*) AS messages FROM messages WHERE status = 'scheduled' AND chat_id IS NOT NULL AND due_at <= $2 \
        AND not_before <= $1 GROUP BY chat_id, lane HAVING max(pushed_at) <= $2 \
        ORDER BY min(due_at) LIMIT $3), noted AS (UPDATE messages SET pushed_at = $1 WHERE id = ANY \
        (ARRAY(SELECT m.id FROM messages m WHERE m.id = ANY (ARRAY(SELECT id FROM waiting)) \
        AND m.status = 'scheduled' FOR UPDATE SKIP LOCKED)) RETURNING id, lane, chat_id) \
        SELECT lane, chat_id, messages, $1 AS at FROM noted JOIN waiting USING (id) \
        ORDER BY due_at, chat_id";
    let values = [now.into(), (now - grace).into(), BATCH.into()];
    let rows: Vec<DueChat> = all(conn, sql(OVERDUE, values)).await?;
    let messages = rows.iter().map(|row| usize::try_from(row.messages).unwrap_or_default()).sum();
    Ok((messages, wake_ups(rows)?))
}

/// The wake-ups of all chats with due messages, whenever they were pushed.
///
/// # Errors
/// When the database fails.
pub async fn due_chats(
    conn: &impl ConnectionTrait,
    now: DateTime<Utc>,
) -> Result<QueueWork, DbErr> {
    const DUE: &str = "SELECT lane, chat_id, count(*) AS messages, GREATEST(min(not_before), $1) AS at FROM messages \
        WHERE status = 'scheduled' AND chat_id IS NOT NULL AND due_at <= $1 \
        GROUP BY chat_id, lane ORDER BY min(due_at)";
    wake_ups(all(conn, sql(DUE, [now.into()])).await?)
}

/// The jobs of messages that have come within the horizon, and were not pushed when they were planned. A
/// full page is followed by others.
///
/// # Errors
/// When the database fails.
pub async fn approaching(
    conn: &impl ConnectionTrait,
    now: DateTime<Utc>,
) -> Result<QueueWork, DbErr> {
    const APPROACHING: &str = "UPDATE messages SET pushed_at = $1 WHERE id = ANY (ARRAY( \
        SELECT id FROM messages WHERE status = 'scheduled' AND chat_id IS NOT NULL \
        AND pushed_at = 'epoch' AND due_at <= $2 ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED)) \
        RETURNING id, job_id, lane, chat_id, due_at";
    let values = [now.into(), (now + HORIZON).into(), BATCH.into()];
    let rows: Vec<Planned> = all(conn, sql(APPROACHING, values)).await?;
    jobs(rows)
}

/// The jobs of planned messages within the horizon, whether they were pushed or not: a page of those behind
/// `after`. Returns the place of its last one, and `None` at the end.
///
/// # Errors
/// When the database fails.
pub async fn planned(
    conn: &impl ConnectionTrait,
    after: Place,
    now: DateTime<Utc>,
) -> Result<(Option<Place>, QueueWork), DbErr> {
    const PLANNED: &str = "SELECT id, job_id, lane, chat_id, due_at FROM messages \
        WHERE status = 'scheduled' AND chat_id IS NOT NULL AND due_at >= $1 AND due_at <= $3 \
        AND (due_at, id) > ($1, $2) ORDER BY due_at, id LIMIT $4";
    let (due_at, MessageId(id)) = after;
    let values = [due_at.into(), id.into(), (now + HORIZON).into(), BATCH.into()];
    let rows: Vec<Planned> = all(conn, sql(PLANNED, values)).await?;
    let last = rows.last().map(|row| (row.due_at, MessageId(row.id)));
    Ok((last, jobs(rows)?))
}

fn wake_ups(rows: Vec<DueChat>) -> Result<QueueWork, DbErr> {
    let job = |row: DueChat| Ok(Job::wake_later(queue_of(&row.lane)?, ChatId(row.chat_id), row.at));
    let push = rows.into_iter().map(job).collect::<Result<_, DbErr>>()?;
    Ok(QueueWork { push, cancel: Vec::new() })
}

fn jobs(rows: Vec<Planned>) -> Result<QueueWork, DbErr> {
    let job = |row: Planned| {
        let queue = queue_of(&row.lane)?;
        Ok(Job::wake(queue, JobId(row.job_id), ChatId(row.chat_id), row.due_at))
    };
    let push = rows.into_iter().map(job).collect::<Result<_, DbErr>>()?;
    Ok(QueueWork { push, cancel: Vec::new() })
}
