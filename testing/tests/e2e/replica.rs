//! Reads from a real streaming replica. The primary answers while the replica lags or is away, so
//! that no announced booking is missing.

use std::time::Instant;

use crate::common::{
    Booking, Options, Outcome, Person, SOON, World, expect_message, in_seconds, person, phrases,
    register,
};
use simulator::model::ChatMessage;
use testing::harness::fleet::Database;

/// Books, waits for the confirmation, and requests the list at once. It must have the booking.
async fn book_and_list(world: &World, client: &Person, code: &str) -> anyhow::Result<ChatMessage> {
    world.accept(&Booking::at(code, &client.phone, in_seconds(86_400)).created()).await?;
    expect_message(world, client, code).await?;
    let listed = send_bookings_command(world, client).await?;
    anyhow::ensure!(listed.text.contains(code), "{code} is not in the list: {}", listed.text);
    Ok(listed)
}

async fn send_bookings_command(world: &World, client: &Person) -> anyhow::Result<ChatMessage> {
    let before = world.telegram.chat(client.chat).await?.pop().expect("the client has messages");
    world.telegram.say(client.chat, "/bookings").await?;
    crate::common::expect_message_after(world, client, &before, phrases::UPCOMING).await
}

async fn reads(world: &World, from: &str) -> anyhow::Result<f64> {
    let label = format!("from=\"{from}\"");
    world.workers[0].metric(&world.http, "bukza_bridge_reads_total", &label).await
}

/// Requests lists until one was read from the replica, which may lag for a moment on a busy
/// machine.
async fn list_until_replica_was_read(world: &World, client: &Person, from: &str) -> Outcome {
    let (before, deadline) = (reads(world, from).await?, Instant::now() + 3 * SOON);
    while reads(world, from).await? <= before {
        anyhow::ensure!(Instant::now() < deadline, "nothing was read from {from}");
        send_bookings_command(world, client).await?;
    }
    Ok(())
}

/// No list was requested yet, so the replica's reads are those of the statistics.
async fn statistics_are_read_from_the_replica(world: &World) -> Outcome {
    let deadline = Instant::now() + 3 * SOON;
    while reads(world, "replica").await? < 1.0 {
        anyhow::ensure!(Instant::now() < deadline, "no count was read from the replica");
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    Ok(())
}

#[tokio::test]
async fn a_list_read_from_the_replica_never_lacks_an_announced_booking() -> Outcome {
    let mut world = World::start(Options::default().replica()).await?;
    let client = person(1);
    register(&world, &client).await?;
    statistics_are_read_from_the_replica(&world).await?;
    book_and_list(&world, &client, "FIRST1").await?;
    list_until_replica_was_read(&world, &client, "replica").await?;

    let url = world.host.replica()?.url(&world.database.name);
    let replica = Database::open(&world.database.name, &url).await?;
    replica.rows("SELECT pg_wal_replay_pause()").await?;
    while replica.one::<String>("SELECT pg_get_wal_replay_pause_state()").await? != "paused" {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let lagging = reads(&world, "primary_lagging").await?;
    book_and_list(&world, &client, "LAGS01").await?;
    assert!(reads(&world, "primary_lagging").await? > lagging);
    let behind = "SELECT count(*) FROM bookings WHERE bukza_booking_id = 'LAGS01'";
    assert_eq!(replica.one::<i64>(behind).await?, 0, "the replica did lag");
    replica.rows("SELECT pg_wal_replay_resume()").await?;
    list_until_replica_was_read(&world, &client, "replica").await?;

    world.host.replica()?.kill().await?;
    book_and_list(&world, &client, "AWAY01").await?;
    assert!(reads(&world, "primary_away").await? >= 1.0);
    world.host.replica()?.resume().await?;
    list_until_replica_was_read(&world, &client, "replica").await?;
    Ok(())
}
