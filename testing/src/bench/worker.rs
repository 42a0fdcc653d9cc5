//! Booking events a second: one worker applies 20,000 queued ones. The clients are not in the bot,
//! so nothing is sent.

use std::time::Duration;

use super::{
    load::{self, Until},
    table::{Table, Target},
    test_bed::TestBed,
};

const EVENTS: u32 = 20_000;

pub(super) async fn run(test_bed: &TestBed, table: &mut Table) -> anyhow::Result<()> {
    let mut system = test_bed.system().await?;
    system.launch(1, 0).await?;
    let address = system.ingest_address;
    load::run(address, 32, Until::Requests(EVENTS.into())).await?;
    system.start_worker()?;
    system
        .until("SELECT count(*) FROM bookings", i64::from(EVENTS), Duration::from_secs(300))
        .await?;
    let sql = "SELECT extract(epoch FROM max(created_at) - min(created_at))::float8 FROM bookings";
    let seconds: f64 = system.database.one(sql).await?;
    let name = format!("worker: {EVENTS} queued booking events applied");
    table.add(name, f64::from(EVENTS) / seconds, "/s", Target::AtLeast(1_000.0));
    Ok(())
}
