//! `cargo xtask bench`: measures the release programs on real servers, and prints figures beside
//! targets.

mod ceiling;
mod drain;
mod ingest;
mod latency;
mod load;
mod reconciler;
mod startup;
mod table;
mod test_bed;
mod worker;

use std::process::ExitCode;

use anyhow::{Context, ensure};
use clap::ValueEnum;

pub use self::ceiling::serve as serve_ceiling;
use self::{table::Table, test_bed::TestBed};
use crate::harness::project::{Profile, Project};

/// The benches, in the order they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Bench {
    /// Webhooks a second at 64 connections, and the ceiling of the same machine
    Ingest,
    /// Queued booking events applied by one worker
    Worker,
    /// From the webhook to the call of Telegram, idle
    Latency,
    /// From the start to /readyz
    Startup,
    /// 100,000 due messages by one worker, and Redis' memory for planned jobs
    Drain,
    /// A round of the reconciler over 1,000,000 planned messages
    Reconciler,
}

/// Runs the chosen benches, or all if none is chosen, and prints one table.
///
/// # Errors
/// When a part doesn't start or a bench can't be done. A missed target is not an error.
pub async fn run(project: &Project, chosen: &[Bench]) -> anyhow::Result<ExitCode> {
    if cfg!(debug_assertions) {
        return again_in_release(project, chosen).await;
    }
    let test_bed = TestBed::prepare(project).await?;
    let mut table = Table::default();
    for bench in Bench::value_variants() {
        if chosen.is_empty() || chosen.contains(bench) {
            println!("{bench:?} …");
            match bench {
                Bench::Ingest => ingest::run(&test_bed, &mut table).await,
                Bench::Worker => worker::run(&test_bed, &mut table).await,
                Bench::Latency => latency::run(&test_bed, &mut table).await,
                Bench::Startup => startup::run(&test_bed, &mut table).await,
                Bench::Drain => drain::run(&test_bed, &mut table).await,
                Bench::Reconciler => reconciler::run(&test_bed, &mut table).await,
            }
            .with_context(|| format!("the bench {bench:?} could not be done"))?;
        }
    }
    println!("\n{table}");
    Ok(ExitCode::SUCCESS)
}

/// The load generator must be a release build: a debug build would be the bottleneck.
async fn again_in_release(project: &Project, chosen: &[Bench]) -> anyhow::Result<ExitCode> {
    println!("Building for release …");
    let folder = project.build(Profile::Release)?;
    let names = chosen.iter().filter_map(ValueEnum::to_possible_value);
    let status = tokio::process::Command::new(folder.join("xtask"))
        .arg("bench")
        .args(names.map(|name| name.get_name().to_owned()))
        .kill_on_drop(true)
        .status()
        .await?;
    ensure!(status.success(), "the benches were not done");
    Ok(ExitCode::SUCCESS)
}
