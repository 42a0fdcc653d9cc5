//! Shared steps: registering a client, waiting for messages, and reading what is planned.

pub mod presses;

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use simulator::model::ChatMessage;
pub use testing::harness::{
    bukza::{Booking, Request, now},
    fleet::{Options, STAFF_CHAT, World},
    phrases,
};

/// Time-out for what should come at once. Only a failure waits so long.
pub const SOON: Duration = Duration::from_secs(40);

pub type Outcome = anyhow::Result<()>;

/// A client of the bot.
#[derive(Debug, Clone)]
pub struct Person {
    pub chat: i64,
    /// In E.164.
    pub phone: String,
}

/// The `number`-th client of a test.
pub fn person(number: i64) -> Person {
    Person { chat: 10_000 + number, phone: format!("+7999000{number:04}") }
}

/// An instant this many seconds from now.
pub fn in_seconds(seconds: i64) -> DateTime<Utc> {
    now() + TimeDelta::seconds(seconds)
}

/// Registers a client by /start and their own contact.
pub async fn register(world: &World, person: &Person) -> Outcome {
    world.telegram.say(person.chat, "/start").await?;
    let greeting = expect_message(world, person, phrases::GREETING).await?;
    let key = greeting.keyboard.iter().flatten().any(|key| key.request_contact);
    anyhow::ensure!(key, "the greeting has the button that shares the contact: {greeting:?}");
    world.telegram.share_contact(person.chat, &person.phone).await?;
    expect_message(world, person, phrases::REGISTERED).await.map(drop)
}

/// Makes ingest load its phone number rules, which takes a debug build seconds. For tests with
/// short times.
pub async fn warm_up(world: &World) -> Outcome {
    world.accept(&Booking::at("WARMUP", "+79990009999", in_seconds(86_400)).created()).await
}

/// Posts a request that a proxy received at `at`, half a second to two minutes ago. It must be
/// accepted.
pub async fn accept_as_of(world: &World, at: DateTime<Utc>, request: &Request) -> Outcome {
    let answer = world
        .http
        .post(format!("{}/webhook/bukza{}", world.ingest_url(), request.query))
        .header("X-Webhook-Secret", testing::harness::fleet::BUKZA_SECRET)
        .header("X-Request-Start", format!("t={}", at.timestamp_micros() as f64 / 1e6))
        .header("Content-Type", "application/json")
        .body(request.body.clone())
        .send()
        .await?;
    anyhow::ensure!(answer.status() == 200, "not accepted: {}", answer.text().await?);
    Ok(())
}

/// Waits for a message to the client that has these words.
pub async fn expect_message(
    world: &World,
    person: &Person,
    words: &str,
) -> anyhow::Result<ChatMessage> {
    let has = |message: &ChatMessage| message.text.contains(words);
    Ok(world.telegram.wait_for_message(person.chat, has, SOON).await?)
}

/// Waits for a message to the client that has these words and is newer than `after`.
pub async fn expect_message_after(
    world: &World,
    person: &Person,
    after: &ChatMessage,
    words: &str,
) -> anyhow::Result<ChatMessage> {
    let has = |message: &ChatMessage| message.text.contains(words);
    let after = after.message_id;
    Ok(world.telegram.wait_for_message_after(person.chat, after, has, SOON).await?)
}

/// Waits for a message in the staff chat that has all these words.
pub async fn expect_staff_message(world: &World, words: &[&str]) -> anyhow::Result<ChatMessage> {
    let has = |message: &ChatMessage| words.iter().all(|word| message.text.contains(word));
    Ok(world.telegram.wait_for_message(STAFF_CHAT, has, SOON).await?)
}

/// How many messages of the bot in a chat have these words.
pub async fn message_count(world: &World, chat: i64, words: &str) -> anyhow::Result<usize> {
    let messages = world.telegram.chat(chat).await?;
    Ok(messages.iter().filter(|m| m.from_bot && m.text.contains(words)).count())
}

/// How many bookings the bot's confirmations in a chat name. One message may confirm several.
pub async fn confirmed_count(world: &World, chat: i64) -> anyhow::Result<usize> {
    let messages = world.telegram.chat(chat).await?.into_iter();
    let confirms = |m: &ChatMessage| m.from_bot && m.text.contains(phrases::CONFIRMED);
    let bookings = |text: &str| {
        let more = text.split("и ещё ").nth(1).and_then(|rest| rest.lines().next()?.parse().ok());
        let items = text.lines().filter(|line| line.starts_with("• ") || line.starts_with("⏳ "));
        items.count().max(1) + more.unwrap_or(0)
    };
    Ok(messages.filter(confirms).map(|message| bookings(&message.text)).sum())
}

/// Waits until an event of this booking was applied, by its status and version.
pub async fn applied(world: &World, code: &str, status: &str, version: i32) -> Outcome {
    let sql =
        format!("SELECT status || ' ' || version FROM bookings WHERE bukza_booking_id = '{code}'");
    world.until(&sql, format!("{status} {version}"), SOON).await
}

/// Waits until each due message has a final status, cards included that wait a moment for others.
pub async fn settled(world: &World) -> Outcome {
    let sql = "SELECT count(*) FROM messages WHERE status = 'sending' OR \
               (status = 'scheduled' AND chat_id IS NOT NULL AND \
                due_at <= now() + CASE recipient WHEN 'staff' THEN interval '4 s' ELSE '0' END)";
    world.until(sql, 0_i64, SOON).await
}

/// Waits until each due message to a client has a final status. Cards to the staff take longer: their chat takes one
/// in three seconds.
pub async fn clients_settled(world: &World) -> Outcome {
    let sql = "SELECT count(*) FROM messages WHERE recipient = 'client' AND (status = 'sending' \
               OR status = 'scheduled' AND chat_id IS NOT NULL AND due_at <= now())";
    world.until(sql, 0_i64, SOON).await
}

/// `kind status` of each message to the client of a booking, oldest first.
pub async fn message_states(world: &World, code: &str) -> anyhow::Result<Vec<String>> {
    let sql = format!(
        "SELECT m.kind || ' ' || m.status FROM messages m JOIN bookings b ON b.id = m.booking_id \
         WHERE b.bukza_booking_id = '{code}' AND m.recipient = 'client' ORDER BY m.id"
    );
    world.database.column(&sql).await
}

/// Job ids of a booking's messages with this status.
pub async fn job_ids(world: &World, code: &str, status: &str) -> anyhow::Result<Vec<String>> {
    let sql = format!(
        "SELECT m.job_id FROM messages m JOIN bookings b ON b.id = m.booking_id \
         WHERE b.bukza_booking_id = '{code}' AND m.status = '{status}' AND m.recipient = 'client' \
         ORDER BY m.id"
    );
    world.database.column(&sql).await
}

/// How many of these jobs are planned in Redis.
pub async fn jobs_planned(world: &World, ids: &[String]) -> anyhow::Result<usize> {
    let mut redis = world.redis().await?;
    let mut planned = 0;
    for queue in ["answers", "bulk"] {
        let key = format!("{{{}:{queue}}}:scheduled", world.database.name);
        for id in ids {
            let score: Option<f64> =
                redis::cmd("ZSCORE").arg(&key).arg(id).query_async(&mut redis).await?;
            planned += usize::from(score.is_some());
        }
    }
    Ok(planned)
}

/// Waits until a statement with this beginning waits for a lock.
pub async fn waits_for_lock(world: &World, statement: &str) -> Outcome {
    let sql = format!(
        "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() \
         AND wait_event_type = 'Lock' AND query LIKE '{statement}%'"
    );
    world.until(&sql, true, 3 * SOON).await
}
