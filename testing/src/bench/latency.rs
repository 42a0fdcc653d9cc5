//! Latency from the webhook to the call of Telegram on an idle system. Each sample is another
//! client after a random pause, so that samples don't align with the queue's polls.

use std::time::Duration;

use chrono::TimeDelta;

use super::{
    table::{Table, Target, percentile},
    test_bed::TestBed,
};
use crate::harness::bukza::{Booking, now};

const SAMPLES: i64 = 200;

pub(super) async fn run(test_bed: &TestBed, table: &mut Table) -> anyhow::Result<()> {
    let mut system = test_bed.system().await?;
    system
        .database
        .execute(&format!(
            "INSERT INTO users (telegram_id, phone_number) \
             SELECT 20000 + n, '+7999' || lpad(n::text, 7, '0') FROM generate_series(0, {SAMPLES}) n"
        ))
        .await?;
    system.launch(1, 1).await?;
    let mut latencies = Vec::new();
    // The first sample warms connections and caches, and is not counted.
    for number in 0..=SAMPLES {
        tokio::time::sleep(Duration::from_millis(rand::random_range(20..120))).await;
        let start = now() + TimeDelta::days(3);
        let booking = Booking::at(&format!("L{number}"), &format!("+7999{number:07}"), start);
        let posted = now();
        system.accept(&booking.created()).await?;
        let chat = 20_000 + number;
        let sent = |call: &simulator::model::Call| call.chat_id == Some(chat);
        let call = system.telegram.wait_for_call(0, sent, Duration::from_secs(10)).await?;
        if number > 0 {
            let micros = (call.at - posted).num_microseconds().unwrap_or(i64::MAX);
            latencies.push(micros as f64 / 1000.0);
        }
    }
    latencies.sort_by(f64::total_cmp);
    let p50 = percentile(&latencies, 50.0);
    table.add("idle: webhook to Telegram call, p50", p50, "ms", Target::AtMost(80.0));
    let p99 = percentile(&latencies, 99.0);
    table.add("idle: webhook to Telegram call, p99", p99, "ms", Target::AtMost(200.0));
    Ok(())
}
