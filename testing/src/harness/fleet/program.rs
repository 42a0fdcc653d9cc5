//! One running program of the project: started with its settings, awaited until ready, stopped by
//! SIGTERM or `kill -9`.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    process::ExitStatus,
    time::{Duration, Instant},
};

use anyhow::{Context, bail, ensure};
use rustix::process::Signal;

use super::settings::Settings;
use crate::harness::{
    ports,
    process::{Process, Start},
};

/// Longest drain of a program, and some slack.
const STOP_WITHIN: Duration = Duration::from_secs(30);

/// The folder with the compiled programs.
#[derive(Debug, Clone)]
pub struct Binaries(PathBuf);

impl Binaries {
    #[must_use]
    pub fn in_folder(folder: PathBuf) -> Self {
        Self(folder)
    }

    fn start(
        &self,
        program: &str,
        name: &str,
        arguments: Vec<String>,
        settings: &Settings,
        folder: &Path,
    ) -> anyhow::Result<Process> {
        Process::start(Start {
            name,
            program: self.0.join(program),
            arguments,
            environment: settings.to_vec(),
            folder,
            account: None,
            stop_signal: Signal::TERM,
        })
    }

    /// Runs `migrate` to its end.
    ///
    /// # Errors
    /// When it fails.
    pub async fn migrate(&self, settings: &Settings, folder: &Path) -> anyhow::Result<()> {
        let mut process = self.start_migrate("migrate", &[], settings, folder)?;
        let status = process.wait(Duration::from_secs(60)).await?;
        ensure!(status.success(), "migrate failed:\n{}", process.log_tail(20));
        Ok(())
    }

    /// Starts `migrate`, which ends by itself.
    ///
    /// # Errors
    /// When the program is missing.
    pub fn start_migrate(
        &self,
        name: &str,
        arguments: &[&str],
        settings: &Settings,
        folder: &Path,
    ) -> anyhow::Result<Process> {
        let arguments = arguments.iter().map(|&argument| argument.to_owned()).collect();
        self.start("migrate", name, arguments, settings, folder)
    }

    /// Starts an ingest that listens at `address`.
    ///
    /// # Errors
    /// When the program is missing.
    pub fn ingest(
        &self,
        name: &str,
        address: SocketAddr,
        settings: &Settings,
        folder: &Path,
    ) -> anyhow::Result<Program> {
        let operations = ports::free()?;
        let settings = settings.with([("LISTEN_ADDR", address), ("METRICS_ADDR", operations)]);
        let process = self.start("ingest", name, Vec::new(), &settings, folder)?;
        Ok(Program { process, address, operations })
    }

    /// Starts a worker.
    ///
    /// # Errors
    /// When the program is missing.
    pub fn worker(
        &self,
        name: &str,
        settings: &Settings,
        folder: &Path,
    ) -> anyhow::Result<Program> {
        let operations = ports::free()?;
        let settings = settings.with([("METRICS_ADDR", operations)]);
        let process = self.start("worker", name, Vec::new(), &settings, folder)?;
        Ok(Program { process, address: operations, operations })
    }

    /// Runs one of the worker's operator commands and returns what it printed.
    ///
    /// # Errors
    /// When it fails; its output is part of the error.
    pub async fn operate(
        &self,
        arguments: &[&str],
        settings: &Settings,
        folder: &Path,
    ) -> anyhow::Result<String> {
        let output = tokio::process::Command::new(self.0.join("worker"))
            .args(arguments)
            .env_clear()
            .envs(settings.to_vec())
            .current_dir(folder)
            .output()
            .await?;
        let printed = String::from_utf8_lossy(&output.stdout).into_owned();
        ensure!(
            output.status.success(),
            "worker {arguments:?} failed: {printed}{}",
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(printed)
    }

    /// Starts a simulator and waits until it answers.
    ///
    /// # Errors
    /// When it doesn't.
    pub async fn simulator(&self, folder: &Path) -> anyhow::Result<(Process, simulator::Client)> {
        let address = ports::free()?;
        let arguments = vec!["--listen".to_owned(), address.to_string()];
        let mut process =
            self.start("simulator", "simulator", arguments, &Settings::default(), folder)?;
        let client = simulator::Client::new(&format!("http://{address}"));
        let answers = async || client.stats().await.is_ok();
        process.until_ready(Duration::from_secs(10), answers).await?;
        Ok((process, client))
    }
}

/// A running ingest or worker.
#[derive(Debug)]
pub struct Program {
    pub process: Process,
    address: SocketAddr,
    operations: SocketAddr,
}

impl Program {
    /// Base URL of what it serves: the webhooks of an ingest.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Where it serves: an ingest's webhooks.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Base URL of its /metrics, /healthz and /readyz.
    #[must_use]
    pub fn operations_url(&self) -> String {
        format!("http://{}", self.operations)
    }

    /// Whether it is ready, with the text of /readyz; `None` when it doesn't answer.
    pub async fn readiness(&self, http: &reqwest::Client) -> Option<(bool, String)> {
        let url = format!("{}/readyz", self.operations_url());
        let response = http.get(url).timeout(Duration::from_secs(5)).send().await.ok()?;
        let ready = response.status().is_success();
        Some((ready, response.text().await.ok()?))
    }

    /// Waits until /readyz answers 200; returns how long it took.
    ///
    /// # Errors
    /// When the process ends, or after `patience`; with the end of its log.
    pub async fn ready(
        &mut self,
        http: &reqwest::Client,
        patience: Duration,
    ) -> anyhow::Result<Duration> {
        let started = Instant::now();
        let mut last = None;
        loop {
            match self.readiness(http).await {
                Some((true, _)) => return Ok(started.elapsed()),
                other => last = other.or(last),
            }
            let ended = self.process.ended();
            if ended.is_some() || started.elapsed() > patience {
                let output = last.map(|(_, text)| text).unwrap_or_default();
                bail!(
                    "{} is not ready (ended: {ended:?}; /readyz: {output}); its log:\n{}",
                    self.process.name(),
                    self.process.log_tail(20)
                );
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// The value of a metric: the sum over its label sets that contain `labels`.
    ///
    /// # Errors
    /// When /metrics doesn't answer.
    pub async fn metric(
        &self,
        http: &reqwest::Client,
        name: &str,
        labels: &str,
    ) -> anyhow::Result<f64> {
        let url = format!("{}/metrics", self.operations_url());
        let text = http.get(url).send().await?.text().await?;
        Ok(text
            .lines()
            .filter(|line| {
                let rest = line.strip_prefix(name);
                rest.is_some_and(|rest| rest.starts_with([' ', '{'])) && line.contains(labels)
            })
            .filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok())
            .sum())
    }

    /// SIGTERM, and its exit status.
    ///
    /// # Errors
    /// When it still runs long after the longest drain.
    pub async fn stop(mut self) -> anyhow::Result<ExitStatus> {
        self.process.stop(STOP_WITHIN).await.context("a program did not stop")
    }

    /// `kill -9`.
    ///
    /// # Errors
    /// When it can't be killed.
    pub async fn kill(mut self) -> anyhow::Result<()> {
        self.process.kill().await
    }
}
