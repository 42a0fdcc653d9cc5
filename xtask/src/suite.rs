//! `cargo xtask test`: the whole suite against private servers, from nothing. Tests find the servers
//! and the compiled programs by environment variables, which are named here.

use std::{path::PathBuf, process::ExitCode, time::Instant};

use anyhow::Context;

use crate::{
    packages,
    process::Group,
    project::{Profile, Project},
    servers::{Durability, Servers},
};

/// Superuser's address of the private PostgreSQL.
const DATABASE_URL: &str = "TEST_DATABASE_URL";
/// Address of the private Redis.
const REDIS_URL: &str = "TEST_REDIS_URL";
/// Folder with the compiled programs.
const BINARIES: &str = "E2E_BIN_DIR";
/// Folder with those of a build that has one migration more.
const NEXT_BINARIES: &str = "E2E_NEXT_BIN_DIR";
/// Folder for the programs' logs.
const LOGS: &str = "E2E_LOG_DIR";

/// How many tests run at once. The end-to-end tests mostly wait: for more than there are processors.
const TESTS_AT_ONCE: (&str, &str) = ("RUST_TEST_THREADS", "10");

/// What the end-to-end tests find in their environment.
#[derive(Debug)]
pub struct Environment {
    pub database_url: String,
    pub redis_url: String,
    pub binaries: PathBuf,
    /// The programs as of the next version: see [`Project::build_next`].
    pub next_binaries: PathBuf,
    pub logs: PathBuf,
}

impl Environment {
    /// Reads it.
    ///
    /// # Errors
    /// When the tests are not run by `cargo xtask test`.
    pub fn read() -> anyhow::Result<Self> {
        let get = |name: &str| {
            std::env::var(name).with_context(|| format!("{name} is not set: run cargo xtask test"))
        };
        Ok(Self {
            database_url: get(DATABASE_URL)?,
            redis_url: get(REDIS_URL)?,
            binaries: get(BINARIES)?.into(),
            next_binaries: get(NEXT_BINARIES)?.into(),
            logs: get(LOGS)?.into(),
        })
    }
}

/// Runs the suite; `arguments` go to `cargo test`.
///
/// # Errors
/// When the servers or the build fail. Failed tests are the exit code.
pub async fn run(project: &Project, arguments: &[String]) -> anyhow::Result<ExitCode> {
    let started = Instant::now();
    packages::set_up()?;
    let servers = Servers::start(project, "test", Durability::ProcessCrash).await?;
    // The other build first: both leave their programs in the same place.
    let next = project.build_next()?;
    let binaries = project.build(Profile::Dev)?;
    let logs = servers.slot.folder().join("logs");
    std::fs::create_dir_all(&logs)?;

    let mut command = project.cargo();
    command.arg("test");
    // A selection of packages takes the place of the whole workspace.
    if !arguments.iter().any(|argument| argument == "-p" || argument == "--package") {
        command.arg("--workspace");
    }
    command
        .args(arguments)
        .env(DATABASE_URL, servers.postgres.url("postgres"))
        .env(REDIS_URL, servers.redis.url())
        .env(BINARIES, binaries)
        .env(NEXT_BINARIES, next)
        .env(LOGS, &logs);
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
