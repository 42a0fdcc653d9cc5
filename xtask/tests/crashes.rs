//! `kill -9` and restarts of our own programs, in the middle of things: what was accepted is done,
//! what was said is not said again beyond what the design allows.

mod common;

use std::time::Duration;

use common::{
    Booking, Options, Outcome, SOON, World, in_seconds, person, register, said, settled,
    times_told, told,
};
use simulator::model::{Fault, FaultKind};

/// A lease of the outbox and a sweep of the reconciler, or a job's return from a dead worker.
const RECOVERY: Duration = Duration::from_secs(120);

#[tokio::test]
async fn a_worker_killed_in_the_middle_of_a_send_leaves_nothing_unsaid() -> Outcome {
    let mut world = World::start(Options::default()).await?;
    let client = person(1);
    register(&world, &client).await?;
    let hang = Fault::sending(FaultKind::Hang { ms: 60_000 }, 1).in_chat(client.chat).accepted();
    world.telegram.script(&hang).await?;
    world.accept(&Booking::at("KILLED", &client.phone, in_seconds(86_400)).created()).await?;
    world.telegram.wait_for_call(0, |call| call.outcome == "hang", SOON).await?;
    world.workers.remove(0).kill().await?;
    world.start_worker()?;
    world.ready().await?;
    let sql = "SELECT status FROM messages WHERE kind = 'confirmation'";
    world.until(sql, "sent".to_owned(), RECOVERY).await?;
    settled(&world).await?;
    assert_eq!(times_told(&world, client.chat, said::CONFIRMED).await?, 2, "one more try, no more");
    Ok(())
}

#[tokio::test]
async fn a_feedback_request_cut_off_by_a_crash_is_not_said_again() -> Outcome {
    let mut world = World::start(Options::default()).await?;
    let client = person(1);
    register(&world, &client).await?;
    let mut booking = Booking::at("FEEDBK", &client.phone, in_seconds(-600));
    booking.end = in_seconds(5);
    world.accept(&booking.created()).await?;
    told(&world, &client, said::CONFIRMED).await?;
    let hang = Fault::sending(FaultKind::Hang { ms: 60_000 }, 1).in_chat(client.chat).accepted();
    world.telegram.script(&hang).await?;
    world.telegram.wait_for_call(0, |call| call.outcome == "hang", SOON).await?;
    world.workers.remove(0).kill().await?;
    world.start_worker()?;
    world.ready().await?;
    let sql = "SELECT status FROM messages WHERE kind = 'feedback'";
    world.until(sql, "unknown".to_owned(), RECOVERY).await?;
    assert_eq!(times_told(&world, client.chat, said::FEEDBACK).await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_rolling_restart_under_load_loses_no_booking() -> Outcome {
    let mut world = World::start(Options::default().ingests(2).workers(2)).await?;
    world.accept(&Booking::at("WARMUP", "+79990000001", in_seconds(86_400)).created()).await?;
    let mut accepted = 1_i64;
    for round in 0..4 {
        for number in 0..25 {
            let code = format!("ROLL{round}{number:02}");
            world.accept(&Booking::at(&code, "+79990000001", in_seconds(86_400)).created()).await?;
            accepted += 1;
        }
        // The second ingest and one worker at a time: the first ingest is who is asked here.
        let old = if round % 2 == 0 { world.ingests.remove(1) } else { world.workers.remove(0) };
        let ended = old.stop().await?;
        assert!(ended.success(), "a restart ends with {ended}");
        if round % 2 == 0 {
            world.start_ingest()?
        } else {
            world.start_worker()?
        };
        world.ready().await?;
    }
    world.until("SELECT count(*) FROM bookings", accepted, RECOVERY).await?;
    let versions = "SELECT count(*) FROM bookings WHERE version <> 1";
    assert_eq!(world.database.one::<i64>(versions).await?, 0, "each was applied once");
    Ok(())
}

#[tokio::test]
async fn ingest_killed_under_load_has_kept_what_it_accepted() -> Outcome {
    let mut world = World::start(Options::default()).await?;
    world.accept(&Booking::at("WARMUP", "+79990000001", in_seconds(86_400)).created()).await?;
    let mut accepted = vec!["WARMUP".to_owned()];
    for number in 0..60 {
        let code = format!("LOAD{number:02}");
        if number == 30 {
            world.ingests.remove(0).kill().await?;
            world.start_ingest()?;
            world.ready().await?;
        }
        world.accept(&Booking::at(&code, "+79990000001", in_seconds(86_400)).created()).await?;
        accepted.push(code);
    }
    let sql = "SELECT count(*) FROM bookings";
    world.until(sql, i64::try_from(accepted.len())?, RECOVERY).await
}
