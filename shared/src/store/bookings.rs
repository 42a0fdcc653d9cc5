//! Bookings as clients and operators look at them, and their ratings.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, Order, PaginatorTrait,
    QueryFilter, QueryOrder, QuerySelect, Select, Statement,
    sea_query::{Expr, SimpleExpr},
};

use super::{
    entity::booking,
    limited,
    statement::{one, sql, values},
};
use crate::domain::{
    booking::{Booking, Stars},
    ids::{BookingCode, BookingId, ChatId, UserId},
    status::Meaning,
};

/// A client's bookings to come and those that are over, with how many there are of each.
#[derive(Debug, Clone, Default)]
pub struct ClientBookings {
    /// Not ended, soonest first.
    pub upcoming: Vec<Booking>,
    pub upcoming_total: u64,
    /// Ended, or the client did not come; latest first.
    pub past: Vec<Booking>,
    pub past_total: u64,
}

/// A client's bookings, at most `limit` of each sort. Cancelled ones, those that are no client's, and those
/// that were never confirmed before they ended are not listed, nor visits before the number came to this
/// client from another: they were its former owner's.
///
/// # Errors
/// When the database fails.
pub async fn of_client(
    conn: &impl ConnectionTrait,
    user: UserId,
    now: DateTime<Utc>,
    limit: u64,
) -> Result<ClientBookings, DbErr> {
    const OF_THEIR_TIME: &str = "starts_at >= coalesce((SELECT number_taken_at FROM users \
        WHERE id = $1), '-infinity')";
    let listed = booking::Entity::find()
        .filter(booking::Column::UserId.eq(user.0))
        .filter(booking::Column::Status.ne("cancelled"))
        .filter(is_not(Meaning::Ignored));
    let upcoming = listed
        .clone()
        .filter(booking::Column::EndsAt.gt(now))
        .filter(booking::Column::Status.eq("active"))
        .filter(is_not(Meaning::NoShow))
        .order_by(booking::Column::StartsAt, Order::Asc);
    let over = booking::Column::EndsAt
        .lte(now)
        .or(booking::Column::Status.eq("completed"))
        .or(booking::Column::Meaning.eq(Meaning::NoShow.as_str()));
    let past = listed
        .filter(over)
        .filter(Expr::cust_with_values(OF_THEIR_TIME, [user.0]))
        .filter(is_not(Meaning::Pending))
        .order_by(booking::Column::StartsAt, Order::Desc);
    let (upcoming, upcoming_total) = page(conn, upcoming, limit).await?;
    let (past, past_total) = page(conn, past, limit).await?;
    Ok(ClientBookings { upcoming, upcoming_total, past, past_total })
}

/// A booking without a recorded meaning has none of those that are left out.
fn is_not(meaning: Meaning) -> SimpleExpr {
    booking::Column::Meaning.is_null().or(booking::Column::Meaning.ne(meaning.as_str()))
}

/// The first `limit` bookings, and how many there are. They are counted only where there may be more.
async fn page(
    conn: &impl ConnectionTrait,
    bookings: Select<booking::Entity>,
    limit: u64,
) -> Result<(Vec<Booking>, u64), DbErr> {
    let rows = limited(bookings.clone().limit(limit).all(conn)).await?;
    let read_all = u64::try_from(rows.len()).unwrap_or(limit);
    let total = if read_all < limit { read_all } else { limited(bookings.count(conn)).await? };
    Ok((rows.into_iter().map(Booking::try_from).collect::<Result<_, _>>()?, total))
}

/// A booking by its code.
///
/// # Errors
/// When the database fails.
pub async fn by_code(
    conn: &impl ConnectionTrait,
    code: &BookingCode,
) -> Result<Option<Booking>, DbErr> {
    let found = booking::Entity::find().filter(booking::Column::BukzaBookingId.eq(code.as_str()));
    limited(found.one(conn)).await?.map(Booking::try_from).transpose()
}

/// A booking by its id.
///
/// # Errors
/// When the database fails.
pub async fn by_id(conn: &impl ConnectionTrait, id: BookingId) -> Result<Option<Booking>, DbErr> {
    limited(booking::Entity::find_by_id(id.0).one(conn)).await?.map(Booking::try_from).transpose()
}

/// The booking that a client most likely writes about: the next one, or else the one that was over last, for a few days.
///
/// # Errors
/// When the database fails.
pub async fn nearest(
    conn: &impl ConnectionTrait,
    user: UserId,
    now: DateTime<Utc>,
) -> Result<Option<BookingId>, DbErr> {
    const NEAREST: &str = "SELECT id FROM bookings WHERE user_id = $1 AND status <> 'cancelled' \
        AND ends_at > $2::timestamptz - interval '3 days' \
        ORDER BY ends_at <= $2, CASE WHEN ends_at > $2 THEN starts_at END, starts_at DESC LIMIT 1";
    Ok(one_id(conn, sql(NEAREST, [user.0.into(), now.into()])).await?.map(BookingId))
}

async fn one_id(conn: &impl ConnectionTrait, statement: Statement) -> Result<Option<i64>, DbErr> {
    Ok(values(conn, statement).await?.pop())
}

/// What giving a rating came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rated {
    Stored,
    /// That is the rating already.
    Same,
    /// A later one is stored: an outage has changed their order.
    Late,
    /// There is no such booking of this client that can be rated.
    NotTheirs,
}

/// Stores a client's rating of their booking, given at `at`; the last one counts.
///
/// # Errors
/// When the database fails.
pub async fn rate(
    conn: &impl ConnectionTrait,
    booking: BookingId,
    user: UserId,
    stars: Stars,
    at: DateTime<Utc>,
) -> Result<Rated, DbErr> {
    const RATE: &str = "WITH before AS (SELECT id, rating, coalesce(rated_at > $4, false) AS late \
        FROM bookings WHERE id = $1 AND user_id = $2 AND status <> 'cancelled' \
        AND coalesce(ends_at > (SELECT number_taken_at FROM users WHERE id = $2), true) \
        FOR UPDATE), \
        rated AS (UPDATE bookings b SET rating = $3, updated_at = $4, rated_at = $4 \
        FROM before WHERE b.id = before.id AND NOT before.late) \
        SELECT rating AS before, late FROM before";
    #[derive(sea_orm::FromQueryResult)]
    struct Row {
        before: Option<i16>,
        late: bool,
    }
    let new = i16::from(stars.get());
    let values = [booking.0.into(), user.0.into(), new.into(), at.into()];
    let row: Option<Row> = one(conn, sql(RATE, values)).await?;
    Ok(match row {
        None => Rated::NotTheirs,
        Some(Row { late: true, .. }) => Rated::Late,
        Some(Row { before: Some(before), .. }) if before == new => Rated::Same,
        Some(Row { .. }) => Rated::Stored,
    })
}

/// The other bookings that the question about `booking` was about: their visits have begun at `now`. The question may be
/// answered before it is recorded as sent.
///
/// # Errors
/// When the database fails.
pub async fn questioned_with(
    conn: &impl ConnectionTrait,
    booking: BookingId,
    now: DateTime<Utc>,
) -> Result<Vec<BookingId>, DbErr> {
    const WITH: &str = "SELECT DISTINCT b.id FROM bookings a \
        JOIN messages q ON q.booking_id = a.id AND q.kind = 'feedback' \
        JOIN bookings b ON b.order_id = a.order_id AND b.client_phone = a.client_phone \
        JOIN messages o ON o.booking_id = b.id AND o.kind = 'feedback' AND o.status = q.status \
        WHERE a.id = $1 AND b.id <> a.id AND b.starts_at <= $2 AND q.status IN ('sending', 'sent', 'unknown') \
          AND coalesce(o.joined_to, o.id) = coalesce(q.joined_to, q.id)";
    let ids: Vec<i64> = values(conn, sql(WITH, [booking.0.into(), now.into()])).await?;
    Ok(ids.into_iter().map(BookingId).collect())
}

/// A booking of the client in this chat, with those that the message about it names.
///
/// # Errors
/// When the database fails, or holds what this version can't read.
pub async fn announced_with(
    conn: &impl ConnectionTrait,
    chat: ChatId,
    booking: BookingId,
) -> Result<Vec<Booking>, DbErr> {
    const WITH: &str = "SELECT b.id FROM users u JOIN bookings b ON b.user_id = u.id \
        WHERE u.telegram_id = $1 AND (b.id = $2 OR b.id = ANY (ARRAY( \
        SELECT o.booking_id FROM messages o WHERE o.chat_id = $1 AND o.status = 'sent' \
        AND o.telegram_message_id = (SELECT m.telegram_message_id FROM messages m \
        WHERE m.booking_id = $2 AND m.chat_id = $1 AND m.kind IN ('confirmation', 'moved') \
        AND m.status = 'sent' ORDER BY m.id DESC LIMIT 1))))";
    let ids: Vec<i64> = values(conn, sql(WITH, [chat.0.into(), booking.0.into()])).await?;
    let found = booking::Entity::find()
        .filter(booking::Column::Id.is_in(ids))
        .order_by(booking::Column::StartsAt, Order::Asc);
    limited(found.all(conn)).await?.into_iter().map(Booking::try_from).collect()
}
