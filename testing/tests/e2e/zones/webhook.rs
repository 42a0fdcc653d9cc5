//! Bukza sends a booking again after the program got new rules, before anybody replanned.

use anyhow::ensure;
use chrono::{DateTime, TimeDelta, Utc};
use testing::harness::bukza::ZONE;

use super::{book, heard, local_request, options, plan, shift};
use crate::common::{
    Booking, Outcome, Person, Request, SOON, World, applied, expect_message, expect_staff_message,
    in_seconds, job_ids, jobs_planned, person, phrases, register, settled, warm_up,
};

const HOUR: i64 = 3_600;

/// Waits until the visit starts at its time on the venue's clocks.
async fn until_corrected(world: &World, code: &str) -> Outcome {
    let sql = format!(
        "SELECT starts_at = starts_local AT TIME ZONE 'Asia/Yekaterinburg' FROM bookings \
         WHERE bukza_booking_id = '{code}'"
    );
    world.until(&sql, true, SOON).await
}

async fn corrects_silently(
    code: &str,
    request: impl Fn(&str, &Person, DateTime<Utc>) -> Request,
) -> Outcome {
    let world = World::start(options()).await?;
    let client = person(1);
    register(&world, &client).await?;
    warm_up(&world).await?;
    let start = in_seconds(26 * HOUR);
    let again = request(code, &client, start);
    book(&world, code, &client, &again).await?;
    let right = plan(&world, code).await?;
    shift(&world, code, -1).await?;
    let (before, jobs) = (heard(&world, &client).await?, job_ids(&world, code, "scheduled").await?);
    world.accept(&again).await?;
    until_corrected(&world, code).await?;
    world.until_empty("events", SOON).await?;
    settled(&world).await?;
    assert_eq!(plan(&world, code).await?, right);
    assert_eq!(heard(&world, &client).await?, before, "no move, no card");
    assert_eq!(jobs_planned(&world, &jobs).await?, 0);
    let none = world.operate(&["replan"]).await?;
    ensure!(none.contains("из 2 визитов у 0"), "{none}");

    // Another hour is a move, from the one that the client knows.
    shift(&world, code, -1).await?;
    world.accept(&request(code, &client, start + TimeDelta::hours(5))).await?;
    let moved = expect_message(&world, &client, phrases::MOVED).await?;
    for known in [start, start + TimeDelta::hours(5)] {
        let hour = known.with_timezone(&ZONE).format("%H:%M").to_string();
        ensure!(moved.text.contains(&hour), "{hour}: {}", moved.text);
    }
    expect_staff_message(&world, &[phrases::STAFF_CHANGED, code]).await?;
    applied(&world, code, "active", 2).await
}

#[tokio::test]
async fn the_same_local_time_after_an_update_is_no_move_and_another_one_is() -> Outcome {
    corrects_silently("LAWS21", local_request).await
}

#[tokio::test]
async fn another_instant_at_the_same_hour_after_an_update_is_no_move() -> Outcome {
    let instant =
        |code: &str, client: &Person, start| Booking::at(code, &client.phone, start).created();
    corrects_silently("LAWS22", instant).await
}
