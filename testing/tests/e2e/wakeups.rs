//! What an idle worker costs Redis, and that several of them share its work.

use std::time::Duration;

use testing::harness::servers::redis_info;

use crate::common::{
    Booking, Options, Outcome, World, expect_message, in_seconds, person, phrases, register,
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
