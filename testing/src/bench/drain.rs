//! An outage's backlog: 100,000 reminders of as many clients are due when one worker starts. Also
//! measures the Redis memory of a planned job, and what finished jobs leave behind.

use std::time::Duration;

use anyhow::Context;
use redis::{AsyncCommands, aio::MultiplexedConnection};
use simulator::model::JournalMode;

use super::{
    load::{self, Until},
    table::{Table, Target},
    test_bed::{BenchSystem, TestBed},
};
use crate::harness::servers::redis_info;

const MESSAGES: u64 = 100_000;
/// How often all bookings are repeated to see whether Redis grows.
const REPETITIONS: u64 = 10;
const PATIENCE: Duration = Duration::from_secs(600);

/// Makes a chunk of the planned jobs due now: sets their scores and the instant in their payloads.
const MAKE_DUE: &str = "local ids = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. ARGV[1], ARGV[2], 'LIMIT', 0, 1000) \
    for _, id in ipairs(ids) do \
      local data = redis.call('HGET', KEYS[2], id) \
      if data then redis.call('HSET', KEYS[2], id, (string.gsub(data, '\"d\":%d+', '\"d\":' .. ARGV[1] .. '000'))) end \
      redis.call('ZADD', KEYS[1], ARGV[1], id) \
    end return #ids";

pub(super) async fn run(test_bed: &TestBed, table: &mut Table) -> anyhow::Result<()> {
    let mut system = test_bed.system().await?;
    system.settings.set("TELEGRAM_RATE", 1_000_000);
    system.telegram.set_journal(JournalMode::Off).await?;
    system
        .database
        .execute(&format!(
            "INSERT INTO users (telegram_id, phone_number) \
             SELECT 200000 + n, '+7999' || lpad(n::text, 7, '0') FROM generate_series(0, {}) n",
            MESSAGES - 1
        ))
        .await?;
    let mut redis = system.redis().await?;
    let before = used_memory(&mut redis).await?;
    book(&mut system).await?;
    let jobs: u64 = redis.zcard(bulk(&system, "scheduled")).await?;
    let bytes = (used_memory(&mut redis).await? - before) / jobs as f64;
    table.add(
        format!("Redis: a planned job ({jobs} of them)"),
        bytes,
        "B",
        Target::AtMost(1_500.0),
    );

    make_due(&mut redis, &system).await?;
    let earlier = system.telegram.stats().await?;
    system.telegram.reset().await?;
    system.telegram.set_journal(JournalMode::Off).await?;
    system.start_worker()?;
    let stats = system.telegram.wait_for_sent(MESSAGES, PATIENCE).await?;
    let milliseconds =
        stats.last_sent_ms.zip(stats.first_sent_ms).map(|(last, first)| last - first);
    let seconds = milliseconds.context("messages were sent")? as f64 / 1000.0;
    let memory = system.workers[0].process.peak_memory().context("the worker has ended")?;
    let name = format!("worker: {MESSAGES} due messages sent");
    table.add(name, MESSAGES as f64 / seconds, "/s", Target::AtLeast(2_000.0));
    table.add("worker: peak RSS meanwhile", memory as f64 / 1e6, "MB", Target::AtMost(100.0));
    // Duplicates would be sent by now.
    system.until(LEFT, 0_i64, PATIENCE).await?;
    let stats = system.telegram.stats().await?;
    let twice = stats.duplicates + earlier.duplicates + (stats.sent - MESSAGES);
    table.add("worker: messages sent twice", twice as f64, "", Target::AtMost(0.0));
    finished_jobs_gone(&system).await?;
    growth(&mut system, &mut redis, table).await?;
    Ok(system.telegram.set_journal(JournalMode::On).await?)
}

/// Measures what finished jobs leave in Redis: repeats the same bookings, which changes nothing,
/// and compares memory before and after.
async fn growth(
    system: &mut BenchSystem,
    redis: &mut MultiplexedConnection,
    table: &mut Table,
) -> anyhow::Result<()> {
    system.launch(1, 0).await?;
    let address = system.ingest_address;
    let before = used_memory(redis).await?;
    for _ in 0..REPETITIONS {
        load::run(address, 32, Until::Requests(MESSAGES)).await?;
        system.until_empty("events", PATIENCE).await?;
        finished_jobs_gone(system).await?;
    }
    let finished = REPETITIONS * MESSAGES;
    let grown = (used_memory(redis).await? - before) / finished as f64;
    table.add(
        format!("Redis: growth by {finished} finished jobs, each"),
        grown,
        "B",
        Target::AtMost(1.0),
    );
    Ok(())
}

const LEFT: &str = "SELECT count(*) FROM messages WHERE status = 'sending' OR \
                    (status = 'scheduled' AND due_at <= now())";

/// Posts a booking for each client and waits for all confirmations. Ends with no program running.
async fn book(system: &mut BenchSystem) -> anyhow::Result<()> {
    system.launch(1, 0).await?;
    let address = system.ingest_address;
    load::run(address, 32, Until::Requests(MESSAGES)).await?;
    system.start_worker()?;
    println!("   {MESSAGES} bookings are applied and confirmed first …");
    system.telegram.wait_for_sent(MESSAGES, PATIENCE).await?;
    system.until(LEFT, 0_i64, PATIENCE).await?;
    finished_jobs_gone(system).await?;
    system.stop_programs().await
}

/// Waits until the clean-up has removed the finished jobs, which would be counted with the planned
/// ones.
async fn finished_jobs_gone(system: &BenchSystem) -> anyhow::Result<()> {
    let mut redis = system.redis().await?;
    let started = std::time::Instant::now();
    loop {
        let mut left = 0_u64;
        for queue in ["events", "answers", "bulk"] {
            let key = format!("{{{}:{queue}}}:done", system.database.name);
            left += redis.scard::<_, u64>(key).await?;
        }
        if left == 0 {
            return Ok(());
        }
        anyhow::ensure!(started.elapsed() < PATIENCE, "{left} finished jobs stay in Redis");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn bulk(system: &BenchSystem, part: &str) -> String {
    format!("{{{}:bulk}}:{part}", system.database.name)
}

async fn used_memory(redis: &mut MultiplexedConnection) -> anyhow::Result<f64> {
    Ok(redis_info(redis, "used_memory").await? as f64)
}

/// Makes the reminders due now, in PostgreSQL and in Redis, as after an outage. All visits are at
/// the same time, so the jobs before it are the reminders.
async fn make_due(redis: &mut MultiplexedConnection, system: &BenchSystem) -> anyhow::Result<()> {
    let database = &system.database;
    database.execute("UPDATE messages SET due_at = now() WHERE kind = 'reminder'").await?;
    database.execute("ANALYZE").await?;
    let start = "SELECT extract(epoch FROM min(starts_at))::int8 FROM bookings";
    let start: i64 = database.one(start).await?;
    let now = crate::harness::bukza::now().timestamp();
    let script = redis::Script::new(MAKE_DUE);
    loop {
        let made: u64 = script
            .key(bulk(system, "scheduled"))
            .key(bulk(system, "data"))
            .arg(now)
            .arg(start)
            .invoke_async(redis)
            .await?;
        if made == 0 {
            return Ok(());
        }
    }
}
