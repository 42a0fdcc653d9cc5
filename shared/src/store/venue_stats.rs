//! The numbers that the staff look at: of visits in a span, each read by an index.

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use super::statement::{all, one, sql, value};
use crate::domain::{agenda::Span, message::MessageKind};

/// The numbers of the visits that begin in a span.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct VisitCounts {
    /// All of them, cancelled ones included.
    pub bookings: u64,
    /// Those whose client the bot can write to.
    pub in_bot: u64,
    /// Those whose client answered "I come".
    pub confirmed: u64,
    pub cancelled: u64,
    pub no_shows: u64,
    /// Messages about bookings that did not reach their client within the span, or perhaps not.
    pub undelivered: u64,
}

/// The ratings of a service.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceStars {
    pub service: Option<String>,
    pub average: f64,
    pub ratings: i64,
}

/// Counts the visits of a span.
///
/// # Errors
/// When the database fails.
pub async fn count(conn: &impl ConnectionTrait, span: Span) -> Result<VisitCounts, DbErr> {
    // Each row of the two other tables is looked up by its key: LIMIT keeps them from being read whole.
    const VISITS: &str = "SELECT count(*) AS bookings, count(u.is_there) AS in_bot, \
        count(a.is_there) AS confirmed, count(*) FILTER (WHERE b.status = 'cancelled') AS cancelled, \
        count(*) FILTER (WHERE b.meaning = 'no_show') AS no_shows FROM bookings b \
        LEFT JOIN LATERAL (SELECT true AS is_there FROM users \
            WHERE id = b.user_id AND reachable LIMIT 1) u ON true \
        LEFT JOIN LATERAL (SELECT true AS is_there FROM visit_answers WHERE booking_id = b.id \
            AND version = b.version AND answer = 'comes' LIMIT 1) a ON true \
        WHERE b.starts_at >= $1 AND b.starts_at < $2 AND b.meaning IS DISTINCT FROM 'ignored'";
    const UNDELIVERED: &str = "SELECT count(*) FROM messages WHERE recipient = 'client' \
        AND status IN ('failed', 'unknown') AND updated_at >= $1 AND updated_at < $2 \
        AND kind = ANY ((SELECT $3::text[])::text[])";
    #[derive(FromQueryResult)]
    struct Row {
        bookings: i64,
        in_bot: i64,
        confirmed: i64,
        cancelled: i64,
        no_shows: i64,
    }
    let (from, until) = span;
    let row: Option<Row> = one(conn, sql(VISITS, [from.into(), until.into()])).await?;
    let kinds = MessageKind::names(|kind| kind.properties().replaced_by_a_call);
    let values = [from.into(), until.into(), kinds.into()];
    let undelivered: Option<i64> = value(conn, sql(UNDELIVERED, values)).await?;
    let counts = row.map(|row| VisitCounts {
        bookings: row.bookings.unsigned_abs(),
        in_bot: row.in_bot.unsigned_abs(),
        confirmed: row.confirmed.unsigned_abs(),
        cancelled: row.cancelled.unsigned_abs(),
        no_shows: row.no_shows.unsigned_abs(),
        undelivered: 0,
    });
    let undelivered = undelivered.unwrap_or(0).unsigned_abs();
    Ok(VisitCounts { undelivered, ..counts.unwrap_or_default() })
}

/// The stars of each service, those rated most first.
///
/// # Errors
/// When the database fails.
pub async fn stars(
    conn: &impl ConnectionTrait,
    (from, until): Span,
    limit: u32,
) -> Result<Vec<ServiceStars>, DbErr> {
    const STARS: &str = "SELECT service_name, avg(rating)::float8 AS average, count(*) AS ratings \
        FROM bookings WHERE starts_at >= $1 AND starts_at < $2 AND rating IS NOT NULL \
        AND status <> 'cancelled' GROUP BY service_name ORDER BY ratings DESC, service_name LIMIT $3";
    #[derive(FromQueryResult)]
    struct Row {
        service_name: Option<String>,
        average: f64,
        ratings: i64,
    }
    let values = [from.into(), until.into(), i64::from(limit).into()];
    let rows: Vec<Row> = all(conn, sql(STARS, values)).await?;
    let stars = |Row { service_name: service, average, ratings }| ServiceStars {
        service,
        average,
        ratings,
    };
    Ok(rows.into_iter().map(stars).collect())
}
