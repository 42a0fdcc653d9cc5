//! Refused requests: kept with their faults, told to the staff, replayed when the cause is mended.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, FromQueryResult, QueryFilter, QueryOrder,
    QuerySelect,
};

use super::{
    QueueWork,
    entity::rejected_request,
    outbox::{self, NewMessage},
    statement::{execute, one, sql},
};
use crate::{
    domain::{
        ids::ChatId,
        message::{Content, MessageKind},
    },
    queue::RejectedRequest,
};

/// Faults shown on the staff's card; the kept request has them all.
const FAULTS_TOLD: usize = 5;

/// Keeps a refused request and plans the staff's card. Keeping it again does nothing.
///
/// # Errors
/// When the database fails.
pub async fn keep(
    conn: &impl ConnectionTrait,
    request: &RejectedRequest,
    staff: Option<ChatId>,
    now: DateTime<Utc>,
) -> Result<QueueWork, DbErr> {
    const KEEP: &str = "INSERT INTO rejected_requests (request_id, received_at, query, \
        content_type, body, http_status, faults) VALUES ($1, $2, $3, $4, $5, $6, $7) \
        ON CONFLICT (request_id) DO NOTHING";
    let faults = serde_json::to_value(&request.faults).map_err(|e| DbErr::Json(e.to_string()))?;
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
    ];
    let kept = execute(conn, sql(KEEP, values)).await? == 1;
    let Some(staff) = staff.filter(|_| kept) else { return Ok(QueueWork::default()) };
    let faults = request.faults.iter().take(FAULTS_TOLD).cloned().collect();
    let card = NewMessage::staff_card(MessageKind::StaffRejected, staff, now)
        .saying(Content::Rejected { faults, received_at: request.received_at })
        .traced_to(&request.id);
    outbox::insert(conn, &[card], now).await
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

/// A kept request by its number.
///
/// # Errors
/// When the database fails.
pub async fn by_id(
    conn: &impl ConnectionTrait,
    id: i64,
) -> Result<Option<rejected_request::Model>, DbErr> {
    rejected_request::Entity::find_by_id(id).one(conn).await
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

/// How many wait to be looked at.
///
/// # Errors
/// When the database fails.
pub async fn count_open(conn: &impl ConnectionTrait) -> Result<i64, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        n: i64,
    }
    const COUNT: &str = "SELECT count(*) AS n FROM rejected_requests WHERE replayed_at IS NULL";
    Ok(one::<Row>(conn, sql(COUNT, [])).await?.map_or(0, |row| row.n))
}
