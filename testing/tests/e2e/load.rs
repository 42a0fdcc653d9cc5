//! Load: webhooks queued while no worker ran, and the same webhook a hundred times.

use std::time::{Duration, Instant};

use crate::common::{
    Booking, Options, Outcome, Request, SOON, STAFF_CHAT, World, expect_message,
    expect_staff_message, in_seconds, message_count, message_states, person, phrases, register,
    settled,
};
use futures::{StreamExt, TryStreamExt};
use testing::harness::environment::is_long;

/// How many webhooks wait: in a long run, and in the suite. `cargo xtask bench drain` queues 100,000.
const WEBHOOKS: (usize, usize) = (20_000, 1_500);
/// Of a worker in a debug build.
const MEMORY: u64 = 192 << 20;
/// One of them is applied within this time.
const PROGRESS: Duration = Duration::from_secs(60);

#[tokio::test]
async fn webhooks_taken_while_no_worker_ran_are_each_applied_once() -> Outcome {
    let webhooks = if is_long() { WEBHOOKS.0 } else { WEBHOOKS.1 };
    let mut world = World::start(Options::default().workers(0)).await?;
    let start = in_seconds(3 * 86_400);
    let started = Instant::now();
    futures::stream::iter(0..webhooks)
        .map(|n| {
            let phone = format!("+7997{n:07}");
            let request = Booking::at(&format!("NIGHT{n}"), &phone, start).created();
            let world = &world;
            async move { world.accept(&request).await }
        })
        .buffer_unordered(32)
        .try_collect::<()>()
        .await?;
    println!("{webhooks} webhooks taken in {:?}", started.elapsed());
    let started = Instant::now();
    world.start_worker()?;
    world.start_worker()?;
    let applied = "SELECT count(*) FROM bookings";
    world.until_counted(applied, webhooks as i64, PROGRESS).await?;
    println!("and applied in {:?}", started.elapsed());
    let table = [
        ("bookings WHERE version = 1 AND status = 'active'", webhooks as i64),
        ("messages WHERE kind = 'confirmation'", webhooks as i64),
        ("messages WHERE kind = 'staff_created'", webhooks as i64),
        ("dead_letters", 0),
        ("inbox", 0),
    ];
    for (what, expected) in table {
        let found: i64 = world.database.one(&format!("SELECT count(*) FROM {what}")).await?;
        assert_eq!(found, expected, "{what}");
    }
    for worker in &world.workers {
        let restarts = worker.metric(&world.http, "bukza_bridge_queue_worker_restarts_total", "");
        assert_eq!(restarts.await?, 0.0, "a part of the worker was ended by an error");
        let memory = worker.process.peak_memory().expect("it runs");
        assert!(memory < MEMORY, "{} MiB", memory >> 20);
    }
    Ok(())
}

#[tokio::test]
async fn the_same_webhook_a_hundred_times_at_once_is_one_booking_announced_once() -> Outcome {
    let world = World::start(Options::default().ingests(2).workers(2)).await?;
    let client = person(1);
    register(&world, &client).await?;
    let request: Request = Booking::at("HUNDRED", &client.phone, in_seconds(3 * 86_400)).created();
    let posts = (0..100).map(|_| world.accept(&request));
    futures::future::try_join_all(posts).await?;
    expect_message(&world, &client, phrases::CONFIRMED).await?;
    expect_staff_message(&world, &["HUNDRED"]).await?;
    world.until_empty("events", SOON).await?;
    settled(&world).await?;
    assert_eq!(message_count(&world, client.chat, phrases::CONFIRMED).await?, 1);
    assert_eq!(message_count(&world, STAFF_CHAT, "HUNDRED").await?, 1);
    assert_eq!(world.telegram.stats().await?.duplicates, 0);
    assert_eq!(world.database.one::<i64>("SELECT count(*) FROM bookings").await?, 1);
    assert_eq!(world.database.one::<i32>("SELECT version FROM bookings").await?, 1);
    let expected = ["confirmation sent", "reminder scheduled", "feedback scheduled"];
    assert_eq!(message_states(&world, "HUNDRED").await?, expected);
    Ok(())
}
