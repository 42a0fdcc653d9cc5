//! Compares the rules of the venue's zone that are compiled in with the system's, for the next year.

use std::{
    io::{self, Read},
    path::{Path, PathBuf},
};

use chrono::{DateTime, DurationRound, Offset, TimeDelta, Utc};
use jiff::{Timestamp, tz::TimeZone};
use shared::domain::time::VenueZone;

use super::{Finding, Words, say};

const ABOUT: &str = "zone data";
/// The default folder of the system's zones.
const ZONEINFO: &str = "/usr/share/zoneinfo";
/// How far ahead bookings are compared.
const AHEAD: TimeDelta = TimeDelta::days(366);
/// Clocks change at whole quarters of an hour.
const STEP: TimeDelta = TimeDelta::minutes(15);
/// Longest file read. Zones have some kilobytes.
const FILE_MAX: u64 = 1 << 20;

/// The folder of the system's zones: as given, else as the variable `TZDIR` names it.
pub(super) fn folder(given: Option<&Path>) -> PathBuf {
    let named = || std::env::var_os("TZDIR").filter(|folder| !folder.is_empty()).map(PathBuf::from);
    given.map(Path::to_owned).or_else(named).unwrap_or_else(|| PathBuf::from(ZONEINFO))
}

/// Warns where the two differ within a year.
pub(super) fn check(zone: VenueZone, folder: &Path, now: DateTime<Utc>) -> Finding {
    let (name, ours) = (zone.0.name(), chrono_tz::IANA_TZDB_VERSION);
    let path = folder.join(name);
    let bytes = match read(&path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let found =
                say("zones-none").with("ours", ours).with("path", path.display().to_string());
            return Finding::ok(ABOUT, found);
        }
        Err(error) => return unreadable(&path, &error.to_string()),
    };
    let theirs = match TimeZone::tzif(name, &bytes) {
        Ok(theirs) => theirs,
        Err(error) => return unreadable(&path, &error.to_string()),
    };
    let version = version(folder);
    let system: Words = version.as_deref().map_or_else(|| say("zones-unknown"), Words::from);
    let Some(difference) = first_difference(zone, &theirs, now) else {
        let found = say("zones-same").with("ours", ours).with("system", system);
        return Finding::ok(ABOUT, found);
    };
    let Difference { at, program, system: shown } = difference;
    let at = at.format("%Y-%m-%d %H:%M UTC").to_string();
    let found = say("zones-differ").with("at", at).with("zone", name);
    let found = found.with("program", offset(program)).with("ours", ours);
    let found = found.with("shown", offset(shown)).with("system", system);
    Finding::warn(ABOUT, found, remedy(ours, version.as_deref()))
}

fn remedy(ours: &str, system: Option<&str>) -> Words {
    match system {
        Some(system) if system > ours => say("zones-update-program"),
        Some(system) if system < ours => say("zones-update-system"),
        Some(_) | None => say("zones-update-older"),
    }
}

fn unreadable(path: &Path, error: &str) -> Finding {
    let found = say("zones-unreadable").with("path", path.display().to_string());
    Finding::warn(ABOUT, found.with("error", error), say("zones-install"))
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(FILE_MAX).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The version that the system's zones say they are of.
fn version(folder: &Path) -> Option<String> {
    let bytes = read(&folder.join("tzdata.zi")).ok()?;
    let first = bytes.split(|byte| *byte == b'\n').next()?;
    let version = std::str::from_utf8(first).ok()?.strip_prefix("# version ")?;
    let is_sound = version.len() < 20 && version.bytes().all(|byte| byte.is_ascii_graphic());
    is_sound.then(|| version.to_owned())
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Difference {
    at: DateTime<Utc>,
    /// Seconds east of UTC.
    program: i32,
    system: i32,
}

fn first_difference(zone: VenueZone, theirs: &TimeZone, now: DateTime<Utc>) -> Option<Difference> {
    let first = now.duration_trunc(STEP).ok()?;
    let instants = std::iter::successors(Some(first), |at| at.checked_add_signed(STEP));
    instants.take_while(|at| *at <= now + AHEAD).find_map(|at| {
        let program = zone.local(at).offset().fix().local_minus_utc();
        let system = theirs.to_offset(Timestamp::from_second(at.timestamp()).ok()?).seconds();
        (program != system).then_some(Difference { at, program, system })
    })
}

fn offset(seconds: i32) -> String {
    let (sign, minutes) = (if seconds < 0 { '-' } else { '+' }, seconds.abs() / 60);
    format!("{sign}{:02}:{:02}", minutes / 60, minutes % 60)
}

#[cfg(test)]
#[path = "zone_data_tests.rs"]
mod tests;
