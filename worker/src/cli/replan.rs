//! Visits whose instants differ from their wall-clock times, since the rules of the venue's zone changed: listed, and
//! moved without news to anybody.

use chrono::NaiveDateTime;
use shared::{
    clock::{Clock, SystemClock},
    domain::{venue::Venue, wall_clock::ClockSource},
    queue::QueueName,
    settings::{Environment, WorkerSettings},
    store::replan::{self, Shift},
};

use super::{Tools, print_line};

/// What to do with the visits that are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Replan {
    /// Move them. Otherwise they are listed.
    pub apply: bool,
    /// Also those whose times Bukza sent with an offset.
    pub instants: bool,
}

#[derive(Debug, Default)]
struct Counts {
    visits: usize,
    differ: usize,
    stay: usize,
    unknown: usize,
    moved: usize,
    messages: usize,
}

/// Lists the visits, or moves them. Idempotent: a visit that was moved agrees with its wall-clock time.
pub(super) async fn run(tools: &Tools, replan: Replan) -> anyhow::Result<()> {
    let venue = WorkerSettings::from_environment(&Environment::of_process())?.venue;
    let zone = tools.common.rules.zone;
    let now = SystemClock.now();
    let mut counts = Counts::default();
    let mut place = Some(replan::first(now));
    while let Some(after) = place {
        let page = replan::page(&tools.db, zone, after, now).await?;
        counts.visits += page.visits;
        counts.unknown += page.unknown;
        for shift in &page.shifts {
            let stays = shift.clock.source == ClockSource::Shown && !replan.instants;
            counts.differ += usize::from(!stays);
            counts.stay += usize::from(stays);
            print_line(format_args!("{}", line(shift, stays)))?;
            if replan.apply && !stays {
                move_one(tools, &venue, shift, &mut counts).await?;
            }
        }
        place = page.next;
    }
    summary(zone.0.name(), replan, &counts)
}

async fn move_one(
    tools: &Tools,
    venue: &Venue,
    shift: &Shift,
    counts: &mut Counts,
) -> anyhow::Result<()> {
    let moved = replan::apply(&tools.db, &shift.code, venue, SystemClock.now()).await?;
    let Some((_, work)) = moved else { return Ok(()) };
    counts.moved += 1;
    counts.messages += work.cancel.len();
    // If this fails, the reconciler pushes what is due, and the jobs of before find nothing to do.
    let queue = tools.queue()?;
    queue.push(&work.push).await?;
    queue.cancel(QueueName::Bulk, &work.cancel).await?;
    Ok(())
}

fn line(shift: &Shift, stays: bool) -> String {
    let time = |at: NaiveDateTime| at.format("%Y-%m-%d %H:%M").to_string();
    let times = shift.clock.times;
    let (from, to) = (shift.from.start(), shift.to.start());
    let instant = "%Y-%m-%dT%H:%M:%SZ";
    let note = if stays { "  sent with an offset: stays" } else { "" };
    format!(
        "{}  {} to {}  {} → {}{note}",
        shift.code,
        time(times.start),
        time(times.end),
        from.format(instant),
        to.format(instant),
    )
}

fn summary(zone: &str, replan: Replan, counts: &Counts) -> anyhow::Result<()> {
    let rules = format!("{zone}, rules of {}", chrono_tz::IANA_TZDB_VERSION);
    let Counts { visits, differ, stay, unknown, moved, messages } = counts;
    print_line(format_args!(
        "{differ} of {visits} visits have another instant than their time on the venue's clocks ({rules})"
    ))?;
    if *stay > 0 {
        print_line(format_args!(
            "{stay} visits were sent with an offset and stay, at another hour: --instants includes them"
        ))?;
    }
    if *unknown > 0 {
        print_line(format_args!(
            "{unknown} visits were stored by a version that kept no wall-clock time: they stay"
        ))?;
    }
    if replan.apply {
        print_line(format_args!(
            "{moved} visits were moved, {messages} messages have new times; nobody was notified"
        ))?;
    } else if *differ > 0 {
        print_line(format_args!("nothing was changed: --apply moves them, and notifies nobody"))?;
    }
    Ok(())
}
