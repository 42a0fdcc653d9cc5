//! Clocks: a visit that began while no worker ran, and programs whose clocks are two seconds off,
//! under libfaketime.

use std::{path::PathBuf, time::Duration};

use crate::common::{
    Booking, Options, Outcome, Person, Request, SOON, World, clients_settled, expect_message,
    in_seconds, message_count, message_states, person, phrases, register,
};
use chrono::{DateTime, TimeDelta, Utc};
use testing::harness::fleet::{BUKZA_SECRET, Program};

const OFF: TimeDelta = TimeDelta::seconds(2);
/// Lateness of a message whose job was lost.
const RECONCILED: TimeDelta = TimeDelta::seconds(20);
const MINUTE: Duration = Duration::from_secs(60);

#[tokio::test]
async fn a_reminder_whose_visit_has_begun_expires_unsent() -> Outcome {
    let options = Options::default().set("REMINDER_BEFORE", "10s").set("FEEDBACK_AFTER", "1h");
    let mut world = World::start(options).await?;
    let client = person(1);
    register(&world, &client).await?;
    world.accept(&Booking::at("MISSED", &client.phone, in_seconds(3_600)).created()).await?;
    expect_message(&world, &client, phrases::CONFIRMED).await?;
    clients_settled(&world).await?;
    let planned = ["confirmation sent", "reminder scheduled", "feedback scheduled"];
    assert_eq!(message_states(&world, "MISSED").await?, planned);
    world.workers.remove(0).kill().await?;

    // An hour without a worker: the visit began a second ago.
    let hour = "- interval '1 hour 1 second'";
    for past in [
        format!("UPDATE bookings SET starts_at = starts_at {hour}, ends_at = ends_at {hour}"),
        format!(
            "UPDATE messages SET due_at = due_at {hour}, expires_at = expires_at {hour} \
             WHERE status = 'scheduled'"
        ),
    ] {
        world.database.execute(&past).await?;
    }
    world.start_worker()?;
    let reminder = "SELECT concat_ws(' ', status, reason) FROM messages WHERE kind = 'reminder'";
    world.until(reminder, "expired too_late".to_owned(), MINUTE).await?;
    clients_settled(&world).await?;
    assert_eq!(message_count(&world, client.chat, phrases::REMINDER).await?, 0);
    let shown = world.operate(&["booking", "MISSED"]).await?;
    assert!(shown.contains("too_late"), "{shown}");
    Ok(())
}

/// One ingest and one worker for each clock: right, two seconds slow, and two seconds fast.
async fn world_of_wrong_clocks(options: Options) -> anyhow::Result<World> {
    let mut world = World::start(options).await?;
    let library = faketime()?;
    for offset in ["-2s", "+2s"] {
        for (name, value) in [
            ("LD_PRELOAD", library.to_string_lossy().as_ref()),
            ("FAKETIME", offset),
            // The clock is shifted, but runs at normal speed.
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1"),
            ("NO_FAKE_STAT", "1"),
        ] {
            world.settings.set(name, value);
        }
        world.start_ingest()?;
        world.start_worker()?;
    }
    world.ready().await?;
    for name in ["LD_PRELOAD", "FAKETIME", "FAKETIME_DONT_FAKE_MONOTONIC", "NO_FAKE_STAT"] {
        world.settings.remove(name);
    }
    Ok(world)
}

/// Debian keeps it in a folder of the machine's architecture.
fn faketime() -> anyhow::Result<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib")?.filter_map(Result::ok);
    folders
        .map(|folder| folder.path().join("faketime/libfaketime.so.1"))
        .find(|library| library.is_file())
        .ok_or_else(|| anyhow::anyhow!("libfaketime is not installed: run cargo xtask set-up"))
}

/// Posts to one of the ingests.
async fn post(world: &World, ingest: &Program, request: &Request) -> Outcome {
    let url = format!("{}/webhook/bukza{}", ingest.url(), request.query);
    let post = world.http.post(url).header("X-Webhook-Secret", BUKZA_SECRET);
    let answer = post.body(request.body.clone()).send().await?;
    anyhow::ensure!(answer.status() == 200, "{}", answer.status());
    Ok(())
}

#[tokio::test]
async fn machines_whose_clocks_are_two_seconds_off_do_no_harm() -> Outcome {
    let options = Options::default().set("REMINDER_BEFORE", "4s").set("FEEDBACK_AFTER", "1h");
    let world = world_of_wrong_clocks(options).await?;
    clocks_are_off(&world)?;
    let (first, second, third) = (&world.ingests[0], &world.ingests[1], &world.ingests[2]);
    let clients: Vec<Person> = (1..=6).map(person).collect();
    for client in &clients {
        register(&world, client).await?;
    }
    // Changes in quick succession by ingests with different clocks. The last one counts.
    let orders = [
        [first, second, third],
        [second, third, first],
        [third, first, second],
        [third, second, first],
        [second, first, third],
        [first, third, second],
    ];
    let start = in_seconds(25);
    for (n, (client, order)) in clients.iter().zip(orders).enumerate() {
        let days = |days: i64| in_seconds(days * 86_400);
        let booking = Booking::at(&format!("CLOCK{n}"), &client.phone, days(1));
        let changes = [booking.clone(), booking.moved_to(days(2)), booking.moved_to(start)];
        for (ingest, change) in order.into_iter().zip(&changes) {
            post(&world, ingest, &change.created()).await?;
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
    for n in 0..clients.len() {
        let standing = format!(
            "SELECT count(*) FROM bookings WHERE bukza_booking_id = 'CLOCK{n}' AND \
             status = 'active' AND abs(extract(epoch FROM starts_at) - {}) < 1",
            start.timestamp()
        );
        world.until(&standing, 1_i64, SOON).await?;
    }
    for client in &clients {
        let reminds = |m: &simulator::model::ChatMessage| m.text.contains(phrases::REMINDER);
        let reminder = world.telegram.wait_for_message(client.chat, reminds, MINUTE).await?;
        let at: DateTime<Utc> = reminder.at;
        let late = at - (start - TimeDelta::seconds(4));
        println!("reminded {} ms after it was due", late.num_milliseconds());
        assert!(late > -OFF, "{} ms early", -late.num_milliseconds());
        assert!(late < RECONCILED, "its wake-up was lost: {} ms late", late.num_milliseconds());
    }
    clients_settled(&world).await?;
    for client in &clients {
        assert_eq!(message_count(&world, client.chat, phrases::REMINDER).await?, 1);
        assert_eq!(message_count(&world, client.chat, phrases::REGISTERED).await?, 1);
    }
    assert_eq!(world.database.one::<i64>("SELECT count(*) FROM dead_letters").await?, 0);
    Ok(())
}

/// Checks that the programs' clocks are really off.
fn clocks_are_off(world: &World) -> Outcome {
    let programs = world.ingests.iter().chain(&world.workers);
    let noticed = programs
        .filter(|program| program.process.log_tail(1_000).contains("this machine's clock is off"));
    let count = noticed.count();
    anyhow::ensure!(count == 4, "{count} of 4 programs with a wrong clock have noticed");
    Ok(())
}
