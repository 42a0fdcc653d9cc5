//! Telegram's limits for all workers together: a backlog, a reply that overtakes it, a 429 that
//! pauses all, and staff cards joined into few messages.

use std::time::{Duration, Instant};

use crate::common::{
    Options, Outcome, Request, STAFF_CHAT, World, expect_message, in_seconds, person, phrases,
    register, settled,
};
use chrono::TimeDelta;
use futures::{StreamExt, TryStreamExt};
use simulator::model::{Call, Fault, FaultKind, Limits};
use testing::harness::environment::is_long;

const RATE: usize = 30;
const FIRST_CHAT: i64 = 20_000;
/// At the rate the backlog takes 36 s in a long run, 22 s in the suite.
const BACKLOG: Duration = Duration::from_secs(240);
/// Time for calls in flight when the 429 arrives.
const ON_THE_WAY: u64 = 1_000;

/// How much waits after an outage.
struct Backlog {
    messages: i64,
    /// Some of them have two messages.
    chats: i64,
    /// So many are sent before the reply, and more than so many are left after it.
    sent_before: u64,
    left_after: i64,
}

const LONG: Backlog = Backlog { messages: 1_040, chats: 1_000, sent_before: 150, left_after: 500 };
const SHORT: Backlog = Backlog { messages: 640, chats: 600, sent_before: 60, left_after: 200 };

/// An outage's backlog: reminders that were due a minute ago. Without jobs; the reconciler pushes
/// them.
async fn backlog(world: &World, size: &Backlog) -> Outcome {
    let Backlog { messages, chats, .. } = size;
    let database = &world.database;
    database
        .execute(&format!(
            "INSERT INTO users (telegram_id, phone_number) \
             SELECT {FIRST_CHAT} + n, '+7998' || lpad(n::text, 7, '0') \
             FROM generate_series(0, {chats} - 1) n"
        ))
        .await?;
    database
        .execute(&format!(
            "INSERT INTO bookings (bukza_booking_id, user_id, client_phone, starts_at, ends_at) \
             SELECT 'L' || n, u.id, u.phone_number, now() + interval '5 h', now() + interval '6 h' \
             FROM generate_series(1, {messages}) n \
             JOIN users u ON u.telegram_id = {FIRST_CHAT} + n % {chats}"
        ))
        .await?;
    database
        .execute(
            "INSERT INTO messages (kind, recipient, chat_id, booking_id, booking_version, slot, \
             due_at, expires_at, job_id, pushed_at) \
             SELECT 'reminder', 'client', u.telegram_id, b.id, 1, '18000s', \
             now() - interval '1 min', b.starts_at, 'mL' || b.id, 'epoch' \
             FROM bookings b JOIN users u ON u.id = b.user_id",
        )
        .await
        .map(drop)
}

async fn sent(world: &World, more_than: u64) -> Outcome {
    world.telegram.wait_for_sent(more_than, BACKLOG).await?;
    Ok(())
}

fn shown(calls: &[Call]) -> impl Iterator<Item = &Call> {
    calls.iter().filter(|call| call.method == "sendMessage" && call.delivered)
}

/// The largest number of these instants (ms, ascending) in one window.
fn most_within(window: u64, times: &[u64]) -> usize {
    let ends = times.iter().map(|start| times.partition_point(|at| *at < start + window));
    ends.enumerate().map(|(begin, end)| end - begin).max().unwrap_or(0)
}

#[tokio::test]
async fn three_workers_keep_the_limits_a_reply_overtakes_and_a_429_pauses_all() -> Outcome {
    let size = if is_long() { LONG } else { SHORT };
    let world = World::start(Options::default().workers(3).set("TELEGRAM_RATE", RATE)).await?;
    let client = person(1);
    register(&world, &client).await?;
    let before = world.telegram.stats().await?.sent;
    backlog(&world, &size).await?;

    sent(&world, before + size.sent_before).await?;
    let before = world.telegram.journal(0, None).await?.last().map_or(0, |call| call.seq);
    let started = Instant::now();
    world.telegram.say(client.chat, "/help").await?;
    expect_message(&world, &client, phrases::HELP).await?;
    let waited = started.elapsed();
    let calls = world.telegram.journal(before, Some("sendMessage")).await?;
    let ahead = calls.iter().take_while(|call| call.chat_id != Some(client.chat)).count();
    println!("the answer took {waited:?}, {ahead} bulk messages went ahead of it");
    // Two seconds bound the rate even on a busy machine.
    assert!(ahead <= 2 * RATE, "{ahead} messages went ahead of the answer, in {waited:?}");
    let backlog_left = "SELECT count(*) FROM messages WHERE kind = 'reminder' AND status <> 'sent'";
    let left = world.database.one::<i64>(backlog_left).await?;
    assert!(left > size.left_after, "there was little to overtake: {left}");

    let fault = Fault::sending(FaultKind::TooManyRequests { retry_after: 3 }, 1);
    world.telegram.script(&fault).await?;
    let refused = |call: &Call| call.outcome == "too_many_requests";
    let refused = world.telegram.wait_for_call(before, refused, BACKLOG).await?;
    world.until(backlog_left, 0_i64, BACKLOG).await?;

    let calls = world.telegram.journal(0, None).await?;
    let in_silence = |call: &&Call| {
        call.method == "sendMessage"
            && (refused.at_ms + ON_THE_WAY..refused.at_ms + 2_950).contains(&call.at_ms)
    };
    assert_eq!(calls.iter().filter(in_silence).count(), 0, "sent during the pause after a 429");
    let times: Vec<u64> = shown(&calls).map(|call| call.at_ms).collect();
    let most = most_within(1_000, &times);
    println!("at most {most} messages in a second");
    assert!(most <= RATE, "{most} messages in one second");
    for chat in FIRST_CHAT..FIRST_CHAT + size.chats {
        let times: Vec<u64> =
            shown(&calls).filter(|c| c.chat_id == Some(chat)).map(|c| c.at_ms).collect();
        let has_two = (1..=size.messages - size.chats).contains(&(chat - FIRST_CHAT));
        assert_eq!(times.len(), 1 + usize::from(has_two), "in chat {chat}");
        assert!(most_within(1_000, &times) <= 1, "two in a second in chat {chat}");
    }
    assert_eq!(world.telegram.stats().await?.duplicates, 0);
    Ok(())
}

#[tokio::test]
async fn five_hundred_bookings_in_a_minute_reach_the_group_in_few_messages_each_once() -> Outcome {
    let bookings = if is_long() { 500 } else { 150 };
    let world = World::start(Options::default().workers(2)).await?;
    let limits = Limits { group_per_minute: Some(20), ..Limits::default() };
    world.telegram.set_limits(limits).await?;
    let world = &world;
    let codes: Vec<String> = (0..bookings).map(|n| format!("GROUP{n:04}")).collect();
    let started = Instant::now();
    futures::stream::iter(&codes)
        .map(|code| async move {
            let start = in_seconds(86_400);
            world
                .accept(&Request::body(serde_json::json!({
                    "code": code, "start": start, "end": start + TimeDelta::hours(1),
                })))
                .await
        })
        .buffer_unordered(16)
        .try_collect::<()>()
        .await?;
    assert!(started.elapsed() < Duration::from_secs(60), "taken in {:?}", started.elapsed());
    let sent = "SELECT count(*) FROM messages WHERE kind = 'staff_created' AND status = 'sent'";
    world.until(sent, bookings as i64, BACKLOG).await?;
    settled(world).await?;

    let calls = world.telegram.journal(0, Some("sendMessage")).await?;
    assert!(calls.iter().all(|call| call.status == 200), "no 429 was needed");
    let messages = world.telegram.chat(STAFF_CHAT).await?;
    println!("{bookings} bookings in {} messages", messages.len());
    assert!(messages.len() <= bookings / 10, "in {} messages", messages.len());
    assert!(messages.iter().all(|m| m.text.encode_utf16().count() <= 4096));
    for code in &codes {
        let times: usize = messages.iter().map(|m| m.text.matches(code.as_str()).count()).sum();
        assert_eq!(times, 1, "{code}");
    }
    let times: Vec<u64> = shown(&calls).map(|call| call.at_ms).collect();
    assert!(most_within(60_000, &times) <= 20, "{times:?}");
    // The few messages of the suite are no more than that in a minute anyway.
    assert!(most_within(8_500, &times) <= 3, "{times:?}");
    Ok(())
}
