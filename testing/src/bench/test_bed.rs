//! What all benches share: servers with production durability, the simulator and the release
//! programs. Each bench has its own database and queue prefix.

use std::path::PathBuf;

use anyhow::Context;

use crate::harness::{
    fleet::{Binaries, Site, System},
    packages,
    process::Process,
    project::Project,
    servers::{Durability, Servers},
};

#[derive(Debug)]
pub(super) struct TestBed {
    _simulator: Process,
    pub telegram: simulator::Client,
    pub servers: Servers,
    pub binaries: Binaries,
    pub folder: PathBuf,
}

/// A bench's system. The test bed outlives it.
pub(super) type BenchSystem = System<()>;

impl TestBed {
    pub(super) async fn prepare(project: &Project) -> anyhow::Result<Self> {
        packages::set_up()?;
        // This is the release build. The other programs are in the same folder.
        let program = std::env::current_exe()?;
        let folder = program.parent().context("a program is in a folder")?;
        let binaries = Binaries::in_folder(folder.to_owned());
        let servers = Servers::start(project, "bench", Durability::Production).await?;
        let folder = servers.run_dir.folder().join("logs");
        std::fs::create_dir_all(&folder)?;
        let (simulator, telegram) = binaries.simulator(&folder).await?;
        Ok(Self { _simulator: simulator, telegram, servers, binaries, folder })
    }

    /// A new, empty system. Clears what the previous bench left in Redis and the simulator.
    pub(super) async fn system(&self) -> anyhow::Result<BenchSystem> {
        let mut redis = self.servers.redis.connect().await?;
        redis::cmd("FLUSHALL").query_async::<()>(&mut redis).await?;
        self.telegram.reset().await?;
        let place = Site {
            admin_url: self.servers.postgres.url("postgres"),
            redis_url: self.servers.redis.url(),
            telegram_url: self.telegram.url().to_owned(),
            binaries: self.binaries.clone(),
            folder: self.folder.clone(),
        };
        let mut system = System::prepare(place, ()).await?;
        // Without a staff chat, whose 20 messages a minute would be measured.
        system.settings.remove("SUPPORT_CHANNEL_ID");
        Ok(system)
    }
}
