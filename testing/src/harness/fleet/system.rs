//! A system of the real programs around one database and one queue prefix, as tests, demo and
//! benches use it. Its servers and its simulator are the host.

use std::{net::SocketAddr, path::PathBuf, time::Duration};

use anyhow::Context;

use super::{
    database::Database,
    program::{Binaries, Program},
    settings::Settings,
};
use crate::harness::{
    bukza::Request,
    ports,
    process::Process,
    servers::{self, Postgres, Redis},
};

/// Only a failure waits so long. A debug build is ready within three seconds of a machine's time, of
/// which a shared machine may have little.
const READY_WITHIN: Duration = Duration::from_secs(120);

/// The servers, the simulator and the programs of a system.
#[derive(Debug)]
pub struct Site {
    /// Superuser's address of the PostgreSQL server.
    pub admin_url: String,
    pub redis_url: String,
    /// Base URL of the simulator.
    pub telegram_url: String,
    pub binaries: Binaries,
    /// For logs.
    pub folder: PathBuf,
}

/// A host whose servers may be killed and started again.
pub trait Breakable {
    /// Both servers.
    ///
    /// # Errors
    /// When they are shared with other tests.
    fn servers(&mut self) -> anyhow::Result<(&mut Postgres, &mut Redis)>;
}

/// A running system. Everything ends with it, the host last.
#[derive(Debug)]
pub struct System<Host> {
    pub ingests: Vec<Program>,
    pub workers: Vec<Program>,
    /// Acts as the users, scripts faults, and reads the chats.
    pub telegram: simulator::Client,
    pub database: Database,
    pub settings: Settings,
    pub http: reqwest::Client,
    pub folder: PathBuf,
    binaries: Binaries,
    started: u32,
    /// Where the first ingest listens.
    pub ingest_address: SocketAddr,
    pub host: Host,
}

impl<Host> System<Host> {
    /// Creates the database and the settings; starts no program yet.
    ///
    /// # Errors
    /// When a server fails.
    pub async fn prepare(place: Site, host: Host) -> anyhow::Result<Self> {
        let Site { admin_url, redis_url, telegram_url, binaries, folder } = place;
        let database = Database::create(&admin_url, &binaries, &folder).await?;
        let ingest_address = ports::free()?;
        let mut settings = Settings::base();
        settings.set("DATABASE_URL", &database.url);
        settings.set("REDIS_URL", redis_url);
        settings.set("QUEUE_PREFIX", &database.name);
        settings.set("TELEGRAM_API_URL", &telegram_url);
        settings.set_ingest(ingest_address);
        Ok(Self {
            ingests: Vec::new(),
            workers: Vec::new(),
            telegram: simulator::Client::new(&telegram_url),
            database,
            settings,
            http: reqwest::Client::new(),
            folder,
            binaries,
            started: 0,
            ingest_address,
            host,
        })
    }

    /// Starts this many programs, waits until all are ready and the webhook is set.
    ///
    /// # Errors
    /// When one doesn't start, with the end of its log.
    pub async fn launch(&mut self, ingests: usize, workers: usize) -> anyhow::Result<()> {
        for _ in 0..ingests {
            self.start_ingest()?;
        }
        for _ in 0..workers {
            self.start_worker()?;
        }
        self.ready().await?;
        if workers > 0 && self.settings.get("TELEGRAM_MODE") != Some("polling") {
            let set =
                |call: &simulator::model::Call| call.method == "setWebhook" && call.status == 200;
            let waited = self.telegram.wait_for_call(0, set, READY_WITHIN).await;
            waited.context("no webhook was set")?;
        }
        Ok(())
    }

    /// Later programs are started from these binaries. Running programs stay.
    pub fn start_from(&mut self, binaries: Binaries) {
        self.binaries = binaries;
    }

    /// A name that no program of this system had.
    fn next_name(&mut self, program: &str) -> String {
        self.started += 1;
        format!("{program}-{}", self.started)
    }

    /// Starts one more ingest. When there is none, it gets the address of Telegram's webhook.
    ///
    /// # Errors
    /// When it can't be started.
    pub fn start_ingest(&mut self) -> anyhow::Result<&mut Program> {
        let address = if self.ingests.is_empty() { self.ingest_address } else { ports::free()? };
        self.start_ingest_at(address)
    }

    /// Starts one more ingest at this address.
    ///
    /// # Errors
    /// When it can't be started.
    pub fn start_ingest_at(&mut self, address: SocketAddr) -> anyhow::Result<&mut Program> {
        let name = self.next_name("ingest");
        let program = self.binaries.ingest(&name, address, &self.settings, &self.folder)?;
        self.ingests.push(program);
        self.ingests.last_mut().context("just pushed")
    }

    /// Starts one more worker.
    ///
    /// # Errors
    /// When it can't be started.
    pub fn start_worker(&mut self) -> anyhow::Result<&mut Program> {
        let name = self.next_name("worker");
        let program = self.binaries.worker(&name, &self.settings, &self.folder)?;
        self.workers.push(program);
        self.workers.last_mut().context("just pushed")
    }

    /// Starts `migrate` with these arguments.
    ///
    /// # Errors
    /// When it can't be started.
    pub fn start_migrate(&mut self, arguments: &[&str]) -> anyhow::Result<Process> {
        let name = self.next_name("migrate");
        self.binaries.start_migrate(&name, arguments, &self.settings, &self.folder)
    }

    /// Stops every program.
    ///
    /// # Errors
    /// When one doesn't stop.
    pub async fn stop_programs(&mut self) -> anyhow::Result<()> {
        for program in self.ingests.drain(..).chain(self.workers.drain(..)) {
            program.stop().await?;
        }
        Ok(())
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
        Ok(request.post(&self.http, &self.ingest_url()).await?)
    }

    /// Posts a request that must be accepted.
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

    /// A connection to the system's Redis.
    ///
    /// # Errors
    /// When Redis doesn't answer.
    pub async fn redis(&self) -> anyhow::Result<redis::aio::MultiplexedConnection> {
        let url = self.settings.get("REDIS_URL").context("REDIS_URL is set above")?;
        Ok(servers::connect_redis(url).await?)
    }

    /// Waits until a queue holds no job: none is ready, planned or held by a worker.
    ///
    /// # Errors
    /// When Redis doesn't answer, or there still is one after `patience`.
    pub async fn until_empty(&self, queue: &str, patience: Duration) -> anyhow::Result<()> {
        let mut redis = self.redis().await?;
        let queue = format!("{{{}:{queue}}}", self.database.name);
        let deadline = std::time::Instant::now() + patience;
        loop {
            let (active, planned): (u64, u64) = redis::pipe()
                .llen(format!("{queue}:active"))
                .zcard(format!("{queue}:scheduled"))
                .query_async(&mut redis)
                .await?;
            // KEYS scans all keys, so it runs only when nothing else is left.
            if active + planned == 0 {
                let mut held = redis::cmd("KEYS");
                held.arg(format!("{queue}:inflight*"));
                if held.query_async::<Vec<String>>(&mut redis).await?.is_empty() {
                    return Ok(());
                }
            }
            anyhow::ensure!(
                std::time::Instant::now() < deadline,
                "jobs are left in {queue}: {active} ready, {planned} planned, or some held by a worker"
            );
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Polls until a query's only value is `expected`, every 20 ms at first, then less often.
    ///
    /// # Errors
    /// When it still isn't after `patience`.
    pub async fn until<T>(&self, sql: &str, expected: T, patience: Duration) -> anyhow::Result<()>
    where
        T: tokio_postgres::types::FromSqlOwned + PartialEq + std::fmt::Debug,
    {
        let deadline = std::time::Instant::now() + patience;
        let mut pause = Duration::from_millis(20);
        loop {
            let found: Vec<T> = self.database.column(sql).await?;
            if found.first() == Some(&expected) {
                return Ok(());
            }
            if std::time::Instant::now() >= deadline {
                let sessions = self.database.sessions().await.unwrap_or_default();
                anyhow::bail!(
                    "after {patience:?} still {found:?} instead of {expected:?}: {sql}\n\
                     sessions:\n{sessions}"
                );
            }
            tokio::time::sleep(pause).await;
            // Polling must not slow down long work.
            pause = (pause * 5 / 4).min(Duration::from_millis(500));
        }
    }

    /// Polls until a count is `expected`, however long it takes, as long as it grows.
    ///
    /// # Errors
    /// When it has not grown for `patience`.
    pub async fn until_counted(
        &self,
        sql: &str,
        expected: i64,
        patience: Duration,
    ) -> anyhow::Result<()> {
        let mut last = (0, std::time::Instant::now());
        loop {
            let found: i64 = self.database.one(sql).await?;
            if found == expected {
                return Ok(());
            }
            if found > last.0 {
                last = (found, std::time::Instant::now());
            }
            if last.1.elapsed() >= patience {
                let sessions = self.database.sessions().await.unwrap_or_default();
                anyhow::bail!(
                    "for {patience:?} {found} of {expected}: {sql}\nsessions:\n{sessions}"
                );
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }
}

impl<Host> Drop for System<Host> {
    /// A failed test prints the last log lines of its programs. `kill -9` avoids the drain.
    fn drop(&mut self) {
        for program in self.ingests.iter_mut().chain(&mut self.workers) {
            if std::thread::panicking() {
                let process = &program.process;
                eprintln!(
                    "--- the last log lines of {}:\n{}",
                    process.name(),
                    process.log_tail(40)
                );
            }
            program.process.signal(rustix::process::Signal::KILL);
        }
    }
}
