//! Finds bookings for the staff: by code, by the last digits of a phone, by the beginnings of a name's words.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use super::{
    agenda::{ListedBooking, listed},
    statement::{all, sql},
};
use crate::domain::search::SearchTerms;

/// A name is looked for among visits since so long ago and until so far ahead. A frequent one would match too many else.
const NAMES_SINCE: TimeDelta = TimeDelta::days(90);
const NAMES_UNTIL: TimeDelta = TimeDelta::days(366);

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// Those to come first, soonest first; then those that are over, latest first.
    pub bookings: Vec<ListedBooking>,
    /// How many there are beside them.
    pub more: u64,
}

/// Finds at most `limit` bookings.
///
/// # Errors
/// When the database fails, or holds what this version can't read.
pub async fn find(
    conn: &impl ConnectionTrait,
    terms: &SearchTerms,
    now: DateTime<Utc>,
    limit: u32,
) -> Result<Found, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        total: i64,
    }
    let words = (!terms.words.is_empty()).then(|| query_of(&terms.words));
    let values = [
        terms.codes.clone().into(),
        terms.digits.clone().into(),
        words.into(),
        (now - NAMES_SINCE).into(),
        (now + NAMES_UNTIL).into(),
        now.into(),
        i64::from(limit).into(),
    ];
    let rows: Vec<Row> = all(conn, sql(include_str!("sql/find.sql"), values)).await?;
    let total = rows.first().map_or(0, |row| row.total.unsigned_abs());
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let more = total.saturating_sub(u64::try_from(ids.len()).unwrap_or(total));
    Ok(Found { bookings: listed(conn, &ids).await?, more })
}

/// The words as a query of PostgreSQL's text search: each is the beginning of a word. They hold letters and digits only.
fn query_of(words: &[String]) -> String {
    words.iter().map(|word| format!("'{word}':*")).collect::<Vec<_>>().join(" & ")
}
