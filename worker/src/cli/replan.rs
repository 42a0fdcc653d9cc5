//! Visits whose instants differ from their wall-clock times, since the rules of the venue's zone changed: listed, and
//! moved without news to anybody.

use std::iter;

use chrono::{DateTime, NaiveDateTime, Utc};
use shared::{
    clock::{Clock, SystemClock},
    domain::{venue::Venue, wall_clock::ClockSource},
    queue::QueueName,
    settings::{Environment, WorkerSettings},
    store::replan::{self, Shift},
};

use super::{
    Tools, print_line,
    words::{Words, count, say},
};

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
            let parts: Vec<String> =
                line(shift, stays).iter().map(|words| tools.text(words)).collect();
            print_line(format_args!("{}", parts.join("  ")))?;
            if replan.apply && !stays {
                move_one(tools, &venue, shift, &mut counts).await?;
            }
        }
        place = page.next;
    }
    for words in summary(zone.0.name(), replan, &counts) {
        tools.print(&words)?;
    }
    Ok(())
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

fn line(shift: &Shift, stays: bool) -> Vec<Words> {
    let time = |at: NaiveDateTime| at.format("%Y-%m-%d %H:%M").to_string();
    let instant = |at: DateTime<Utc>| at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
    let times = shift.clock.times;
    let line = say("replan-line")
        .with("code", shift.code.as_str())
        .with("start", time(times.start))
        .with("end", time(times.end))
        .with("from", instant(shift.from.start()))
        .with("to", instant(shift.to.start()));
    iter::once(line).chain(stays.then(|| say("replan-stays"))).collect()
}

fn summary(zone: &'static str, replan: Replan, counts: &Counts) -> Vec<Words> {
    let Counts { visits, differ, stay, unknown, moved, messages } = *counts;
    let found = say("replan-differ").number("differ", count(differ)).number("n", count(visits));
    let found = found.with("zone", zone).with("rules", chrono_tz::IANA_TZDB_VERSION);
    let mut words = vec![found];
    if stay > 0 {
        words.push(say("replan-stay").number("n", count(stay)));
    }
    if unknown > 0 {
        words.push(say("replan-unknown").number("n", count(unknown)));
    }
    if replan.apply {
        let moved = say("replan-moved").number("visits", count(moved));
        words.push(moved.number("messages", count(messages)));
    } else if differ > 0 {
        words.push(say("replan-dry"));
    }
    words
}

#[cfg(test)]
mod tests {
    use shared::domain::{
        ids::BookingCode,
        wall_clock::{VisitClock, WallClock},
    };

    use super::*;
    use crate::{cli::words::in_both, texts::fixtures::visit_time};

    #[test]
    fn a_visit_and_the_summary_are_printed_in_the_venues_language() {
        let time = |text: &str| text.parse::<NaiveDateTime>().unwrap();
        let times =
            WallClock { start: time("2026-03-01T12:00:00"), end: time("2026-03-01T13:00:00") };
        let shift = Shift {
            code: BookingCode::parse("C6UDS3").unwrap(),
            clock: VisitClock { times, source: ClockSource::Shown },
            from: visit_time("01.03.2026 11:00", "01.03.2026 12:00"),
            to: visit_time("01.03.2026 12:00", "01.03.2026 13:00"),
        };
        let [russian, english] = in_both(&line(&shift, true));
        assert_eq!(
            russian,
            [
                "C6UDS3  2026-03-01 12:00 до 2026-03-01 13:00  2026-03-01T06:00:00Z → 2026-03-01T07:00:00Z",
                "прислан со смещением: остаётся",
            ]
        );
        assert_eq!(
            english,
            [
                "C6UDS3  2026-03-01 12:00 to 2026-03-01 13:00  2026-03-01T06:00:00Z → 2026-03-01T07:00:00Z",
                "sent with an offset: stays",
            ]
        );
        let counts = Counts { visits: 21, differ: 1, stay: 2, unknown: 1, moved: 1, messages: 2 };
        let of = |apply| summary("Asia/Yekaterinburg", Replan { apply, instants: false }, &counts);
        let [russian, english] = in_both(&of(false));
        assert!(
            russian[0].starts_with("из 21 визита у 1 момент не совпадает")
                && english[0].starts_with("1 of 21 visits have another instant"),
            "{russian:?} {english:?}"
        );
        assert!(russian[1].contains("в другой час: 2;") && english[1].starts_with("2 visits were"));
        assert!(russian[2].ends_with("остаются: 1") && english[2].ends_with("time: it stays"));
        assert!(russian[3].starts_with("ничего не изменено") && english[3].starts_with("nothing"));
        let [russian, english] = in_both(&of(true));
        assert!(russian[3].starts_with("перенесено визитов: 1, сообщений с новым временем: 2"));
        assert!(english[3].starts_with("moved visits: 1, messages with new times: 2"));
    }
}
