//! A whole system for one test: its own database, queue prefix and simulator; real ingests and
//! workers. Servers are shared with other tests, unless the test is going to break them.

use std::{
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
};

use anyhow::Context;

use super::{
    program::Binaries,
    system::{Breakable, Site, System},
};
use crate::harness::{
    environment::TestEnvironment,
    servers::{Durability, Fsync, Postgres, Redis},
};

/// Size and settings of a test's system.
#[derive(Debug, Clone)]
pub struct Options {
    ingests: usize,
    workers: usize,
    settings: Vec<(&'static str, String)>,
    own_servers: bool,
    replica: bool,
    tutor: bool,
}

impl Default for Options {
    /// One ingest and one worker on the shared servers.
    fn default() -> Self {
        Self {
            ingests: 1,
            workers: 1,
            settings: Vec::new(),
            own_servers: false,
            replica: false,
            tutor: false,
        }
    }
}

impl Options {
    #[must_use]
    pub fn ingests(mut self, count: usize) -> Self {
        self.ingests = count;
        self
    }

    #[must_use]
    pub fn workers(mut self, count: usize) -> Self {
        self.workers = count;
        self
    }

    /// Adds a setting, or replaces one of the base.
    #[must_use]
    pub fn set(mut self, name: &'static str, value: impl ToString) -> Self {
        self.settings.push((name, value.to_string()));
        self
    }

    /// The first requests make cards, as in a new installation.
    #[must_use]
    pub fn tutor(mut self) -> Self {
        self.tutor = true;
        self
    }

    /// Private servers, for a test that stops them.
    #[must_use]
    pub fn own_servers(mut self) -> Self {
        self.own_servers = true;
        self
    }

    /// Private servers, and a streaming replica in the programs' settings.
    #[must_use]
    pub fn replica(mut self) -> Self {
        self.replica = true;
        self.own_servers()
    }
}

/// The simulator and the private servers of a test's system.
#[derive(Debug)]
pub struct TestHost {
    pub simulator: simulator::Running,
    own: Option<(Postgres, Redis)>,
    replica: Option<Postgres>,
}

impl TestHost {
    /// The test's own PostgreSQL.
    ///
    /// # Errors
    /// When the test has no private servers.
    pub fn postgres(&mut self) -> anyhow::Result<&mut Postgres> {
        Ok(self.servers()?.0)
    }

    /// The replica of the test's own PostgreSQL.
    ///
    /// # Errors
    /// When the test has none.
    pub fn replica(&mut self) -> anyhow::Result<&mut Postgres> {
        self.replica.as_mut().context("start the world with replica()")
    }

    /// The test's own Redis.
    ///
    /// # Errors
    /// As above.
    pub fn redis(&mut self) -> anyhow::Result<&mut Redis> {
        Ok(self.servers()?.1)
    }
}

impl Breakable for TestHost {
    fn servers(&mut self) -> anyhow::Result<(&mut Postgres, &mut Redis)> {
        let own = self.own.as_mut().context("start the world with own_servers()")?;
        Ok((&mut own.0, &mut own.1))
    }
}

/// A test's system.
pub type World = System<TestHost>;

impl World {
    /// Starts a system and waits until all of it is ready.
    ///
    /// # Errors
    /// When a part doesn't start, with the end of its log.
    pub async fn start(options: Options) -> anyhow::Result<Self> {
        let suite = TestEnvironment::read()?;
        let folder = folder(&suite.logs)?;
        let own = if options.own_servers {
            let postgres = Postgres::start(&folder, Durability::ProcessCrash).await?;
            Some((postgres, Redis::start(&folder, Fsync::Always).await?))
        } else {
            None
        };
        let simulator = simulator::spawn().await?;
        let place = Site {
            admin_url: own.as_ref().map_or(suite.database_url, |(own, _)| own.url("postgres")),
            redis_url: own.as_ref().map_or(suite.redis_url, |(_, own)| own.url()),
            telegram_url: simulator.url(),
            binaries: Binaries::in_folder(suite.binaries),
            folder,
        };
        let mut world = Self::prepare(place, TestHost { simulator, own, replica: None }).await?;
        world.settings.set("DATABASE_POOL", 5);
        if options.tutor {
            world.database.execute("UPDATE tutor SET cards = 0").await?;
        }
        if options.replica {
            let folder = world.folder.join("replica");
            std::fs::create_dir(&folder)?;
            let replica = world.host.postgres()?.replica(&folder).await?;
            world.settings.set("DATABASE_REPLICA_URL", replica.url(&world.database.name));
            world.host.replica = Some(replica);
        }
        world.settings = world.settings.with(options.settings);
        world.launch(options.ingests, options.workers).await?;
        Ok(world)
    }
}

fn folder(logs: &Path) -> anyhow::Result<PathBuf> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    // Process ids are reused within a long run of the suite.
    let nonce: u16 = rand::random();
    let folder = logs.join(format!("world-{}-{count}-{nonce:04x}", std::process::id()));
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}
