//! The environment variables that `cargo xtask test` sets for the tests.

use std::path::PathBuf;

use anyhow::Context;

/// URL of the private PostgreSQL's superuser.
pub const DATABASE_URL: &str = "TEST_DATABASE_URL";
/// URL of the private Redis.
pub const REDIS_URL: &str = "TEST_REDIS_URL";
/// Folder of the compiled programs.
pub const BINARIES: &str = "E2E_BIN_DIR";
/// Folder of the programs of a build that has one migration more.
pub const NEXT_BINARIES: &str = "E2E_NEXT_BIN_DIR";
/// Folder for the programs' logs.
pub const LOGS: &str = "E2E_LOG_DIR";

/// Set in a long run.
pub const LONG: &str = "TEST_LONG";

/// Whether tests that can be larger are to be.
#[must_use]
pub fn is_long() -> bool {
    std::env::var_os(LONG).is_some()
}

/// Servers and programs of the suite.
#[derive(Debug)]
pub struct TestEnvironment {
    pub database_url: String,
    pub redis_url: String,
    pub binaries: PathBuf,
    /// The programs of the next version: see [`super::project::Project::build_next`].
    pub next_binaries: PathBuf,
    pub logs: PathBuf,
}

impl TestEnvironment {
    /// Reads the environment variables.
    ///
    /// # Errors
    /// When one is missing: the tests are not run by `cargo xtask test`.
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
