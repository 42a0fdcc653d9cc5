//! Update and rollback between two builds with different schemas, program by program under load:
//! nothing is lost or sent twice. An old build refuses a schema that does not allow it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use crate::common::{Booking, Options, Outcome, World, in_seconds};
use testing::harness::{
    environment::TestEnvironment,
    fleet::{BUKZA_SECRET, Binaries, Program},
};

const A_MINUTE: Duration = Duration::from_secs(60);
/// Registered clients, who book in turn.
const CLIENTS: usize = 40;
/// Pause between two bookings.
const PACE: Duration = Duration::from_millis(60);

/// Posts bookings to any ingest that accepts them, as nginx does.
struct Load {
    stop: Arc<AtomicBool>,
    task: tokio::task::JoinHandle<anyhow::Result<usize>>,
}

impl Load {
    fn start(world: &World, ingests: Vec<String>) -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let (ended, http) = (Arc::clone(&stop), world.http.clone());
        let task = tokio::spawn(async move {
            let mut accepted = 0;
            while !ended.load(Ordering::Relaxed) {
                post(&http, &ingests, accepted).await?;
                accepted += 1;
                tokio::time::sleep(PACE).await;
            }
            Ok(accepted)
        });
        Self { stop, task }
    }

    /// How many were accepted.
    async fn end(self) -> anyhow::Result<i64> {
        self.stop.store(true, Ordering::Relaxed);
        Ok(i64::try_from(self.task.await??)?)
    }
}

/// Posts to the next ingest when a connection is refused or the response is not 200.
async fn post(http: &reqwest::Client, ingests: &[String], number: usize) -> Outcome {
    let phone = format!("+7999000{:04}", number % CLIENTS);
    let code = format!("LOAD{number:05}");
    let request = Booking::at(&code, &phone, in_seconds(3 * 86_400)).created();
    for attempt in 0..2 * ingests.len() {
        let url = format!(
            "{}/webhook/bukza{}",
            ingests[(number + attempt) % ingests.len()],
            request.query
        );
        let sent =
            http.post(url).header("X-Webhook-Secret", BUKZA_SECRET).body(request.body.clone());
        if sent.send().await.is_ok_and(|answer| answer.status() == 200) {
            return Ok(());
        }
    }
    anyhow::bail!("no ingest takes {code}")
}

/// Replaces a program by one of the present build.
async fn replace(world: &mut World, old: Program, ingest: bool) -> Outcome {
    let address = old.url();
    anyhow::ensure!(old.stop().await?.success());
    if ingest {
        world.start_ingest_at(address.trim_start_matches("http://").parse()?)?;
    } else {
        world.start_worker()?;
    }
    world.ready().await
}

const WORKERS_FIRST: [bool; 4] = [false, false, true, true];
const INGESTS_FIRST: [bool; 4] = [true, true, false, false];

/// Replaces one program after the other; `true`: an ingest.
async fn roll(world: &mut World, order: [bool; 4]) -> Outcome {
    for ingest in order {
        let old = if ingest { world.ingests.remove(0) } else { world.workers.remove(0) };
        replace(world, old, ingest).await?;
        some_more(world).await?;
    }
    Ok(())
}

/// Waits until some more bookings were applied.
async fn some_more(world: &World) -> Outcome {
    let so_far: i64 = world.database.one("SELECT count(*) FROM bookings").await?;
    let more = format!("SELECT count(*) > {} FROM bookings", so_far + 15);
    world.until(&more, true, A_MINUTE).await
}

#[tokio::test]
async fn an_update_and_its_rollback_under_load_lose_nothing() -> Outcome {
    let suite = TestEnvironment::read()?;
    let (before, after) =
        (Binaries::in_folder(suite.binaries), Binaries::in_folder(suite.next_binaries));
    let mut world = World::start(
        // No staff chat: its 20 messages a minute would slow the test.
        Options::default().ingests(2).workers(2).set("SUPPORT_CHANNEL_ID", ""),
    )
    .await?;
    let people = format!(
        "INSERT INTO users (telegram_id, phone_number) SELECT 20000 + i, '+7999000' || lpad(i::text, 4, '0') \
         FROM generate_series(0, {}) AS i",
        CLIENTS - 1
    );
    world.database.execute(&people).await?;
    let urls = world.ingests.iter().map(Program::url).collect();
    let load = Load::start(&world, urls);
    some_more(&world).await?;

    after.migrate(&world.settings, &world.folder).await?;
    let columns = "SELECT count(*) FROM information_schema.columns WHERE column_name = 'rehearsed'";
    assert_eq!(world.database.one::<i64>(columns).await?, 4, "the newer build has its migration");
    some_more(&world).await?;
    world.start_from(after);
    roll(&mut world, WORKERS_FIRST).await?;

    // Rolled back, with the newer schema.
    before.migrate(&world.settings, &world.folder).await?;
    world.start_from(before);
    roll(&mut world, INGESTS_FIRST).await?;
    assert_eq!(world.database.one::<i64>(columns).await?, 4, "nothing is migrated back");

    let accepted = load.end().await?;
    assert!(accepted > 100, "{accepted} bookings are no load");
    world.until("SELECT count(*) FROM bookings", accepted, A_MINUTE).await?;
    let sent = "SELECT count(*) FROM messages WHERE kind = 'confirmation' AND status = 'sent'";
    world.until(sent, accepted, 2 * A_MINUTE).await?;
    for odd in [
        "SELECT count(*) FROM bookings WHERE version <> 1",
        "SELECT count(*) FROM dead_letters",
        "SELECT count(*) FROM rejected_requests",
        "SELECT count(*) FROM messages WHERE attempts > 1 OR status NOT IN ('sent', 'scheduled')",
    ] {
        assert_eq!(world.database.one::<i64>(odd).await?, 0, "{odd}");
    }
    let mut confirmed = std::collections::BTreeMap::<String, usize>::new();
    for client in 0..CLIENTS {
        for message in world.telegram.chat(20_000 + i64::try_from(client)?).await? {
            let words = message.text.split_whitespace();
            for code in words.filter(|word| word.contains("LOAD")) {
                *confirmed.entry(code.to_owned()).or_default() += 1;
            }
        }
    }
    assert_eq!(i64::try_from(confirmed.len())?, accepted);
    assert!(confirmed.values().all(|times| *times == 1), "{confirmed:?}");
    // A migration must not change the result of prepared statements.
    for entry in std::fs::read_dir(&world.folder)? {
        let log = std::fs::read(entry?.path()).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let failed =
            log.lines().find(|line| line.contains("cached plan") || line.contains("\"ERROR\""));
        assert!(failed.is_none(), "{failed:?}");
    }
    println!("{accepted} bookings during the update and the rollback");
    Ok(())
}

#[tokio::test]
async fn a_newer_schema_is_accepted_only_if_it_allows_this_version() -> Outcome {
    let mut world = World::start(Options::default().ingests(0).workers(0)).await?;
    let binaries = Binaries::in_folder(TestEnvironment::read()?.binaries);
    let newer =
        "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m99990101_000001_newer', 0)";
    world.database.execute(newer).await?;
    let declare = |needs: &str| {
        format!(
            "INSERT INTO schema_compatibility (version, needs) VALUES ('m99990101_000001_newer', '{needs}') \
             ON CONFLICT (version) DO UPDATE SET needs = excluded.needs"
        )
    };
    for declaration in [None, Some(declare("m99990101_000001_newer"))] {
        if let Some(declaration) = declaration {
            world.database.execute(&declaration).await?;
        }
        let worker = world.start_worker()?;
        let status = worker.process.wait(A_MINUTE).await?;
        let log = worker.process.log_tail(5);
        assert!(!status.success() && log.contains("m99990101_000001_newer"), "{status}: {log}");
        world.workers.clear();
        let refused = binaries.migrate(&world.settings, &world.folder).await;
        assert!(refused.is_err_and(|error| error.to_string().contains("m99990101_000001_newer")));
    }
    world.database.execute(&declare("m20261125_000001_compatibility")).await?;
    binaries.migrate(&world.settings, &world.folder).await?;
    world.start_worker()?;
    world.ready().await
}
