//! A press of the staff on a card of differences: the rows go the way of every accepted request, as of the time at which
//! the table was read. A newer request is not undone by that.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{DatabaseTransaction, DbErr};

use super::cards::{self, DifferenceRow, TableCard};
use crate::{
    domain::{
        booking::Booking,
        difference::{DifferenceKind, difference},
        staff_answer::TableApplied,
        venue::Venue,
    },
    queue::IngestJob,
    store::{
        inbox, lock,
        statement::{execute, sql, values},
    },
};

/// A row that was read longer ago is not applied: nobody knows what the table shows by now.
const FRESH: TimeDelta = TimeDelta::hours(24);

/// Which of a card's differences are applied.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    One(i64),
    All,
}

/// What is to be done with a difference.
enum Fate {
    Apply(Box<IngestJob>),
    Before,
    Agrees,
    Otherwise,
    Outdated,
    /// Nothing can be applied.
    None,
}

/// Applies differences of a card. What is applied is accepted with this transaction; a second press applies nothing.
///
/// # Errors
/// When the database fails; nothing is applied then.
pub async fn press(
    tx: &DatabaseTransaction,
    card: TableCard,
    which: Which,
    venue: &Venue,
    now: DateTime<Utc>,
) -> Result<TableApplied, DbErr> {
    const APPLIED: &str = "UPDATE table_differences SET applied_at = $2, event = NULL \
        WHERE id = ANY ($1::bigint[])";
    const OPEN: &str = "SELECT code FROM table_differences WHERE gone_at IS NULL \
        AND applied_at IS NULL AND code = ANY ($1::text[])";
    lock::table_differences(tx).await?;
    let id = match which {
        Which::One(id) => Some(id),
        Which::All => None,
    };
    let (rows, bookings) = cards::of_card(tx, card, id).await?;
    let gone = rows.iter().filter(|row| row.gone_at.is_some() && row.applied_at.is_none());
    let gone: Vec<String> = gone.map(|row| row.code.clone()).collect();
    let otherwise: Vec<String> = values(tx, sql(OPEN, [gone.into()])).await?;
    let mut answer = TableApplied::default();
    let (mut ids, mut jobs) = (Vec::new(), Vec::new());
    for row in &rows {
        match fate(row, bookings.get(&row.code), &otherwise, venue, now) {
            Fate::Apply(job) => {
                ids.push(row.id);
                jobs.push(*job);
                answer.applied.push(row.code.clone());
            }
            Fate::Before => answer.before += 1,
            Fate::Agrees => answer.agree += 1,
            Fate::Otherwise => answer.otherwise += 1,
            Fate::Outdated => answer.outdated += 1,
            Fate::None => {}
        }
    }
    if !ids.is_empty() {
        inbox::keep(tx, &jobs).await?;
        execute(tx, sql(APPLIED, [ids.into(), now.into()])).await?;
    }
    Ok(answer)
}

fn fate(
    row: &DifferenceRow,
    booking: Option<&Booking>,
    otherwise: &[String],
    venue: &Venue,
    now: DateTime<Utc>,
) -> Fate {
    if row.applied_at.is_some() {
        return Fate::Before;
    }
    if row.gone_at.is_some() {
        return if otherwise.contains(&row.code) { Fate::Otherwise } else { Fate::Agrees };
    }
    let Some(event) = row.row().filter(|_| row.kind().is_ok_and(DifferenceKind::is_applicable))
    else {
        return Fate::None;
    };
    match difference(booking, &event, venue, now) {
        None => Fate::Agrees,
        Some(_) if event.received_at + FRESH < now => Fate::Outdated,
        Some(_) => Fate::Apply(Box::new(IngestJob::Booking(Box::new(event)))),
    }
}
