//! A private PostgreSQL. It refuses to run as root, so under root it runs as the package's account
//! `postgres` (the crate `pgtemp` would need sudo for that).

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::Context;
use rustix::process::Signal;
use tempfile::TempDir;

use super::password;
use crate::harness::{
    packages::program_path,
    ports,
    process::{self, Process, Start},
};

/// Name of the data folder (or of the link to it).
pub(super) const DATA: &str = "postgres";
const ACCOUNT: &str = "postgres";
const START_WITHIN: Duration = Duration::from_secs(60);

/// How durable writes to the servers are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// As in production: each commit and each Redis write is synced to the disk.
    Production,
    /// For tests: commits don't wait for the disk. Writes survive `kill -9`, and are lost only by a
    /// crash of the machine.
    ProcessCrash,
}

/// A running PostgreSQL.
#[derive(Debug)]
pub struct Postgres {
    process: Option<Process>,
    folder: PathBuf,
    port: u16,
    password: String,
    durability: Durability,
    /// The data's folder, if the server's account can't enter the project's folder.
    _elsewhere: Option<TempDir>,
}

impl Postgres {
    /// Creates and starts one in `folder`.
    ///
    /// # Errors
    /// When it isn't installed or doesn't start.
    pub async fn start(folder: &Path, durability: Durability) -> anyhow::Result<Self> {
        let elsewhere = make_data_folder(folder)?;
        let password = password();
        init(folder, &password)?;
        Self::launch(folder, password, durability, elsewhere).await
    }

    async fn launch(
        folder: &Path,
        password: String,
        durability: Durability,
        elsewhere: Option<TempDir>,
    ) -> anyhow::Result<Self> {
        let (folder, port) = (folder.to_owned(), ports::free()?.port());
        let mut server =
            Self { process: None, folder, port, password, durability, _elsewhere: elsewhere };
        server.resume().await?;
        Ok(server)
    }

    /// Makes and starts a streaming replica of this server in `folder`.
    ///
    /// # Errors
    /// When the copy fails or it doesn't start.
    pub async fn replica(&self, folder: &Path) -> anyhow::Result<Self> {
        let elsewhere = make_data_folder(folder)?;
        let data = fs::canonicalize(folder.join(DATA))?;
        // As initdb does: PostgreSQL does not start in a folder that others can read.
        fs::set_permissions(&data, fs::Permissions::from_mode(0o700))?;
        process::run(
            account(),
            Path::new("/"),
            &program_path("pg_basebackup")?,
            &[
                "--pgdata",
                &data.to_string_lossy(),
                "--dbname",
                &self.url("postgres"),
                "--checkpoint",
                "fast",
                "--no-sync",
                // Makes it a replica of this server.
                "--write-recovery-conf",
            ],
        )?;
        Self::launch(folder, self.password.clone(), self.durability, elsewhere).await
    }

    /// Starts it again on the same port with the same data.
    ///
    /// # Errors
    /// When it doesn't become ready.
    pub async fn resume(&mut self) -> anyhow::Result<()> {
        let data = fs::canonicalize(self.folder.join(DATA))?;
        let mut settings = vec![
            "listen_addresses=127.0.0.1".to_owned(),
            format!("port={}", self.port),
            // No socket file: both accounts would have to enter its folder.
            "unix_socket_directories=".to_owned(),
            "max_connections=800".to_owned(),
            "shared_buffers=256MB".to_owned(),
        ];
        if self.durability == Durability::ProcessCrash {
            settings.extend(["fsync=off".to_owned(), "full_page_writes=off".to_owned()]);
        }
        let mut arguments = vec!["-D".to_owned(), data.to_string_lossy().into_owned()];
        arguments.extend(settings.into_iter().flat_map(|setting| ["-c".to_owned(), setting]));
        let process = self.process.insert(Process::start(Start {
            name: "postgres-server",
            program: program_path("postgres")?,
            arguments,
            environment: vec![("LC_ALL".into(), "C.UTF-8".into())],
            folder: &self.folder,
            account: account(),
            // Fast shutdown: connections are terminated, the data is left clean.
            stop_signal: Signal::INT,
        })?);
        let (folder, program) = (&self.folder, program_path("pg_isready")?);
        let port = self.port.to_string();
        let arguments = ["-q", "-h", "127.0.0.1", "-p", &port];
        let answers = async || process::run(None, folder, &program, &arguments).is_ok();
        process.until_ready(START_WITHIN, answers).await
    }

    /// The superuser's URL of one of its databases.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("postgres://postgres:{}@127.0.0.1:{}/{database}", self.password, self.port)
    }

    #[must_use]
    pub fn port(&self) -> u16 {
        self.port
    }

    /// `kill -9` of the whole server.
    ///
    /// # Errors
    /// When it can't be killed.
    pub async fn kill(&mut self) -> anyhow::Result<()> {
        match self.process.take() {
            Some(mut process) => process.kill().await,
            None => Ok(()),
        }
    }

    /// Stops it gracefully, terminating its connections.
    ///
    /// # Errors
    /// When it doesn't stop.
    pub async fn stop(&mut self) -> anyhow::Result<()> {
        match self.process.take() {
            Some(mut process) => process.stop(Duration::from_secs(30)).await.map(drop),
            None => Ok(()),
        }
    }
}

/// The account PostgreSQL runs as under root.
fn account() -> Option<&'static str> {
    rustix::process::geteuid().is_root().then_some(ACCOUNT)
}

/// Creates `folder/postgres`, owned by the server's account, or a link to a temporary folder when
/// that account can't enter `folder` (as in a closed home).
fn make_data_folder(folder: &Path) -> anyhow::Result<Option<TempDir>> {
    let data = folder.join(DATA);
    let Some(account) = account() else {
        fs::create_dir(&data)?;
        return Ok(None);
    };
    fs::create_dir(&data)?;
    own(&data)?;
    if process::run(
        Some(account),
        Path::new("/"),
        &program_path("test")?,
        &["-w", &data.to_string_lossy()],
    )
    .is_ok()
    {
        return Ok(None);
    }
    fs::remove_dir(&data)?;
    let elsewhere = tempfile::Builder::new().prefix("bukza-bridge-postgres-").tempdir()?;
    own(elsewhere.path())?;
    std::os::unix::fs::symlink(elsewhere.path(), &data)?;
    Ok(Some(elsewhere))
}

fn own(path: &Path) -> anyhow::Result<()> {
    let accounts = fs::read_to_string("/etc/passwd")?;
    let ids = accounts.lines().find_map(|line| {
        let fields: Vec<&str> = line.split(':').collect();
        (fields.first() == Some(&ACCOUNT))
            .then(|| Some((fields.get(2)?.parse().ok()?, fields.get(3)?.parse().ok()?)))?
    });
    let (user, group) = ids.context("no account `postgres`: is its package installed whole?")?;
    std::os::unix::fs::chown(path, Some(user), Some(group))?;
    Ok(())
}

fn init(folder: &Path, password: &str) -> anyhow::Result<()> {
    let data = fs::canonicalize(folder.join(DATA))?;
    // A short-lived file of the server's account: initdb needs an empty data folder, and elsewhere
    // the file would have to be readable across accounts.
    let file = tempfile::Builder::new().prefix("bukza-bridge-pw-").tempfile()?;
    fs::write(file.path(), password)?;
    if account().is_some() {
        own(file.path())?;
    }
    let data = data.to_string_lossy();
    let pwfile = file.path().to_string_lossy();
    process::run(
        account(),
        Path::new("/"),
        &program_path("initdb")?,
        &[
            "-D",
            &data,
            "-U",
            "postgres",
            "-A",
            "password",
            "--pwfile",
            &pwfile,
            "-E",
            "UTF8",
            "--locale",
            "C.UTF-8",
            "--no-sync",
            "--no-instructions",
        ],
    )
}
