//! Redis holds the jobs of the next two days: what is due later is pushed in time, and an emptied Redis is
//! filled again at once.

use std::time::Duration;

use crate::common::{
    Booking, Options, Outcome, Person, SOON, World, clients_settled, expect_message, in_seconds,
    job_ids, jobs_planned, message_count, person, phrases, register, settled, warm_up,
};
use chrono::TimeDelta;
use testing::harness::bukza::now;

/// How late a message may be after Redis was emptied.
const LATE: TimeDelta = TimeDelta::seconds(5);

async fn empty_redis(world: &World) -> Outcome {
    redis::cmd("FLUSHALL").query_async::<()>(&mut world.redis().await?).await?;
    Ok(())
}

#[tokio::test]
async fn what_is_due_just_after_redis_was_emptied_is_at_most_five_seconds_late() -> Outcome {
    let options = Options::default().own_servers().workers(2).set("REMINDER_BEFORE", "1h");
    let world = World::start(options).await?;
    let clients: Vec<Person> = (1..=3).map(person).collect();
    for client in &clients {
        register(&world, client).await?;
    }
    warm_up(&world).await?;
    for (client, code) in clients.iter().zip(["FLUSH1", "FLUSH2", "FLUSH3"]) {
        world.accept(&Booking::at(code, &client.phone, in_seconds(3600 + 15)).created()).await?;
        expect_message(&world, client, phrases::CONFIRMED).await?;
    }
    clients_settled(&world).await?;
    let due = "UPDATE messages SET due_at = now() + interval '1 second' * (SELECT count(*) FROM \
               messages o WHERE o.kind = 'reminder' AND o.chat_id IS NOT NULL AND o.id <= messages.id) \
               WHERE kind = 'reminder' AND chat_id IS NOT NULL";
    assert_eq!(world.database.execute(due).await?, 3);
    empty_redis(&world).await?;
    for client in &clients {
        expect_message(&world, client, phrases::REMINDER).await?;
        clients_settled(&world).await?;
        assert_eq!(message_count(&world, client.chat, phrases::REMINDER).await?, 1);
    }
    let late: f64 = world
        .database
        .one("SELECT max(extract(epoch FROM sent_at - due_at))::float8 FROM messages WHERE kind = 'reminder'")
        .await?;
    assert!(late < LATE.as_seconds_f64(), "{late} s late");
    Ok(())
}

#[tokio::test]
async fn a_message_of_the_day_after_next_gets_its_job_when_two_days_are_left() -> Outcome {
    let world = World::start(Options::default().set("REMINDER_BEFORE", "1h")).await?;
    let client = person(1);
    register(&world, &client).await?;
    let booking = Booking::at("LATER1", &client.phone, in_seconds(3 * 86_400));
    world.accept(&booking.created()).await?;
    expect_message(&world, &client, phrases::CONFIRMED).await?;
    clients_settled(&world).await?;
    let planned = job_ids(&world, "LATER1", "scheduled").await?;
    assert_eq!(planned.len(), 2, "a reminder and a feedback request");
    assert_eq!(jobs_planned(&world, &planned).await?, 0, "they are due in three days");

    // A day and some passes for the reminder alone.
    let passes = "UPDATE messages SET due_at = now() + interval '47 hours 59 minutes' \
                  WHERE kind = 'reminder'";
    world.database.execute(passes).await?;
    until_planned(&world, &planned, 1).await?;
    // A cancellation takes away the one job that there is.
    world.accept(&booking.cancelled()).await?;
    expect_message(&world, &client, phrases::CANCELLED).await?;
    clients_settled(&world).await?;
    until_planned(&world, &planned, 0).await
}

async fn until_planned(world: &World, jobs: &[String], wanted: usize) -> Outcome {
    let deadline = now() + TimeDelta::from_std(SOON)?;
    while jobs_planned(world, jobs).await? != wanted {
        anyhow::ensure!(now() < deadline, "there are not {wanted} jobs");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    Ok(())
}

#[tokio::test]
async fn clients_put_in_by_another_tool_while_no_worker_ran_are_adopted_at_the_next_start()
-> Outcome {
    let mut world = World::start(Options::default()).await?;
    let client = person(1);
    world.accept(&Booking::at("FOUND1", &client.phone, in_seconds(40 * 3600)).created()).await?;
    world.until("SELECT count(*) FROM bookings", 1_i64, SOON).await?;
    settled(&world).await?;
    world.workers.remove(0).stop().await?;
    // Three days pass, in which another tool was at work.
    world
        .database
        .execute(&format!(
            "INSERT INTO users (telegram_id, phone_number, created_at, updated_at) \
             VALUES ({}, '{}', now() - interval '3 days', now() - interval '3 days')",
            client.chat, client.phone
        ))
        .await?;
    world.start_worker()?;
    world.ready().await?;
    let owned = "SELECT count(*) FROM bookings b JOIN users u ON u.id = b.user_id";
    world.until(owned, 1_i64, SOON).await?;
    let addressed = format!(
        "SELECT count(*) FROM messages WHERE recipient = 'client' AND chat_id = {}",
        client.chat
    );
    world.until(&addressed, 3_i64, SOON).await
}
