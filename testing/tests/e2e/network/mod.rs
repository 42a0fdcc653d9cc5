//! A network that fails and recovers between any two parts of the system. Each accepted event is applied,
//! and each message is sent as often as the table of outcomes allows.

mod accounting;
mod links;

use std::time::Duration;

use anyhow::ensure;
use futures::future::try_join_all;
use rand::{Rng, SeedableRng, rngs::StdRng};
use testing::harness::{fleet::Database, proxy::Network};

use self::{
    accounting::{Posted, RECOVERY, accounted_for, all_applied},
    links::{break_each, world_of_links},
};
use crate::common::{
    Booking, Options, Outcome, Person, Request, SOON, World, applied, expect_message, in_seconds,
    message_count, person, phrases, register, settled, waits_for_lock, warm_up,
};

/// Posts random events about random bookings until `enough`.
async fn post_at_random(
    world: &World,
    clients: &[Person],
    random: &mut StdRng,
    enough: impl Future<Output = ()>,
) -> anyhow::Result<Posted> {
    let mut posted = Posted::new();
    let load = async {
        loop {
            let number = random.random_range(0..40);
            let code = format!("CHAOS{number:02}");
            let client = &clients[number % clients.len()];
            let start = in_seconds(86_400 * random.random_range(2..5));
            let booking = Booking::at(&code, &client.phone, start);
            let cancels = random.random_ratio(1, 4);
            let request = if cancels { booking.cancelled() } else { booking.created() };
            // Recorded before it is sent: the last request is cut off, but may be accepted.
            let answers = posted.entry(code).or_default();
            answers.push(None);
            let id = post(world, &request).await;
            if let Some(last) = answers.last_mut() {
                *last = id;
            }
            tokio::time::sleep(Duration::from_millis(random.random_range(20..200))).await;
        }
    };
    tokio::select! {
        () = enough => {}
        () = load => {}
    }
    Ok(posted)
}

/// The event's id, if it was accepted.
async fn post(world: &World, request: &Request) -> Option<String> {
    let (status, body) = world.post_bukza(request).await.ok()?;
    (status == 200).then(|| body["ids"][0].as_str().map(str::to_owned))?
}

/// Sends /help every two seconds. No reply may come twice.
async fn send_help_command(world: &World, client: &Person) -> anyhow::Result<Posted> {
    loop {
        world.telegram.say(client.chat, "/help").await?;
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
}

#[tokio::test]
async fn each_link_fails_in_each_way_and_nothing_is_lost_or_sent_twice() -> Outcome {
    // E2E_SEED repeats a run's faults and requests, but not their interleaving with the programs.
    let given = std::env::var("E2E_SEED").ok().map(|seed| seed.parse()).transpose()?;
    let seed: u64 = given.unwrap_or_else(rand::random);
    eprintln!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let (mut world, links) = world_of_links(Options::default(), 2).await?;
    let clients: Vec<Person> = (1..=8).map(person).collect();
    try_join_all(clients.iter().map(|client| register(&world, client))).await?;
    let mut faults = StdRng::seed_from_u64(seed ^ 1);
    let posting = post_at_random(&world, &clients, &mut random, break_each(&links, &mut faults));
    let posted = tokio::select! {
        posted = posting => posted?,
        ended = send_help_command(&world, &clients[0]) => ended?,
    };
    for (name, proxy) in links.all() {
        ensure!(proxy.broken() > 0, "{name} was never broken");
    }
    let accepted = posted.values().flatten().flatten().count();
    ensure!(accepted > 30, "too little load: {accepted}");
    eprintln!("{accepted} accepted, healed");
    links.set(Network::Well);

    all_applied(&world, &posted).await?;
    let due = "SELECT count(*) FROM messages WHERE status = 'sending' OR \
               (status = 'scheduled' AND due_at <= now() AND chat_id IS NOT NULL)";
    world.until(due, 0_i64, RECOVERY).await?;
    accounted_for(&world).await?;
    let (dead, refused) =
        ("SELECT count(*) FROM dead_letters", "SELECT count(*) FROM rejected_requests");
    assert_eq!(world.database.one::<i64>(dead).await?, 0);
    assert_eq!(world.database.one::<i64>(refused).await?, 0);
    for program in world.ingests.iter_mut().chain(&mut world.workers) {
        ensure!(program.process.ended().is_none(), "{} died", program.process.name());
    }
    world.ready().await
}

/// A firewall that drops its connection table sends no reset. Every open connection stays silent for good.
#[tokio::test]
async fn silent_connections_are_replaced() -> Outcome {
    // A small pool: each silent connection must be returned to it.
    let options = Options::default().set("DATABASE_POOL", 3);
    let (mut world, links) = world_of_links(options, 1).await?;
    let client = person(1);
    register(&world, &client).await?;
    world.accept(&Booking::at("BEFORE", &client.phone, in_seconds(86_400)).created()).await?;
    expect_message(&world, &client, phrases::CONFIRMED).await?;
    settled(&world).await?;
    links.set(Network::Silent);
    // Long enough to catch each poll, heartbeat and reconciler round.
    tokio::time::sleep(Duration::from_secs(6)).await;
    links.set(Network::Well);
    let request = Booking::at("BEHIND", &client.phone, in_seconds(86_400)).created();
    let deadline = std::time::Instant::now() + SOON;
    while post(&world, &request).await.is_none() {
        ensure!(std::time::Instant::now() < deadline, "ingest takes nothing any more");
    }
    let behind = |m: &simulator::model::ChatMessage| m.text.contains("BEHIND");
    world.telegram.wait_for_message(client.chat, behind, Duration::from_secs(90)).await?;
    world.telegram.say(client.chat, "/help").await?;
    expect_message(&world, &client, phrases::HELP).await?;
    world.ready().await
}

/// PostgreSQL terminates connections in the middle of transactions.
#[tokio::test]
async fn connections_cut_in_mid_transaction_cost_no_event() -> Outcome {
    const EVENTS: usize = 300;
    let world = World::start(Options::default().workers(2)).await?;
    let clients: Vec<Person> = (1..=5).map(person).collect();
    for client in &clients {
        register(&world, client).await?;
    }
    let post = async {
        for number in 0..EVENTS {
            // Clients have the first few bookings. The others have only staff cards.
            let phone = clients.get(number / 3).map_or("+79990009999", |client| &client.phone);
            let booking = Booking::at(&format!("CUT{number:03}"), phone, in_seconds(86_400));
            world.accept(&booking.created()).await?;
        }
        anyhow::Ok(())
    };
    let cut = async {
        let others = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
                      WHERE datname = current_database() AND pid <> pg_backend_pid()";
        let mut cut = 0;
        loop {
            cut += world.database.one::<i64>(others).await?;
            let left = format!("SELECT count(*) < {EVENTS} FROM bookings");
            if cut > 100 && !world.database.one::<bool>(&left).await? {
                return anyhow::Ok(cut);
            }
            tokio::time::sleep(Duration::from_millis(40)).await;
            if cut > 1_000 {
                return Ok(cut);
            }
        }
    };
    let ((), cut) = tokio::try_join!(post, cut)?;
    eprintln!("{cut} connections cut");
    world.until("SELECT count(*) FROM bookings", i64::try_from(EVENTS)?, RECOVERY).await?;
    let due = "SELECT count(*) FROM messages WHERE status = 'sending' OR \
               (status = 'scheduled' AND due_at <= now() AND chat_id IS NOT NULL \
                AND recipient = 'client')";
    world.until(due, 0_i64, RECOVERY).await?;
    let twice = "SELECT count(*) FROM bookings WHERE version <> 1";
    assert_eq!(world.database.one::<i64>(twice).await?, 0);
    let dead = "SELECT count(*) FROM dead_letters";
    assert_eq!(world.database.one::<i64>(dead).await?, 0);
    accounted_for(&world).await
}

/// The claim is committed, but its response is lost. No worker sends the message, so the expired lease
/// must not count as a send of unknown result.
#[tokio::test]
async fn a_claim_whose_response_is_lost_is_released() -> Outcome {
    let (world, links) = world_of_links(Options::default(), 1).await?;
    let client = person(1);
    register(&world, &client).await?;
    warm_up(&world).await?;
    let mut booking = Booking::at("CLAIMS", &client.phone, in_seconds(-600));
    booking.end = in_seconds(8);
    world.accept(&booking.created()).await?;
    expect_message(&world, &client, phrases::CONFIRMED).await?;

    let locks = Database::open(&world.database.name, &world.database.url).await?;
    locks.execute("BEGIN").await?;
    locks.rows("SELECT id FROM messages WHERE kind = 'feedback' FOR UPDATE").await?;
    waits_for_lock(&world, "-- Claims the messages").await?;
    links.worker_postgres.set(Network::CutBeforeAnswer);
    locks.execute("ROLLBACK").await?;
    let claimed = "SELECT status FROM messages WHERE kind = 'feedback' AND chat_id IS NOT NULL";
    world.until(claimed, "sending".to_owned(), SOON).await?;
    links.set(Network::Well);
    world.until(claimed, "sent".to_owned(), SOON).await?;
    assert_eq!(message_count(&world, client.chat, phrases::FEEDBACK).await?, 1);
    Ok(())
}

/// A worker's connection falls silent with a transaction open, and PostgreSQL keeps its locks. Later events
/// of the booking must not wait for the kernel's timeout, which takes hours.
#[tokio::test]
async fn locks_of_a_silent_transaction_are_released() -> Outcome {
    let (world, links) = world_of_links(Options::default(), 1).await?;
    warm_up(&world).await?;
    applied(&world, "WARMUP", "active", 1).await?;

    let locks = Database::open(&world.database.name, &world.database.url).await?;
    locks.execute("BEGIN").await?;
    locks.rows("SELECT pg_advisory_xact_lock(hashtextextended('booking:HELD', 0))").await?;
    let booking = Booking::at("HELD", "+79990000001", in_seconds(86_400));
    world.accept(&booking.created()).await?;
    let session = |state: &str| {
        format!(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND {state} \
             AND query LIKE 'SELECT pg_advisory_xact_lock%' AND pid <> pg_backend_pid()"
        )
    };
    world.until(&session("wait_event_type = 'Lock'"), 1_i64, SOON).await?;
    links.worker_postgres.set(Network::Silent);
    locks.execute("ROLLBACK").await?;
    world.until(&session("state = 'idle in transaction'"), 1_i64, SOON).await?;
    links.set(Network::Well);

    world.accept(&booking.cancelled()).await?;
    let cancelled = "SELECT status FROM bookings WHERE bukza_booking_id = 'HELD'";
    world.until(cancelled, "cancelled".to_owned(), SOON).await
}
