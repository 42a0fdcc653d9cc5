//! Private PostgreSQL and Redis in the project's `.dev/` folder, on free loopback ports, for as long
//! as a command runs. No system service, and no root once the packages are installed.

mod postgres;
mod redis;
mod run_dir;

pub use self::{
    postgres::Postgres,
    redis::{Fsync, Redis, connect as connect_redis},
    run_dir::RunDir,
};
use crate::harness::project::Project;

/// How safe the servers keep what they are given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// As in production: each commit and each Redis write reaches the disk.
    Production,
    /// For tests: commits don't wait for the disk. What a process wrote survives its `kill -9`, as
    /// the operating system has it; only a crash of the machine itself would lose it.
    ProcessCrash,
}

/// Both servers of one command.
#[derive(Debug)]
pub struct Servers {
    pub postgres: Postgres,
    pub redis: Redis,
    /// Declared last: its lock is given up when the servers are gone.
    pub run_dir: RunDir,
}

impl Servers {
    /// Starts both, empty, in a folder of `.dev/` called `name` (or `name-2`, … when such a command
    /// runs already).
    ///
    /// # Errors
    /// When a server isn't installed or doesn't start; its log is part of the error.
    pub async fn start(
        project: &Project,
        name: &str,
        durability: Durability,
    ) -> anyhow::Result<Self> {
        let run_dir = RunDir::take(&project.dev(), name)?;
        let fsync = match durability {
            Durability::Production => Fsync::Always,
            Durability::ProcessCrash => Fsync::EverySecond,
        };
        let (postgres, redis) = tokio::try_join!(
            Postgres::start(run_dir.folder(), durability),
            Redis::start(run_dir.folder(), fsync)
        )?;
        Ok(Self { postgres, redis, run_dir })
    }
}

/// A password for a server that only this run talks to.
fn password() -> String {
    format!("{:032x}", rand::random::<u128>())
}
