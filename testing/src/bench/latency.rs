//! Latency of single things on an idle system: from a webhook to the call of Telegram, from a press to its
//! acknowledgement and to its answer; and what an idle worker costs Redis. Each sample is another client
//! after a random pause, so that samples don't align with the queue's polls.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use simulator::model::Call;

use super::{
    table::{Table, Target, percentile},
    test_bed::{BenchSystem, TestBed},
};
use crate::harness::{
    bukza::{Booking, now},
    servers::redis_info,
};

const SAMPLES: i64 = 200;
const IDLE_WINDOW: Duration = Duration::from_secs(10);

/// Clients, each with a visit that is over, to be rated.
const CLIENTS: &str = "WITH u AS (INSERT INTO users (telegram_id, phone_number) \
    SELECT 20000 + n, '+7999' || lpad(n::text, 7, '0') FROM generate_series(0, $N) n RETURNING *) \
    INSERT INTO bookings (bukza_booking_id, user_id, client_phone, starts_at, ends_at) \
    SELECT 'R' || telegram_id, id, phone_number, now() - interval '3 h', now() - interval '2 h' FROM u";

pub(super) async fn run(test_bed: &TestBed, table: &mut Table) -> anyhow::Result<()> {
    let mut system = test_bed.system().await?;
    system.database.execute(&CLIENTS.replace("$N", &SAMPLES.to_string())).await?;
    system.launch(1, 1).await?;
    webhooks(&system, table).await?;
    presses(&system, table).await?;
    idle(&system, table).await
}

async fn webhooks(system: &BenchSystem, table: &mut Table) -> anyhow::Result<()> {
    let mut calls = Latencies::default();
    // The first sample warms connections and caches, and is not counted.
    for number in 0..=SAMPLES {
        pause().await;
        let start = now() + TimeDelta::days(3);
        let booking = Booking::at(&format!("L{number}"), &format!("+7999{number:07}"), start);
        let posted = now();
        system.accept(&booking.created()).await?;
        let chat = 20_000 + number;
        let call = call(system, 0, |call| call.chat_id == Some(chat)).await?;
        calls.add(number, posted, call.at);
    }
    calls.report("webhook to Telegram call", table);
    Ok(())
}

async fn presses(system: &BenchSystem, table: &mut Table) -> anyhow::Result<()> {
    ask_for_ratings(system).await?;
    let (mut acknowledged, mut answered) = (Latencies::default(), Latencies::default());
    for number in 0..=SAMPLES {
        pause().await;
        let chat = 20_000 + number;
        let sql = format!("SELECT id FROM bookings WHERE bukza_booking_id = 'R{chat}'");
        let booking: i64 = system.database.one(&sql).await?;
        let seen = system.telegram.journal(0, None).await?.last().map_or(0, |call| call.seq);
        let pressed = now();
        system.telegram.press(chat, None, &format!("rate:{booking}:4")).await?;
        let answer = call(system, seen, |call| call.chat_id == Some(chat)).await?;
        let is_acknowledgement = |call: &Call| call.method == "answerCallbackQuery";
        let acknowledgement = call(system, seen, is_acknowledgement).await?;
        acknowledged.add(number, pressed, acknowledgement.at);
        answered.add(number, pressed, answer.at);
    }
    acknowledged.report("press to acknowledgement", table);
    answered.report("press to answer", table);
    Ok(())
}

async fn idle(system: &BenchSystem, table: &mut Table) -> anyhow::Result<()> {
    let mut redis = system.redis().await?;
    let before = redis_info(&mut redis, "total_commands_processed").await?;
    tokio::time::sleep(IDLE_WINDOW).await;
    let commands = redis_info(&mut redis, "total_commands_processed").await? - before;
    let a_second = commands as f64 / IDLE_WINDOW.as_secs_f64();
    table.add("idle: Redis commands of a worker", a_second, "/s", Target::AtMost(120.0));
    Ok(())
}

/// Sends each client the question about their visit, whose buttons are pressed. Without jobs: the reconciler
/// pushes them.
async fn ask_for_ratings(system: &BenchSystem) -> anyhow::Result<()> {
    let sent = system.telegram.stats().await?.sent;
    let sql = "INSERT INTO messages (kind, recipient, chat_id, booking_id, booking_version, slot, \
        due_at, expires_at, job_id, pushed_at) SELECT 'feedback', 'client', u.telegram_id, b.id, 1, '', \
        now(), now() + interval '1 h', 'mR' || b.id, 'epoch' \
        FROM bookings b JOIN users u ON u.id = b.user_id WHERE b.bukza_booking_id LIKE 'R%'";
    let questions = system.database.execute(sql).await?;
    system.telegram.wait_for_sent(sent + questions, Duration::from_secs(90)).await?;
    Ok(())
}

async fn pause() {
    tokio::time::sleep(Duration::from_millis(rand::random_range(20..120))).await;
}

async fn call(
    system: &BenchSystem,
    after: u64,
    wanted: impl Fn(&Call) -> bool,
) -> anyhow::Result<Call> {
    Ok(system.telegram.wait_for_call(after, wanted, Duration::from_secs(10)).await?)
}

/// In milliseconds.
#[derive(Default)]
struct Latencies(Vec<f64>);

impl Latencies {
    fn add(&mut self, number: i64, from: DateTime<Utc>, to: DateTime<Utc>) {
        if number > 0 {
            let micros = (to - from).num_microseconds().unwrap_or(i64::MAX);
            self.0.push(micros as f64 / 1000.0);
        }
    }

    fn report(mut self, what: &str, table: &mut Table) {
        self.0.sort_by(f64::total_cmp);
        let p50 = percentile(&self.0, 50.0);
        table.add(format!("idle: {what}, p50"), p50, "ms", Target::AtMost(10.0));
        let p99 = percentile(&self.0, 99.0);
        table.add(format!("idle: {what}, p99"), p99, "ms", Target::AtMost(50.0));
    }
}
