//! The shipped monitoring on a real Prometheus that scrapes the real programs. Every rule and panel
//! must query existing metrics. The dashboard is checked by its form, without Grafana.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use crate::common::{
    Booking, Options, Outcome, World, expect_message, in_seconds, person, phrases, register,
};
use crate::deploy::{script, succeeds};
use anyhow::Context;
use rustix::process::Signal;
use serde_json::Value;
use simulator::model::{Fault, FaultKind};
use testing::harness::{
    packages::program_path,
    ports,
    process::{Process, Start},
    project::Project,
};
use tokio::process::Command;

/// Debug builds, a busy machine, and the workers' measurements every ten seconds.
const PATIENCE: Duration = Duration::from_secs(60);
/// Empty where node_exporter ignores the only disk (a container's overlay).
const DEPENDS_ON_THE_MACHINE: [&str; 1] = ["Disk left"];

fn deploy(path: &str) -> anyhow::Result<PathBuf> {
    Ok(Project::find()?.root().join("deploy").join(path))
}

fn dashboard() -> anyhow::Result<Value> {
    let text = std::fs::read_to_string(deploy("grafana/dashboards/bukza-bridge.json")?)?;
    Ok(serde_json::from_str(&text)?)
}

/// The panels, without headings.
fn panels(dashboard: &Value) -> Vec<&Value> {
    let panels = dashboard["panels"].as_array().expect("panels").iter();
    panels.filter(|panel| panel["type"] != "row").collect()
}

fn title(panel: &Value) -> &str {
    panel["title"].as_str().expect("a title")
}

fn queries(panel: &Value) -> Vec<&str> {
    let targets = panel["targets"].as_array().expect("targets").iter();
    targets.map(|target| target["expr"].as_str().expect("an expression")).collect()
}

/// A running server and where it listens.
struct Server {
    url: String,
    process: Process,
}

impl Server {
    fn start(
        program: &str,
        folder: &Path,
        arguments: impl FnOnce(&str) -> Vec<String>,
    ) -> anyhow::Result<Self> {
        let address = ports::free()?.to_string();
        let process = Process::start(Start {
            name: program,
            program: program_path(program)?,
            arguments: arguments(&address),
            environment: Vec::new(),
            folder,
            account: None,
            stop_signal: Signal::TERM,
        })?;
        Ok(Self { url: format!("http://{address}"), process })
    }

    /// node_exporter as docker-compose.yml starts it.
    fn node_exporter(folder: &Path, textfiles: &Path) -> anyhow::Result<Self> {
        Self::start("prometheus-node-exporter", folder, |address| {
            vec![
                "--collector.disable-defaults".into(),
                "--collector.filesystem".into(),
                "--collector.textfile".into(),
                format!("--collector.textfile.directory={}", textfiles.display()),
                format!("--web.listen-address={address}"),
            ]
        })
    }

    /// Prometheus with the shipped configuration. Only addresses and intervals change.
    fn prometheus(folder: &Path, targets: &[(&str, &str)]) -> anyhow::Result<Self> {
        let shipped = std::fs::read_to_string(deploy("prometheus/prometheus.yml")?)?;
        let mut config = shipped
            .replace("_interval: 15s", "_interval: 1s")
            .replace("/etc/prometheus", &deploy("prometheus")?.display().to_string());
        for (shipped, here) in targets {
            let changed = [
                format!("dns_sd_configs: [{{ names: [{shipped}]"),
                format!("targets: [\"{shipped}:"),
            ];
            let line =
                config.lines().rfind(|line| changed.iter().any(|words| line.contains(words)));
            let line = line.with_context(|| format!("{shipped} is not scraped"))?.to_owned();
            let here = here.trim_start_matches("http://");
            let there = format!("    static_configs: [{{ targets: [\"{here}\"] }}]");
            config = config.replace(&line, &there);
        }
        std::fs::write(folder.join("prometheus.yml"), config)?;
        Self::start("prometheus", folder, |address| {
            vec![
                "--config.file=prometheus.yml".into(),
                "--storage.tsdb.path=prometheus-data".into(),
                format!("--web.listen-address={address}"),
            ]
        })
    }

    async fn api(&self, http: &reqwest::Client, path: &str, query: &str) -> anyhow::Result<Value> {
        let url = format!("{}/api/v1/{path}", self.url);
        let answer: Value = http.get(url).query(&[("query", query)]).send().await?.json().await?;
        anyhow::ensure!(answer["status"] == "success", "{query}: {answer}");
        Ok(answer["data"].clone())
    }

    /// Waits until `done` returns nothing left.
    async fn until(&mut self, mut done: impl AsyncFnMut(&Self) -> anyhow::Result<()>) -> Outcome {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let Err(error) = done(self).await else { return Ok(()) };
            if Instant::now() > deadline || self.process.ended().is_some() {
                return Err(error.context(self.process.log_tail(5)));
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

/// Causes the events of a venue's week within seconds.
async fn live(world: &World) -> Outcome {
    let (client, blocker) = (person(1), person(2));
    register(world, &client).await?;
    register(world, &blocker).await?;
    world.telegram.script(&Fault::sending(FaultKind::Forbidden, 1).in_chat(blocker.chat)).await?;
    world.accept(&Booking::at("MONITOR2", &blocker.phone, in_seconds(7200)).created()).await?;
    let mut booking = Booking::at("MONITOR1", &client.phone, in_seconds(14));
    booking.end = in_seconds(15);
    world.accept(&booking.created()).await?;
    expect_message(world, &client, phrases::REMINDER).await?;
    let request = expect_message(world, &client, phrases::FEEDBACK).await?;
    let five = request.button(|button| button.text.contains('5')).and_then(|b| b.data.clone());
    world.telegram.press(client.chat, Some(request.message_id), &five.expect("a button")).await?;
    expect_message(world, &client, phrases::THANKS_FIVE).await.map(drop)
}

async fn back_up(world: &World, metrics: &Path) -> Outcome {
    let output = Command::new(deploy("backup")?)
        .arg(world.folder.join("backups"))
        .env("DATABASE_URL", &world.database.url)
        .env("METRICS", metrics)
        .env("BACKUP_PLAIN", "1")
        .current_dir(&world.folder)
        .output()
        .await?;
    anyhow::ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

#[tokio::test]
async fn rules_and_panels_query_existing_metrics() -> Outcome {
    let options = Options::default().set("REMINDER_BEFORE", "5s").set("FEEDBACK_AFTER", "0s");
    let world = World::start(options).await?;
    let textfiles = world.folder.join("textfiles");
    let node = Server::node_exporter(&world.folder, &textfiles)?;
    let targets = [
        ("ingest", world.ingests[0].operations_url()),
        ("worker", world.workers[0].operations_url()),
        ("node-exporter", node.url.clone()),
    ];
    let targets = targets.each_ref().map(|(name, url)| (*name, url.as_str()));
    let mut prometheus = Server::prometheus(&world.folder, &targets)?;
    live(&world).await?;
    back_up(&world, &textfiles.join("backup.prom")).await?;

    let http = &world.http;
    let dashboard = dashboard()?;
    for panel in panels(&dashboard) {
        for query in queries(panel) {
            let query = query.replace("$__rate_interval", "1m");
            let shown = async |prometheus: &Server| {
                let data = prometheus.api(http, "query", &query).await?;
                let series = data["result"].as_array().map_or(0, Vec::len);
                let may_be_empty = DEPENDS_ON_THE_MACHINE.contains(&title(panel));
                anyhow::ensure!(series > 0 || may_be_empty, "{}: nothing: {query}", title(panel));
                Ok(())
            };
            prometheus.until(shown).await?;
        }
    }

    let shipped = std::fs::read_to_string(deploy("prometheus/alerts.yml")?)?;
    let shipped = shipped.matches("- alert: ").count();
    let evaluated = async |prometheus: &Server| {
        let data = prometheus.api(http, "rules", "").await?;
        let rules = data["groups"][0]["rules"].as_array().context("rules")?;
        anyhow::ensure!(rules.len() == shipped, "{} of {shipped} rules", rules.len());
        for rule in rules {
            anyhow::ensure!(rule["health"] == "ok", "{rule}");
        }
        Ok(())
    };
    prometheus.until(evaluated).await?;

    // The worker's check of the webhook at Telegram succeeded.
    let registered = "max(bukza_bridge_telegram_webhook_registered)";
    let data = prometheus.api(http, "query", registered).await?;
    assert_eq!(data["result"][0]["value"][1], "1", "{data}");
    Ok(())
}

#[tokio::test]
async fn metrics_from_postgresql_are_reported_while_redis_is_away() -> Outcome {
    let mut world = World::start(Options::default().own_servers().ingests(0)).await?;
    measured_after(&world, "redis", 0.0).await?;
    world.host.redis()?.kill().await?;
    let redis = measured_after(&world, "redis", 0.0).await?;
    let postgres = measured_after(&world, "postgres", 0.0).await?;
    // Measured twice, so that a measurement in flight does not count.
    let postgres = measured_after(&world, "postgres", postgres).await?;
    measured_after(&world, "postgres", postgres).await?;
    assert_eq!(measured_after(&world, "redis", 0.0).await?, redis, "its age is reported");
    Ok(())
}

/// Waits for a measurement of `source` after `before`; returns its time.
async fn measured_after(world: &World, place: &str, before: f64) -> anyhow::Result<f64> {
    let name = "bukza_bridge_last_measured_timestamp_seconds";
    let label = format!("place=\"{place}\"");
    let deadline = Instant::now() + PATIENCE;
    loop {
        let at = world.workers[0].metric(&world.http, name, &label).await?;
        if at > before {
            return Ok(at);
        }
        anyhow::ensure!(Instant::now() < deadline, "{place} is not measured any more");
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

#[tokio::test]
async fn each_alert_fires_only_when_it_should() -> Outcome {
    succeeds(script("prometheus.sh")?).await
}

#[tokio::test]
async fn alerts_arrive_without_a_secret_in_the_log_or_the_heartbeat_stops() -> Outcome {
    succeeds(script("alertmanager.sh")?).await
}

#[tokio::test]
async fn the_port_of_https_and_the_certificate_are_watched() -> Outcome {
    succeeds(script("probe.sh")?).await
}

#[test]
fn the_dashboard_is_laid_out_and_reads_the_provisioned_source() -> Outcome {
    let dashboard = dashboard()?;
    let source =
        std::fs::read_to_string(deploy("grafana/provisioning/datasources/prometheus.yml")?)?;
    let mut taken = HashSet::new();
    let (mut ids, mut titles) = (HashSet::new(), HashSet::new());
    for panel in dashboard["panels"].as_array().context("panels")? {
        let name = title(panel);
        assert!(ids.insert(panel["id"].as_u64().context("an id")?), "{name}: its id is taken");
        let side = |side: &str| panel["gridPos"][side].as_u64().context("a place");
        let (x, y, w, h) = (side("x")?, side("y")?, side("w")?, side("h")?);
        assert!(w > 0 && h > 0 && x + w <= 24, "{name} stands out");
        for cell in (x..x + w).flat_map(|x| (y..y + h).map(move |y| (x, y))) {
            assert!(taken.insert(cell), "{name} covers another");
        }
    }
    for panel in panels(&dashboard) {
        assert!(titles.insert(title(panel)), "{} is there twice", title(panel));
        assert!(["stat", "timeseries"].contains(&panel["type"].as_str().context("a type")?));
        let mut sources = vec![&panel["datasource"]];
        sources.extend(
            panel["targets"].as_array().context("targets")?.iter().map(|t| &t["datasource"]),
        );
        for reference in sources {
            assert_eq!(reference["type"], "prometheus");
            let uid = reference["uid"].as_str().context("a uid")?;
            assert!(source.contains(&format!("uid: {uid}\n")), "{uid} is not provisioned");
        }
    }
    assert!(titles.len() > 30, "{titles:?}");
    Ok(())
}
