//! Outages of Redis and PostgreSQL: no accepted request is lost, and planned messages are still
//! sent. Each test has private servers.

use std::time::Duration;

use crate::common::{
    Booking, Options, Outcome, Person, Request, SOON, World, applied, clients_settled,
    confirmed_count, expect_message, in_seconds, message_count, person, phrases, register, warm_up,
};

/// The promised minute after an outage, and some seconds to observe it.
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
    warm_up(&world).await?;
    // Due in five seconds. Even a minute late it would be before the visit.
    let start = in_seconds(75);
    world.accept(&Booking::at("FLUSHD", &client.phone, start).created()).await?;
    expect_message(&world, &client, phrases::CONFIRMED).await?;
    clients_settled(&world).await?;
    let mut redis = world.redis().await?;
    redis::cmd("FLUSHALL").query_async::<()>(&mut redis).await?;
    let reminder = |m: &simulator::model::ChatMessage| m.text.contains(phrases::REMINDER);
    world.telegram.wait_for_message(client.chat, reminder, A_MINUTE).await?;
    clients_settled(&world).await?;
    assert_eq!(message_count(&world, client.chat, phrases::REMINDER).await?, 1);
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
    expect_message(&world, &client, phrases::UPCOMING).await?;
    let sent = "SELECT count(*) FROM messages WHERE kind = 'confirmation' AND status = 'sent'";
    world.until(sent, 3_i64, A_MINUTE).await?;
    assert_eq!(confirmed_count(&world, client.chat).await?, 3);
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
    let confirmed = |m: &simulator::model::ChatMessage| m.text.contains(phrases::CONFIRMED);
    world.telegram.wait_for_message(client.chat, confirmed, A_MINUTE).await?;
    let address = |m: &simulator::model::ChatMessage| m.text.contains(phrases::ADDRESS);
    world.telegram.wait_for_message(client.chat, address, A_MINUTE).await?;
    assert_eq!(message_count(&world, client.chat, phrases::CONFIRMED).await?, 1);
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
        .header("X-Webhook-Secret", testing::harness::fleet::BUKZA_SECRET)
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
    warm_up(&world).await?;
    applied(&world, "WARMUP", "active", 1).await?;
    world.host.redis()?.pause();
    let started = std::time::Instant::now();
    world.accept(&Booking::at("PAUSED", "+79990000001", in_seconds(86_400)).created()).await?;
    assert!(started.elapsed() < Duration::from_secs(5), "took {:?}", started.elapsed());
    world.host.redis()?.unpause();
    let sql = "SELECT count(*) FROM bookings WHERE bukza_booking_id = 'PAUSED'";
    world.until(sql, 1_i64, A_MINUTE).await?;
    // Perhaps stored twice, late in Redis and in the inbox, but applied once.
    let sent = "SELECT count(*) FROM messages WHERE kind = 'staff_created'";
    assert_eq!(world.database.one::<i64>(sent).await?, 2);
    Ok(())
}

/// Checks that /readyz names the missing server. Ingest stays ready with one of the two.
async fn readiness_names_the_missing_server(world: &World, away: &str) -> Outcome {
    let ingest = world.ingests.first().expect("an ingest");
    let worker = world.workers.first().expect("a worker");
    let deadline = std::time::Instant::now() + SOON;
    loop {
        let answers = (ingest.readiness(&world.http).await, worker.readiness(&world.http).await);
        if let (Some((true, of_ingest)), Some((false, of_worker))) = &answers {
            let down = format!("\"{away}\":\"down");
            if of_ingest.contains(&down) && of_worker.contains(&down) {
                return Ok(());
            }
        }
        anyhow::ensure!(std::time::Instant::now() < deadline, "{away} is away, but: {answers:?}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Books a visit whose reminder is due in `seconds`, and waits until it is planned and the
/// confirmation is sent. A later confirmation would leave no reminder.
async fn book_with_reminder_in(
    world: &World,
    client: &Person,
    code: &str,
    seconds: i64,
) -> Outcome {
    let start = in_seconds(seconds + REMINDED_BEFORE);
    world.accept(&Booking::at(code, &client.phone, start).created()).await?;
    let sent = format!(
        "SELECT count(*) FROM messages m JOIN bookings b ON b.id = m.booking_id \
         WHERE b.bukza_booking_id = '{code}' AND (m.kind = 'reminder' AND m.status = 'scheduled' \
         OR m.kind = 'confirmation' AND m.status = 'sent')"
    );
    world.until(&sent, 2_i64, SOON).await
}

/// Waits for the reminder, which must come no more than a minute late.
async fn reminded_in_time(world: &World, client: &Person, code: &str) -> Outcome {
    let reminds = |m: &simulator::model::ChatMessage| {
        m.text.contains(phrases::REMINDER) && m.text.contains(code)
    };
    let reminder = world.telegram.wait_for_message(client.chat, reminds, A_MINUTE).await?;
    let due = format!(
        "SELECT due_at FROM messages m JOIN bookings b ON b.id = m.booking_id \
         WHERE b.bukza_booking_id = '{code}' AND m.kind = 'reminder'"
    );
    let due: chrono::DateTime<chrono::Utc> = world.database.one(&due).await?;
    let late = reminder.at - due;
    eprintln!("{code}: reminded {} ms after the due time", late.num_milliseconds());
    anyhow::ensure!(late < chrono::TimeDelta::seconds(60), "{code}: {late} late");
    Ok(())
}

/// How long before a visit its reminder is due, in seconds: more than the longest lateness.
const REMINDED_BEFORE: i64 = 100;

async fn all_ready(world: &mut World) -> Outcome {
    for program in world.ingests.iter_mut().chain(&mut world.workers) {
        anyhow::ensure!(program.process.ended().is_none(), "{} died", program.process.name());
        program.ready(&world.http, A_MINUTE).await?;
    }
    Ok(())
}

#[tokio::test]
async fn redis_killed_paused_or_full_loses_nothing_and_delays_no_reminder_by_a_minute() -> Outcome {
    let options =
        Options::default().own_servers().set("REMINDER_BEFORE", format!("{REMINDED_BEFORE}s"));
    let mut world = World::start(options).await?;
    let client = person(1);
    register(&world, &client).await?;
    let book = |code: &str| Booking::at(code, &client.phone, in_seconds(86_400)).created();

    warm_up(&world).await?;
    // Killed, and restarted with its data after ten seconds.
    book_with_reminder_in(&world, &client, "KILL01", 8).await?;
    world.host.redis()?.kill().await?;
    readiness_names_the_missing_server(&world, "redis").await?;
    world.accept(&book("KILL02")).await?;
    tokio::time::sleep(Duration::from_secs(10)).await;
    world.host.redis()?.resume().await?;
    reminded_in_time(&world, &client, "KILL01").await?;
    all_ready(&mut world).await?;

    // Hangs for eight seconds.
    book_with_reminder_in(&world, &client, "HANG01", 8).await?;
    world.host.redis()?.pause();
    world.accept(&book("HANG02")).await?;
    tokio::time::sleep(Duration::from_secs(8)).await;
    world.host.redis()?.unpause();
    reminded_in_time(&world, &client, "HANG01").await?;
    all_ready(&mut world).await?;

    // Out of memory for ten seconds.
    book_with_reminder_in(&world, &client, "FULL01", 8).await?;
    let mut redis = world.host.redis()?.connect().await?;
    let mut limit = redis::cmd("CONFIG");
    limit.arg("SET").arg("maxmemory");
    limit.clone().arg("1").query_async::<()>(&mut redis).await?;
    readiness_names_the_missing_server(&world, "redis").await?;
    for code in ["FULL02", "FULL03"] {
        world.accept(&book(code)).await?;
        applied(&world, code, "active", 1).await?;
    }
    tokio::time::sleep(Duration::from_secs(10)).await;
    limit.clone().arg("0").query_async::<()>(&mut redis).await?;
    reminded_in_time(&world, &client, "FULL01").await?;
    all_ready(&mut world).await?;

    for code in ["KILL01", "KILL02", "HANG01", "HANG02", "FULL01", "FULL02", "FULL03"] {
        world.until(&booked(code), 1_i64, A_MINUTE).await?;
    }
    clients_settled(&world).await?;
    assert_eq!(confirmed_count(&world, client.chat).await?, 7, "one for each booking");
    assert_eq!(message_count(&world, client.chat, phrases::REMINDER).await?, 3);
    let falls = world.ingests[0].process.log_lines("does not take jobs")?;
    // Logged once, and not for each probe.
    assert!(falls <= 6, "ingest has logged {falls} times that Redis refuses writes");
    Ok(())
}

/// How many bookings have this code.
fn booked(code: &str) -> String {
    format!("SELECT count(*) FROM bookings WHERE bukza_booking_id = '{code}'")
}

#[tokio::test]
async fn postgresql_away_for_long_or_restarted_loses_nothing() -> Outcome {
    let mut world = World::start(Options::default().own_servers()).await?;
    let client = person(1);
    register(&world, &client).await?;
    let book = |code: &str| Booking::at(code, &client.phone, in_seconds(86_400)).created();

    // Stopped, and restarted after half a minute.
    world.host.postgres()?.stop().await?;
    readiness_names_the_missing_server(&world, "postgres").await?;
    let codes: Vec<String> = (0..10).map(|number| format!("AWAY{number:02}")).collect();
    for code in &codes {
        world.accept(&book(code)).await?;
    }
    world.telegram.say(client.chat, "/address").await?;
    tokio::time::sleep(Duration::from_secs(30)).await;
    world.host.postgres()?.resume().await?;
    world.database.reconnect().await?;
    for code in &codes {
        world.until(&booked(code), 1_i64, A_MINUTE).await?;
    }
    all_ready(&mut world).await?;

    // Restarted while events arrive.
    let again: Vec<String> = (0..10).map(|number| format!("BACK{number:02}")).collect();
    for (number, code) in again.iter().enumerate() {
        world.accept(&book(code)).await?;
        if number == 3 {
            world.host.postgres()?.stop().await?;
        }
        if number == 6 {
            world.host.postgres()?.resume().await?;
        }
    }
    world.database.reconnect().await?;
    for code in &again {
        world.until(&booked(code), 1_i64, A_MINUTE).await?;
    }
    let address = |m: &simulator::model::ChatMessage| m.text.contains(phrases::ADDRESS);
    world.telegram.wait_for_message(client.chat, address, A_MINUTE).await?;
    world
        .until(
            "SELECT count(*) FROM messages WHERE kind = 'confirmation' AND status = 'sent'",
            20_i64,
            A_MINUTE,
        )
        .await?;
    assert_eq!(confirmed_count(&world, client.chat).await?, 20, "one for each booking");
    let dead = "SELECT count(*) FROM dead_letters";
    assert_eq!(world.database.one::<i64>(dead).await?, 0);
    all_ready(&mut world).await
}
