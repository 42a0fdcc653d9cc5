//! `worker doctor`: checks everything that the system depends on, each with a remedy. Changes nothing and
//! prints no secret.

mod backup;
mod bukza_table;
mod certificate;
mod finding;
mod machine;
mod redis;
mod statuses;
mod store;
mod telegram;
mod telegram_ways;
mod venue_file;
mod visits;
mod zone_data;

use std::path::Path;

use anyhow::bail;
use shared::{
    clock::{Clock, SystemClock},
    domain::venue::Locale,
    settings::{Environment, IngestSettings, SettingFault, WorkerSettings},
};

pub use self::finding::{Finding, Verdict};
pub use crate::cli::words::{Wording, Words};
use crate::cli::{output::print_text, words::say};

/// The default folder of backups.
pub const BACKUPS: &str = "/var/backups/bukza-bridge";

/// Checks everything and prints the findings, in the venue's language.
///
/// # Errors
/// When a check failed: the exit code is then not 0.
pub async fn run(backups: &Path, zoneinfo: Option<&Path>) -> anyhow::Result<()> {
    let environment = Environment::of_process();
    let wording = Wording::of(language(&environment));
    let zoneinfo = zone_data::folder(zoneinfo);
    let findings = examine(&environment, backups, &zoneinfo).await;
    for finding in &findings {
        print_text(&finding.text(&wording))?;
    }
    let failed = findings.iter().filter(|finding| finding.verdict == Verdict::Fail).count();
    if failed > 0 {
        let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
        let failed = say("checks-failed").number("n", count(failed));
        bail!("{}", wording.text(&failed.number("of", count(findings.len()))));
    }
    Ok(())
}

/// `LOCALE`, also where other settings are refused; its default, where it is refused itself.
fn language(environment: &Environment) -> Locale {
    environment.locale().unwrap_or_default()
}

/// All findings, in the order in which to fix them.
pub async fn examine(environment: &Environment, backups: &Path, zoneinfo: &Path) -> Vec<Finding> {
    let mut findings = Vec::new();
    let settings = match WorkerSettings::from_environment(environment) {
        Ok(settings) => settings,
        Err(error) => {
            // Without settings nothing else can be checked.
            findings.push(Finding::fail("settings", error.to_string(), mend(&error.faults)));
            return findings;
        }
    };
    findings.push(settings_of_both(environment));
    findings.extend(forget_key(&settings));
    findings.push(venue_file::check(&settings));
    let clock = SystemClock;
    let zone = settings.common.rules.zone;
    findings.push(machine::zone(zone, clock.now()));
    findings.push(zone_data::check(zone, zoneinfo, clock.now()));
    let (store, redis, telegram, certificate, table) = tokio::join!(
        store::check(&settings.common, &clock),
        redis::check(&settings.common, &clock),
        telegram::check(&settings),
        certificate::check(&settings, clock.now()),
        bukza_table::check(&settings)
    );
    findings.extend(store.into_iter().chain(redis).chain(telegram).chain(certificate).chain(table));
    findings.push(machine::disk(Path::new(".")));
    findings.extend(backup::check(backups, clock.now()));
    findings
}

/// Where the faults are.
fn mend(faults: &[SettingFault]) -> Words {
    let is_file = |fault: &SettingFault| fault.name == "VENUE_FILE";
    match (faults.iter().any(is_file), faults.iter().all(is_file)) {
        (false, _) => say("settings-mend"),
        (true, true) => say("settings-mend-file"),
        (true, false) => say("settings-mend-both"),
    }
}

/// Without the key a deletion is less thorough.
fn forget_key(settings: &WorkerSettings) -> Option<Finding> {
    settings
        .venue
        .forget_key
        .is_none()
        .then(|| Finding::warn("deletion", say("forget-key-missing"), say("forget-key-set")))
}

/// ingest has an environment of its own, which alone holds Bukza's secret.
fn settings_of_both(environment: &Environment) -> Finding {
    match IngestSettings::from_environment(environment) {
        Ok(_) => Finding::ok("settings", say("settings-of-both")),
        Err(error) if error.faults.iter().all(is_ingests_own) => {
            Finding::ok("settings", say("settings-of-worker"))
        }
        Err(error) => {
            let names: Vec<&str> = error.faults.iter().map(|fault| fault.name).collect();
            let found = say("settings-of-ingest").with("names", names.join(", "));
            Finding::warn("settings", found, say("settings-of-ingest-set"))
        }
    }
}

fn is_ingests_own(fault: &SettingFault) -> bool {
    fault.name == "BUKZA_WEBHOOK_SECRET" && fault.message.starts_with("is missing")
}
