//! `cargo xtask …`: the project's own commands. Parses the arguments and calls the command's
//! module, here or in `testing`.

mod demo;
mod screenshots;
mod suite;

use std::{net::SocketAddr, process::ExitCode};

use clap::{Parser, Subcommand};
use testing::{
    bench::{self, Bench},
    crashpoints,
    harness::{packages, project::Project},
    soak,
};
use tokio::signal::unix::{SignalKind, signal};

use self::demo::Plan;

#[derive(Debug, Parser)]
#[command(name = "cargo xtask", about = "The project's own commands")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Install the system packages that are missing
    SetUp,
    /// Start the whole system here, play the main job on a page, and stay up to be tried by hand
    Demo {
        /// Show the main job as text instead
        #[arg(long)]
        text: bool,
        /// End after the main job instead of staying up
        #[arg(long)]
        once: bool,
    },
    /// Start the whole system here and stay up, without playing anything
    Up,
    /// Make the pictures of the README and docs/ru, and their texts
    Screenshots,
    /// Measure what the system reaches here, beside what it must reach
    Bench {
        /// The benches to run; all of them if none is named
        chosen: Vec<Bench>,
    },
    /// A part of the bench: the bare server that ingest is compared with
    #[command(hide = true)]
    ServeCeiling { listen: SocketAddr },
    /// Run the whole system under random clients and random faults, then check that nothing was lost
    /// and nothing was sent twice
    Soak {
        /// How long things happen; coming to rest takes up to as long again, and five minutes
        #[arg(long, default_value_t = 10)]
        minutes: u64,
        /// Decides what happens; random if left out
        #[arg(long)]
        seed: Option<u64>,
    },
    /// Play the main story once for each message between programs and servers, with a fault at that
    /// message, and check that nothing is lost and nothing repeated
    Crashpoints {
        /// The points to run; all of them if none is named
        names: Vec<String>,
        /// Print the names of all points instead
        #[arg(long)]
        list: bool,
        /// Run only as many, chosen by the seed
        #[arg(long)]
        sample: Option<usize>,
        /// Decides the order and the sample
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Leave out, and count, what goes beyond this time
        #[arg(long)]
        minutes: Option<u64>,
    },
    /// Run the whole suite against private servers; further arguments go to `cargo test`
    Test {
        /// Then run the crash points for up to an hour, and a soak of twenty minutes
        #[arg(long)]
        long: bool,
        /// Run only the attempts of SECURITY.md's table
        #[arg(long, conflicts_with_all = ["long", "arguments"])]
        attempts: bool,
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let arguments = Arguments::parse();
    let project = Project::find()?;
    let mut terminate = signal(SignalKind::terminate())?;
    // Dropping a command's future stops its servers and programs.
    tokio::select! {
        done = run(&project, arguments.command) => done,
        _ = terminate.recv() => Ok(ExitCode::from(143)),
        interrupted = tokio::signal::ctrl_c() => {
            interrupted?;
            Ok(ExitCode::from(130))
        }
    }
}

async fn run(project: &Project, command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::SetUp => packages::set_up().map(|()| ExitCode::SUCCESS),
        Command::Demo { text, once } => {
            demo::run(project, Plan { story: true, text, stay: !once }).await
        }
        Command::Up => demo::run(project, Plan { story: false, text: true, stay: true }).await,
        Command::Screenshots => screenshots::run(project).await,
        Command::Bench { chosen } => bench::run(project, &chosen).await,
        Command::ServeCeiling { listen } => {
            bench::serve_ceiling(listen, &std::env::var("REDIS_URL")?).await?;
            Ok(ExitCode::SUCCESS)
        }
        Command::Soak { minutes, seed } => {
            let seed = seed.unwrap_or_else(|| rand::random_range(1..1_000_000));
            soak::run(project, soak::Plan::minutes(minutes, seed)).await
        }
        Command::Crashpoints { names, list, sample, seed, minutes } => {
            let plan = crashpoints::Plan { names, sample, seed, minutes };
            crashpoints::run(project, plan, list).await
        }
        Command::Test { attempts: true, .. } => {
            suite::run(project, &suite::attempts(project)?, false).await
        }
        Command::Test { long, arguments, .. } => suite::run(project, &arguments, long).await,
    }
}
