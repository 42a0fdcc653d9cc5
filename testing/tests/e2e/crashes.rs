//! `kill -9` and restarts of the programs at any moment: accepted work is done, and messages are
//! repeated only as the table of outcomes allows.

use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use crate::common::{
    Booking, Options, Outcome, Request, SOON, World, clients_settled, expect_message, in_seconds,
    message_count, person, phrases, register, waits_for_lock, warm_up,
};
use simulator::model::{Fault, FaultKind};
use testing::{
    harness::{
        environment::is_long,
        fleet::{BUKZA_SECRET, Database, Program},
    },
    soak::{Plan, soak},
};

/// A lease and a round of the reconciler, or a job's return from a dead worker.
pub const RECOVERY: Duration = Duration::from_secs(120);

#[tokio::test]
async fn a_worker_killed_in_the_middle_of_a_send_leaves_nothing_unsent() -> Outcome {
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
    clients_settled(&world).await?;
    assert_eq!(
        message_count(&world, client.chat, phrases::CONFIRMED).await?,
        2,
        "one more attempt, and no more"
    );
    Ok(())
}

#[tokio::test]
async fn a_feedback_request_cut_off_by_a_crash_is_not_sent_again() -> Outcome {
    let mut world = World::start(Options::default()).await?;
    let client = person(1);
    register(&world, &client).await?;
    warm_up(&world).await?;
    let mut booking = Booking::at("FEEDBK", &client.phone, in_seconds(-600));
    booking.end = in_seconds(8);
    world.accept(&booking.created()).await?;
    expect_message(&world, &client, phrases::CONFIRMED).await?;
    let hang = Fault::sending(FaultKind::Hang { ms: 60_000 }, 1).in_chat(client.chat).accepted();
    world.telegram.script(&hang).await?;
    world.telegram.wait_for_call(0, |call| call.outcome == "hang", SOON).await?;
    world.workers.remove(0).kill().await?;
    // The time of its lease passes.
    let over = "UPDATE messages SET lease_until = now() WHERE status = 'sending'";
    assert_eq!(world.database.execute(over).await?, 1);
    world.start_worker()?;
    world.ready().await?;
    let sql = "SELECT status FROM messages WHERE kind = 'feedback' AND chat_id IS NOT NULL";
    world.until(sql, "unknown".to_owned(), RECOVERY).await?;
    assert_eq!(message_count(&world, client.chat, phrases::FEEDBACK).await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_worker_killed_in_the_middle_of_a_claim_and_of_an_event_leaves_both_to_the_next()
-> Outcome {
    let mut world = World::start(Options::default().set("REMINDER_BEFORE", "170s")).await?;
    let client = person(1);
    register(&world, &client).await?;
    warm_up(&world).await?;
    world.accept(&Booking::at("CLAIMD", &client.phone, in_seconds(180)).created()).await?;
    expect_message(&world, &client, phrases::CONFIRMED).await?;

    // The reminder's claim and this event's transaction wait for these locks.
    let locks = Database::open(&world.database.name, &world.database.url).await?;
    locks.execute("BEGIN").await?;
    locks.rows("SELECT id FROM messages WHERE kind = 'reminder' FOR UPDATE").await?;
    locks.rows("SELECT pg_advisory_xact_lock(hashtextextended('booking:EVENT1', 0))").await?;
    waits_for_lock(&world, "-- Claims the messages").await?;
    world.accept(&Booking::at("EVENT1", &client.phone, in_seconds(86_400)).created()).await?;
    waits_for_lock(&world, "SELECT pg_advisory_xact_lock").await?;
    world.workers.remove(0).kill().await?;
    locks.execute("ROLLBACK").await?;

    world.start_worker()?;
    world.ready().await?;
    world
        .until(
            "SELECT status FROM messages WHERE kind = 'reminder' AND due_at < now()",
            "sent".to_owned(),
            RECOVERY,
        )
        .await?;
    world
        .until("SELECT version FROM bookings WHERE bukza_booking_id = 'EVENT1'", 1, RECOVERY)
        .await?;
    let confirmed = "SELECT count(*) FROM messages WHERE kind = 'confirmation' AND status = 'sent'";
    world.until(confirmed, 2_i64, SOON).await?;
    clients_settled(&world).await?;
    assert_eq!(message_count(&world, client.chat, phrases::REMINDER).await?, 1);
    assert_eq!(
        message_count(&world, client.chat, phrases::CONFIRMED).await?,
        2,
        "one for each booking"
    );
    Ok(())
}

/// Posts as nginx does: tries the next ingest when one is unreachable or closes the connection,
/// three times at most.
async fn post_by_turns(
    http: &reqwest::Client,
    ingests: &Mutex<Vec<String>>,
    request: &Request,
) -> Outcome {
    let mut errors = Vec::new();
    for turn in 0..3 {
        let url = {
            let urls = ingests.lock().expect("no panic holds it");
            urls[turn % urls.len()].clone()
        };
        let posted = http
            .post(format!("{url}/webhook/bukza{}", request.query))
            .header("X-Webhook-Secret", BUKZA_SECRET)
            .body(request.body.clone())
            .send()
            .await;
        match posted {
            Ok(answer) if answer.status() == 200 => return Ok(()),
            Ok(answer) => anyhow::bail!("{url} answered {}", answer.status()),
            Err(error) => errors.push(error),
        }
    }
    anyhow::bail!("no ingest takes it: {errors:?}")
}

/// Posts new bookings, four at a time with a pause between, until `done`; returns how many. None may fail.
pub async fn load(
    http: &reqwest::Client,
    ingests: &Mutex<Vec<String>>,
    done: &AtomicBool,
    pause: Duration,
) -> anyhow::Result<i64> {
    let mut accepted = 0;
    while !done.load(Ordering::Relaxed) {
        let posts = (accepted..accepted + 4).map(|number| async move {
            let code = format!("L{number:05}");
            let booking = Booking::at(&code, "+79990000001", in_seconds(86_400));
            post_by_turns(http, ingests, &booking.created()).await
        });
        futures::future::try_join_all(posts).await?;
        accepted += 4;
        tokio::time::sleep(pause).await;
    }
    anyhow::ensure!(accepted > 40, "too little load: {accepted}");
    Ok(accepted)
}

/// Waits until the load has brought some more bookings.
pub async fn more_applied(world: &World) -> Outcome {
    let applied: i64 = world.database.one("SELECT count(*) FROM bookings").await?;
    let more = format!("SELECT count(*) > {} FROM bookings", applied + 30);
    world.until(&more, true, RECOVERY).await
}

/// Waits until each of these bookings is applied, and has one staff card.
pub async fn all_once(world: &World, accepted: i64) -> Outcome {
    world.until("SELECT count(*) FROM bookings", accepted, RECOVERY).await?;
    let versions = "SELECT count(*) FROM bookings WHERE version <> 1";
    assert_eq!(world.database.one::<i64>(versions).await?, 0, "each was applied once");
    let cards = "SELECT count(*) FROM messages WHERE kind = 'staff_created'";
    assert_eq!(world.database.one::<i64>(cards).await?, accepted, "each has one card");
    Ok(())
}

pub fn urls(world: &World) -> Vec<String> {
    // The newest first: the others are replaced next.
    world.ingests.iter().rev().map(Program::url).collect()
}

#[tokio::test]
async fn a_rolling_restart_of_all_under_load_fails_no_request_and_loses_no_booking() -> Outcome {
    let mut world = World::start(Options::default().ingests(2).workers(2)).await?;
    let (ingests, done) = (Mutex::new(urls(&world)), AtomicBool::new(false));
    let http = world.http.clone();
    let restarts = async {
        for _ in 0..2 {
            for program in [world.ingests.remove(0), world.workers.remove(0)] {
                let mut process = program.process;
                let ended = process.stop(RECOVERY).await?;
                anyhow::ensure!(ended.code() == Some(0), "a restart ends with {ended}");
                let left = process.log_lines("work in flight was left")?;
                anyhow::ensure!(left == 0, "{} left work to others", process.name());
            }
            world.start_ingest()?;
            world.start_worker()?;
            world.ready().await?;
            *ingests.lock().expect("no panic holds it") = urls(&world);
            more_applied(&world).await?;
        }
        done.store(true, Ordering::Relaxed);
        anyhow::Ok(())
    };
    let (accepted, ()) = tokio::try_join!(load(&http, &ingests, &done, Duration::ZERO), restarts)?;
    all_once(&world, accepted).await
}

#[tokio::test]
async fn ingest_killed_under_load_has_stored_what_it_accepted() -> Outcome {
    let mut world = World::start(Options::default().ingests(2)).await?;
    let (ingests, done) = (Mutex::new(urls(&world)), AtomicBool::new(false));
    let http = world.http.clone();
    let kills = async {
        for _ in 0..2 {
            more_applied(&world).await?;
            // The ingest that is tried first.
            world.ingests.remove(1).kill().await?;
            world.start_ingest()?;
            world.ready().await?;
            *ingests.lock().expect("no panic holds it") = urls(&world);
        }
        done.store(true, Ordering::Relaxed);
        anyhow::Ok(())
    };
    let (accepted, ()) = tokio::try_join!(load(&http, &ingests, &done, Duration::ZERO), kills)?;
    all_once(&world, accepted).await
}

/// A small soak; `cargo xtask soak` runs a long one. This seed begins with an outage of Telegram, a
/// dead worker, bad answers of Bukza's table, a flood and the closed chat of the staff. In the suite fewer
/// clients act.
#[tokio::test]
async fn random_faults_under_random_clients_break_no_promise() -> Outcome {
    let options = Options::default().ingests(0).workers(0).own_servers();
    let mut world = World::start(options).await?;
    let long = Plan::short(Duration::from_secs(40), 36181);
    let short = Plan { clients: 5, guests: 2, ..long };
    let report = soak(&mut world, if is_long() { long } else { short }).await?;
    assert!(report.violations.is_empty(), "{report}");
    println!("{report}");
    Ok(())
}
