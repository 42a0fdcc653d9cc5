//! A network that breaks and heals between any two parts of the system, by proxies between them: what
//! was accepted is applied, and each message is said once, or accounted for by the table of outcomes.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use crate::common::{
    Booking, Options, Outcome, Person, Request, SOON, World, applied, in_seconds, person, register,
    said, settled, times_told, told, warm_up,
};
use anyhow::{Context, ensure};
use rand::{Rng, SeedableRng, rngs::StdRng, seq::SliceRandom};
use xtask::{
    fleet::Database,
    proxy::{Network, Proxy},
};

/// The minute after which a dead worker's jobs go to another, and what follows.
const RECOVERY: Duration = Duration::from_secs(120);

/// The proxies of one world.
struct Links {
    ingest_redis: Proxy,
    ingest_postgres: Proxy,
    worker_redis: Proxy,
    worker_postgres: Proxy,
    worker_telegram: Proxy,
}

impl Links {
    fn all(&self) -> [(&'static str, &Proxy); 5] {
        [
            ("ingest-redis", &self.ingest_redis),
            ("ingest-postgres", &self.ingest_postgres),
            ("worker-redis", &self.worker_redis),
            ("worker-postgres", &self.worker_postgres),
            ("worker-telegram", &self.worker_telegram),
        ]
    }

    fn set(&self, network: Network) {
        self.all().iter().for_each(|(_, proxy)| proxy.set(network));
    }
}

/// A world whose programs reach everything through proxies.
async fn world_of_links(options: Options, workers: usize) -> anyhow::Result<(World, Links)> {
    let mut world = World::start(options.ingests(0).workers(0)).await?;
    let direct = world.settings.clone();
    let through = async |name: &str| {
        Proxy::before_url(direct.get(name).context("a setting of each world")?).await
    };
    let (ingest_redis, redis) = through("REDIS_URL").await?;
    let (ingest_postgres, postgres) = through("DATABASE_URL").await?;
    world.settings = direct.with([("REDIS_URL", redis), ("DATABASE_URL", postgres)]);
    world.start_ingest()?;
    let (worker_redis, redis) = through("REDIS_URL").await?;
    let (worker_postgres, postgres) = through("DATABASE_URL").await?;
    let (worker_telegram, telegram) = through("TELEGRAM_API_URL").await?;
    world.settings = direct.with([
        ("REDIS_URL", redis),
        ("DATABASE_URL", postgres),
        ("TELEGRAM_API_URL", telegram),
    ]);
    world.launch(0, workers).await?;
    world.settings = direct;
    let links =
        Links { ingest_redis, ingest_postgres, worker_redis, worker_postgres, worker_telegram };
    Ok((world, links))
}

/// What was posted about one booking, oldest first: the event's id where it was accepted.
type Posted = BTreeMap<String, Vec<Option<String>>>;

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
            // Noted before it is sent: the last one is cut off, and may be accepted all the same.
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

/// Each link is broken in each way once, in a random order.
async fn break_each(links: &Links, random: &mut StdRng) {
    let ways = [
        Network::Refusing,
        Network::Silent,
        Network::CutBeforeAnswer,
        Network::CutAfter(random.random_range(100..3_000)),
        Network::Slow(Duration::from_millis(random.random_range(50..200))),
    ];
    let all = links.all();
    let mut faults: Vec<_> =
        all.iter().flat_map(|link| ways.iter().map(move |way| (*link, *way))).collect();
    faults.shuffle(random);
    for ((name, proxy), way) in faults {
        eprintln!("{name}: {way:?}");
        if name == "ingest-postgres" {
            // Else nothing goes there.
            links.ingest_redis.set(Network::Refusing);
        }
        proxy.set(way);
        tokio::time::sleep(Duration::from_millis(random.random_range(300..900))).await;
        links.set(Network::Well);
        tokio::time::sleep(Duration::from_millis(random.random_range(50..300))).await;
    }
}

/// Asks for help every two seconds: answers that must never come twice.
async fn ask_for_help(world: &World, client: &Person) -> anyhow::Result<Posted> {
    loop {
        world.telegram.say(client.chat, "/help").await?;
        tokio::time::sleep(Duration::from_secs(2)).await;
    }
}

/// The last accepted event of each booking is applied; where a later one was not accepted, it may be.
async fn all_applied(world: &World, posted: &Posted) -> Outcome {
    for (code, ids) in posted {
        let Some(last) = ids.iter().rposition(Option::is_some) else { continue };
        let sql = if last + 1 == ids.len() {
            let id = ids[last].as_deref().unwrap_or_default();
            format!("SELECT last_event_id = '{id}' FROM bookings WHERE bukza_booking_id = '{code}'")
        } else {
            format!("SELECT true FROM bookings WHERE bukza_booking_id = '{code}'")
        };
        world.until(&sql, true, RECOVERY).await?;
    }
    world.until("SELECT count(*) FROM inbox", 0_i64, RECOVERY).await
}

/// The ledger against what Telegram has shown: what counts as sent was shown under that id, and nothing
/// was shown that is not a try of its row.
async fn accounted_for(world: &World) -> Outcome {
    let calls = world.telegram.journal(0, Some("sendMessage")).await?;
    let shown: Vec<(i64, String, i64)> = calls
        .iter()
        .filter(|call| call.delivered)
        .filter_map(|call| {
            let text = call.body["text"].as_str()?.to_owned();
            Some((call.chat_id?, text, call.message_id?))
        })
        .collect();
    let rows = world
        .database
        .rows(
            "SELECT m.kind, m.status, m.attempts, m.chat_id, m.telegram_message_id, \
             coalesce(b.bukza_booking_id, '') FROM messages m \
             LEFT JOIN bookings b ON b.id = m.booking_id \
             WHERE m.recipient = 'client' AND m.due_at <= now() AND m.chat_id IS NOT NULL",
        )
        .await?;
    let mut tries: BTreeMap<(i64, String, Option<&str>), i32> = BTreeMap::new();
    let mut ids = BTreeSet::new();
    for row in &rows {
        let (kind, status, attempts): (&str, &str, i32) = (row.get(0), row.get(1), row.get(2));
        let (chat, id, code): (i64, Option<i64>, String) = (row.get(3), row.get(4), row.get(5));
        let most = if matches!(kind, "feedback" | "answer") { 1 } else { 2 };
        ensure!((0..=most).contains(&attempts), "{kind} of {code}: {attempts} tries");
        match status {
            "sent" => {
                let id = id.context("a message that was sent has Telegram's id")?;
                ensure!(ids.insert(id), "two rows are message {id}");
                let there = shown.iter().any(|(at, _, shown)| (*at, *shown) == (chat, id));
                ensure!(there, "{kind} of {code} was not shown");
            }
            "unknown" => ensure!(attempts == most, "{kind} of {code}: unknown after {attempts}"),
            "cancelled" => {}
            other => anyhow::bail!("{kind} of {code} is {other}"),
        }
        *tries.entry((chat, code, words_of(kind))).or_default() += attempts;
    }
    for (key, tries) in &tries {
        let (chat, code, words) = key;
        let says = |text: &str| match words {
            Some(words) => text.contains(words) && text.contains(code),
            // Whatever speaks of no booking is an answer.
            None => !text.contains("Код записи"),
        };
        let told = shown.iter().filter(|(at, text, _)| at == chat && says(text)).count();
        ensure!(i32::try_from(told)? <= *tries, "{key:?}: said {told} times in {tries} tries");
    }
    Ok(())
}

/// Words that tell the messages of a kind from others; `None`: an answer.
fn words_of(kind: &str) -> Option<&'static str> {
    match kind {
        "answer" => None,
        "confirmation" => Some(said::CONFIRMED),
        "cancelled" => Some(said::CANCELLED),
        // All moves here are to another time.
        _ => Some(said::MOVED),
    }
}

#[tokio::test]
async fn each_link_breaks_in_each_way_and_nothing_is_lost_or_said_twice() -> Outcome {
    // To see a storm again: E2E_SEED. What the programs do meanwhile is not in the seed.
    let given = std::env::var("E2E_SEED").ok().map(|seed| seed.parse()).transpose()?;
    let seed: u64 = given.unwrap_or_else(rand::random);
    eprintln!("seed {seed}");
    let mut random = StdRng::seed_from_u64(seed);
    let (mut world, links) = world_of_links(Options::default(), 2).await?;
    let clients: Vec<Person> = (1..=8).map(person).collect();
    for client in &clients {
        register(&world, client).await?;
    }
    let mut faults = StdRng::seed_from_u64(seed ^ 1);
    let posting = post_at_random(&world, &clients, &mut random, break_each(&links, &mut faults));
    let posted = tokio::select! {
        posted = posting => posted?,
        ended = ask_for_help(&world, &clients[0]) => ended?,
    };
    for (name, proxy) in links.all() {
        ensure!(proxy.broken() > 0, "{name} was never broken");
    }
    let accepted = posted.values().flatten().flatten().count();
    ensure!(accepted > 30, "too little load to tell: {accepted}");
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

/// A firewall that forgets connections tells nobody: what was under way, and every idle connection,
/// is silent for good.
#[tokio::test]
async fn connections_that_fall_silent_are_given_up_for_others() -> Outcome {
    // With few connections it matters that each place in the pool is free again.
    let options = Options::default().set("DATABASE_POOL", 3);
    let (mut world, links) = world_of_links(options, 1).await?;
    let client = person(1);
    register(&world, &client).await?;
    world.accept(&Booking::at("BEFORE", &client.phone, in_seconds(86_400)).created()).await?;
    told(&world, &client, said::CONFIRMED).await?;
    settled(&world).await?;
    links.set(Network::Silent);
    // Time for each poll, heartbeat and round to be caught by it.
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
    told(&world, &client, said::HELP).await?;
    world.ready().await
}

/// The server, or somebody in its name, cuts connections whatever they are at.
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
            // The clients have a few, the rest is for the staff alone.
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

/// The claim is made, and the worker does not hear of it: nobody says that message, and it must not
/// count as perhaps said when the lease ends.
#[tokio::test]
async fn a_claim_whose_answer_is_lost_is_given_back() -> Outcome {
    let (world, links) = world_of_links(Options::default(), 1).await?;
    let client = person(1);
    register(&world, &client).await?;
    warm_up(&world).await?;
    let mut booking = Booking::at("CLAIMS", &client.phone, in_seconds(-600));
    booking.end = in_seconds(8);
    world.accept(&booking.created()).await?;
    told(&world, &client, said::CONFIRMED).await?;

    let locks = Database::open(&world.database.name, &world.database.url).await?;
    locks.execute("BEGIN").await?;
    locks.rows("SELECT id FROM messages WHERE kind = 'feedback' FOR UPDATE").await?;
    let waits = "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = current_database() \
                 AND wait_event_type = 'Lock' AND query LIKE '%status = ''sending''%'";
    world.until(waits, true, SOON).await?;
    links.worker_postgres.set(Network::CutBeforeAnswer);
    locks.execute("ROLLBACK").await?;
    let claimed = "SELECT status FROM messages WHERE kind = 'feedback' AND chat_id IS NOT NULL";
    world.until(claimed, "sending".to_owned(), SOON).await?;
    links.set(Network::Well);
    world.until(claimed, "sent".to_owned(), SOON).await?;
    assert_eq!(times_told(&world, client.chat, said::FEEDBACK).await?, 1);
    Ok(())
}

/// The worker falls silent with a transaction open: for PostgreSQL it is only slow, and keeps its locks.
/// What comes later for the same booking must not wait for the kernel to find out, which takes hours.
#[tokio::test]
async fn locks_of_a_transaction_that_fell_silent_are_let_go() -> Outcome {
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
