//! Consents: who gave one, when, to which version of the document.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use super::statement::{execute, one, sql};
use crate::domain::{consent::Consent, ids::ChatId, venue::Venue};

/// A client who does not answer is shown the question again after this time.
const REQUESTED_AGAIN_AFTER: TimeDelta = TimeDelta::days(30);

/// Whether the account of a chat has consented to the venue's present document.
///
/// # Errors
/// When the database fails.
pub async fn of(
    conn: &impl ConnectionTrait,
    chat: ChatId,
    venue: &Venue,
    now: DateTime<Utc>,
) -> Result<Consent, DbErr> {
    const OF: &str = "SELECT consented_at, consent_version, consent_requested_at FROM users \
        WHERE telegram_id = $1";
    #[derive(FromQueryResult)]
    struct Row {
        consented_at: Option<DateTime<Utc>>,
        consent_version: Option<String>,
        consent_requested_at: Option<DateTime<Utc>>,
    }
    let Some(documents) = &venue.consent else { return Ok(Consent::NotNeeded) };
    let Some(row) = one::<Row>(conn, sql(OF, [chat.0.into()])).await? else {
        return Ok(Consent::Missing);
    };
    let version = row.consented_at.map(|at| documents.version(at, venue.zone));
    if version.is_some() && version == row.consent_version {
        return Ok(Consent::Given);
    }
    let lately = row.consent_requested_at.is_some_and(|at| now - at < REQUESTED_AGAIN_AFTER);
    Ok(if lately { Consent::Requested } else { Consent::Missing })
}

/// Stores a consent that was given at `at`, with its version. The first one to a version counts.
///
/// # Errors
/// When the database fails.
pub async fn give(
    conn: &impl ConnectionTrait,
    chat: ChatId,
    venue: &Venue,
    at: DateTime<Utc>,
) -> Result<(), DbErr> {
    const GIVE: &str = "UPDATE users SET consented_at = $2, consent_version = $3 \
        WHERE telegram_id = $1 AND consent_version IS DISTINCT FROM $3";
    let Some(documents) = &venue.consent else { return Ok(()) };
    let version = documents.version(at, venue.zone);
    execute(conn, sql(GIVE, [chat.0.into(), at.into(), version.into()])).await.map(|_| ())
}

/// Notes that a client of before was shown the question.
///
/// # Errors
/// When the database fails.
pub async fn requested(
    conn: &impl ConnectionTrait,
    chat: ChatId,
    now: DateTime<Utc>,
) -> Result<(), DbErr> {
    const NOTE: &str = "UPDATE users SET consent_requested_at = $2 WHERE telegram_id = $1";
    execute(conn, sql(NOTE, [chat.0.into(), now.into()])).await.map(|_| ())
}
