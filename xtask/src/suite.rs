//! `cargo xtask test`: the whole suite against private servers, from nothing. Tests find the servers
//! and the compiled programs by environment variables, which are named here.

use std::{
    ffi::{OsStr, OsString},
    fs::File,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    time::Instant,
};

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
const TESTS_AT_ONCE: (&str, &str) = ("RUST_TEST_THREADS", "6");

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

    let environment = [
        (DATABASE_URL, servers.postgres.url("postgres").into()),
        (REDIS_URL, servers.redis.url().into()),
        (BINARIES, binaries.into_os_string()),
        (NEXT_BINARIES, next.into_os_string()),
        (LOGS, logs.clone().into_os_string()),
    ];
    let tests = Tests { project, environment };
    let passed = if arguments.is_empty() {
        tests.all(&logs.join("other-tests.log")).await?
    } else {
        Group::start(tests.command(arguments))?.wait().await?.success()
    };
    if passed {
        println!("The suite took {} s.", started.elapsed().as_secs());
        return Ok(ExitCode::SUCCESS);
    }
    println!("Logs of the programs: {}", logs.display());
    Ok(ExitCode::FAILURE)
}

/// The tests, with what they find in their environment.
struct Tests<'a> {
    project: &'a Project,
    environment: [(&'static str, OsString); 5],
}

impl Tests<'_> {
    /// Runs all. The end-to-end tests mostly wait and the others mostly compute, so both run side by
    /// side; what the others print comes when they are done.
    async fn all(&self, others_log: &Path) -> anyhow::Result<bool> {
        let built = Group::start(self.command(&["--no-run"]))?.wait().await?;
        if !built.success() {
            return Ok(false);
        }
        let log = File::create(others_log)?;
        // No doc-tests: the docs hold no examples.
        let mut others = self.command(&["--no-fail-fast", "--lib", "--bins"]);
        others.args(["--test", "[!e]*", "--test", "e[!2]*"]);
        others.stdout(log.try_clone()?).stderr(log);
        let mut end_to_end = Group::start(self.command(&["--test", "e2e"]))?;
        let mut others = Group::start(others)?;
        let passed = end_to_end.wait().await?.success() & others.wait().await?.success();
        println!("{}", std::fs::read_to_string(others_log)?);
        Ok(passed)
    }

    fn command<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Command {
        let mut command = self.project.cargo();
        command.arg("test");
        // A selection of packages takes the place of the whole workspace.
        let selects =
            |argument: &A| [OsStr::new("-p"), OsStr::new("--package")].contains(&argument.as_ref());
        if !arguments.iter().any(selects) {
            command.arg("--workspace");
        }
        command.args(arguments).envs(self.environment.iter().cloned());
        if std::env::var_os(TESTS_AT_ONCE.0).is_none() {
            command.env(TESTS_AT_ONCE.0, TESTS_AT_ONCE.1);
        }
        command
    }
}
