//! Webhooks a second: ingest under 64 keep-alive connections, and the ceiling under the same load on
//! the same Redis.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use anyhow::Context;
use rustix::process::Signal;

use super::{
    ground::Ground,
    load::{self, Until},
    table::{Table, Target},
};
use crate::{
    ports,
    process::{Process, Start},
};

const CONNECTIONS: usize = 64;
const WARM_UP: Duration = Duration::from_secs(2);
const MEASURED: Duration = Duration::from_secs(10);

pub(super) async fn run(ground: &Ground, table: &mut Table) -> anyhow::Result<()> {
    let mut system = ground.system().await?;
    system.launch(1, 0).await?;
    let address = address_of(&system.ingest_url())?;
    load::run(address, CONNECTIONS, Until::Elapsed(WARM_UP)).await?;
    let ingest = load::run(address, CONNECTIONS, Until::Elapsed(MEASURED)).await?;
    let memory = system.ingests[0].process.peak_memory().context("ingest has ended")?;
    let mut redis = system.redis().await?;
    redis::cmd("FLUSHALL").query_async::<()>(&mut redis).await?;
    drop(system);

    let name = format!("ingest: webhooks at {CONNECTIONS} connections");
    table.add(name, ingest.per_second, "/s", Target::AtLeast(8_000.0));
    table.add("ingest: p50", ingest.p50, "ms", Target::Open);
    table.add("ingest: p99", ingest.p99, "ms", Target::AtMost(25.0));
    table.add("ingest: peak RSS", memory as f64 / 1e6, "MB", Target::AtMost(40.0));

    let (_ceiling, address) = start_ceiling(ground).await?;
    load::run(address, CONNECTIONS, Until::Elapsed(WARM_UP)).await?;
    let ceiling = load::run(address, CONNECTIONS, Until::Elapsed(MEASURED)).await?;

    table.add("ceiling: a bare handler with one EVALSHA", ceiling.per_second, "/s", Target::Open);
    let ratio = ingest.per_second / ceiling.per_second;
    table.add("ingest: part of the ceiling", ratio, "", Target::AtLeast(0.7));
    Ok(())
}

pub(super) fn address_of(url: &str) -> anyhow::Result<SocketAddr> {
    Ok(url.strip_prefix("http://").context("a plain URL")?.parse()?)
}

async fn start_ceiling(ground: &Ground) -> anyhow::Result<(Process, SocketAddr)> {
    let address = ports::free()?;
    let process = Process::start(Start {
        name: "ceiling",
        program: std::env::current_exe()?,
        arguments: vec!["serve-ceiling".into(), address.to_string()],
        environment: vec![("REDIS_URL".into(), ground.servers.redis.url())],
        folder: &ground.folder,
        account: None,
        stop_signal: Signal::KILL,
    })?;
    let started = Instant::now();
    while tokio::net::TcpStream::connect(address).await.is_err() {
        anyhow::ensure!(started.elapsed() < Duration::from_secs(10), "{}", process.log_tail(10));
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok((process, address))
}
