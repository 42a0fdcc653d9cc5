//! Replays kept requests: each is read again under the present rules, and what it holds goes the way of every accepted
//! request.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, FromQueryResult,
    QueryFilter, QueryOrder, QuerySelect,
};

use super::cards::SEVERAL;
use crate::{
    bukza::{self, Fault, Request, Rules},
    domain::{
        ids::{ChatId, EventId},
        message::{Content, RefusalNumbers},
        staff_answer::Replayed,
    },
    queue::IngestJob,
    store::{
        entity::rejected_request::{Column, Entity, Model},
        inbox, limited,
        statement::{all, execute, sql, value},
    },
};

/// Most requests that one press replays.
const AT_ONCE: u64 = 200;
/// Faults shown of a request that is still refused.
const FAULTS_SHOWN: usize = 5;

/// A card of refused requests, as the staff see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusalCard {
    pub cause: String,
    pub numbers: RefusalNumbers,
}

/// Reads a kept request again under these rules, as of its receive time. The events' ids derive from the request's: a
/// second replay changes nothing.
///
/// # Errors
/// The faults of a request that still can't be used.
pub fn read_again(row: &Model, rules: &Rules) -> Result<Vec<IngestJob>, Vec<Fault>> {
    let query: Vec<_> = url::form_urlencoded::parse(row.query.as_bytes()).collect();
    let request = Request {
        query: &query,
        content_type: row.content_type.as_deref(),
        body: row.body.as_bytes(),
    };
    let events = bukza::read(&request, rules, row.received_at).map_err(|refusal| refusal.faults)?;
    let jobs = events.into_iter().enumerate().map(|(n, mut event)| {
        event.id = EventId(format!("{}{n}", row.request_id));
        IngestJob::Booking(Box::new(event))
    });
    Ok(jobs.collect())
}

/// The cards of refused requests in a message of the staff's chat.
///
/// # Errors
/// When the database fails.
pub async fn cards_in(
    conn: &impl ConnectionTrait,
    staff: ChatId,
    telegram_message_id: i64,
) -> Result<Vec<RefusalCard>, DbErr> {
    const IN: &str = "SELECT slot, content FROM messages WHERE chat_id = $1 \
        AND telegram_message_id = $2 AND kind = 'staff_rejected'";
    #[derive(FromQueryResult)]
    struct Row {
        slot: String,
        content: Option<serde_json::Value>,
    }
    let rows: Vec<Row> = all(conn, sql(IN, [staff.0.into(), telegram_message_id.into()])).await?;
    let card = |row: Row| match serde_json::from_value(row.content?).ok()? {
        Content::Rejected { numbers: Some(numbers), .. } => {
            Some(RefusalCard { cause: row.slot, numbers })
        }
        _ => None,
    };
    Ok(rows.into_iter().filter_map(card).collect())
}

/// Replays the requests of a card, at most 200 that were not replayed before. What can be used is accepted with this
/// transaction.
///
/// # Errors
/// When the database fails; nothing is replayed then.
pub async fn replay(
    tx: &DatabaseTransaction,
    card: &RefusalCard,
    rules: &Rules,
    now: DateTime<Utc>,
) -> Result<Replayed, DbErr> {
    const REPLAYED: &str = "UPDATE rejected_requests SET replayed_at = $2 \
        WHERE id = ANY ((SELECT $1::bigint[])::bigint[])";
    // The numbers between the first and the last are other causes', too.
    const BEFORE: &str = "SELECT count(*) FROM rejected_requests WHERE id BETWEEN $1 AND $2 \
        AND (cause = $3 OR $3 = $4) AND replayed_at IS NOT NULL";
    let RefusalCard { cause, numbers: RefusalNumbers { first, last, .. } } = card;
    let mut open = Entity::find()
        .filter(Column::Id.between(*first, *last))
        .filter(Column::ReplayedAt.is_null())
        .order_by_asc(Column::Id)
        .limit(AT_ONCE + 1)
        .lock_exclusive();
    if cause != SEVERAL {
        open = open.filter(Column::Cause.eq(cause.as_str()));
    }
    let mut open = limited(open.all(tx)).await?;
    let before = [(*first).into(), (*last).into(), cause.as_str().into(), SEVERAL.into()];
    let before: i64 = value(tx, sql(BEFORE, before)).await?.unwrap_or(0);
    let at_once = usize::try_from(AT_ONCE).unwrap_or(usize::MAX);
    let mut replayed = Replayed {
        before: u32::try_from(before).unwrap_or(u32::MAX),
        more: open.len() > at_once,
        ..Replayed::default()
    };
    open.truncate(at_once);
    let (mut used, mut jobs) = (Vec::new(), Vec::new());
    for row in &open {
        match read_again(row, rules) {
            Ok(events) => {
                used.push(row.id);
                jobs.extend(events);
                replayed.used += 1;
            }
            Err(mut faults) => {
                faults.truncate(FAULTS_SHOWN);
                replayed.refused += 1;
                if replayed.first_refused.is_none() {
                    (replayed.first_refused, replayed.faults) = (Some(row.id), faults);
                }
            }
        }
    }
    if !used.is_empty() {
        // Kept with this transaction, as what is accepted while Redis is away: no crash in between can lose them.
        inbox::keep(tx, &jobs).await?;
        execute(tx, sql(REPLAYED, [used.into(), now.into()])).await?;
    }
    Ok(replayed)
}
