//! The steps of saying a message for many chats at once: one statement where a backlog would need one
//! each. They do what their counterparts for one chat do.
//!
//! Lists come as `(SELECT $1)`: PostgreSQL does not guess at their length then, and plans a statement
//! once. It would plan it each time anew otherwise, which takes longer than running it.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use super::{
    BrokenMessage, Claim, DueMessage, Settled,
    claim::{Id, LEASE, claim_as, sayable_in},
    head::{Row, head_of, readable},
    settle::{question, sent, settle},
};
use crate::{
    domain::{
        ids::{ChatId, MessageId},
        outcome::Disposition,
    },
    store::{
        connect::is_refusal,
        statement::{all, sql},
    },
};

#[derive(FromQueryResult)]
struct RowOfChat {
    of_chat: i64,
    #[sea_orm(nested)]
    row: Row,
}

/// The due messages of each chat, as [`super::due_head`] gives them; chats without any are left out.
///
/// # Errors
/// When the database fails.
pub async fn due_heads(
    conn: &impl ConnectionTrait,
    chats: &[ChatId],
    now: DateTime<Utc>,
    limit: i64,
) -> Result<HashMap<ChatId, Vec<Result<DueMessage, BrokenMessage>>>, DbErr> {
    const HEADS: &str = concat!(
        "SELECT c.of_chat, h.* FROM unnest((SELECT $1::bigint[])) AS c(of_chat) CROSS JOIN LATERAL (",
        head_of!("c.of_chat"),
        ") h ORDER BY c.of_chat, h.due_at, h.message_id"
    );
    let distinct: HashSet<i64> = chats.iter().map(|chat| chat.0).collect();
    let distinct: Vec<i64> = distinct.into_iter().collect();
    let rows: Vec<RowOfChat> =
        all(conn, sql(HEADS, [distinct.into(), now.into(), limit.into()])).await?;
    let mut heads: HashMap<ChatId, Vec<_>> = HashMap::with_capacity(chats.len());
    for RowOfChat { of_chat, row } in rows {
        heads.entry(ChatId(of_chat)).or_default().push(readable(row));
    }
    Ok(heads)
}

/// A message that is to be claimed, alone in its chat.
#[derive(Debug, Clone)]
pub struct ToClaim {
    chat: ChatId,
    claim: Claim,
}

impl ToClaim {
    /// A message, with a lease of its own.
    #[must_use]
    pub fn new(chat: ChatId, message: MessageId) -> Self {
        Self { chat, claim: Claim::of(vec![message]) }
    }

    /// The claim, as it is if it stands.
    #[must_use]
    pub fn into_claim(self) -> Claim {
        self.claim
    }
}

/// Claims messages of as many chats, each as [`super::claim`] does, and says which claims stand. Of two
/// in one chat only the first is made. Where the database fails, a claim may stand.
pub async fn claim_each(
    conn: &impl ConnectionTrait,
    asked: &[ToClaim],
    now: DateTime<Utc>,
) -> Vec<Result<bool, DbErr>> {
    if asked.len() > 1
        && let Some(stand) = as_one(asked.len(), claim_together(conn, asked, now)).await
    {
        return stand;
    }
    let mut stand = Vec::with_capacity(asked.len());
    for ToClaim { chat, claim } in asked {
        stand.push(claim_as(conn, *chat, claim, now).await.map(|claimed| !claimed.is_empty()));
    }
    stand
}

async fn claim_together(
    conn: &impl ConnectionTrait,
    asked: &[ToClaim],
    now: DateTime<Utc>,
) -> Result<Vec<bool>, DbErr> {
    const CLAIM: &str = concat!(
        "UPDATE messages m SET status = 'sending', lease_until = $3, lease_owner = c.owner, \
         attempts = m.attempts + 1, updated_at = $2, joined_to = NULL \
         FROM unnest((SELECT $1::bigint[]), (SELECT $4::bigint[]), (SELECT $5::text[])) AS c(id, chat, owner) \
         WHERE m.id = c.id AND ",
        sayable_in!("c.chat"),
        " RETURNING m.id"
    );
    let mut chats = HashSet::new();
    let firsts: Vec<bool> = asked.iter().map(|one| chats.insert(one.chat)).collect();
    let made: Vec<_> =
        asked.iter().zip(&firsts).filter(|(_, first)| **first).map(|(one, _)| one).collect();
    let ids: Vec<i64> = made.iter().map(|one| only(&one.claim)).collect();
    let chats: Vec<i64> = made.iter().map(|one| one.chat.0).collect();
    let owners: Vec<String> = made.iter().map(|one| one.claim.owner.clone()).collect();
    let values = [ids.into(), now.into(), (now + LEASE).into(), chats.into(), owners.into()];
    let claimed = ids_of(all(conn, sql(CLAIM, values)).await?);
    let stands = |(one, first): (&ToClaim, bool)| first && claimed.contains(&only(&one.claim));
    Ok(asked.iter().zip(firsts).map(stands).collect())
}

/// A claimed message that was said, alone in its claim.
#[derive(Debug, Clone)]
pub struct Sent {
    pub claim: Claim,
    pub telegram_message_id: i64,
}

/// Settles messages that were said, each as [`super::settle`] does. Where the database fails, the same
/// can be asked again.
pub async fn settle_sent(
    conn: &impl ConnectionTrait,
    sent: &[Sent],
    now: DateTime<Utc>,
) -> Vec<Result<Settled, DbErr>> {
    if sent.len() > 1
        && let Some(settled) = as_one(sent.len(), settle_together(conn, sent, now)).await
    {
        return settled;
    }
    let mut settled = Vec::with_capacity(sent.len());
    for Sent { claim, telegram_message_id } in sent {
        let next = Disposition::Sent { telegram_message_id: *telegram_message_id };
        settled.push(settle(conn, claim, &next, now).await);
    }
    settled
}

async fn settle_together(
    conn: &impl ConnectionTrait,
    sent: &[Sent],
    now: DateTime<Utc>,
) -> Result<Vec<Settled>, DbErr> {
    const SENT: &str = sent!(
        " FROM unnest((SELECT $1::bigint[]), (SELECT $2::text[]), (SELECT $4::bigint[])) AS s(id, owner, telegram)",
        "m.id = s.id AND m.lease_owner = s.owner",
        "s.telegram"
    );
    let ids: Vec<i64> = sent.iter().map(|one| only(&one.claim)).collect();
    let owners: Vec<String> = sent.iter().map(|one| one.claim.owner.clone()).collect();
    let telegram: Vec<i64> = sent.iter().map(|one| one.telegram_message_id).collect();
    let (open_until, ending) = question(now);
    let values =
        [ids.into(), owners.into(), now.into(), telegram.into(), open_until.into(), ending.into()];
    let settled = ids_of(all(conn, sql(SENT, values)).await?);
    let of = |one: &Sent| match settled.contains(&only(&one.claim)) {
        true => Settled::Yes,
        false => Settled::TooLate,
    };
    Ok(sent.iter().map(of).collect())
}

/// The answers to all that one statement does. `None`: PostgreSQL refused it and took it back whole; one
/// of them must not keep the others from being said, so each is to be done alone.
async fn as_one<A>(
    asked: usize,
    together: impl Future<Output = Result<Vec<A>, DbErr>>,
) -> Option<Vec<Result<A, DbErr>>> {
    match together.await {
        Ok(answers) => Some(answers.into_iter().map(Ok).collect()),
        Err(error) if is_refusal(&error) => None,
        Err(error) => Some((0..asked).map(|_| Err(error.clone())).collect()),
    }
}

/// The message of a claim of one.
fn only(claim: &Claim) -> i64 {
    claim.messages.first().map_or(0, |message| message.0)
}

fn ids_of(rows: Vec<Id>) -> HashSet<i64> {
    rows.into_iter().map(|row| row.id).collect()
}
