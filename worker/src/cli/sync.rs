//! `worker sync`: what Bukza's own table shows otherwise than the bookings, and the applying of it.

use std::{collections::HashSet, sync::Arc};

use anyhow::Context;
use chrono::{NaiveDate, NaiveDateTime};
use clap::Args;
use shared::{
    clock::{Clock, FleetClock, SystemClock},
    domain::{
        agenda::{Span, day_span},
        booking::Booking,
        event::{BookingEvent, VisitTime},
        ids::BookingCode,
        time::VenueZone,
        venue::Venue,
    },
    queue::{QueueName, sync_clock},
    settings::{Environment, WorkerSettings},
    store::{events, staff_binding, table_sync::Difference},
};

use super::{Tools, print_line};
use crate::{
    bukza_table::{BukzaTable, LeftOut},
    table_sync::{AHEAD, BEHIND, Compared, compare},
};

/// What is compared and applied.
#[derive(Debug, Args)]
pub struct SyncOptions {
    /// List only, whatever --apply names
    #[arg(long)]
    dry_run: bool,
    /// Apply the bookings with these codes; without a code, all that are listed
    #[arg(long, value_name = "CODE", num_args = 0..)]
    apply: Option<Vec<String>>,
    /// The first day, such as 2026-01-31, in the venue's time; else from twelve hours ago
    #[arg(long)]
    from: Option<NaiveDate>,
    /// The last day; else six weeks ahead
    #[arg(long)]
    till: Option<NaiveDate>,
}

/// Lists the differences, and applies them if that is wanted. Idempotent: what was applied differs no more.
pub(super) async fn run(tools: &Tools, options: &SyncOptions) -> anyhow::Result<()> {
    let settings = WorkerSettings::from_environment(&Environment::of_process())?;
    let api = settings.bukza_api.as_ref().context(
        "Bukza's table is not read: set BUKZA_TABLE_ID with BUKZA_API_EMAIL and BUKZA_API_PASSWORD, or BUKZA_API_TOKEN",
    )?;
    let venue = Arc::clone(&settings.venue);
    staff_binding::refresh(&venue.staff_chat, &tools.db).await?;
    let (from, till) = period(options, venue.zone)?;
    // The clock that gives requests their receive times: what is read is ordered among them.
    let clock = FleetClock::default();
    sync_clock(&clock, &tools.queue()?).await;
    let table = BukzaTable::new(api, &tools.common.rules, Arc::new(clock.clone()))?;
    let snapshot = table.snapshot(from, till).await?;
    let Compared { snapshot, comparison } =
        compare(&tools.db, snapshot, &venue, clock.now()).await?;
    snapshot.left_out.iter().try_for_each(left_out)?;
    anyhow::ensure!(
        !comparison.is_refused(),
        "the table has {} of {} known bookings of the period: it is not used",
        comparison.found,
        comparison.known
    );
    let wanted = Wanted::of(options);
    let (mut applied, mut unknown) = (0, wanted.codes.clone());
    for difference in &comparison.differences {
        unknown.remove(difference.code.as_str());
        let row = difference.row.as_ref().filter(|_| wanted.has(difference));
        if let Some(row) = row {
            apply(tools, row, &venue).await?;
            applied += 1;
        }
        print_line(format_args!("{}", line(difference, venue.zone, row.is_some())))?;
    }
    for code in unknown {
        print_line(format_args!("{code}  agrees with the table, or is not in the period"))?;
    }
    let differ = comparison.differences.len();
    print_line(format_args!(
        "{differ} differences in {} rows, {} rows could not be used, {applied} applied",
        snapshot.bookings.len(),
        snapshot.left_out_count
    ))?;
    if differ > 0 && applied == 0 {
        print_line(format_args!("nothing was changed: --apply CODE… applies some, --apply all"))?;
    }
    Ok(())
}

/// What is to be applied.
struct Wanted {
    all: bool,
    codes: HashSet<String>,
}

impl Wanted {
    fn of(options: &SyncOptions) -> Self {
        let codes = options.apply.as_ref().filter(|_| !options.dry_run);
        Self {
            all: codes.is_some_and(Vec::is_empty),
            codes: codes.into_iter().flatten().cloned().collect(),
        }
    }

    fn has(&self, difference: &Difference) -> bool {
        let named = self.all || self.codes.contains(difference.code.as_str());
        named && difference.kind.is_applicable()
    }
}

fn period(options: &SyncOptions, zone: VenueZone) -> anyhow::Result<Span> {
    let now = SystemClock.now();
    let day = |day: NaiveDate| day_span(zone, day).context("no such day in the venue's zone");
    let from = options.from.map(day).transpose()?.map_or(now - BEHIND, |(from, _)| from);
    let till = options.till.map(day).transpose()?.map_or(now + AHEAD, |(_, till)| till);
    anyhow::ensure!(from < till, "--till is before --from");
    Ok((from, till))
}

async fn apply(tools: &Tools, row: &BookingEvent, venue: &Venue) -> anyhow::Result<()> {
    let (_, work) = events::apply(&tools.db, row, venue, SystemClock.now()).await?;
    // If this fails, the reconciler pushes what is due, and the jobs of before find nothing to do.
    let queue = tools.queue()?;
    queue.push(&work.push).await?;
    queue.cancel(QueueName::Bulk, &work.cancel).await?;
    Ok(())
}

fn line(difference: &Difference, zone: VenueZone, applies: bool) -> String {
    let Difference { code, kind, row, booking, .. } = difference;
    let known = booking.as_ref().map(|known: &Booking| {
        format!("{} {}", known.meaning.as_str(), when(known.visit_time, zone))
    });
    let shown = row
        .as_ref()
        .map(|row| format!("{} {}", row.meaning().as_str(), when(row.visit_time(), zone)));
    let of = |side: Option<String>| side.unwrap_or_else(|| "-".to_owned());
    let applied = if applies { "  applied" } else { "" };
    format!("{code}  {}  {} → {}{applied}", kind.as_str(), of(known), of(shown))
}

fn when(time: Option<VisitTime>, zone: VenueZone) -> String {
    let local = |time: VisitTime| -> NaiveDateTime { zone.local(time.start()).naive_local() };
    time.map_or_else(|| "-".to_owned(), |time| local(time).format("%Y-%m-%d %H:%M").to_string())
}

fn left_out(row: &LeftOut) -> anyhow::Result<()> {
    let code = row.code.as_ref().map_or("?", BookingCode::as_str);
    let faults: Vec<String> =
        row.faults.iter().map(|fault| format!("{}: {}", fault.field, fault.message)).collect();
    Ok(print_line(format_args!("{code}  left out  {}", faults.join("; ")))?)
}
