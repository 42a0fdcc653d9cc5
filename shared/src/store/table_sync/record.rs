//! Records what a round found, so that a difference that stays the same makes one card. Rows with a person are deleted
//! with that person, and as soon as the table and the booking agree.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, FromQueryResult};

use super::{
    cards,
    compare::{Comparison, Difference},
    known::Deletions,
};
use crate::{
    domain::{
        difference::{DifferenceKind, without_known_person},
        event::BookingEvent,
        message::Content,
        venue::Venue,
    },
    store::{
        QueueWork, lock,
        statement::{all, execute, sql},
    },
};

/// Most differences that are kept. Later visits come once sooner ones agree.
const KEPT_MAX: usize = 500;
/// How long differences are kept while the table is not read.
const UNREAD_KEPT: TimeDelta = TimeDelta::hours(48);
/// How long a difference is kept that is none any more: buttons of old cards still find what became of it.
const GONE_KEPT: TimeDelta = TimeDelta::days(30);

/// What recording a round came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[must_use]
pub struct Recorded {
    /// A newer snapshot was recorded before: this one changed nothing.
    pub is_outdated: bool,
    /// Differences that were not there before.
    pub new: usize,
    pub work: QueueWork,
}

/// A difference on its way into its row.
struct Kept {
    code: String,
    kind: DifferenceKind,
    fingerprint: String,
    event: Option<BookingEvent>,
}

/// Records the differences of a snapshot. New ones make one card, or are added to the one that waits.
///
/// # Errors
/// When the database fails; nothing is recorded then.
pub async fn record(
    tx: &DatabaseTransaction,
    comparison: &Comparison,
    venue: &Venue,
    now: DateTime<Utc>,
) -> Result<Recorded, DbErr> {
    const NEWEST: &str = "UPDATE table_sync SET taken_at = $1, refused = false WHERE taken_at < $1";
    const GONE: &str = "UPDATE table_differences d SET gone_at = $3, event = NULL \
        WHERE d.gone_at IS NULL AND NOT EXISTS (SELECT 1 FROM unnest($1::text[], $2::text[]) \
        AS s (code, fingerprint) WHERE s.code = d.code AND s.fingerprint = d.fingerprint)";
    // What was handed over is not applied twice: its event may still be on its way.
    const AGAIN: &str = "UPDATE table_differences d SET event = nullif(s.event, '') \
        FROM unnest($1::text[], $2::text[]) AS s (code, event) \
        WHERE d.code = s.code AND d.gone_at IS NULL AND d.applied_at IS NULL";
    const NEW: &str = "INSERT INTO table_differences (code, kind, fingerprint, event, created_at) \
        SELECT s.code, s.kind, s.fingerprint, nullif(s.event, ''), $5 \
        FROM unnest($1::text[], $2::text[], $3::text[], $4::text[]) WITH ORDINALITY \
        AS s (code, kind, fingerprint, event, n) ORDER BY s.n \
        ON CONFLICT (code) WHERE gone_at IS NULL DO NOTHING RETURNING id";
    let kept = kept(tx, &comparison.differences, venue).await?;
    lock::table_differences(tx).await?;
    if execute(tx, sql(NEWEST, [comparison.taken_at.into()])).await? == 0 {
        return Ok(Recorded { is_outdated: true, ..Recorded::default() });
    }
    let texts = |of: fn(&Kept) -> String| -> Vec<String> { kept.iter().map(of).collect() };
    let codes = texts(|kept| kept.code.clone());
    let fingerprints = texts(|kept| kept.fingerprint.clone());
    let kinds = texts(|kept| kept.kind.as_str().to_owned());
    let event = |kept: &Kept| kept.event.as_ref().map_or(Ok(String::new()), serde_json::to_string);
    let events: Result<Vec<String>, _> = kept.iter().map(event).collect();
    let events = events.map_err(|error| DbErr::Json(error.to_string()))?;
    let gone = [codes.clone().into(), fingerprints.clone().into(), now.into()];
    execute(tx, sql(GONE, gone)).await?;
    execute(tx, sql(AGAIN, [codes.clone().into(), events.clone().into()])).await?;
    let new = [codes.into(), kinds.into(), fingerprints.into(), events.into(), now.into()];
    #[derive(FromQueryResult)]
    struct Row {
        #[expect(dead_code, reason = "rows are counted")]
        id: i64,
    }
    let new: Vec<Row> = all(tx, sql(NEW, new)).await?;
    let work = cards::plan_differences(tx, venue, now).await?;
    Ok(Recorded { is_outdated: false, new: new.len(), work })
}

/// The first differences, as they are kept. Their people's phones are locked: whoever is deleted meanwhile is deleted here,
/// too, or is left out.
async fn kept(
    tx: &DatabaseTransaction,
    differences: &[Difference],
    venue: &Venue,
) -> Result<Vec<Kept>, DbErr> {
    let differences = &differences[..differences.len().min(KEPT_MAX)];
    let mut kept: Vec<Kept> = differences
        .iter()
        .map(|difference| Kept {
            code: difference.code.to_string(),
            kind: difference.kind,
            fingerprint: difference.fingerprint.clone(),
            event: difference
                .row
                .clone()
                .map(|row| without_known_person(row, difference.kind, difference.booking.as_ref())),
        })
        .collect();
    let events: Vec<&BookingEvent> = kept.iter().filter_map(|kept| kept.event.as_ref()).collect();
    let phones: Vec<String> = events
        .iter()
        .filter_map(|event| Some(event.details.phone.as_ref()?.as_e164().to_owned()))
        .collect();
    lock::phones_and_bookings(tx, &phones, &[]).await?;
    let key = venue.forget_key.as_ref();
    let deletions = Deletions::about(tx, &events, key).await?;
    let has_person = |event: &BookingEvent| event.details.phone.is_some();
    kept.retain(|kept| {
        let event = kept.event.as_ref().filter(|event| has_person(event));
        !event.is_some_and(|event| deletions.hide(event, key))
    });
    Ok(kept)
}

/// Records that a snapshot was refused. The first of several makes a card.
///
/// # Errors
/// When the database fails; nothing is recorded then.
pub async fn refuse(
    tx: &DatabaseTransaction,
    comparison: &Comparison,
    venue: &Venue,
    now: DateTime<Utc>,
) -> Result<QueueWork, DbErr> {
    const REFUSE: &str =
        "UPDATE table_sync SET taken_at = $1, refused = true WHERE taken_at < $1 AND NOT refused";
    lock::table_differences(tx).await?;
    let is_first = execute(tx, sql(REFUSE, [comparison.taken_at.into()])).await? > 0;
    let Some(staff) = venue.staff_chat.get().filter(|_| is_first) else {
        return Ok(QueueWork::default());
    };
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let (known, found) = (number(comparison.known), number(comparison.found));
    cards::plan(tx, (staff, now), Content::TableRefused { known, found }, now).await
}

/// How many differences of each kind there are that nobody has applied.
///
/// # Errors
/// When the database fails.
pub async fn counts(conn: &impl ConnectionTrait) -> Result<Vec<(DifferenceKind, u64)>, DbErr> {
    const COUNT: &str = "SELECT kind, count(*) AS n FROM table_differences \
        WHERE gone_at IS NULL AND applied_at IS NULL GROUP BY kind";
    #[derive(FromQueryResult)]
    struct Row {
        kind: String,
        n: i64,
    }
    let rows: Vec<Row> = all(conn, sql(COUNT, [])).await?;
    let count = |kind: DifferenceKind| {
        let row = rows.iter().find(|row| row.kind == kind.as_str());
        (kind, row.map_or(0, |row| row.n.unsigned_abs()))
    };
    Ok(DifferenceKind::ALL.iter().copied().map(count).collect())
}

/// Forgets differences that are none any more for a month, at most `limit`, and the rows of a table that was not read for
/// two days: nobody can apply them.
///
/// # Errors
/// When the database fails.
pub async fn forget(
    conn: &impl ConnectionTrait,
    now: DateTime<Utc>,
    limit: i64,
) -> Result<u64, DbErr> {
    const FORGET: &str = "DELETE FROM table_differences WHERE id IN (SELECT id \
        FROM table_differences WHERE gone_at < $1 LIMIT $2)";
    const UNREAD: &str = "UPDATE table_differences SET event = NULL, gone_at = $1 \
        WHERE gone_at IS NULL AND (SELECT taken_at FROM table_sync) < $2";
    execute(conn, sql(UNREAD, [now.into(), (now - UNREAD_KEPT).into()])).await?;
    execute(conn, sql(FORGET, [(now - GONE_KEPT).into(), limit.into()])).await
}
