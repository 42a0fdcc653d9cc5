//! `worker doctor`: checks everything that the system depends on, each with a remedy. Changes nothing and
//! prints no secret.

mod backup;
mod finding;
mod machine;
mod redis;
mod statuses;
mod store;
mod telegram;
mod visits;
mod zone_data;

use std::path::Path;

use anyhow::bail;
use shared::{
    clock::{Clock, SystemClock},
    settings::{Environment, IngestSettings, SettingFault, WorkerSettings},
};

use crate::cli::output::print_text;

pub use self::finding::{Finding, Verdict};

/// The default folder of backups.
pub const BACKUPS: &str = "/var/backups/bukza-bridge";

/// Checks everything and prints the findings.
///
/// # Errors
/// When a check failed: the exit code is then not 0.
pub async fn run(backups: &Path, zoneinfo: Option<&Path>) -> anyhow::Result<()> {
    let zoneinfo = zone_data::folder(zoneinfo);
    let findings = examine(&Environment::of_process(), backups, &zoneinfo).await;
    for finding in &findings {
        print_text(&finding.to_string())?;
    }
    let failed = findings.iter().filter(|finding| finding.verdict == Verdict::Fail).count();
    if failed > 0 {
        bail!("{failed} of {} checks failed", findings.len());
    }
    Ok(())
}

/// All findings, in the order in which to fix them.
pub async fn examine(environment: &Environment, backups: &Path, zoneinfo: &Path) -> Vec<Finding> {
    let mut findings = Vec::new();
    let settings = match WorkerSettings::from_environment(environment) {
        Ok(settings) => settings,
        Err(error) => {
            // Without settings nothing else can be checked.
            findings.push(Finding::fail("settings", error.to_string(), "mend .env"));
            return findings;
        }
    };
    findings.push(settings_of_both(environment));
    findings.extend(forget_key(&settings));
    let clock = SystemClock;
    let zone = settings.common.rules.zone;
    findings.push(machine::zone(zone, clock.now()));
    findings.push(zone_data::check(zone, zoneinfo, clock.now()));
    let (store, redis, telegram) = tokio::join!(
        store::check(&settings.common, &clock),
        redis::check(&settings.common, &clock),
        telegram::check(&settings)
    );
    findings.extend(store.into_iter().chain(redis).chain(telegram));
    findings.push(machine::disk(Path::new(".")));
    findings.extend(backup::check(backups, clock.now()));
    findings
}

/// Without the key a deletion is less thorough.
fn forget_key(settings: &WorkerSettings) -> Option<Finding> {
    settings.venue.forget_key.is_none().then(|| {
        let found =
            "FORGET_KEY is not set: requests on their way when a client is deleted bring data back";
        Finding::warn("deletion", found, "set it: openssl rand -hex 32 (docs/privacy.md)")
    })
}

/// ingest has an environment of its own, which alone holds Bukza's secret.
fn settings_of_both(environment: &Environment) -> Finding {
    match IngestSettings::from_environment(environment) {
        Ok(_) => Finding::ok("settings", "of worker and ingest: no fault"),
        Err(error) if error.faults.iter().all(is_ingests_own) => {
            Finding::ok("settings", "of worker: no fault (BUKZA_WEBHOOK_SECRET is ingest's own)")
        }
        Err(error) => {
            let names: Vec<&str> = error.faults.iter().map(|fault| fault.name).collect();
            let found = format!("of worker: no fault; ingest would miss {}", names.join(", "));
            Finding::warn(
                "settings",
                found,
                "set them where ingest runs, if they are not set there",
            )
        }
    }
}

fn is_ingests_own(fault: &SettingFault) -> bool {
    fault.name == "BUKZA_WEBHOOK_SECRET" && fault.message.starts_with("is missing")
}
