//! One system for one point: its own database, queue prefix and simulator, with taps on each link. What is
//! killed is started again.

use std::{
    convert::Infallible,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use anyhow::Context;
use redis::{AsyncCommands, aio::MultiplexedConnection};

use super::{
    bukza_table,
    point::Point,
    protocol::Protocol,
    tap::{Tap, Watch},
};
use crate::{
    harness::{
        fleet::{Binaries, Database, Settings, Site, System},
        servers,
    },
    soak::quiescence,
};

/// Many fleets start at the same time.
const READY_WITHIN: Duration = Duration::from_secs(120);
/// A worker of apalis without a heartbeat for this long is gone. Production waits for a minute.
const SILENT_SECONDS: i64 = 13;

/// A message that is due for four seconds counts as overdue. Production waits for twenty, and so do reminders
/// here: one that is due before the announcement of its visit is superfluous.
const AGE_OVERDUE: &str = "UPDATE messages SET due_at = due_at - interval '20 seconds', \
    pushed_at = pushed_at - interval '20 seconds' WHERE status = 'scheduled' \
    AND chat_id IS NOT NULL AND kind <> 'reminder' AND not_before <= now() \
    AND pushed_at > now() - interval '20 seconds' \
    AND due_at BETWEEN now() - interval '20 seconds' AND now() - interval '4 seconds'";

/// The servers that all fleets share, and the programs.
#[derive(Debug, Clone)]
pub struct Ground {
    pub admin_url: String,
    pub redis_url: String,
    pub binaries: Binaries,
    pub logs: PathBuf,
}

/// A running system with its taps.
#[derive(Debug)]
pub struct Fleet {
    pub system: System<simulator::Running>,
    pub watch: Arc<Watch>,
    binaries: Binaries,
    /// For the operator's commands, which are no part of the story.
    untapped: Settings,
    ingest: Settings,
    worker: Settings,
    admin_url: String,
    /// Redis without a tap: what the harness reads is no part of the story.
    redis_url: String,
    _taps: Vec<Tap>,
}

impl Fleet {
    /// Starts one for this story that is to meet this fault.
    ///
    /// # Errors
    /// When a part doesn't start, with the end of its log.
    pub async fn start(
        ground: &Ground,
        name: &str,
        steps: &[&str],
        target: Option<Point>,
    ) -> anyhow::Result<Self> {
        let folder = ground.logs.join(name);
        std::fs::create_dir_all(&folder)?;
        let simulator = simulator::spawn().await?;
        let simulator_url = simulator.url();
        let site = Site {
            admin_url: ground.admin_url.clone(),
            redis_url: ground.redis_url.clone(),
            telegram_url: simulator_url.clone(),
            binaries: ground.binaries.clone(),
            folder,
        };
        let mut system = System::prepare(site, simulator).await?;
        system.settings.set("DATABASE_POOL", 5);
        system.settings.set("LOCALE", "ru");
        let mut worker = vec![
            ("worker-redis", "REDIS_URL", Protocol::Redis),
            ("worker-postgres", "DATABASE_URL", Protocol::Postgres),
            ("worker-telegram", "TELEGRAM_API_URL", Protocol::Http),
        ];
        let reads_table = bukza_table::is_read_in(steps);
        if reads_table {
            bukza_table::set(&mut system.settings, simulator_url);
            worker.push(("worker-bukza", "BUKZA_API_URL", Protocol::Http));
        }
        let watch = Arc::new(Watch::aiming_at(target));
        let mut taps = Vec::new();
        let mut tapped = |links: &[(&'static str, &str, Protocol)]| {
            let mut settings = system.settings.clone();
            for (link, name, protocol) in links {
                let url = settings.get(name).context("a server's URL is set")?;
                let (tap, url) = Tap::before(url, link, *protocol, &watch)?;
                settings.set(name, url);
                taps.push(tap);
            }
            anyhow::Ok(settings)
        };
        let ingest = tapped(&[
            ("ingest-redis", "REDIS_URL", Protocol::Redis),
            ("ingest-postgres", "DATABASE_URL", Protocol::Postgres),
        ])?;
        let worker = tapped(&worker)?;
        let untapped = system.settings.clone();
        let Ground { admin_url, redis_url, binaries, .. } = ground.clone();
        let mut fleet = Self {
            system,
            watch,
            binaries,
            untapped,
            ingest,
            worker,
            admin_url,
            redis_url,
            _taps: taps,
        };
        fleet.start_ingest()?;
        fleet.start_worker()?;
        let system = &mut fleet.system;
        for program in system.ingests.iter_mut().chain(&mut system.workers) {
            program.ready(&system.http, READY_WITHIN).await?;
        }
        let set = |call: &simulator::model::Call| call.method == "setWebhook" && call.status == 200;
        system.telegram.wait_for_call(0, set, READY_WITHIN).await?;
        if reads_table {
            bukza_table::first_round(&system.database).await?;
        }
        Ok(fleet)
    }

    /// A connection to Redis.
    ///
    /// # Errors
    /// When Redis doesn't answer.
    pub async fn redis(&self) -> anyhow::Result<MultiplexedConnection> {
        Ok(servers::connect_redis(&self.redis_url).await?)
    }

    fn start_ingest(&mut self) -> anyhow::Result<()> {
        self.system.settings = self.ingest.clone();
        let pid = self.system.start_ingest()?.process.id();
        self.watch.set_pid(false, pid);
        Ok(())
    }

    fn start_worker(&mut self) -> anyhow::Result<()> {
        self.system.settings = self.worker.clone();
        let pid = self.system.start_worker()?.process.id();
        self.watch.set_pid(true, pid);
        Ok(())
    }

    /// Starts again what has ended, and shortens the time after which work of the dead is taken over.
    ///
    /// # Errors
    /// When a server or a program fails.
    pub async fn keep_alive(&mut self) -> anyhow::Result<Infallible> {
        let mut redis = self.redis().await?;
        loop {
            if self.system.ingests.iter_mut().any(|it| it.process.ended().is_some()) {
                self.system.ingests.clear();
                self.start_ingest()?;
            }
            if self.system.workers.iter_mut().any(|it| it.process.ended().is_some()) {
                self.system.workers.clear();
                let lost = "UPDATE messages SET lease_until = now() WHERE status = 'sending'";
                self.system.database.execute(lost).await?;
                self.system.database.execute(bukza_table::LOST_ROUND).await?;
                self.age_workers(&mut redis, 0).await?;
                self.start_worker()?;
            }
            self.age_workers(&mut redis, SILENT_SECONDS).await?;
            self.system.database.execute(AGE_OVERDUE).await?;
            self.system.database.execute(bukza_table::AGE_ROUND).await?;
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
    }

    /// Makes workers of apalis that have been silent for so long look dead.
    async fn age_workers(
        &self,
        redis: &mut MultiplexedConnection,
        silent: i64,
    ) -> anyhow::Result<()> {
        let (now, _): (i64, i64) = redis::cmd("TIME").query_async(redis).await?;
        for queue in quiescence::QUEUES {
            let key = format!("{{{}:{queue}}}:workers", self.system.database.name);
            let gone: Vec<String> = redis.zrangebyscore(&key, 2, now - silent).await?;
            for worker in gone {
                redis::cmd("ZADD").arg(&key).arg("XX").arg(1).arg(worker).exec_async(redis).await?;
            }
        }
        Ok(())
    }

    /// Runs an operator's command. Returns what it printed.
    ///
    /// # Errors
    /// When it fails.
    pub async fn operate(&self, arguments: &[&str]) -> anyhow::Result<String> {
        self.binaries.operate(arguments, &self.untapped, &self.system.folder).await
    }

    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.system.folder
    }

    /// Ends it and drops its database.
    ///
    /// # Errors
    /// When PostgreSQL or Redis fails.
    pub async fn end(self) -> anyhow::Result<()> {
        let (name, admin_url) = (self.system.database.name.clone(), self.admin_url.clone());
        let mut redis = self.redis().await?;
        let keys: Vec<String> = redis.keys(format!("{{{name}:*")).await?;
        if !keys.is_empty() {
            redis.unlink::<_, ()>(keys).await?;
        }
        drop(self);
        let admin = Database::open("postgres", &admin_url).await?;
        admin.execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await.map(drop)
    }
}
