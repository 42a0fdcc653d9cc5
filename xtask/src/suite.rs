//! `cargo xtask test`: runs the whole suite against private servers, from nothing.

use std::{process::ExitCode, time::Instant};

use testing::{
    crashpoints,
    harness::{
        environment::{BINARIES, DATABASE_URL, LOGS, LONG, NEXT_BINARIES, REDIS_URL},
        packages,
        process::Group,
        project::{Profile, Project},
        servers::{Durability, Servers},
    },
    soak,
};

/// How many tests run at once. More than there are processors: the end-to-end tests mostly wait.
const TESTS_AT_ONCE: (&str, &str) = ("RUST_TEST_THREADS", "10");

/// Runs the suite; `arguments` go to `cargo test`. A long run goes on with the crash points and a soak.
///
/// # Errors
/// When the servers or the build fail. What failed is the exit code.
pub async fn run(project: &Project, arguments: &[String], long: bool) -> anyhow::Result<ExitCode> {
    let mut ended = suite(project, arguments, long).await?;
    if long && ended == ExitCode::SUCCESS {
        let plan = crashpoints::Plan { seed: 1, minutes: Some(60), ..Default::default() };
        ended = crashpoints::run(project, plan, false).await?;
    }
    if long && ended == ExitCode::SUCCESS {
        ended = soak::run(project, soak::Plan::minutes(20, 1)).await?;
    }
    Ok(ended)
}

/// The arguments of `cargo test` that select the tests named in SECURITY.md's table of attempts.
///
/// # Errors
/// When the document can't be read.
pub fn attempts(project: &Project) -> anyhow::Result<Vec<String>> {
    let document = std::fs::read_to_string(project.root().join("SECURITY.md"))?;
    let tests = document.lines().filter_map(|line| line.strip_prefix("| ")?.split('|').nth(3));
    let names = tests.flat_map(|cell| cell.split('`').skip(1).step_by(2)).map(str::to_owned);
    Ok(["--no-fail-fast".to_owned(), "--".to_owned()].into_iter().chain(names).collect())
}

async fn suite(project: &Project, arguments: &[String], long: bool) -> anyhow::Result<ExitCode> {
    let started = Instant::now();
    packages::set_up()?;
    let servers = Servers::start(project, "test", Durability::ProcessCrash).await?;
    // The next version is built first: both builds leave their programs in the same folder.
    let next = project.build_next()?;
    let binaries = project.build(Profile::Dev)?;
    let logs = servers.run_dir.folder().join("logs");
    std::fs::create_dir_all(&logs)?;

    let mut command = project.cargo();
    command.arg("test");
    // A selection of packages replaces the whole workspace.
    if !arguments.iter().any(|argument| argument == "-p" || argument == "--package") {
        command.arg("--workspace");
    }
    command
        .args(arguments)
        .env(DATABASE_URL, servers.postgres.url("postgres"))
        .env(REDIS_URL, servers.redis.url())
        .env(BINARIES, binaries)
        .env(NEXT_BINARIES, next)
        .env(LOGS, &logs)
        // An error's text names its place. Its backtrace is fifty frames of the runtime, and hides it.
        .env("RUST_LIB_BACKTRACE", "0");
    if long {
        command.env(LONG, "1");
    }
    if std::env::var_os(TESTS_AT_ONCE.0).is_none() {
        command.env(TESTS_AT_ONCE.0, TESTS_AT_ONCE.1);
    }
    let status = Group::start(command)?.wait().await?;
    if status.success() {
        println!("The suite took {} s.", started.elapsed().as_secs());
        return Ok(ExitCode::SUCCESS);
    }
    println!("Logs of the programs: {}", logs.display());
    Ok(ExitCode::FAILURE)
}
