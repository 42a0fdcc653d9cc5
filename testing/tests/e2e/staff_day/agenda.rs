//! The agenda that comes by itself: once, whatever the number of workers and restarts, and not hours later.

use chrono::{TimeDelta, Timelike};
use testing::harness::bukza::{ZONE, now};

use super::answer;
use crate::common::{
    Options, Outcome, SOON, STAFF_CHAT, World, expect_staff_message, message_count, settled,
};

const PLANNED: &str = "SELECT count(*) FROM messages WHERE kind = 'staff_agenda'";

/// The venue's time of day, so long ago.
fn ago(minutes: i64) -> String {
    (now() - TimeDelta::minutes(minutes)).with_timezone(&ZONE).format("%H:%M").to_string()
}

#[tokio::test]
async fn it_comes_once_with_two_workers_and_over_a_restart() -> Outcome {
    let at = ago(1);
    let is_morning = (now() - TimeDelta::minutes(1)).with_timezone(&ZONE).hour() < 12;
    let mut world = World::start(Options::default().workers(2).set("AGENDA_AT", &at)).await?;
    // A day without visits is one short line.
    let agenda = expect_staff_message(&world, &["📅", "визитов нет"]).await?;
    assert_eq!((agenda.reply_to, agenda.text.lines().count()), (None, 1));
    let today = answer(&world, if is_morning { "/today" } else { "/tomorrow" }, "📅").await?;
    assert_eq!(agenda.text, today.text);
    for worker in std::mem::take(&mut world.workers) {
        worker.stop().await?;
    }
    for _ in 0..2 {
        world.start_worker()?;
    }
    world.ready().await?;
    answer(&world, "/help", "само в").await?;
    settled(&world).await?;
    assert_eq!(world.database.one::<i64>(PLANNED).await?, 1);
    assert_eq!(message_count(&world, STAFF_CHAT, "визитов нет").await?, 2);
    Ok(())
}

#[tokio::test]
async fn it_comes_when_its_time_comes() -> Outcome {
    // The next full minute.
    let next = now() + TimeDelta::seconds(60);
    let at = next.with_timezone(&ZONE).format("%H:%M").to_string();
    let world = World::start(Options::default().workers(2).set("AGENDA_AT", at)).await?;
    let due = "SELECT due_at FROM messages WHERE kind = 'staff_agenda'";
    world.until(PLANNED, 1_i64, 2 * SOON).await?;
    let due: std::time::SystemTime = world.database.one(due).await?;
    let due = chrono::DateTime::<chrono::Utc>::from(due);
    assert_eq!((due.second(), due.minute()), (0, next.minute()));
    let agenda = expect_staff_message(&world, &["📅"]).await?;
    assert!(agenda.at >= due && agenda.at - due < TimeDelta::seconds(30), "{due} {}", agenda.at);
    Ok(())
}

#[tokio::test]
async fn hours_after_an_outage_it_is_left_out() -> Outcome {
    let world = World::start(Options::default().set("AGENDA_AT", ago(125))).await?;
    answer(&world, "/today", "📅").await?;
    settled(&world).await?;
    assert_eq!(world.database.one::<i64>(PLANNED).await?, 0);
    Ok(())
}

#[tokio::test]
async fn it_expires_where_it_could_not_be_sent_in_time() -> Outcome {
    let mut world = World::start(Options::default().set("AGENDA_AT", ago(1))).await?;
    expect_staff_message(&world, &["📅"]).await?;
    world.workers.remove(0).stop().await?;
    world
        .database
        .execute(
            "UPDATE messages SET status = 'scheduled', sent_at = NULL, telegram_message_id = NULL, \
             due_at = now() - interval '2 hours', expires_at = now(), pushed_at = 'epoch' \
             WHERE kind = 'staff_agenda'",
        )
        .await?;
    world.start_worker()?;
    let ended = "SELECT status FROM messages WHERE kind = 'staff_agenda'";
    world.until(ended, "expired".to_owned(), SOON).await?;
    assert_eq!(message_count(&world, STAFF_CHAT, "📅").await?, 1);
    Ok(())
}
