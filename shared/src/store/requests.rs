//! `requests`: what clients want of the staff, from the press or the words to the button that takes it.

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use super::statement::{execute, one, sql, unreadable, value};
use crate::{
    domain::{
        ids::{BookingId, ChatId, RequestId},
        request::{Request, RequestKind},
    },
    queue::{Job, QueueName},
};

/// A request to be stored.
#[derive(Debug, Clone)]
pub struct NewRequest {
    pub kind: RequestKind,
    /// The client's chat.
    pub chat: ChatId,
    /// The booking that it is about, and the version that the client saw.
    pub booking: Option<(BookingId, Option<i32>)>,
    pub words: Option<String>,
    pub update_id: i64,
}

/// Stores a request.
///
/// # Errors
/// When the database fails.
pub async fn insert(
    conn: &impl ConnectionTrait,
    request: &NewRequest,
    now: DateTime<Utc>,
) -> Result<RequestId, DbErr> {
    const INSERT: &str = "INSERT INTO requests (kind, chat_id, booking_id, booking_version, words, \
        update_id, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id";
    let (booking, version) = request.booking.unzip();
    let values = [
        request.kind.as_str().into(),
        request.chat.0.into(),
        booking.map(|booking| booking.0).into(),
        version.flatten().into(),
        request.words.clone().into(),
        request.update_id.into(),
        now.into(),
    ];
    let id = value(conn, sql(INSERT, values)).await?;
    id.map(RequestId).ok_or_else(|| DbErr::RecordNotFound("the stored request".into()))
}

/// A request by its id.
///
/// # Errors
/// When the database fails, or holds what this version can't read.
pub async fn by_id(conn: &impl ConnectionTrait, id: RequestId) -> Result<Option<Request>, DbErr> {
    const BY_ID: &str = "SELECT id, kind, chat_id, booking_id, booking_version, words, update_id, \
        created_at, delivered_at, taken_by, withdrawn_at IS NOT NULL AS withdrawn \
        FROM requests WHERE id = $1";
    let row: Option<Row> = one(conn, sql(BY_ID, [id.0.into()])).await?;
    row.map(Request::try_from).transpose()
}

/// The last words of a chat that wait to be shown, younger than `since`: what comes next joins them.
///
/// # Errors
/// When the database fails.
pub async fn waiting_words(
    conn: &impl ConnectionTrait,
    chat: ChatId,
    since: DateTime<Utc>,
) -> Result<Option<RequestId>, DbErr> {
    const WAITING: &str = "SELECT r.id FROM requests r JOIN messages m \
        ON m.update_id = r.update_id AND m.kind = 'staff_request' AND m.status = 'scheduled' \
        WHERE r.chat_id = $1 AND r.kind = 'words' AND r.created_at > $2 AND r.delivered_at IS NULL \
        ORDER BY r.id DESC LIMIT 1 FOR UPDATE OF m";
    Ok(value(conn, sql(WAITING, [chat.0.into(), since.into()])).await?.map(RequestId))
}

/// When the last words of a chat were shown to the staff, or are to be.
///
/// # Errors
/// When the database fails.
pub async fn last_words_at(
    conn: &impl ConnectionTrait,
    chat: ChatId,
) -> Result<Option<DateTime<Utc>>, DbErr> {
    const LAST: &str = "SELECT max(created_at) FROM requests WHERE chat_id = $1 AND kind = 'words'";
    Ok(value::<Option<DateTime<Utc>>>(conn, sql(LAST, [chat.0.into()])).await?.flatten())
}

/// The request of this kind about this version of a booking that the client has not taken back.
///
/// # Errors
/// When the database fails, or holds what this version can't read.
pub async fn standing(
    conn: &impl ConnectionTrait,
    kind: RequestKind,
    (booking, version): (BookingId, i32),
) -> Result<Option<Request>, DbErr> {
    const STANDING: &str = "SELECT id, kind, chat_id, booking_id, booking_version, words, update_id, \
        created_at, delivered_at, taken_by, false AS withdrawn FROM requests \
        WHERE booking_id = $2 AND booking_version = $3 AND kind = $1 AND withdrawn_at IS NULL \
        ORDER BY id DESC LIMIT 1";
    let values = [kind.as_str().into(), booking.0.into(), version.into()];
    let row: Option<Row> = one(conn, sql(STANDING, values)).await?;
    row.map(Request::try_from).transpose()
}

/// The client takes a request back. Its card is cancelled where it has not reached the staff.
///
/// # Errors
/// When the database fails.
pub async fn withdraw(
    conn: &impl ConnectionTrait,
    request: &Request,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    const WITHDRAW: &str = "UPDATE requests SET withdrawn_at = $2 WHERE id = $1";
    const CARDS: &str = "UPDATE messages SET status = 'cancelled', reason = 'withdrawn', \
        updated_at = $2 WHERE id = ANY (ARRAY(SELECT id FROM messages WHERE status = 'scheduled' \
        AND (update_id = $1 OR booking_id = $3 AND kind = 'staff_request' \
             AND content -> 'request' -> 'id' = to_jsonb($4::bigint)) \
        ORDER BY id FOR NO KEY UPDATE))";
    execute(conn, sql(WITHDRAW, [request.id.0.into(), now.into()])).await?;
    let booking = request.booking.map(|booking| booking.0);
    let values = [request.update_id.into(), now.into(), booking.into(), request.id.0.into()];
    execute(conn, sql(CARDS, values)).await.map(|_| ())
}

/// Has the card of a request sent now that waits for the client's reason. `None`: it waits no more.
///
/// # Errors
/// When the database fails.
pub async fn hurry(
    conn: &impl ConnectionTrait,
    request: &Request,
    now: DateTime<Utc>,
) -> Result<Option<Job>, DbErr> {
    const HURRY: &str = "UPDATE messages SET due_at = $2, pushed_at = $2, updated_at = $2 \
        WHERE update_id = $1 AND kind = 'staff_request' AND status = 'scheduled' RETURNING chat_id";
    let chat: Option<i64> = value(conn, sql(HURRY, [request.update_id.into(), now.into()])).await?;
    Ok(chat.map(|chat| Job::wake_later(QueueName::Bulk, ChatId(chat), now)))
}

/// Adds words to a request, at most `max` characters in all.
///
/// # Errors
/// When the database fails.
pub async fn add_words(
    conn: &impl ConnectionTrait,
    id: RequestId,
    words: &str,
    max: usize,
) -> Result<(), DbErr> {
    const ADD: &str =
        "UPDATE requests SET words = left(concat_ws(E'\\n', words, $2::text), $3) WHERE id = $1";
    let max = i32::try_from(max).unwrap_or(i32::MAX);
    execute(conn, sql(ADD, [id.0.into(), words.into(), max.into()])).await.map(|_| ())
}

/// Notes that the card of a request reached the staff. The request, where that was not known.
///
/// # Errors
/// When the database fails, or holds what this version can't read.
pub async fn delivered(
    conn: &impl ConnectionTrait,
    id: RequestId,
    now: DateTime<Utc>,
) -> Result<Option<Request>, DbErr> {
    const DELIVERED: &str = "UPDATE requests SET delivered_at = $2 \
        WHERE id = $1 AND delivered_at IS NULL \
        RETURNING id, kind, chat_id, booking_id, booking_version, words, update_id, created_at, \
        delivered_at, taken_by, withdrawn_at IS NOT NULL AS withdrawn";
    let row: Option<Row> = one(conn, sql(DELIVERED, [id.0.into(), now.into()])).await?;
    row.map(Request::try_from).transpose()
}

/// Notes that `by` took a request. The request, where nobody had taken it.
///
/// # Errors
/// When the database fails, or holds what this version can't read.
pub async fn take(
    conn: &impl ConnectionTrait,
    id: RequestId,
    by: &str,
    now: DateTime<Utc>,
) -> Result<Option<Request>, DbErr> {
    const TAKE: &str = "UPDATE requests SET taken_at = $2, taken_by = $3 \
        WHERE id = $1 AND taken_at IS NULL \
        RETURNING id, kind, chat_id, booking_id, booking_version, words, update_id, created_at, \
        delivered_at, taken_by, withdrawn_at IS NOT NULL AS withdrawn";
    let row: Option<Row> = one(conn, sql(TAKE, [id.0.into(), now.into(), by.into()])).await?;
    row.map(Request::try_from).transpose()
}

#[derive(FromQueryResult)]
struct Row {
    id: i64,
    kind: String,
    chat_id: i64,
    booking_id: Option<i64>,
    booking_version: Option<i32>,
    words: Option<String>,
    update_id: i64,
    created_at: DateTime<Utc>,
    delivered_at: Option<DateTime<Utc>>,
    taken_by: Option<String>,
    withdrawn: bool,
}

impl TryFrom<Row> for Request {
    type Error = DbErr;

    fn try_from(row: Row) -> Result<Self, DbErr> {
        let kind =
            RequestKind::parse(&row.kind).ok_or_else(|| unreadable("requests.kind", &row.kind))?;
        Ok(Self {
            id: RequestId(row.id),
            kind,
            chat: ChatId(row.chat_id),
            booking: row.booking_id.map(BookingId),
            version: row.booking_version,
            words: row.words,
            update_id: row.update_id,
            created_at: row.created_at,
            delivered_at: row.delivered_at,
            taken_by: row.taken_by,
            withdrawn: row.withdrawn,
        })
    }
}
