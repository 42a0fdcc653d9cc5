//! Time from the start of a program to its /readyz, as the median of a few starts.

use std::time::{Duration, Instant};

use super::{
    table::{Table, Target, percentile},
    test_bed::TestBed,
};

const STARTS: usize = 7;
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) async fn run(test_bed: &TestBed, table: &mut Table) -> anyhow::Result<()> {
    let mut system = test_bed.system().await?;
    let http = system.http.clone();
    let (mut ingests, mut workers) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let started = Instant::now();
        system.start_ingest()?.ready(&http, PATIENCE).await?;
        ingests.push(started.elapsed().as_secs_f64());
        let started = Instant::now();
        system.start_worker()?.ready(&http, PATIENCE).await?;
        workers.push(started.elapsed().as_secs_f64());
        system.stop_programs().await?;
    }
    for (name, mut times) in [("ingest", ingests), ("worker", workers)] {
        times.sort_by(f64::total_cmp);
        let median = percentile(&times, 50.0);
        table.add(format!("{name}: start to ready"), median, "s", Target::AtMost(1.0));
    }
    Ok(())
}
