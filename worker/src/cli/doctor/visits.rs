//! Checks whether visits to come have the instants that their wall-clock times have by the zone's present rules.

use chrono::{DateTime, Utc};
use shared::{
    domain::{time::VenueZone, wall_clock::ClockSource},
    store::{DatabaseConnection, DbErr, replan},
};

use super::{Finding, say};

const ABOUT: &str = "visits";

pub(super) async fn check(
    db: &DatabaseConnection,
    zone: VenueZone,
    now: DateTime<Utc>,
) -> Result<Finding, DbErr> {
    let (mut visits, mut written, mut shown) = (0, 0, 0);
    let mut place = Some(replan::first(now));
    while let Some(after) = place {
        let page = replan::page(db, zone, after, now).await?;
        visits += page.visits;
        for shift in &page.shifts {
            match shift.clock.source {
                ClockSource::Written => written += 1,
                ClockSource::Shown => shown += 1,
            }
        }
        place = page.next;
    }
    Ok(finding(visits, written, shown))
}

fn finding(visits: usize, written: usize, shown: usize) -> Finding {
    if written + shown == 0 {
        return Finding::ok(ABOUT, say("visits-at-their-times").number("visits", visits as u64));
    }
    let found = say("visits-shifted").number("visits", visits as u64);
    let found = found.number("written", written as u64).number("shown", shown as u64);
    Finding::warn(ABOUT, found, say("visits-replan"))
}

#[cfg(test)]
mod tests {
    use super::{super::Verdict, *};

    #[test]
    fn visits_at_another_instant_are_a_warning() {
        assert_eq!(finding(3, 0, 0).verdict, Verdict::Ok);
        for (written, shown) in [(1, 0), (0, 1)] {
            let finding = finding(3, written, shown);
            assert_eq!(finding.verdict, Verdict::Warn);
            assert_eq!(finding.remedy, say("visits-replan"));
        }
    }
}
