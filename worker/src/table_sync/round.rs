//! One round: reads the table, compares it, and applies or records what differs.

use chrono::{DateTime, TimeDelta, Utc};
use shared::{
    domain::{
        agenda::Span, difference::DifferenceKind, ids::BookingCode, table_columns::TableField,
        venue::Venue,
    },
    store::{
        DatabaseConnection, DbErr, TransactionTrait, limited,
        table_sync::{self, Comparison, TableRows},
    },
    telemetry::metrics::TableRound,
};

use crate::{
    app::App,
    bukza_table::{BukzaTable, Snapshot},
    jobs::{WorkError, apply_booking},
};

/// How far back a round looks: visits of today whose status still matters.
pub const BEHIND: TimeDelta = TimeDelta::hours(12);
/// How far ahead.
pub const AHEAD: TimeDelta = TimeDelta::weeks(6);

/// A snapshot, and what it came to.
#[derive(Debug)]
pub struct Compared {
    pub snapshot: Snapshot,
    pub comparison: Comparison,
}

/// Compares a snapshot with the bookings as they are now.
///
/// # Errors
/// When the database fails.
pub async fn compare(
    db: &DatabaseConnection,
    snapshot: Snapshot,
    venue: &Venue,
    now: DateTime<Utc>,
) -> Result<Compared, DbErr> {
    let left_out: Vec<BookingCode> =
        snapshot.left_out.iter().filter_map(|left| left.code.clone()).collect();
    // Rows without a code, or beyond the list, may be those that seem absent.
    let is_complete = left_out.len() == snapshot.left_out_count;
    let rows = TableRows {
        taken_at: snapshot.taken_at,
        period: (snapshot.from, snapshot.till),
        rows: &snapshot.bookings,
        left_out: &left_out,
        is_complete,
    };
    let comparison = table_sync::compare(db, rows, venue, now).await?;
    Ok(Compared { snapshot, comparison })
}

/// The period of a round.
fn period(now: DateTime<Utc>) -> Span {
    (now - BEHIND, now + AHEAD)
}

/// One round.
pub(super) async fn run(app: &App, table: &BukzaTable) -> Result<TableRound, WorkError> {
    let (from, till) = period(app.clock.now());
    // A failure is logged and counted where it happens.
    let Ok(snapshot) = table.snapshot(from, till).await else { return Ok(TableRound::Failed) };
    let now = app.clock.now();
    let Compared { snapshot, mut comparison } = compare(&app.db, snapshot, &app.venue, now).await?;
    let rows = snapshot.bookings.len();
    if comparison.is_refused() {
        let (known, found) = (comparison.known, comparison.found);
        tracing::warn!(
            rows,
            known,
            found,
            "Bukza's table was refused: it has too few of the known bookings"
        );
        let tx = limited(app.db.begin()).await?;
        let work = table_sync::refuse(&tx, &comparison, &app.venue, now).await?;
        limited(tx.commit()).await?;
        app.carry_out(work).await;
        return Ok(TableRound::Refused);
    }
    let differ = comparison.differences.len();
    let applied = match app.settings.table_sync.applies {
        true => apply(app, &snapshot, &mut comparison).await?,
        false => 0,
    };
    let tx = limited(app.db.begin()).await?;
    let recorded = table_sync::record(&tx, &comparison, &app.venue, now).await?;
    limited(tx.commit()).await?;
    let new = recorded.new;
    app.carry_out(recorded.work).await;
    if differ > 0 {
        tracing::info!(rows, differ, applied, new, "Bukza's table differs from the bookings");
    }
    Ok(TableRound::Compared)
}

/// Applies what can be applied, and leaves the rest to the staff. A crash in between loses nothing: the next round finds
/// it.
async fn apply(
    app: &App,
    snapshot: &Snapshot,
    comparison: &mut Comparison,
) -> Result<usize, WorkError> {
    // Where the order was cancelled its reservations keep their status: without a column of the order's no cancelled
    // booking is revived by itself.
    let shows_orders = snapshot.fields.contains(&TableField::OrderStatus);
    let by_itself = |kind: DifferenceKind| {
        kind.is_applicable() && (kind != DifferenceKind::Stands || shows_orders)
    };
    let mut applied = 0;
    let differences = std::mem::take(&mut comparison.differences);
    for difference in differences {
        match difference.row.as_ref().filter(|_| by_itself(difference.kind)) {
            Some(row) => {
                apply_booking(app, row).await?;
                applied += 1;
            }
            None => comparison.differences.push(difference),
        }
    }
    Ok(applied)
}
