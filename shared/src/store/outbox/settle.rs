//! Settling: how a claimed message ended, or that it goes back to the schedule.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr};

use super::Claim;
use crate::{
    domain::{
        dialogue::{QUESTION_OPEN, QuestionEffect},
        ids::{ChatId, MessageId},
        message::MessageStatus,
        outcome::Disposition,
    },
    store::statement::{by_ids, execute, one, sql},
};

/// Whether the row still was the claimer's to settle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    Yes,
    /// Its lease had run out and somebody else has dealt with it.
    TooLate,
}

/// Notes at `$3` that messages were sent: those of `whose`, as `telegram` tells of each. A send that
/// succeeded wins over a reconciler that had given it up meanwhile. The question about a visit opens a
/// dialogue until `$5`, messages of the kinds `$6` end it. Of two messages to one client the last counts:
/// one statement can't write a row twice.
macro_rules! sent {
    ($from:literal, $whose:literal, $telegram:literal) => {
        concat!(
            "WITH sent AS (UPDATE messages m SET status = 'sent', sent_at = $3, \
             telegram_message_id = ",
            $telegram,
            ", lease_until = NULL, reason = NULL, updated_at = $3",
            $from,
            " WHERE ",
            $whose,
            " AND m.status IN ('sending', 'scheduled', 'unknown') \
             RETURNING m.id, m.kind, m.booking_id, m.chat_id), \
             last AS (SELECT DISTINCT ON (u.id) u.id AS user_id, sent.kind, sent.booking_id \
             FROM sent JOIN users u ON u.telegram_id = sent.chat_id \
             WHERE sent.kind = 'feedback' OR sent.kind = ANY ((SELECT $6::text[])::text[]) \
             ORDER BY u.id, sent.id DESC), \
             opened AS (INSERT INTO dialogues (user_id, kind, booking_id, started_at, ends_at) \
             SELECT user_id, 'rating', booking_id, $3, $5::timestamptz FROM last \
             WHERE kind = 'feedback' ON CONFLICT (user_id, kind) DO UPDATE SET \
             booking_id = excluded.booking_id, started_at = excluded.started_at, \
             ends_at = excluded.ends_at RETURNING 1), \
             ended AS (UPDATE dialogues d SET ends_at = $3 FROM last \
             WHERE last.kind <> 'feedback' AND d.user_id = last.user_id AND d.kind = 'rating' \
             AND d.ends_at > $3 RETURNING 1) \
             SELECT id FROM sent"
        )
    };
}
pub(super) use sent;

/// `$5` and `$6` of [`sent!`] for messages that are sent at `now`.
pub(super) fn question(now: DateTime<Utc>) -> (DateTime<Utc>, Vec<String>) {
    let ending = QuestionEffect::Ends.kinds().map(|kind| kind.as_str().to_owned());
    (now + QUESTION_OPEN, ending.collect())
}

/// Writes down how a claim ended.
///
/// # Errors
/// When the database fails; the same call can be made again.
pub async fn settle(
    conn: &impl ConnectionTrait,
    claim: &Claim,
    next: &Disposition,
    now: DateTime<Utc>,
) -> Result<Settled, DbErr> {
    const SENT: &str = sent!("", "m.id = ANY($1) AND m.lease_owner = $2", "$4");
    const RETRY: &str = "UPDATE messages SET status = 'scheduled', not_before = $3, reason = $4, \
        attempts = attempts - $5, lease_until = NULL, joined_to = NULL, updated_at = $6 \
        WHERE id = ANY($1) AND lease_owner = $2 AND status = 'sending'";
    const FINAL: &str = "UPDATE messages SET status = $3, reason = $4, lease_until = NULL, \
        updated_at = $5 WHERE id = ANY($1) AND lease_owner = $2 AND status = 'sending'";
    let owner = claim.owner.clone();
    let of = |text| by_ids(text, &claim.messages);
    let statement = match next {
        Disposition::Sent { telegram_message_id } => {
            let (text, ids) = of(SENT);
            let (open_until, ending) = question(now);
            let telegram = (*telegram_message_id).into();
            let (owner, now) = (owner.into(), now.into());
            sql(&text, [ids, owner, now, telegram, open_until.into(), ending.into()])
        }
        Disposition::Retry { not_before, delivered_perhaps, reason } => {
            let (text, ids) = of(RETRY);
            let takes_back = i32::from(!delivered_perhaps);
            let (not_before, reason) = ((*not_before).into(), (*reason).into());
            sql(&text, [ids, owner.into(), not_before, reason, takes_back.into(), now.into()])
        }
        Disposition::Final { status, reason } => {
            let (text, ids) = of(FINAL);
            let (status, reason) = (status.as_str().into(), bounded(reason).into());
            sql(&text, [ids, owner.into(), status, reason, now.into()])
        }
    };
    let touched = execute(conn, statement).await?;
    Ok(if touched > 0 { Settled::Yes } else { Settled::TooLate })
}

/// Gives claimed messages back that were not tried after all.
///
/// # Errors
/// When the database fails.
pub async fn release(
    conn: &impl ConnectionTrait,
    claim: &Claim,
    messages: &[MessageId],
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    const RELEASE: &str = "UPDATE messages SET status = 'scheduled', attempts = attempts - 1, \
        lease_until = NULL, joined_to = NULL, updated_at = $3 \
        WHERE id = ANY($1) AND lease_owner = $2 AND status = 'sending'";
    let (text, ids) = by_ids(RELEASE, messages);
    execute(conn, sql(&text, [ids, claim.owner.clone().into(), now.into()])).await.map(|_| ())
}

/// Ends a message that was never claimed: its time or its booking has passed it by.
///
/// # Errors
/// When the database fails.
pub async fn cancel_pending(
    conn: &impl ConnectionTrait,
    message: MessageId,
    status: MessageStatus,
    reason: &str,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    const VOID: &str = "UPDATE messages SET status = $2, reason = $3, updated_at = $4 \
        WHERE id = $1 AND status = 'scheduled'";
    let values = [message.0.into(), status.as_str().into(), reason.into(), now.into()];
    execute(conn, sql(VOID, values)).await.map(|_| ())
}

/// Puts a message that was never claimed off until `due_at`.
///
/// # Errors
/// When the database fails.
pub async fn postpone(
    conn: &impl ConnectionTrait,
    message: MessageId,
    due_at: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    const POSTPONE: &str = "UPDATE messages SET due_at = $2, pushed_at = $3, updated_at = $3 \
        WHERE id = $1 AND status = 'scheduled'";
    let values = [message.0.into(), due_at.into(), now.into()];
    execute(conn, sql(POSTPONE, values)).await.map(|_| ())
}

/// Gives a message back to the schedule that had failed by a fault of ours, by its job: the operator
/// has it said after all, if it is still to be said. Returns whether there is such a message.
///
/// # Errors
/// When the database fails.
pub async fn reopen(
    conn: &impl ConnectionTrait,
    job_id: &str,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    const REOPEN: &str = "UPDATE messages SET status = 'scheduled', reason = NULL, attempts = 0, \
        joined_to = NULL, pushed_at = $2, updated_at = $2 WHERE job_id = $1 AND status = 'failed'";
    Ok(execute(conn, sql(REOPEN, [job_id.into(), now.into()])).await? > 0)
}

/// A group became a supergroup: what is still to be said there goes to its new id.
///
/// # Errors
/// When the database fails.
pub async fn migrate_chat(
    conn: &impl ConnectionTrait,
    from: ChatId,
    to: ChatId,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    const NOTE: &str = "INSERT INTO chat_aliases (old_chat_id, new_chat_id) VALUES ($1, $2) \
        ON CONFLICT (old_chat_id) DO UPDATE SET new_chat_id = excluded.new_chat_id";
    const MOVE: &str = "UPDATE messages SET chat_id = $2, updated_at = $3 \
        WHERE chat_id = $1 AND status = 'scheduled'";
    execute(conn, sql(NOTE, [from.0.into(), to.0.into()])).await?;
    execute(conn, sql(MOVE, [from.0.into(), to.0.into(), now.into()])).await.map(|_| ())
}

/// The id that a chat has now, if Telegram has given it another.
///
/// # Errors
/// When the database fails.
pub async fn alias_of(conn: &impl ConnectionTrait, chat: ChatId) -> Result<Option<ChatId>, DbErr> {
    #[derive(sea_orm::FromQueryResult)]
    struct Row {
        new_chat_id: i64,
    }
    const ALIAS: &str = "SELECT new_chat_id FROM chat_aliases WHERE old_chat_id = $1";
    let row: Option<Row> = one(conn, sql(ALIAS, [chat.0.into()])).await?;
    Ok(row.map(|row| ChatId(row.new_chat_id)))
}

/// Reasons come partly from Telegram: they are kept short.
fn bounded(reason: &str) -> String {
    reason.chars().take(300).collect()
}
