//! Bookings as clients and operators look at them, and their ratings.

use chrono::{DateTime, Utc};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, Order, QueryFilter, QueryOrder, QuerySelect,
};

use super::{
    entity::booking,
    limited,
    statement::{one, sql},
};
use crate::domain::{
    booking::{Booking, Stars},
    ids::{BookingCode, BookingId, UserId},
};

/// A client's bookings to come and those that are over.
#[derive(Debug, Clone, Default)]
pub struct ClientBookings {
    /// Active, not ended, soonest first.
    pub upcoming: Vec<Booking>,
    /// Ended, latest first.
    pub past: Vec<Booking>,
}

/// A client's bookings, at most `limit` of each sort. Cancelled ones are not listed.
///
/// # Errors
/// When the database fails.
pub async fn of_client(
    conn: &impl ConnectionTrait,
    user: UserId,
    now: DateTime<Utc>,
    limit: u64,
) -> Result<ClientBookings, DbErr> {
    let list = |ended: bool| {
        let (over, order) = if ended {
            (booking::Column::EndsAt.lte(now), Order::Desc)
        } else {
            (booking::Column::EndsAt.gt(now), Order::Asc)
        };
        booking::Entity::find()
            .filter(booking::Column::UserId.eq(user.0))
            .filter(booking::Column::Status.ne("cancelled"))
            .filter(over)
            .order_by(booking::Column::StartsAt, order)
            .limit(limit)
            .all(conn)
    };
    Ok(ClientBookings {
        upcoming: read(limited(list(false)).await?)?,
        past: read(limited(list(true)).await?)?,
    })
}

fn read(rows: Vec<booking::Model>) -> Result<Vec<Booking>, DbErr> {
    rows.into_iter().map(Booking::try_from).collect()
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

/// What giving a rating came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rated {
    /// Stored; the rating before, if there was one.
    Stored { before: Option<Stars> },
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
        FROM bookings WHERE id = $1 AND user_id = $2 AND status <> 'cancelled' FOR UPDATE), \
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
        Some(Row { before, .. }) => Rated::Stored {
            before: before.and_then(|n| u8::try_from(n).ok()).and_then(|n| Stars::try_from(n).ok()),
        },
    })
}
