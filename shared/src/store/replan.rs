//! Visits whose instants differ from their wall-clock times, since the rules of the venue's zone changed: found, and
//! moved without news to anybody.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::{
    ColumnTrait, Condition, DatabaseConnection, DbErr, EntityTrait, QueryFilter, QueryOrder,
    QuerySelect, TransactionTrait, sea_query::LockType,
};

use super::{
    QueueWork,
    entity::booking::{Column, Entity, Model},
    limited, lock, outbox,
    statement::{execute, sql},
};
use crate::domain::{
    booking::{Booking, BookingStatus},
    event::VisitTime,
    ids::BookingCode,
    time::VenueZone,
    venue::Venue,
    wall_clock::{ClockSource, VisitClock},
};

/// Bookings read at once.
const PAGE: u64 = 500;
/// A visit that began longer ago counts as over.
const LONGEST: TimeDelta = TimeDelta::days(7);

/// A visit that has another instant by the zone's present rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shift {
    pub code: BookingCode,
    pub clock: VisitClock,
    /// As stored.
    pub from: VisitTime,
    /// By the present rules.
    pub to: VisitTime,
}

impl Shift {
    /// `None`: the wall-clock time is not known, the instants agree with it, or the visit is over by both.
    fn of(booking: &Booking, zone: VenueZone, now: DateTime<Utc>) -> Option<Self> {
        let (from, clock) = booking.visit_time.zip(booking.clock)?;
        let to = zone.visit_time(clock.times)?;
        let is_ahead = from.end() > now || to.end() > now;
        let differs = match clock.source {
            ClockSource::Written => from != to,
            ClockSource::Shown => zone.shown(from) != clock.times,
        };
        (is_ahead && differs).then(|| Self { code: booking.code.clone(), clock, from, to })
    }
}

/// A place in the list of visits: the start and the booking's id.
pub type Place = (DateTime<Utc>, i64);

/// What a page of visits holds.
#[derive(Debug, Default)]
pub struct Page {
    pub shifts: Vec<Shift>,
    /// Visits that are not over.
    pub visits: usize,
    /// Those of them whose wall-clock time is not known.
    pub unknown: usize,
    /// Where the next page begins. `None`: this is the last.
    pub next: Option<Place>,
}

/// Where the first page begins.
#[must_use]
pub fn first(now: DateTime<Utc>) -> Place {
    (now - LONGEST, 0)
}

/// A page of visits that are not over, in the order of their starts, behind `after`. Cancelled ones are left out: they
/// get their instant with the request that restores them.
///
/// # Errors
/// When the database fails. A row that this version can't read is left out.
pub async fn page(
    db: &DatabaseConnection,
    zone: VenueZone,
    after: Place,
    now: DateTime<Utc>,
) -> Result<Page, DbErr> {
    let (start, id) = after;
    let behind = Condition::any()
        .add(Column::StartsAt.gt(start))
        .add(Condition::all().add(Column::StartsAt.eq(start)).add(Column::Id.gt(id)));
    let query = Entity::find()
        .filter(Column::StartsAt.gte(start))
        .filter(behind)
        .filter(Column::Status.ne(BookingStatus::Cancelled.as_str()))
        .order_by_asc(Column::StartsAt)
        .order_by_asc(Column::Id)
        .limit(PAGE);
    let rows: Vec<Model> = limited(query.all(db)).await?;
    let is_full = rows.len() as u64 == PAGE;
    let next = rows.last().and_then(|row| Some((row.starts_at?, row.id))).filter(|_| is_full);
    let mut page = Page { next, ..Page::default() };
    for booking in rows.into_iter().filter_map(|row| Booking::try_from(row).ok()) {
        let shift = Shift::of(&booking, zone, now);
        let is_ahead = booking.visit_time.is_some_and(|visit_time| visit_time.end() > now);
        if shift.is_some() || is_ahead {
            page.visits += 1;
            page.unknown += usize::from(booking.clock.is_none());
        }
        page.shifts.extend(shift);
    }
    Ok(page)
}

/// Moves a visit to the instant of its wall-clock time, and the messages about it that wait. `None`: there is nothing to
/// move (any more). Its version stays: what its client answered about it counts, and nobody hears of it.
///
/// # Errors
/// When the database fails; nothing has happened then.
pub async fn apply(
    db: &DatabaseConnection,
    code: &BookingCode,
    venue: &Venue,
    now: DateTime<Utc>,
) -> Result<Option<(Shift, QueueWork)>, DbErr> {
    const MOVE: &str = "UPDATE bookings SET starts_at = $2, ends_at = $3, status = $4, \
        updated_at = $5 WHERE id = $1";
    let tx = limited(db.begin()).await?;
    lock::booking_and_phone(&tx, code, None).await?;
    let query =
        Entity::find().filter(Column::BukzaBookingId.eq(code.as_str())).lock(LockType::NoKeyUpdate);
    let Some(row) = limited(query.one(&tx)).await? else { return Ok(None) };
    let booking = Booking::try_from(row)?;
    let shift = Shift::of(&booking, venue.zone, now);
    let Some(shift) = shift.filter(|_| booking.status != BookingStatus::Cancelled) else {
        return Ok(None);
    };
    let (start, end) = (shift.to.start(), shift.to.end());
    // A visit that is not over any more is completed once it is.
    let status = if end > now { BookingStatus::Active } else { booking.status };
    let values =
        [booking.id.0.into(), start.into(), end.into(), status.as_str().into(), now.into()];
    execute(&tx, sql(MOVE, values)).await?;
    let work = outbox::retime(&tx, (booking.id, booking.version), shift.to, venue, now).await?;
    limited(tx.commit()).await?;
    Ok(Some((shift, work)))
}
