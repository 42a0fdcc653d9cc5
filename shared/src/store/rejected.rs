//! Refused requests: kept with their faults, shown to the staff, replayed when the cause is mended.

mod bounds;
mod cards;
mod replay;

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseConnection, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, TransactionTrait,
};

pub use bounds::{BYTES_MAX, ROWS_MAX, bound};
pub use replay::{RefusalCard, cards_in, read_again, replay};

use super::{
    QueueWork,
    entity::rejected_request,
    limited,
    statement::{execute, sql, value},
};
use crate::{bukza, domain::ids::ChatId, queue::RejectedRequest};
use cards::Refusal;

/// Most faults kept with a request. A body of nested conflicts has thousands.
const FAULTS_MAX: usize = 100;

/// Keeps a refused request and plans the staff's card, or adds to the one of its cause that waits. Keeping
/// it again does nothing.
///
/// # Errors
/// When the database fails; nothing has happened then, and it can be kept again.
pub async fn keep(
    db: &DatabaseConnection,
    request: &RejectedRequest,
    staff: Option<ChatId>,
    now: DateTime<Utc>,
) -> Result<QueueWork, DbErr> {
    let tx = limited(db.begin()).await?;
    let cause = bukza::cause(&request.faults);
    let Some(number) = insert(&tx, request, &cause).await? else {
        limited(tx.rollback()).await?;
        return Ok(QueueWork::default());
    };
    if number % bounds::LOOKED_AT_EVERY == 0 {
        bound(&tx).await?;
    }
    let work = match staff {
        Some(staff) => {
            cards::plan(&tx, &Refusal { number, cause: &cause, request }, staff, now).await?
        }
        None => QueueWork::default(),
    };
    limited(tx.commit()).await?;
    Ok(work)
}

/// The new row's number. `None`: it is kept already.
async fn insert(
    conn: &impl ConnectionTrait,
    request: &RejectedRequest,
    cause: &str,
) -> Result<Option<i64>, DbErr> {
    const KEEP: &str = "INSERT INTO rejected_requests (request_id, received_at, query, \
        content_type, body, http_status, faults, cause) VALUES ($1, $2, $3, $4, $5, $6, $7, $8) \
        ON CONFLICT (request_id) DO NOTHING RETURNING id";
    let faults = &request.faults[..request.faults.len().min(FAULTS_MAX)];
    let faults = serde_json::to_value(faults).map_err(|e| DbErr::Json(e.to_string()))?;
    // PostgreSQL's text can't hold NUL.
    let clean = |text: &str| text.replace('\0', "\u{fffd}");
    let values = [
        request.id.0.clone().into(),
        request.received_at.into(),
        clean(&request.query).into(),
        request.content_type.as_deref().map(clean).into(),
        clean(&request.body).into(),
        i32::from(request.status).into(),
        faults.into(),
        cause.into(),
    ];
    value(conn, sql(KEEP, values)).await
}

/// The kept requests that were not replayed, latest first.
///
/// # Errors
/// When the database fails.
pub async fn open(
    conn: &impl ConnectionTrait,
    limit: u64,
) -> Result<Vec<rejected_request::Model>, DbErr> {
    rejected_request::Entity::find()
        .filter(rejected_request::Column::ReplayedAt.is_null())
        .order_by_desc(rejected_request::Column::Id)
        .limit(limit)
        .all(conn)
        .await
}

/// Notes that a kept request was replayed.
///
/// # Errors
/// When the database fails.
pub async fn replayed(
    conn: &impl ConnectionTrait,
    id: i64,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    const NOTE: &str = "UPDATE rejected_requests SET replayed_at = $2 WHERE id = $1";
    execute(conn, sql(NOTE, [id.into(), now.into()])).await.map(|_| ())
}

/// Notes that an operator has read a kept request: it goes before unread ones when there are too many.
///
/// # Errors
/// When the database fails.
pub async fn read(conn: &impl ConnectionTrait, id: i64, now: DateTime<Utc>) -> Result<(), DbErr> {
    const NOTE: &str = "UPDATE rejected_requests SET read_at = $2 WHERE id = $1";
    execute(conn, sql(NOTE, [id.into(), now.into()])).await.map(|_| ())
}

/// How many were not replayed.
///
/// # Errors
/// When the database fails.
pub async fn count_open(conn: &impl ConnectionTrait) -> Result<i64, DbErr> {
    const COUNT: &str = "SELECT count(*) AS n FROM rejected_requests WHERE replayed_at IS NULL";
    Ok(value(conn, sql(COUNT, [])).await?.unwrap_or(0))
}
