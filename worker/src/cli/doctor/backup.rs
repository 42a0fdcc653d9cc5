//! Checks the last backup: it exists, is complete, and is at most 26 hours old.

use std::{fs, io, path::Path};

use chrono::{DateTime, TimeDelta, Utc};

use super::{Finding, say};

/// An older backup means a missed night. The alert `BackupOld` has the same limit.
const OLDEST: TimeDelta = TimeDelta::hours(26);
/// The dump as it is, or encrypted by age or GnuPG.
const DUMPS: [&str; 3] = ["database.dump", "database.dump.age", "database.dump.gpg"];

/// Checks the backups that `deploy/backup` puts into `folder`, and the free space there.
pub(super) fn check(folder: &Path, now: DateTime<Utc>) -> Vec<Finding> {
    match newest(&folder.join("daily")) {
        Ok(Some((name, taken))) => {
            let age = now - taken;
            let hours = u64::try_from(age.num_hours()).unwrap_or_default();
            let found = say("backup-age").with("name", name).number("n", hours);
            let finding = if age <= OLDEST {
                Finding::ok("backup", found)
            } else {
                Finding::fail("backup", found, say("backup-run"))
            };
            vec![finding, Finding { about: "backup disk", ..super::machine::disk(folder) }]
        }
        Ok(None) => vec![Finding::fail("backup", say("backup-none"), say("backup-run"))],
        Err(error) => {
            let found = say("backup-unreadable").with("folder", folder.display().to_string());
            let found = found.with("error", error.kind().to_string());
            vec![Finding::warn("backup", found, say("backup-elsewhere"))]
        }
    }
}

/// The newest complete backup: its name, and when it was finished.
fn newest(daily: &Path) -> io::Result<Option<(String, DateTime<Utc>)>> {
    let mut newest: Option<(String, DateTime<Utc>)> = None;
    for entry in fs::read_dir(daily)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        // The name of an unfinished backup begins with a dot.
        let mut dumps = DUMPS.iter().filter_map(|dump| fs::metadata(entry.path().join(dump)).ok());
        let Some(dump) = dumps.next() else { continue };
        if name.starts_with('.') || dump.len() == 0 {
            continue;
        }
        let taken = DateTime::<Utc>::from(dump.modified()?);
        if newest.as_ref().is_none_or(|(_, latest)| taken > *latest) {
            newest = Some((name, taken));
        }
    }
    Ok(newest)
}

#[cfg(test)]
mod tests {
    use shared::clock::{Clock, SystemClock};

    use shared::domain::venue::Locale;

    use super::super::{Verdict, Wording};
    use super::*;

    #[test]
    fn the_newest_whole_backup_counts() {
        let id = shared::domain::ids::EventId::fresh();
        let folder = std::env::temp_dir().join(format!("doctor-{id}"));
        let judge = |now| check(&folder, now)[0].clone();
        let now = SystemClock.now();
        assert_eq!(judge(now).verdict, Verdict::Warn, "no such folder");
        let put = |name: &str, file: &str, dump: &str| {
            fs::create_dir_all(folder.join("daily").join(name)).unwrap();
            fs::write(folder.join("daily").join(name).join(file), dump).unwrap();
        };
        put(".making-2026-11-24-033000", "database.dump", "half of it");
        put("2026-11-23-033000", "database.dump", "");
        assert_eq!(judge(now).verdict, Verdict::Fail, "none is whole");
        put("2026-11-24-033000", "database.dump", "PGDMP");
        let taken = SystemClock.now();
        let fresh = judge(taken + TimeDelta::hours(25));
        assert_eq!(
            (fresh.verdict, Wording::of(Locale::En).text(&fresh.found)),
            (Verdict::Ok, "2026-11-24-033000, 25 h old".to_owned())
        );
        assert_eq!(judge(taken + TimeDelta::hours(27)).verdict, Verdict::Fail);
        for file in ["database.dump.age", "database.dump.gpg"] {
            fs::remove_dir_all(folder.join("daily")).unwrap();
            put("2026-11-25-033000", file, "encrypted");
            assert_eq!(judge(taken).verdict, Verdict::Ok, "{file}");
        }
        fs::remove_dir_all(folder).unwrap();
    }
}
