//! Redis and PostgreSQL go away and come back: nothing accepted is lost, planned messages still
//! come. Each test breaks servers of its own.

mod common;

use std::time::Duration;

use common::{
    Booking, Options, Outcome, Request, SOON, World, applied, in_seconds, person, register, said,
    settled, times_told, told,
};

/// A minute is what the promise allows after an outage, and some seconds to see it.
const A_MINUTE: Duration = Duration::from_secs(75);

async fn until_answered(world: &World, request: &Request, wanted: u16) -> Outcome {
    let deadline = std::time::Instant::now() + SOON;
    loop {
        let (status, body) = world.post_bukza(request).await?;
        if status == wanted {
            return Ok(());
        }
        anyhow::ensure!(std::time::Instant::now() < deadline, "still {status}: {body}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test]
async fn an_emptied_redis_loses_no_planned_message() -> Outcome {
    let options = Options::default().own_servers().set("REMINDER_BEFORE", "70s");
    let world = World::start(options).await?;
    let client = person(1);
    register(&world, &client).await?;
    // Due in five seconds; a minute of lateness would still be before the visit.
    let start = in_seconds(75);
    world.accept(&Booking::at("FLUSHD", &client.phone, start).created()).await?;
    told(&world, &client, said::CONFIRMED).await?;
    settled(&world).await?;
    let mut redis = world.redis().await?;
    redis::cmd("FLUSHALL").query_async::<()>(&mut redis).await?;
    let reminder = |m: &simulator::model::ChatMessage| m.text.contains(said::REMINDER);
    world.telegram.wait_for_message(client.chat, reminder, A_MINUTE).await?;
    settled(&world).await?;
    assert_eq!(times_told(&world, client.chat, said::REMINDER).await?, 1);
    Ok(())
}

#[tokio::test]
async fn without_redis_webhooks_go_to_the_inbox_and_are_applied_afterwards() -> Outcome {
    let mut world = World::start(Options::default().own_servers()).await?;
    let client = person(1);
    register(&world, &client).await?;
    world.host.redis()?.kill().await?;
    for code in ["INBOX1", "INBOX2", "INBOX3"] {
        let booking = Booking::at(code, &client.phone, in_seconds(86_400));
        world.accept(&booking.created()).await?;
    }
    world.host.redis()?.resume().await?;
    for code in ["INBOX1", "INBOX2", "INBOX3"] {
        let sql = format!("SELECT count(*) FROM bookings WHERE bukza_booking_id = '{code}'");
        world.until(&sql, 1_i64, A_MINUTE).await?;
    }
    world.until("SELECT count(*) FROM inbox", 0_i64, SOON).await?;
    world.telegram.say(client.chat, "/bookings").await?;
    told(&world, &client, said::UPCOMING).await?;
    let sent = "SELECT count(*) FROM messages WHERE kind = 'confirmation' AND status = 'sent'";
    world.until(sent, 3_i64, A_MINUTE).await?;
    assert_eq!(times_told(&world, client.chat, said::CONFIRMED).await?, 3);
    Ok(())
}

#[tokio::test]
async fn without_postgresql_webhooks_are_accepted_and_applied_afterwards() -> Outcome {
    let mut world = World::start(Options::default().own_servers()).await?;
    let client = person(1);
    register(&world, &client).await?;
    world.host.postgres()?.kill().await?;
    let booking = Booking::at("NOPG01", &client.phone, in_seconds(86_400));
    world.accept(&booking.created()).await?;
    world.telegram.say(client.chat, "/address").await?;
    world.host.postgres()?.resume().await?;
    world.database.reconnect().await?;
    let sql = "SELECT count(*) FROM bookings WHERE bukza_booking_id = 'NOPG01'";
    world.until(sql, 1_i64, A_MINUTE).await?;
    let confirmed = |m: &simulator::model::ChatMessage| m.text.contains(said::CONFIRMED);
    world.telegram.wait_for_message(client.chat, confirmed, A_MINUTE).await?;
    let address = |m: &simulator::model::ChatMessage| m.text.contains(said::ADDRESS);
    world.telegram.wait_for_message(client.chat, address, A_MINUTE).await?;
    assert_eq!(times_told(&world, client.chat, said::CONFIRMED).await?, 1);
    Ok(())
}

#[tokio::test]
async fn without_both_the_answer_is_503_until_one_is_back() -> Outcome {
    let mut world = World::start(Options::default().own_servers()).await?;
    let request = Booking::at("NEITHE", "+79990000001", in_seconds(86_400)).created();
    world.host.redis()?.kill().await?;
    world.host.postgres()?.kill().await?;
    let answer = world
        .http
        .post(format!("{}/webhook/bukza{}", world.ingest_url(), request.query))
        .header("X-Webhook-Secret", xtask::fleet::BUKZA_SECRET)
        .body(request.body.clone())
        .send()
        .await?;
    assert_eq!(answer.status(), 503);
    let pause: u32 = answer.headers()["retry-after"].to_str()?.parse()?;
    assert!((1..=60).contains(&pause));
    let ingest = world.ingests.first().expect("one ingest");
    let (ready, parts) = ingest.readiness(&world.http).await.expect("it answers");
    assert!(!ready && parts.contains("redis") && parts.contains("postgres"), "{parts}");

    world.host.redis()?.resume().await?;
    until_answered(&world, &request, 200).await?;
    world.host.postgres()?.resume().await?;
    world.database.reconnect().await?;
    let sql = "SELECT count(*) FROM bookings WHERE bukza_booking_id = 'NEITHE'";
    world.until(sql, 1_i64, A_MINUTE).await?;
    applied(&world, "NEITHE", "active", 1).await?;
    for program in world.ingests.iter_mut().chain(&mut world.workers) {
        assert!(program.process.ended().is_none(), "{} died", program.process.name());
        program.ready(&world.http, A_MINUTE).await?;
    }
    Ok(())
}

#[tokio::test]
async fn a_redis_that_hangs_holds_no_webhook_for_long() -> Outcome {
    let mut world = World::start(Options::default().own_servers()).await?;
    // The first request of a debug build reads the rules of phone numbers for two seconds.
    world.accept(&Booking::at("WARMUP", "+79990000001", in_seconds(86_400)).created()).await?;
    world.host.redis()?.pause();
    let started = std::time::Instant::now();
    world.accept(&Booking::at("PAUSED", "+79990000001", in_seconds(86_400)).created()).await?;
    assert!(started.elapsed() < Duration::from_secs(5), "took {:?}", started.elapsed());
    world.host.redis()?.unpause();
    let sql = "SELECT count(*) FROM bookings WHERE bukza_booking_id = 'PAUSED'";
    world.until(sql, 1_i64, A_MINUTE).await?;
    // Stored twice perhaps, in Redis late and in the inbox: applied once.
    let told = "SELECT count(*) FROM messages WHERE kind = 'staff_created'";
    assert_eq!(world.database.one::<i64>(told).await?, 2);
    Ok(())
}
