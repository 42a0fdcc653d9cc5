//! A whole system for one test: its own database, queue prefix and simulator; real ingests and
//! workers. Servers are shared with other tests, unless the test is going to break them.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use anyhow::Context;
use rand::Rng;

use super::{
    database::Database,
    program::{Binaries, Program},
    settings::{BUKZA_SECRET, Settings},
};
use crate::{
    bukza::Request,
    ports,
    servers::{Durability, Fsync, Postgres, Redis},
    suite,
};

/// A program of a debug build on a busy machine starts in well under this.
const READY_WITHIN: Duration = Duration::from_secs(30);

/// What a test wants of its world.
#[derive(Debug, Clone)]
pub struct Options {
    pub ingests: usize,
    pub workers: usize,
    /// Settings besides the base, or instead of it.
    pub settings: Vec<(&'static str, String)>,
    /// Servers of its own, for a test that breaks them.
    pub own_servers: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self { ingests: 1, workers: 1, settings: Vec::new(), own_servers: false }
    }
}

impl Options {
    /// Adds a setting.
    #[must_use]
    pub fn set(mut self, name: &'static str, value: impl ToString) -> Self {
        self.settings.push((name, value.to_string()));
        self
    }
}

/// A running system. Everything ends with it.
#[derive(Debug)]
pub struct World {
    pub ingests: Vec<Program>,
    pub workers: Vec<Program>,
    pub simulator: simulator::Running,
    /// Acts as the users, scripts faults, and tells what the chats show.
    pub telegram: simulator::Client,
    pub database: Database,
    pub settings: Settings,
    pub http: reqwest::Client,
    /// Set when the test has servers of its own.
    pub postgres: Option<Postgres>,
    pub redis: Option<Redis>,
    pub folder: PathBuf,
    binaries: Binaries,
    started: u32,
    ingest_address: SocketAddr,
}

impl World {
    /// Starts a system and waits until all of it is ready.
    ///
    /// # Errors
    /// When a part doesn't start, with the end of its log.
    pub async fn start(options: Options) -> anyhow::Result<Self> {
        let suite = suite::Environment::read()?;
        let folder = folder(&suite.logs)?;
        let (postgres, redis) = if options.own_servers {
            let postgres = Postgres::start(&folder, Durability::ProcessCrash).await?;
            (Some(postgres), Some(Redis::start(&folder, Fsync::Always).await?))
        } else {
            (None, None)
        };
        let admin_url = postgres.as_ref().map_or(suite.database_url, |own| own.url("postgres"));
        let redis_url = redis.as_ref().map_or(suite.redis_url, Redis::url);
        let binaries = Binaries::in_folder(suite.binaries);
        let database = Database::create(&admin_url, &binaries, &folder).await?;
        let simulator = simulator::spawn().await?;
        let ingest_address = ports::free()?;

        let mut settings = Settings::base();
        settings.set("DATABASE_URL", &database.url);
        settings.set("DATABASE_POOL", 5);
        settings.set("REDIS_URL", redis_url);
        settings.set("QUEUE_PREFIX", &database.name);
        settings.set("TELEGRAM_API_URL", simulator.url());
        settings.set_ingest(ingest_address);
        let settings = settings.with(options.settings);
        let mut world = Self {
            ingests: Vec::new(),
            workers: Vec::new(),
            telegram: simulator.client(),
            simulator,
            database,
            settings,
            http: reqwest::Client::new(),
            postgres,
            redis,
            folder,
            binaries,
            started: 0,
            ingest_address,
        };
        for _ in 0..options.ingests {
            world.start_ingest()?;
        }
        for _ in 0..options.workers {
            world.start_worker()?;
        }
        world.ready().await?;
        if options.workers > 0 && world.settings.get("TELEGRAM_MODE") != Some("polling") {
            let set =
                |call: &simulator::model::Call| call.method == "setWebhook" && call.status == 200;
            world
                .telegram
                .wait_for_call(0, set, READY_WITHIN)
                .await
                .context("no webhook was set")?;
        }
        Ok(world)
    }

    /// Starts one more ingest: the first, or one after the first was ended, gets the address that
    /// Telegram's webhook points to.
    ///
    /// # Errors
    /// When it can't be started.
    pub fn start_ingest(&mut self) -> anyhow::Result<&mut Program> {
        self.started += 1;
        let name = format!("ingest-{}", self.started);
        let address = if self.ingests.is_empty() { self.ingest_address } else { ports::free()? };
        let program = self.binaries.ingest(&name, address, &self.settings, &self.folder)?;
        self.ingests.push(program);
        self.ingests.last_mut().context("just pushed")
    }

    /// Starts one more worker.
    ///
    /// # Errors
    /// When it can't be started.
    pub fn start_worker(&mut self) -> anyhow::Result<&mut Program> {
        self.started += 1;
        let name = format!("worker-{}", self.started);
        let program = self.binaries.worker(&name, &self.settings, &self.folder)?;
        self.workers.push(program);
        self.workers.last_mut().context("just pushed")
    }

    /// Waits until every program is ready.
    ///
    /// # Errors
    /// When one isn't in good time.
    pub async fn ready(&mut self) -> anyhow::Result<()> {
        for program in self.ingests.iter_mut().chain(&mut self.workers) {
            program.ready(&self.http, READY_WITHIN).await?;
        }
        Ok(())
    }

    /// Posts to the Bukza webhook with the right secret; returns status and body.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn post_bukza(&self, request: &Request) -> anyhow::Result<(u16, serde_json::Value)> {
        let url = format!("http://{}/webhook/bukza{}", self.ingest_address, request.query);
        let response = self
            .http
            .post(url)
            .header("X-Webhook-Secret", BUKZA_SECRET)
            .header("content-type", "application/json")
            .body(request.body.clone())
            .send()
            .await?;
        let status = response.status().as_u16();
        let text = response.text().await?;
        Ok((status, serde_json::from_str(&text).unwrap_or(serde_json::Value::String(text))))
    }

    /// Posts and insists on 200.
    ///
    /// # Errors
    /// When the answer is another.
    pub async fn accept(&self, request: &Request) -> anyhow::Result<()> {
        let (status, body) = self.post_bukza(request).await?;
        anyhow::ensure!(status == 200, "not accepted: {status} {body}");
        Ok(())
    }

    /// Base URL of the (first) ingest.
    #[must_use]
    pub fn ingest_url(&self) -> String {
        format!("http://{}", self.ingest_address)
    }

    /// Runs one of the worker's operator commands.
    ///
    /// # Errors
    /// When it fails.
    pub async fn operate(&self, arguments: &[&str]) -> anyhow::Result<String> {
        self.binaries.operate(arguments, &self.settings, &self.folder).await
    }

    /// Keys of this world in Redis.
    ///
    /// # Errors
    /// When Redis doesn't answer.
    pub async fn redis(&self) -> anyhow::Result<redis::aio::MultiplexedConnection> {
        let url = self.settings.get("REDIS_URL").context("REDIS_URL is set above")?;
        Ok(redis::Client::open(url)?.get_multiplexed_async_connection().await?)
    }

    /// Waits until a query's only value is `expected`. For states that nothing signals: it asks
    /// every 20 ms.
    ///
    /// # Errors
    /// When it still isn't after `patience`.
    pub async fn until<T>(&self, sql: &str, expected: T, patience: Duration) -> anyhow::Result<()>
    where
        T: tokio_postgres::types::FromSqlOwned + PartialEq + std::fmt::Debug,
    {
        let deadline = std::time::Instant::now() + patience;
        loop {
            let found: Vec<T> = self.database.column(sql).await?;
            if found.first() == Some(&expected) {
                return Ok(());
            }
            anyhow::ensure!(
                std::time::Instant::now() < deadline,
                "after {patience:?} still {found:?} instead of {expected:?}: {sql}"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for World {
    /// A failed test shows what its programs said last; `kill -9` then spares the drain.
    fn drop(&mut self) {
        for program in self.ingests.iter_mut().chain(&mut self.workers) {
            if std::thread::panicking() {
                let process = &program.process;
                eprintln!("--- {} said last:\n{}", process.name(), process.log_tail(40));
            }
            program.process.signal(rustix::process::Signal::KILL);
        }
    }
}

fn folder(logs: &Path) -> anyhow::Result<PathBuf> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    // The process id alone may come again within one run of the suite.
    let nonce = rand::rng().random_range(0..0xffff_u32);
    let folder = logs.join(format!("world-{}-{count}-{nonce:04x}", std::process::id()));
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}
