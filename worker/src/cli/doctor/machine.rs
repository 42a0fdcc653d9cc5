//! Checks of the machine: its clock against the servers', disk space, the venue's zone.

use std::path::Path;

use chrono::{DateTime, TimeDelta, Utc};
use shared::domain::time::VenueZone;

use super::{Finding, say};

/// A harmless difference of clocks (two seconds are tested), and one that shifts reminders.
const CLOCK_WARN: TimeDelta = TimeDelta::seconds(2);
const CLOCK_FAIL: TimeDelta = TimeDelta::seconds(60);
/// Free bytes of the disk below which the check warns, and below which it fails.
const DISK_WARN: u64 = 2 << 30;
const DISK_FAIL: u64 = 256 << 20;

/// Judges a server's clock `theirs`, read between `before` and `after`.
pub(super) fn clock(
    about: &'static str,
    theirs: DateTime<Utc>,
    before: DateTime<Utc>,
    after: DateTime<Utc>,
) -> Finding {
    let ours = before + (after - before) / 2;
    // The server may have read its clock at any moment in between.
    let apart = ((theirs - ours).abs() - (after - before) / 2).max(TimeDelta::zero());
    let apart_ms = u64::try_from(apart.num_milliseconds()).unwrap_or_default();
    let found = say("clocks-apart").with("ms", apart_ms.to_string());
    let remedy = say("clocks-keep-time");
    match apart {
        _ if apart <= CLOCK_WARN => Finding::ok(about, found),
        _ if apart <= CLOCK_FAIL => Finding::warn(about, found, remedy),
        _ => Finding::fail(about, found, remedy),
    }
}

/// Shows the venue's local time: a wrong zone shifts every reminder, and only a person can notice.
pub(super) fn zone(zone: VenueZone, now: DateTime<Utc>) -> Finding {
    let name = zone.0.name();
    let local = zone.local(now).format("%Y-%m-%d %H:%M %:z");
    let found = say("zone-now").with("zone", name).with("time", local.to_string());
    let found = found.with("rules", chrono_tz::IANA_TZDB_VERSION);
    if name == "UTC" || name.starts_with("Etc/") || !name.contains('/') {
        return Finding::warn("time zone", found, say("zone-set"));
    }
    Finding::ok("time zone", found)
}

/// The free space of the disk that holds `folder`.
pub(super) fn disk(folder: &Path) -> Finding {
    match rustix::fs::statvfs(folder) {
        Ok(disk) => {
            judge_disk(disk.f_bavail.saturating_mul(disk.f_frsize), disk.f_blocks * disk.f_frsize)
        }
        Err(error) => {
            let found = say("disk-unreadable").with("error", error.to_string());
            Finding::warn("disk", found, say("disk-df"))
        }
    }
}

fn judge_disk(free: u64, whole: u64) -> Finding {
    let gib = |bytes: u64| format!("{:.1}", bytes as f64 / f64::from(1 << 30));
    let found = say("disk-free").with("free", gib(free)).with("whole", gib(whole));
    let remedy = say("disk-make-room");
    match free {
        ..DISK_FAIL => Finding::fail("disk", found, remedy),
        DISK_FAIL..DISK_WARN => Finding::warn("disk", found, remedy),
        _ => Finding::ok("disk", found),
    }
}

#[cfg(test)]
mod tests {
    use shared::domain::venue::Locale;

    use super::super::{Verdict, Wording};
    use super::*;

    fn at(millis: i64) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(1_800_000_000_000 + millis).unwrap()
    }

    #[test]
    fn clocks_apart_are_judged_by_what_is_certain() {
        let judge = |theirs| clock("x", at(theirs), at(0), at(1_000)).verdict;
        assert_eq!(judge(500), Verdict::Ok);
        // Reading took a second: half a second either way is unknown.
        assert_eq!((judge(3_000), judge(-2_000)), (Verdict::Ok, Verdict::Ok));
        assert_eq!((judge(3_100), judge(-2_100)), (Verdict::Warn, Verdict::Warn));
        assert_eq!((judge(62_000), judge(-62_000)), (Verdict::Fail, Verdict::Fail));
    }

    #[test]
    fn a_zone_without_a_city_is_a_warning() {
        let judge = |tz| zone(VenueZone(tz), at(0));
        assert_eq!(judge(chrono_tz::UTC).verdict, Verdict::Warn);
        assert_eq!(judge(chrono_tz::Etc::GMTPlus5).verdict, Verdict::Warn);
        let city = judge(chrono_tz::Asia::Yekaterinburg);
        assert_eq!(city.verdict, Verdict::Ok);
        let found = Wording::of(Locale::En).text(&city.found);
        assert!(found.contains("2027-01-15 13:00 +05:00"), "{found}");
    }

    #[test]
    fn a_full_disk_fails() {
        let judge = |free| judge_disk(free, 40 << 30).verdict;
        assert_eq!(judge(100 << 20), Verdict::Fail);
        assert_eq!(judge(1 << 30), Verdict::Warn);
        assert_eq!(judge(10 << 30), Verdict::Ok);
        assert_ne!(disk(Path::new("no/such/folder")).verdict, Verdict::Ok);
    }
}
