//! `worker replan` lists visits at another instant than their time on the venue's clocks, and moves them with what
//! waits. Nobody hears of it.

use anyhow::ensure;

use super::{book, everything, heard, local_request, options, plan, shift};
use crate::common::{
    Booking, Outcome, SOON, World, clients_settled, expect_message, in_seconds, job_ids,
    jobs_planned, message_count, person, phrases, register, settled, warm_up,
};

const HOUR: i64 = 3_600;

#[tokio::test]
async fn visits_after_a_change_of_law_are_listed_then_moved_with_what_waits_and_nobody_hears_of_it()
-> Outcome {
    let world = World::start(options()).await?;
    let (client, other, third) = (person(1), person(2), person(3));
    for person in [&client, &other, &third] {
        register(&world, person).await?;
    }
    warm_up(&world).await?;
    book(&world, "LAWS01", &client, &local_request("LAWS01", &client, in_seconds(26 * HOUR)))
        .await?;
    let sent = Booking::at("LAWS02", &other.phone, in_seconds(30 * HOUR)).created();
    book(&world, "LAWS02", &other, &sent).await?;
    book(&world, "LAWS03", &third, &local_request("LAWS03", &third, in_seconds(30 * HOUR))).await?;
    let right = plan(&world, "LAWS01").await?;

    let none = world.operate(&["replan", "--apply"]).await?;
    ensure!(none.contains("из 4 визитов у 0") && none.contains("перенесено визитов: 0"), "{none}");

    // By the older rules the venue's clocks were an hour ahead: its noon was an hour earlier.
    shift(&world, "LAWS01", -1).await?;
    let shown = "UPDATE bookings SET starts_local = starts_local + interval '1 hour', \
                 ends_local = ends_local + interval '1 hour' WHERE bukza_booking_id = 'LAWS02'";
    assert_eq!(world.database.execute(shown).await?, 1);
    // A build before has moved this one.
    let before = "UPDATE bookings SET history = history - 'clock', \
                  starts_at = starts_at + interval '2 hours', ends_at = ends_at + interval '2 hours' \
                  WHERE bukza_booking_id = 'LAWS03'";
    assert_eq!(world.database.execute(before).await?, 1);

    let rows = everything(&world).await?;
    let listed = world.operate(&["replan"]).await?;
    let lines: Vec<&str> = listed.lines().collect();
    ensure!(lines.len() == 6, "{listed}");
    ensure!(lines[0].starts_with("LAWS01  ") && !lines[0].contains("остаётся"), "{listed}");
    ensure!(lines[1].starts_with("LAWS02  ") && lines[1].ends_with("остаётся"), "{listed}");
    ensure!(lines[2].starts_with("из 4 визитов у 1 "), "{listed}");
    ensure!(lines[3].starts_with("присланы со смещением") && lines[3].contains(": 1;"), "{listed}");
    ensure!(lines[4].starts_with("сохранены версией") && lines[4].ends_with(": 1"), "{listed}");
    ensure!(lines[5].starts_with("ничего не изменено"), "{listed}");
    assert_eq!(everything(&world).await?, rows, "listing changes nothing");

    let (heard_before, jobs) =
        (heard(&world, &client).await?, job_ids(&world, "LAWS01", "scheduled").await?);
    assert_eq!(jobs_planned(&world, &jobs).await?, jobs.len(), "the reminder and the question");
    let moved = world.operate(&["replan", "--apply"]).await?;
    ensure!(moved.contains("перенесено визитов: 1, сообщений с новым временем: 2"), "{moved}");
    assert_eq!(plan(&world, "LAWS01").await?, right);
    let new_jobs = job_ids(&world, "LAWS01", "scheduled").await?;
    assert_eq!((new_jobs.len(), jobs_planned(&world, &new_jobs).await?), (2, 2));
    assert_eq!(jobs_planned(&world, &jobs).await?, 0, "the jobs of before are cancelled");

    let rows = everything(&world).await?;
    let again = world.operate(&["replan", "--apply"]).await?;
    ensure!(
        again.contains("из 4 визитов у 0") && again.contains("перенесено визитов: 0"),
        "{again}"
    );
    assert_eq!(everything(&world).await?, rows, "a second run changes nothing");

    let instants = world.operate(&["replan", "--apply", "--instants"]).await?;
    ensure!(instants.contains("перенесено визитов: 1"), "{instants}");
    let at = "SELECT starts_at = starts_local AT TIME ZONE 'Asia/Yekaterinburg' FROM bookings \
              WHERE bukza_booking_id = 'LAWS02'";
    assert!(world.database.one::<bool>(at).await?);
    settled(&world).await?;
    assert_eq!(heard(&world, &client).await?, heard_before, "nobody heard of it");
    Ok(())
}

#[tokio::test]
async fn the_reminder_comes_at_its_new_time_once_and_one_that_was_sent_does_not_come_again()
-> Outcome {
    let world = World::start(options().workers(2)).await?;
    let client = person(1);
    register(&world, &client).await?;
    warm_up(&world).await?;
    let start = in_seconds(24 * HOUR + 25);
    book(&world, "LAWS11", &client, &local_request("LAWS11", &client, start)).await?;
    // By the older rules the visit and its reminder were an hour later.
    shift(&world, "LAWS11", 1).await?;
    let moved = world.operate(&["replan", "--apply"]).await?;
    ensure!(moved.contains("перенесено визитов: 1"), "{moved}");
    let reminder = expect_message(&world, &client, phrases::REMINDER).await?;
    // Its answer counts: the booking's version is the same.
    ensure!(!reminder.buttons.is_empty(), "{reminder:?}");
    settled(&world).await?;

    // The law changes again, in the other direction, once the reminder was sent.
    shift(&world, "LAWS11", -1).await?;
    let moved = world.operate(&["replan", "--apply"]).await?;
    ensure!(
        moved.contains("перенесено визитов: 1, сообщений с новым временем: 1"),
        "the question alone: {moved}"
    );
    // A reminder that the older rules would have sent by now is sent at once.
    let waits = "UPDATE messages SET status = 'scheduled', sent_at = NULL, telegram_message_id = NULL, \
                 due_at = now() + interval '50 minutes' WHERE kind = 'reminder'";
    let sent = message_count(&world, client.chat, phrases::REMINDER).await?;
    assert_eq!(sent, 1);
    assert_eq!(world.database.execute(waits).await?, 1);
    shift(&world, "LAWS11", 1).await?;
    world.operate(&["replan", "--apply"]).await?;
    let status = "SELECT status FROM messages WHERE kind = 'reminder'";
    world.until(status, "sent".to_owned(), SOON).await?;
    clients_settled(&world).await?;
    assert_eq!(message_count(&world, client.chat, phrases::REMINDER).await?, 2);
    Ok(())
}
