//! What an idle worker costs Redis, that several of them share its work, and that no message waits for the reconciler.

use std::time::Duration;

use futures::future::try_join_all;
use testing::harness::servers::redis_info;

use crate::common::{
    Booking, Options, Outcome, Person, SOON, World, expect_message, in_seconds, person, phrases,
    register, settled,
};

/// Redis' commands a second of one idle worker, those within scripts included. It polls each queue four
/// times a second.
const IDLE: u64 = 120;
const WINDOW: Duration = Duration::from_secs(8);

#[tokio::test]
async fn idle_workers_ask_redis_seldom() -> Outcome {
    let world = World::start(Options::default().own_servers().workers(2)).await?;
    let client = person(1);
    register(&world, &client).await?;
    world.accept(&Booking::at("IDLE01", &client.phone, in_seconds(86_400)).created()).await?;
    expect_message(&world, &client, phrases::CONFIRMED).await?;
    let mut redis = world.redis().await?;
    let before = redis_info(&mut redis, "total_commands_processed").await?;
    tokio::time::sleep(WINDOW).await;
    let commands = redis_info(&mut redis, "total_commands_processed").await? - before;
    let idle = 2 * IDLE * WINDOW.as_secs();
    assert!(commands <= idle, "{commands} commands in {WINDOW:?}, more than {idle}");
    Ok(())
}

/// After a booking has moved its client gets news, and five seconds later the former message loses its buttons.
#[tokio::test]
async fn each_message_goes_out_by_its_own_job_at_whatever_microsecond_it_is_due() -> Outcome {
    const CLIENTS: i64 = 40;
    let options = Options::default().set("SUPPORT_CHANNEL_ID", "").workers(2);
    let world = World::start(options).await?;
    let clients: Vec<Person> = (1..=CLIENTS).map(person).collect();
    try_join_all(clients.iter().map(|client| register(&world, client))).await?;
    let booking_of = |client: &Person| {
        Booking::at(&format!("DUE{}", client.chat), &client.phone, in_seconds(3 * 86_400))
    };
    let bookings: Vec<Booking> = clients.iter().map(booking_of).collect();
    for booking in &bookings {
        world.accept(&booking.created()).await?;
    }
    for client in &clients {
        expect_message(&world, client, phrases::CONFIRMED).await?;
    }
    settled(&world).await?;
    let before = pushed_again(&world).await?;
    for booking in &bookings {
        world.accept(&booking.moved_to(in_seconds(4 * 86_400)).created()).await?;
    }
    let taken = "SELECT count(*) FROM messages WHERE kind = 'client_buttons' AND status = 'sent'";
    world.until(taken, CLIENTS, SOON).await?;
    assert_eq!(pushed_again(&world).await? - before, 0, "messages waited for the reconciler");
    Ok(())
}

/// Messages of all workers that the reconciler found overdue.
async fn pushed_again(world: &World) -> anyhow::Result<i64> {
    let mut messages = 0;
    for worker in &world.workers {
        let count =
            worker.metric(&world.http, "bukza_bridge_reconciled_messages_total", "").await?;
        messages += count as i64;
    }
    Ok(messages)
}
