//! A whole system on this machine for the demo and the benches: private servers, the simulator as a
//! process of its own, and the real programs.

use std::path::PathBuf;

use super::{
    program::Binaries,
    system::{Breakable, Site, System},
};
use crate::harness::{
    packages,
    process::Process,
    project::{Profile, Project},
    servers::{Durability, Postgres, Redis, Servers},
};

/// The servers and the simulator of a local system.
#[derive(Debug)]
pub struct LocalHost {
    pub simulator: Process,
    pub servers: Servers,
}

impl Breakable for LocalHost {
    fn servers(&mut self) -> anyhow::Result<(&mut Postgres, &mut Redis)> {
        Ok((&mut self.servers.postgres, &mut self.servers.redis))
    }
}

/// A system on this machine.
pub type Local = System<LocalHost>;

impl Local {
    /// Installs missing packages, starts servers and simulator, builds and migrates. Starts no
    /// ingest or worker.
    ///
    /// # Errors
    /// When one of these steps fails.
    pub async fn set_up(project: &Project, name: &str, profile: Profile) -> anyhow::Result<Self> {
        packages::set_up()?;
        println!("Starting PostgreSQL and Redis in .dev/{name} …");
        let servers = Servers::start(project, name, Durability::Production).await?;
        println!("Building …");
        let binaries = Binaries::in_folder(project.build(profile)?);
        let folder: PathBuf = servers.run_dir.folder().join("logs");
        std::fs::create_dir_all(&folder)?;
        let (simulator, telegram) = binaries.simulator(&folder).await?;
        let place = Site {
            admin_url: servers.postgres.url("postgres"),
            redis_url: servers.redis.url(),
            telegram_url: telegram.url().to_owned(),
            binaries,
            folder,
        };
        Self::prepare(place, LocalHost { simulator, servers }).await
    }
}
