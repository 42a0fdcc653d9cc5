//! The shipped files of nginx, Redis and systemd with the real servers. Of two ingests behind nginx one
//! hangs, and one is killed under load. docs/systemd.md is followed on a machine with a systemd of its own.

use std::path::{Path, PathBuf};

use crate::common::{Options, Outcome, World};
use testing::harness::{
    environment::TestEnvironment, fleet::BUKZA_SECRET, packages::program_path, project::Project,
};
use tokio::process::Command;

/// Enough for some seconds at the 50 a second that nginx takes from one source.
const REQUESTS: i64 = 300;
/// The exit code of a script that can't run here; it prints why.
const SKIPPED: i32 = 77;

pub fn script(name: &str) -> anyhow::Result<Command> {
    Ok(Command::new(Project::find()?.root().join("deploy/tests").join(name)))
}

pub async fn succeeds(mut script: Command) -> Outcome {
    let output = script.kill_on_drop(true).output().await?;
    let text = String::from_utf8_lossy(&output.stdout);
    let failed = String::from_utf8_lossy(&output.stderr);
    println!("{text}");
    anyhow::ensure!(output.status.success(), "{text}{failed}");
    Ok(())
}

/// The shell scripts below a folder.
fn scripts(folder: &Path, found: &mut Vec<PathBuf>) -> Outcome {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            scripts(&path, found)?;
        } else if std::fs::read(&path)?.starts_with(b"#!") {
            found.push(path);
        }
    }
    Ok(())
}

#[tokio::test]
async fn every_script_passes_shellcheck() -> Outcome {
    let (root, mut found) = (Project::find()?.root().to_owned(), Vec::new());
    for folder in ["deploy", ".ci"] {
        scripts(&root.join(folder), &mut found)?;
    }
    anyhow::ensure!(found.len() > 10, "{found:?}");
    let mut shellcheck = Command::new(program_path("shellcheck")?);
    shellcheck.arg("--external-sources").args(found);
    succeeds(shellcheck).await
}

/// With scripts in the place of docker and systemctl.
#[tokio::test]
async fn the_operators_commands_refuse_no_request_and_leave_a_known_state_when_they_fail() -> Outcome
{
    succeeds(script("bridge.sh")?).await
}

#[tokio::test]
async fn redis_needs_a_password_and_forgets_names() -> Outcome {
    succeeds(script("redis.sh")?).await
}

#[tokio::test]
async fn the_units_are_valid_and_confined() -> Outcome {
    succeeds(script("systemd.sh")?).await
}

/// Runs a script that starts a systemd: in a container without rights it is skipped.
async fn succeeds_where_systemd_can_run(mut script: Command) -> Outcome {
    let output = script.kill_on_drop(true).output().await?;
    let text = String::from_utf8_lossy(&output.stdout);
    println!("{text}{}", String::from_utf8_lossy(&output.stderr));
    let skipped = output.status.code() == Some(SKIPPED);
    anyhow::ensure!(output.status.success() || skipped, "the script failed");
    Ok(())
}

#[tokio::test]
async fn the_documents_install_works_with_the_real_units_and_accounts() -> Outcome {
    let programs = TestEnvironment::read()?;
    let mut script = script("install.sh")?;
    script.arg(programs.binaries).arg(programs.next_binaries);
    succeeds_where_systemd_can_run(script).await
}

#[tokio::test]
async fn an_installation_of_before_is_brought_to_this_version_under_load() -> Outcome {
    let programs = TestEnvironment::read()?;
    let mut script = script("changeover.sh")?;
    script.arg(programs.binaries).arg(programs.next_binaries);
    succeeds_where_systemd_can_run(script).await
}

#[tokio::test]
async fn nginx_loses_no_request_when_an_ingest_hangs_or_is_killed_under_load() -> Outcome {
    let world = World::start(Options::default().ingests(2)).await?;
    let mut script = script("nginx.sh")?;
    for ingest in &world.ingests {
        script.arg(ingest.url().trim_start_matches("http://"));
        script.arg(ingest.process.id().to_string());
    }
    script.arg(BUKZA_SECRET).arg(REQUESTS.to_string());
    succeeds(script).await?;
    // Each booking answered 200 is stored once. Forty came before the load: four, one of them by PUT,
    // thirty during a stranger's flood, and six while an ingest hung.
    let count = "SELECT count(*) FROM bookings WHERE bukza_booking_id LIKE 'NGINX-%'";
    world.until(count, REQUESTS + 40, crate::common::SOON).await?;
    // Requests retried after the hanging ingest keep the time at which nginx received them.
    let earlier = "SELECT count(*) FROM bookings WHERE bukza_booking_id LIKE 'NGINX-H%' \
                   AND created_at - last_event_at > interval '5 s'";
    let handed_on: i64 = world.database.one(earlier).await?;
    anyhow::ensure!(handed_on > 0, "none was handed on with its first time");
    Ok(())
}
