//! What the reconciler looks for in PostgreSQL: leases that ran out, messages whose time has passed, jobs
//! that Redis is to hold, clients that another tool has put in.

mod clients;
mod jobs;

pub use clients::{adopt_clients, adopt_page};
pub use jobs::{Place, approaching, due_chats, overdue, planned};

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, FromQueryResult};

use super::{
    QueueWork,
    outbox::{Claim, Settlement, queue_of, settle, undelivered_cards},
    rejected,
    statement::{all, execute, sql, unreadable, value},
    statuses, table_sync,
};
use crate::{
    domain::{
        ids::{ChatId, MessageId},
        join::BOOKING_LOCK,
        message::MessageKind,
        outcome::{Attempt, Delivery, Disposition, SendOutcome, disposition},
    },
    queue::Job,
};

/// The lock by which one worker at a time is the reconciler ("BUKZAREC").
const LEADER_LOCK: i64 = 0x4255_4b5a_4152_4543;
/// The same for the deletion of clients ("BUKZAKEP").
const RETENTION_LOCK: i64 = 0x4255_4b5a_414b_4550;
/// Rows dealt with by one step of a round.
const BATCH: i64 = 500;

/// Tries to be the leader until the transaction ends. Transaction-scoped: safe behind PgBouncer.
///
/// # Errors
/// When the database fails.
pub async fn lead(tx: &DatabaseTransaction) -> Result<bool, DbErr> {
    const TRY: &str = "SELECT pg_try_advisory_xact_lock($1) AS leads";
    Ok(value(tx, sql(TRY, [LEADER_LOCK.into()])).await?.unwrap_or(false))
}

/// The same for the deletion of clients whose time is over.
///
/// # Errors
/// When the database fails.
pub async fn lead_retention(tx: &DatabaseTransaction) -> Result<bool, DbErr> {
    const TRY: &str = "SELECT pg_try_advisory_xact_lock($1) AS leads";
    Ok(value(tx, sql(TRY, [RETENTION_LOCK.into()])).await?.unwrap_or(false))
}

/// Ends, or sends again where that is right, the messages whose worker was lost while sending. Messages of
/// a kind that only a newer version knows are left to a reconciler of that version.
/// What the staff should replace by a call makes a card in their chat.
/// Returns how many there were, and the wake-ups of those that are tried again.
///
/// # Errors
/// When the database fails.
pub async fn lost_leases(
    tx: &DatabaseTransaction,
    staff: Option<ChatId>,
    now: DateTime<Utc>,
) -> Result<(usize, QueueWork), DbErr> {
    const LOST: &str = "SELECT id, kind, lane, chat_id, attempts, expires_at, created_at, \
        lease_owner FROM messages WHERE status = 'sending' AND lease_until < $1 \
        AND kind = ANY ((SELECT $3::text[])::text[]) \
        ORDER BY lease_until LIMIT $2 FOR UPDATE SKIP LOCKED";
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        kind: String,
        lane: String,
        chat_id: i64,
        attempts: i32,
        expires_at: Option<DateTime<Utc>>,
        created_at: DateTime<Utc>,
        lease_owner: Option<String>,
    }
    let kinds = MessageKind::names(|_| true);
    let rows: Vec<Row> = all(tx, sql(LOST, [now.into(), BATCH.into(), kinds.into()])).await?;
    let mut work = QueueWork::default();
    let mut ended = Vec::with_capacity(rows.len());
    let count = rows.len();
    for row in rows {
        let kind =
            MessageKind::parse(&row.kind).ok_or_else(|| unreadable("messages.kind", &row.kind))?;
        let this = Attempt {
            delivery: Delivery::Message,
            is_joined: false,
            kind,
            possible_deliveries: row.attempts,
            expires_at: row.expires_at,
            created_at: row.created_at,
            now,
        };
        let disposition = disposition(SendOutcome::Unknown { reason: "worker_lost" }, this);
        let claim = Claim::lost(MessageId(row.id), row.lease_owner.unwrap_or_default());
        if let Disposition::Retry { not_before, .. } = disposition {
            let queue = queue_of(&row.lane)?;
            work.push.push(Job::wake_later(queue, ChatId(row.chat_id), not_before));
        }
        ended.push(Settlement { claim, disposition });
    }
    for settled in settle(tx, &ended, now).await {
        settled?;
    }
    let ids: Vec<MessageId> = ended.iter().flat_map(|one| one.claim.messages.clone()).collect();
    let cards = undelivered_cards(tx, &ids, staff, now).await?;
    Ok((count, work.and(cards)))
}

/// Ends messages whose time has passed. Returns how many.
///
/// # Errors
/// When the database fails.
pub async fn expire(conn: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<u64, DbErr> {
    const EXPIRE: &str = "UPDATE messages SET status = 'expired', updated_at = $1, \
        reason = CASE WHEN chat_id IS NULL THEN 'client_not_in_bot' ELSE 'too_late' END \
        WHERE id IN (SELECT id FROM messages WHERE status = 'scheduled' AND expires_at <= $1 \
        ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED)";
    execute(conn, sql(EXPIRE, [now.into(), BATCH.into()])).await
}

/// How long is kept what nobody needs for their work: answers that were given, requests that were
/// refused, work that was set aside and replayed. All of them can hold clients' words.
const ANSWERS_KEPT: TimeDelta = TimeDelta::days(30);
const REFUSED_KEPT: TimeDelta = TimeDelta::days(90);
/// Telegram repeats no update that is older than a day.
const UPDATES_KEPT: TimeDelta = TimeDelta::days(3);

/// Forgets what is older than it needs to be, a bounded number of rows at a time. Returns how many.
///
/// # Errors
/// When the database fails.
pub async fn forget(conn: &impl ConnectionTrait, now: DateTime<Utc>) -> Result<u64, DbErr> {
    let old = [
        (
            "DELETE FROM messages WHERE id IN (SELECT id FROM messages WHERE kind = 'answer' \
             AND updated_at < $1 AND status NOT IN ('scheduled', 'sending') LIMIT $2)",
            ANSWERS_KEPT,
        ),
        (
            "DELETE FROM messages WHERE id IN (SELECT id FROM messages WHERE kind = 'staff_answer' \
             AND updated_at < $1 AND status NOT IN ('scheduled', 'sending') LIMIT $2)",
            ANSWERS_KEPT,
        ),
        (
            "DELETE FROM rejected_requests WHERE id IN \
             (SELECT id FROM rejected_requests WHERE created_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)",
            REFUSED_KEPT,
        ),
        (
            "DELETE FROM dead_letters WHERE id IN \
             (SELECT id FROM dead_letters WHERE created_at < $1 LIMIT $2)",
            REFUSED_KEPT,
        ),
        (
            "DELETE FROM seen_statuses WHERE (words, day, booking_id) IN \
             (SELECT words, day, booking_id FROM seen_statuses \
             WHERE day < ($1::timestamptz AT TIME ZONE 'UTC')::date LIMIT $2)",
            statuses::KEPT,
        ),
        (
            "DELETE FROM noted_statuses WHERE (words, day) IN (SELECT words, day \
             FROM noted_statuses WHERE day < ($1::timestamptz AT TIME ZONE 'UTC')::date LIMIT $2)",
            statuses::KEPT,
        ),
        (
            "DELETE FROM processed_updates WHERE (update_id, identity) IN \
             (SELECT update_id, identity FROM processed_updates WHERE processed_at < $1 LIMIT $2)",
            UPDATES_KEPT,
        ),
        // No update that still comes was received before their end.
        (
            "DELETE FROM dialogues WHERE (user_id, kind) IN \
             (SELECT user_id, kind FROM dialogues WHERE ends_at < $1 LIMIT $2)",
            UPDATES_KEPT,
        ),
        // A lock of a day is the longest.
        (
            "DELETE FROM join_tries WHERE (scope, subject) IN (SELECT scope, subject \
             FROM join_tries WHERE last_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)",
            BOOKING_LOCK,
        ),
    ];
    let mut forgotten = 0;
    for (statement, kept) in old {
        forgotten += execute(conn, sql(statement, [(now - kept).into(), BATCH.into()])).await?;
    }
    forgotten += table_sync::forget(conn, now, BATCH).await?;
    Ok(forgotten + rejected::bound(conn).await?)
}
