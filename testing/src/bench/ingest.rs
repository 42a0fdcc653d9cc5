//! Webhooks a second: ingest and the ceiling in turn, under 64 keep-alive connections on the same
//! Redis.

use std::{net::SocketAddr, time::Duration};

use anyhow::Context;
use redis::aio::MultiplexedConnection;
use rustix::process::Signal;

use super::{
    load::{self, Until},
    table::{Table, Target, percentile},
    test_bed::TestBed,
};
use crate::harness::{
    ports,
    process::{Process, Start},
};

const CONNECTIONS: usize = 64;
const WARM_UP: Duration = Duration::from_secs(2);
/// Each round measures both, and the median counts, because the machine's speed drifts.
const ROUNDS: usize = 7;
const MEASURED: Duration = Duration::from_secs(4);

pub(super) async fn run(test_bed: &TestBed, table: &mut Table) -> anyhow::Result<()> {
    let mut system = test_bed.system().await?;
    system.launch(1, 0).await?;
    let (_ceiling, bare) = start_ceiling(test_bed).await?;
    let address = system.ingest_address;
    let mut redis = system.redis().await?;
    rewrite_log_at(&mut redis, 0).await?;
    for warmed in [address, bare] {
        load::run(warmed, CONNECTIONS, Until::Elapsed(WARM_UP)).await?;
    }
    let (mut ingests, mut ceilings, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let mut reports = Vec::new();
        for measured in [address, bare] {
            redis::cmd("FLUSHALL").query_async::<()>(&mut redis).await?;
            reports.push(load::run(measured, CONNECTIONS, Until::Elapsed(MEASURED)).await?);
        }
        let [ingest, ceiling] = reports.try_into().ok().context("two were measured")?;
        ratios.push(ingest.per_second / ceiling.per_second);
        ingests.push(ingest);
        ceilings.push(ceiling);
    }
    rewrite_log_at(&mut redis, 100).await?;
    let memory = system.ingests[0].process.peak_memory().context("ingest has ended")?;
    let name = format!("ingest: webhooks at {CONNECTIONS} connections");
    table.add(name, median(&ingests, |it| it.per_second), "/s", Target::AtLeast(8_000.0));
    table.add("ingest: p50", median(&ingests, |it| it.p50), "ms", Target::Open);
    table.add("ingest: p99", median(&ingests, |it| it.p99), "ms", Target::AtMost(25.0));
    table.add("ingest: peak RSS", memory as f64 / 1e6, "MB", Target::AtMost(40.0));
    let ceiling = median(&ceilings, |it| it.per_second);
    table.add("ceiling: a bare handler with one EVALSHA", ceiling, "/s", Target::Open);
    let ratio = median(&ratios, |ratio| *ratio);
    table.add("ingest: part of the ceiling", ratio, "", Target::AtLeast(0.7));
    Ok(())
}

/// Sets the growth in percent at which Redis rewrites its log; 0: never. A rewrite takes a
/// processor for seconds and would distort the comparison.
async fn rewrite_log_at(redis: &mut MultiplexedConnection, percent: u32) -> anyhow::Result<()> {
    let mut set = redis::cmd("CONFIG");
    set.arg("SET").arg("auto-aof-rewrite-percentage").arg(percent);
    Ok(set.exec_async(redis).await?)
}

fn median<T>(measured: &[T], figure: impl Fn(&T) -> f64) -> f64 {
    let mut figures: Vec<f64> = measured.iter().map(figure).collect();
    figures.sort_by(f64::total_cmp);
    percentile(&figures, 50.0)
}

async fn start_ceiling(test_bed: &TestBed) -> anyhow::Result<(Process, SocketAddr)> {
    let address = ports::free()?;
    let mut process = Process::start(Start {
        name: "ceiling",
        program: std::env::current_exe()?,
        arguments: vec!["serve-ceiling".into(), address.to_string()],
        environment: vec![("REDIS_URL".into(), test_bed.servers.redis.url())],
        folder: &test_bed.folder,
        account: None,
        stop_signal: Signal::KILL,
    })?;
    let listens = async || tokio::net::TcpStream::connect(address).await.is_ok();
    process.until_ready(Duration::from_secs(10), listens).await?;
    Ok((process, address))
}
