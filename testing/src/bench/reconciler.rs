//! The cost of a reconciler round while a million messages are planned. A round must read only due
//! messages.

use std::time::{Duration, Instant};

use anyhow::ensure;

use super::{
    table::{Table, Target},
    test_bed::TestBed,
};

const PLANNED: u32 = 1_000_000;
/// Rounds measured. Some seconds lie between two of them.
const ROUNDS: f64 = 6.0;
const PATIENCE: Duration = Duration::from_secs(120);

pub(super) async fn run(test_bed: &TestBed, table: &mut Table) -> anyhow::Result<()> {
    let mut system = test_bed.system().await?;
    for statement in plan() {
        system.database.execute(&statement).await?;
    }
    // PostgreSQL does this by itself before long.
    system.database.execute("VACUUM ANALYZE").await?;
    system.launch(0, 1).await?;
    let worker = &system.workers[0];
    let started = Instant::now();
    loop {
        let rounds =
            worker.metric(&system.http, "bukza_bridge_reconciler_round_seconds_count", "").await?;
        if rounds >= ROUNDS {
            let seconds = worker
                .metric(&system.http, "bukza_bridge_reconciler_round_seconds_sum", "")
                .await?;
            let name = format!("reconciler: a round over {PLANNED} planned messages, mean");
            table.add(name, seconds / rounds * 1000.0, "ms", Target::AtMost(50.0));
            return Ok(());
        }
        ensure!(started.elapsed() < PATIENCE, "{rounds} rounds in {PATIENCE:?}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

/// As many bookings of as many clients, each with a reminder that is due in a week or later.
fn plan() -> [String; 3] {
    let numbers = format!("generate_series(1, {PLANNED}) n");
    let visit = "now() + interval '7 days' + n * interval '2 seconds'";
    [
        format!(
            "INSERT INTO users (telegram_id, phone_number, updated_at) \
             SELECT 1000000 + n, '+7' || (9000000000 + n), now() - interval '1 day' FROM {numbers}"
        ),
        format!(
            "INSERT INTO bookings (bukza_booking_id, user_id, client_phone, starts_at, ends_at) \
             SELECT 'R' || n, n, '+7' || (9000000000 + n), {visit}, {visit} + interval '1 hour' \
             FROM {numbers}"
        ),
        format!(
            "INSERT INTO messages (kind, recipient, chat_id, booking_id, booking_version, slot, \
             due_at, expires_at, job_id) SELECT 'reminder', 'client', 1000000 + n, n, 1, '24h', \
             {visit} - interval '1 day', {visit}, 'm' || n FROM {numbers}"
        ),
    ]
}
