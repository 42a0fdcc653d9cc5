//! The staff's cards of refused requests: while one of a cause waits, further refusals of that cause are
//! added to it. So a broken trigger makes one card a minute.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{DatabaseTransaction, DbErr, FromQueryResult};

use crate::{
    bukza::Fault,
    domain::{
        ids::ChatId,
        message::{Content, MessageKind, RefusalNumbers},
    },
    queue::RejectedRequest,
    store::{
        QueueWork, lock,
        outbox::{self, NewMessage},
        statement::{execute, one, sql, value},
    },
};

/// Between two cards of one cause.
const APART: TimeDelta = TimeDelta::minutes(1);
/// Causes of which a card may wait at once. Refusals of further ones share a card.
const CAUSES_MAX: i64 = 20;
/// The cause of that card.
pub(super) const SEVERAL: &str = "several";
/// Faults shown on a card; the kept request has more.
const FAULTS_SHOWN: usize = 5;

/// A kept request.
pub(super) struct Refusal<'a> {
    pub number: i64,
    pub cause: &'a str,
    pub request: &'a RejectedRequest,
}

/// The newest card of a cause.
#[derive(FromQueryResult)]
struct Card {
    id: i64,
    status: String,
    content: Option<serde_json::Value>,
    touched_at: DateTime<Utc>,
}

impl Card {
    fn waits(&self) -> bool {
        self.status == "scheduled"
    }

    /// What it says with one refusal more. `None`: it does not wait, or says what this version can't read.
    fn with(&self, refusal: &Refusal<'_>) -> Option<Content> {
        let content = self.content.clone().filter(|_| self.waits())?;
        let Content::Rejected { numbers: Some(numbers), received_at, .. } =
            serde_json::from_value(content).ok()?
        else {
            return None;
        };
        let newest = received_at.max(refusal.request.received_at);
        Some(content_of(refusal, numbers.and(refusal.number), newest))
    }
}

/// Adds the refusal to the card of its cause that waits, or plans one.
pub(super) async fn plan(
    tx: &DatabaseTransaction,
    refusal: &Refusal<'_>,
    staff: ChatId,
    now: DateTime<Utc>,
) -> Result<QueueWork, DbErr> {
    lock::refusal_cards(tx).await?;
    let newest = newest_card(tx, staff, refusal.cause).await?;
    if newest.as_ref().is_some_and(Card::waits) || waiting(tx, staff).await? < CAUSES_MAX {
        return add_or_insert(tx, refusal, newest, staff, now).await;
    }
    let newest = newest_card(tx, staff, SEVERAL).await?;
    add_or_insert(tx, &Refusal { cause: SEVERAL, ..*refusal }, newest, staff, now).await
}

async fn add_or_insert(
    tx: &DatabaseTransaction,
    refusal: &Refusal<'_>,
    newest: Option<Card>,
    staff: ChatId,
    now: DateTime<Utc>,
) -> Result<QueueWork, DbErr> {
    const ADD: &str = "UPDATE messages SET content = $2, updated_at = $3 WHERE id = $1";
    if let Some((card, content)) =
        newest.as_ref().and_then(|card| Some((card, card.with(refusal)?)))
    {
        let content = serde_json::to_value(content).map_err(|e| DbErr::Json(e.to_string()))?;
        execute(tx, sql(ADD, [card.id.into(), content.into(), now.into()])).await?;
        return Ok(QueueWork::default());
    }
    let due = newest.map_or(now, |card| now.max(card.touched_at + APART));
    let numbers = RefusalNumbers::of(refusal.number);
    let card = NewMessage::staff_card(MessageKind::StaffRejected, staff, due)
        .of_cause(refusal.cause)
        .saying(content_of(refusal, numbers, refusal.request.received_at))
        .traced_to(&refusal.request.id);
    outbox::insert(tx, &[card], now).await
}

fn content_of(
    refusal: &Refusal<'_>,
    numbers: RefusalNumbers,
    received_at: DateTime<Utc>,
) -> Content {
    let faults: Vec<Fault> = refusal.request.faults.iter().take(FAULTS_SHOWN).cloned().collect();
    Content::Rejected { faults, received_at, numbers: Some(numbers) }
}

/// Locked, so that it is not claimed while something is added to it.
async fn newest_card(
    tx: &DatabaseTransaction,
    staff: ChatId,
    cause: &str,
) -> Result<Option<Card>, DbErr> {
    const NEWEST: &str = "SELECT id, status, content, COALESCE(sent_at, updated_at) AS touched_at \
        FROM messages WHERE kind = 'staff_rejected' AND chat_id = $1 AND slot = $2 \
        ORDER BY due_at DESC, id DESC LIMIT 1 FOR UPDATE";
    one(tx, sql(NEWEST, [staff.0.into(), cause.into()])).await
}

/// How many cards of refused requests wait, as far as it matters.
async fn waiting(tx: &DatabaseTransaction, staff: ChatId) -> Result<i64, DbErr> {
    const WAITING: &str = "SELECT count(*) AS n FROM (SELECT 1 FROM messages \
        WHERE kind = 'staff_rejected' AND chat_id = $1 AND status = 'scheduled' LIMIT $2) AS w";
    let waiting = value(tx, sql(WAITING, [staff.0.into(), CAUSES_MAX.into()])).await?;
    Ok(waiting.unwrap_or(0))
}
