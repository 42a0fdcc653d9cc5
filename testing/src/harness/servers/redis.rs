//! A private Redis with the settings the shipped one has: an append-only file, no eviction.
//! It can be killed, stopped and started again with its data, as the fault tests do.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context;
use redis::{AsyncConnectionConfig, aio::MultiplexedConnection};
use rustix::process::Signal;

use super::password;
use crate::harness::{
    packages::program_path,
    ports,
    process::{Process, Start},
};

const DATA: &str = "redis";
const START_WITHIN: Duration = Duration::from_secs(30);
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(10);

/// A connection with the programs' response time-out. A slow disk sometimes takes longer to sync
/// than redis's default of half a second.
///
/// # Errors
/// When Redis doesn't answer.
pub async fn connect(url: &str) -> redis::RedisResult<MultiplexedConnection> {
    let patient = AsyncConnectionConfig::new().set_response_timeout(Some(RESPONSE_TIMEOUT));
    redis::Client::open(url)?.get_multiplexed_async_connection_with_config(&patient).await
}

/// A number that Redis reports about itself.
///
/// # Errors
/// When Redis doesn't answer, or reports no such number.
pub async fn info(redis: &mut MultiplexedConnection, name: &str) -> anyhow::Result<u64> {
    let all: String = redis::cmd("INFO").query_async(redis).await?;
    let value = all.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    value.and_then(|value| value.trim().parse().ok()).with_context(|| format!("no {name} in INFO"))
}

/// When Redis syncs its log to the disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fsync {
    /// Before it responds: an accepted event survives a crash of the machine.
    Always,
    /// Once a second.
    EverySecond,
}

/// A running Redis.
#[derive(Debug)]
pub struct Redis {
    process: Option<Process>,
    folder: PathBuf,
    port: u16,
    password: String,
}

impl Redis {
    /// Starts an empty one in `folder`.
    ///
    /// # Errors
    /// When it isn't installed or doesn't start.
    pub async fn start(folder: &Path, fsync: Fsync) -> anyhow::Result<Self> {
        let data = folder.join(DATA);
        fs::create_dir(&data)?;
        let port = ports::free()?.port();
        let password = password();
        let fsync = match fsync {
            Fsync::Always => "always",
            Fsync::EverySecond => "everysec",
        };
        // In a file: other users of the machine can see the command line.
        let settings = format!(
            "bind 127.0.0.1\nport {port}\nrequirepass {password}\ndir \"{}\"\nsave \"\"\n\
             appendonly yes\nappendfsync {fsync}\nmaxmemory-policy noeviction\n",
            data.display()
        );
        fs::write(data.join("redis.conf"), settings)?;
        let mut redis = Self { process: None, folder: folder.to_owned(), port, password };
        redis.resume().await?;
        Ok(redis)
    }

    /// Starts it again on the same port with the same data.
    ///
    /// # Errors
    /// When it doesn't become ready.
    pub async fn resume(&mut self) -> anyhow::Result<()> {
        let settings = self.folder.join(DATA).join("redis.conf");
        let mut process = Process::start(Start {
            name: "redis-server",
            program: program_path("redis-server")?,
            arguments: vec![settings.to_string_lossy().into_owned()],
            environment: Vec::new(),
            folder: &self.folder,
            account: None,
            stop_signal: Signal::TERM,
        })?;
        process.until_ready(START_WITHIN, async || self.ping().await.is_ok()).await?;
        self.process = Some(process);
        Ok(())
    }

    /// Restarts it with more lines in its configuration.
    ///
    /// # Errors
    /// When it doesn't become ready with them.
    pub async fn add_settings(&mut self, lines: &str) -> anyhow::Result<()> {
        let path = self.folder.join(DATA).join("redis.conf");
        let settings = fs::read_to_string(&path)? + lines;
        fs::write(path, settings)?;
        self.kill().await?;
        self.resume().await
    }

    async fn ping(&self) -> redis::RedisResult<()> {
        let mut connection = self.connect().await?;
        redis::cmd("PING").query_async(&mut connection).await
    }

    /// A connection to it.
    ///
    /// # Errors
    /// When it doesn't answer.
    pub async fn connect(&self) -> redis::RedisResult<MultiplexedConnection> {
        connect(&self.url()).await
    }

    #[must_use]
    pub fn url(&self) -> String {
        format!("redis://:{}@127.0.0.1:{}", self.password, self.port)
    }

    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// `kill -9`.
    ///
    /// # Errors
    /// When it can't be killed.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        match self.process.take() {
            Some(mut process) => process.kill().await,
            None => Ok(()),
        }
    }

    /// Suspends it (SIGSTOP), like a hanging machine.
    pub fn pause(&mut self) {
        if let Some(process) = &mut self.process {
            process.signal(Signal::STOP);
        }
    }

    /// Continues it after [`Self::pause`].
    pub fn unpause(&mut self) {
        if let Some(process) = &mut self.process {
            process.signal(Signal::CONT);
        }
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        // A suspended process would not handle its stop signal.
        self.unpause();
    }
}
