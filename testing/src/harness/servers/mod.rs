//! Private PostgreSQL and Redis in the project's `.dev/` folder, on free loopback ports, for as long
//! as a command runs. No system service, and no root once the packages are installed.

mod postgres;
mod redis;
mod run_dir;

pub use self::{
    postgres::{Durability, Postgres},
    redis::{Fsync, Redis, connect as connect_redis, info as redis_info},
    run_dir::RunDir,
};
use crate::harness::project::Project;

/// Both servers of one command.
#[derive(Debug)]
pub struct Servers {
    pub postgres: Postgres,
    pub redis: Redis,
    /// Declared last, so that its lock is released after the servers have ended.
    pub run_dir: RunDir,
}

impl Servers {
    /// Starts both, empty, in `.dev/name` (or `name-2`, … when that is in use).
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

/// A random password of servers that only one run uses.
fn password() -> String {
    format!("{:032x}", rand::random::<u128>())
}
