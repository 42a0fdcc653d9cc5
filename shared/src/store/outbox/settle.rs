//! Settling: how a claimed message ended, or that it goes back to the schedule.

use std::collections::HashSet;

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr};

use super::{Claim, slices::as_one};
use crate::{
    domain::{
        dialogue::{QUESTION_OPEN, QuestionEffect},
        ids::{ChatId, MessageId},
        message::{MessageKind, MessageStatus},
        outcome::Disposition,
    },
    store::statement::{self, execute, sql, value},
};

/// Whether the row still was the claimer's to settle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    Yes,
    /// Its lease had run out and somebody else has dealt with it.
    TooLate,
}

impl Settled {
    fn of(touched: bool) -> Self {
        if touched { Self::Yes } else { Self::TooLate }
    }
}

/// How a claim ended.
#[derive(Debug, Clone)]
pub struct Settlement {
    pub claim: Claim,
    pub disposition: Disposition,
}

/// Records how claims ended. Where the database fails, the same call can be made again.
pub async fn settle(
    conn: &impl ConnectionTrait,
    ended: &[Settlement],
    now: DateTime<Utc>,
) -> Vec<Result<Settled, DbErr>> {
    let are_sent = ended.iter().all(|one| matches!(one.disposition, Disposition::Sent { .. }));
    if ended.len() > 1
        && are_sent
        && let Some(settled) = as_one(ended.len(), settle_sent(conn, ended, now)).await
    {
        return settled;
    }
    let mut settled = Vec::with_capacity(ended.len());
    for one in ended {
        settled.push(settle_one(conn, one, now).await);
    }
    settled
}

/// Messages that were sent. Those of `ended` with another disposition are passed over.
async fn settle_sent(
    conn: &impl ConnectionTrait,
    ended: &[Settlement],
    now: DateTime<Utc>,
) -> Result<Vec<Settled>, DbErr> {
    let (mut ids, mut owners, mut telegram) = (vec![], vec![], vec![]);
    for Settlement { claim, disposition } in ended {
        if let Disposition::Sent { telegram_message_id } = disposition {
            for message in &claim.messages {
                ids.push(message.0);
                owners.push(claim.owner.clone());
                telegram.push(*telegram_message_id);
            }
        }
    }
    let ending = MessageKind::names(|kind| kind.properties().question == QuestionEffect::Ends);
    let open_until = now + QUESTION_OPEN;
    let values =
        [ids.into(), owners.into(), now.into(), telegram.into(), open_until.into(), ending.into()];
    let settled = statement::values(conn, sql(include_str!("../sql/settle_sent.sql"), values));
    let settled: HashSet<i64> = settled.await?.into_iter().collect();
    let of = |one: &Settlement| {
        Settled::of(one.claim.messages.iter().any(|message| settled.contains(&message.0)))
    };
    Ok(ended.iter().map(of).collect())
}

async fn settle_one(
    conn: &impl ConnectionTrait,
    one: &Settlement,
    now: DateTime<Utc>,
) -> Result<Settled, DbErr> {
    const RETRY: &str = "UPDATE messages SET status = 'scheduled', not_before = $3, reason = $4, \
        attempts = attempts - $5, lease_until = NULL, joined_to = NULL, updated_at = $6 \
        WHERE id = ANY ((SELECT $1::bigint[])::bigint[]) AND lease_owner = $2 AND status = 'sending'";
    const FINAL: &str = "UPDATE messages SET status = $3, reason = $4, lease_until = NULL, \
        updated_at = $5 \
        WHERE id = ANY ((SELECT $1::bigint[])::bigint[]) AND lease_owner = $2 AND status = 'sending'";
    let (ids, owner) = (one.claim.ids(), one.claim.owner.clone().into());
    let statement = match &one.disposition {
        Disposition::Sent { .. } => {
            let settled = settle_sent(conn, std::slice::from_ref(one), now).await?;
            return Ok(settled.into_iter().next().unwrap_or(Settled::TooLate));
        }
        Disposition::Retry { not_before, delivered_perhaps, reason } => {
            let takes_back = i32::from(!delivered_perhaps);
            let (not_before, reason) = ((*not_before).into(), (*reason).into());
            sql(RETRY, [ids, owner, not_before, reason, takes_back.into(), now.into()])
        }
        Disposition::Final { status, reason } => {
            let (status, reason) = (status.as_str().into(), bounded(reason).into());
            sql(FINAL, [ids, owner, status, reason, now.into()])
        }
    };
    Ok(Settled::of(execute(conn, statement).await? > 0))
}

/// Gives claimed messages back that were not tried after all.
///
/// # Errors
/// When the database fails.
pub async fn release(
    conn: &impl ConnectionTrait,
    claim: &Claim,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    const RELEASE: &str = "UPDATE messages SET status = 'scheduled', attempts = attempts - 1, \
        lease_until = NULL, joined_to = NULL, updated_at = $3 \
        WHERE id = ANY ((SELECT $1::bigint[])::bigint[]) AND lease_owner = $2 AND status = 'sending'";
    let values = [claim.ids(), claim.owner.clone().into(), now.into()];
    execute(conn, sql(RELEASE, values)).await.map(|_| ())
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

/// Puts a message that was never claimed off until `due_at`; it expires at `expires_at` then.
///
/// # Errors
/// When the database fails.
pub async fn postpone(
    conn: &impl ConnectionTrait,
    message: MessageId,
    due_at: DateTime<Utc>,
    expires_at: Option<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    const POSTPONE: &str = "UPDATE messages SET due_at = $2, expires_at = $4, pushed_at = $3, \
        updated_at = $3 WHERE id = $1 AND status = 'scheduled'";
    let values = [message.0.into(), due_at.into(), now.into(), expires_at.into()];
    execute(conn, sql(POSTPONE, values)).await.map(|_| ())
}

/// Gives messages back to the schedule that had failed by a fault of ours, by their jobs: the operator has
/// them sent after all, if they still are to be sent.
///
/// # Errors
/// When the database fails.
pub async fn reopen(
    conn: &impl ConnectionTrait,
    jobs: &[&str],
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    const REOPEN: &str = "UPDATE messages SET status = 'scheduled', reason = NULL, attempts = 0, \
        joined_to = NULL, pushed_at = $2, updated_at = $2 \
        WHERE job_id = ANY ((SELECT $1::text[])::text[]) AND status = 'failed'";
    let jobs: Vec<String> = jobs.iter().map(|&job| job.to_owned()).collect();
    execute(conn, sql(REOPEN, [jobs.into(), now.into()])).await.map(|_| ())
}

/// A group became a supergroup: what is still to be sent there goes to its new id. `false`: the new id was
/// known already.
///
/// # Errors
/// When the database fails.
pub async fn migrate_chat(
    conn: &impl ConnectionTrait,
    from: ChatId,
    to: ChatId,
    now: DateTime<Utc>,
) -> Result<bool, DbErr> {
    const NOTE: &str = "INSERT INTO chat_aliases AS a (old_chat_id, new_chat_id) VALUES ($1, $2) \
        ON CONFLICT (old_chat_id) DO UPDATE SET new_chat_id = excluded.new_chat_id \
        WHERE a.new_chat_id <> excluded.new_chat_id";
    const MOVE: &str = "UPDATE messages SET chat_id = $2, updated_at = $3 \
        WHERE id = ANY (ARRAY(SELECT id FROM messages WHERE chat_id = $1 AND status = 'scheduled' \
        ORDER BY id FOR NO KEY UPDATE))";
    let noted = execute(conn, sql(NOTE, [from.0.into(), to.0.into()])).await?;
    execute(conn, sql(MOVE, [from.0.into(), to.0.into(), now.into()])).await?;
    Ok(noted > 0)
}

/// Gives the staff's waiting cards to `staff`, those of a chat that was theirs before. Returns how many. What a chat is
/// notified of about itself stays there.
///
/// # Errors
/// When the database fails.
pub async fn move_staff_cards(
    conn: &impl ConnectionTrait,
    staff: ChatId,
    now: DateTime<Utc>,
) -> Result<u64, DbErr> {
    const MOVE: &str = "UPDATE messages SET chat_id = $1, not_before = 'epoch', pushed_at = $2, \
        updated_at = $2 WHERE recipient = 'staff' AND status = 'scheduled' AND chat_id <> $1 \
        AND kind NOT IN ('staff_chat_notice', 'staff_answer')";
    execute(conn, sql(MOVE, [staff.0.into(), now.into()])).await
}

/// Ends the staff's waiting cards where there is no staff's chat any more. Returns how many.
///
/// # Errors
/// When the database fails.
pub async fn cancel_staff_cards(
    conn: &impl ConnectionTrait,
    now: DateTime<Utc>,
) -> Result<u64, DbErr> {
    const CANCEL: &str = "UPDATE messages SET status = 'cancelled', reason = 'no_staff_chat', \
        updated_at = $1 WHERE recipient = 'staff' AND status = 'scheduled' \
        AND kind <> 'staff_chat_notice'";
    execute(conn, sql(CANCEL, [now.into()])).await
}

/// The id that a chat has now, if Telegram has given it another.
///
/// # Errors
/// When the database fails.
pub async fn alias_of(conn: &impl ConnectionTrait, chat: ChatId) -> Result<Option<ChatId>, DbErr> {
    const ALIAS: &str = "SELECT new_chat_id FROM chat_aliases WHERE old_chat_id = $1";
    Ok(value(conn, sql(ALIAS, [chat.0.into()])).await?.map(ChatId))
}

/// Reasons come partly from Telegram: they are kept short.
fn bounded(reason: &str) -> String {
    reason.chars().take(300).collect()
}
