//! Operations: migrations that run once, a refused newer schema, warnings of risky settings,
//! inspect, and idempotent replays.

use std::time::Duration;

use crate::common::{
    Booking, Options, Outcome, Request, SOON, World, applied, confirmed_count, expect_message,
    expect_staff_message, in_seconds, person, phrases, register, settled,
};
use anyhow::{Context, ensure};
use testing::harness::{
    fleet::Database,
    servers::{Fsync, Redis},
};

/// Five attempts and the four pauses between them.
const FIVE_TRIES: Duration = Duration::from_secs(60);

/// The lock under which migrations run ("BUKZAMIG").
const MIGRATION_LOCK: i64 = 0x4255_4b5a_414d_4947;

#[tokio::test]
async fn two_migrations_at_once_on_an_empty_database_wait_for_each_other() -> Outcome {
    let mut world = World::start(Options::default().ingests(0).workers(0)).await?;
    let name = format!("{}_empty", world.database.name);
    world.database.execute(&format!("CREATE DATABASE {name}")).await?;
    let url = world.database.url.replace(&world.database.name, &name);
    world.settings.set("DATABASE_URL", &url);
    let empty = Database::open(&name, &url).await?;
    empty.rows(&format!("SELECT pg_advisory_lock({MIGRATION_LOCK})")).await?;
    let mut both = [world.start_migrate(&[])?, world.start_migrate(&[])?];
    let waiting = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted \
                   AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    world.database = empty.clone();
    world.until(waiting, 2_i64, SOON).await?;
    let tables = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
    assert_eq!(empty.one::<i64>(tables).await?, 0, "nothing before the lock");
    empty.rows(&format!("SELECT pg_advisory_unlock({MIGRATION_LOCK})")).await?;
    for migrate in &mut both {
        let status = migrate.wait(SOON).await?;
        ensure!(status.success(), "{status}: {}", migrate.log_tail(20));
    }
    assert!(empty.one::<i64>(tables).await? > 5);
    let mut status = world.start_migrate(&["status"])?;
    assert!(status.wait(SOON).await?.success(), "{}", status.log_tail(5));
    Ok(())
}

#[tokio::test]
async fn a_schema_newer_than_the_program_is_refused_and_left_alone() -> Outcome {
    let mut world = World::start(Options::default().ingests(0).workers(0)).await?;
    let newer = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m99990101_newer', 0)";
    world.database.execute(newer).await?;
    let worker = &mut world.start_worker()?.process;
    let status = worker.wait(SOON).await?;
    ensure!(!status.success(), "the worker runs on a newer schema");
    let output = worker.log_tail(10);
    ensure!(output.contains("newer version") && output.contains("m99990101_newer"), "{output}");
    let mut migrate = world.start_migrate(&[])?;
    ensure!(!migrate.wait(SOON).await?.success(), "migrate accepts it: {}", migrate.log_tail(5));

    // Bukza does not repeat refused requests, so ingest goes on with Redis alone.
    let ingest = world.start_ingest()?;
    ingest.ready(&reqwest::Client::new(), SOON).await?;
    let deadline = std::time::Instant::now() + SOON;
    loop {
        let ingest = world.ingests.first().context("just started")?;
        let (ready, parts) = ingest.readiness(&world.http).await.context("it answers")?;
        if ready && parts.contains("m99990101_newer") {
            break;
        }
        ensure!(std::time::Instant::now() < deadline, "ingest reports {parts}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    world.accept(&Booking::at("NEWER1", "+79990000001", in_seconds(86_400)).created()).await?;
    assert_eq!(world.database.one::<i64>("SELECT count(*) FROM inbox").await?, 0);
    Ok(())
}

#[tokio::test]
async fn unsafe_redis_settings_are_warned_of() -> Outcome {
    let mut world = World::start(Options::default().ingests(0).workers(0)).await?;
    let server = Redis::start(&world.folder, Fsync::EverySecond).await?;
    world.settings.set("REDIS_URL", server.url());
    let mut redis = server.connect().await?;
    let evicts = "Redis may evict jobs";
    let no_log = "Redis keeps no log";
    let no_fsync = "Redis leaves its log to the system";
    let table = [
        (
            [
                ("appendonly", "yes"),
                ("appendfsync", "everysec"),
                ("maxmemory-policy", "noeviction"),
            ],
            vec![],
        ),
        (
            [("appendonly", "no"), ("appendfsync", "always"), ("maxmemory-policy", "allkeys-lru")],
            vec![evicts, no_log],
        ),
        (
            [("appendonly", "yes"), ("appendfsync", "no"), ("maxmemory-policy", "volatile-ttl")],
            vec![evicts, no_fsync],
        ),
    ];
    for (settings, warnings) in table {
        for (name, value) in settings {
            let mut set = redis::cmd("CONFIG");
            set.arg("SET").arg(name).arg(value);
            set.query_async::<()>(&mut redis).await?;
        }
        world.start_worker()?;
        // Ready comes after all warnings of the start.
        world.ready().await?;
        let worker = world.workers.remove(0);
        let output = std::fs::read_to_string(worker.process.log())?;
        ensure!(worker.stop().await?.success());
        for warning in [evicts, no_log, no_fsync] {
            let warned = output.contains(warning);
            ensure!(warned == warnings.contains(&warning), "{settings:?}: {warning}? {warned}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn inspect_shows_what_was_planned_what_happened_and_why() -> Outcome {
    let mut world = World::start(Options::default()).await?;
    let client = person(1);
    register(&world, &client).await?;
    let booking = Booking::at("LEDGER", &client.phone, in_seconds(3 * 86_400));
    world.accept(&booking.created()).await?;
    expect_message(&world, &client, phrases::CONFIRMED).await?;
    settled(&world).await?;
    world.accept(&booking.moved_to(in_seconds(4 * 86_400)).created()).await?;
    expect_message(&world, &client, phrases::MOVED).await?;
    settled(&world).await?;

    let shown = world.operate(&["booking", "LEDGER"]).await?;
    for part in ["запись LEDGER: действует, версия 2", "в боте", "из события", "superseded"]
    {
        ensure!(shown.contains(part), "{part} is missing:\n{shown}");
    }
    for message in [
        "confirmation клиенту, отправлено",
        "reminder клиенту, отменено",
        "moved клиенту, отправлено",
        "reminder клиенту, ждёт своего времени",
        "feedback клиенту, ждёт своего времени",
        "staff_created сотрудникам, отправлено",
        "staff_moved сотрудникам, отправлено",
    ] {
        ensure!(shown.contains(message), "{message} is missing:\n{shown}");
    }
    ensure!(!shown.contains(&client.phone), "a whole phone is shown:\n{shown}");

    let row = world
        .database
        .rows("SELECT id, job_id, telegram_message_id FROM messages WHERE kind = 'moved'")
        .await?;
    let row = row.first().context("the move")?;
    let (id, job, telegram): (i64, String, i64) = (row.get(0), row.get(1), row.get(2));
    world.settings.set("LOCALE", "en");
    let shown = world.operate(&["message", &id.to_string()]).await?;
    for part in [
        "moved to client, sent".to_owned(),
        format!("job: {job}"),
        format!("Telegram's message: {telegram}"),
        "due: ".to_owned(),
        "sent: ".to_owned(),
        "tries that may have been a delivery: 1".to_owned(),
    ] {
        ensure!(shown.contains(&part), "{part} is missing:\n{shown}");
    }
    for (locale, words) in [
        ("en", ["there is no booking", "there is no message"]),
        ("ru", ["записи NOSUCH нет", "сообщения 999999 нет"]),
    ] {
        world.settings.set("LOCALE", locale);
        for (unknown, words) in [["booking", "NOSUCH"], ["message", "999999"]].iter().zip(words) {
            let error = world.operate(unknown).await.expect_err("there is none").to_string();
            ensure!(error.contains(words), "{error}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn refused_requests_and_dead_letters_are_replayed_once_however_often_replay_is_run() -> Outcome
{
    let mut world = World::start(Options::default()).await?;
    let client = person(1);
    register(&world, &client).await?;

    // A refused request can't be replayed before it is repaired.
    let refused = Request::body(r#"{"code": "REFUSE", "start": "31.02.2099 12:00", "end": "?"}"#);
    let (status, problem) = world.post_bukza(&refused).await?;
    assert_eq!(status, 422);
    let detail = problem["detail"].as_str().unwrap_or_default();
    ensure!(detail.contains("start: такого дня или часа не бывает"), "{problem}");
    expect_staff_message(&world, &[phrases::STAFF_REJECTED]).await?;
    let listed = world.operate(&["rejected", "list"]).await?;
    ensure!(listed.contains(detail) && listed.contains("отклонено запросов: 1"), "{listed}");
    world.settings.set("LOCALE", "en");
    let english = world.operate(&["rejected", "list"]).await?;
    world.settings.set("LOCALE", "ru");
    let fault = "answered 422  [end:not-a-time start:no-such-time]: start names a day or hour that does not exist";
    ensure!(english.contains(fault) && english.contains("1 refused request\n"), "{english}");
    let id: i64 = world.database.one("SELECT id FROM rejected_requests").await?;
    let id = id.to_string();
    let error = world.operate(&["rejected", "replay", &id]).await.expect_err("still refused");
    ensure!(error.to_string().contains("всё ещё не годится: start: такого дня"), "{error}");
    // Repaired in the stored body.
    let body = serde_json::json!({"code": "REFUSE", "phone": client.phone,
        "start": "27.12.2099 12:00", "end": "27.12.2099 13:00"});
    world.database.execute(&format!("UPDATE rejected_requests SET body = '{body}'")).await?;
    for _ in 0..2 {
        world.operate(&["rejected", "replay", &id]).await?;
        applied(&world, "REFUSE", "active", 1).await?;
    }
    let listed = world.operate(&["rejected", "list"]).await?;
    ensure!(listed.contains("отклонено запросов: 0"), "{listed}");

    // A row that always fails until the trigger is removed.
    world
        .database
        .execute(
            "CREATE FUNCTION poison() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         IF NEW.bukza_booking_id = 'POISON' THEN RAISE 'poison'; END IF; RETURN NEW; END $$",
        )
        .await?;
    world.database.execute(
        "CREATE TRIGGER poison BEFORE INSERT ON bookings FOR EACH ROW EXECUTE FUNCTION poison()",
    ).await?;
    let code = |code: &str| Booking::at(code, &client.phone, in_seconds(86_400)).created();
    world.accept(&code("POISON")).await?;
    world.accept(&code("BESIDE")).await?;
    applied(&world, "BESIDE", "active", 1).await?;
    world.until("SELECT count(*) FROM dead_letters", 1_i64, FIVE_TRIES).await?;
    let listed = world.operate(&["dead", "list"]).await?;
    ensure!(listed.contains("poison") && listed.contains("отложено сбоев: 1"), "{listed}");
    world.database.execute("DROP TRIGGER poison ON bookings").await?;
    let id: i64 = world.database.one("SELECT id FROM dead_letters").await?;
    for _ in 0..2 {
        world.operate(&["dead", "replay", &id.to_string()]).await?;
        applied(&world, "POISON", "active", 1).await?;
    }
    let listed = world.operate(&["dead", "list"]).await?;
    ensure!(listed.contains("отложено сбоев: 0"), "{listed}");

    // A second replay finds the messages already sent.
    for queue in ["events", "bulk"] {
        idle(&mut world, queue).await?;
    }
    settled(&world).await?;
    let confirmed = "SELECT count(*) FROM messages WHERE kind = 'confirmation' AND status = 'sent'";
    world.until(confirmed, 3_i64, SOON).await?;
    let chat = world.telegram.chat(client.chat).await?;
    assert_eq!(confirmed_count(&world, client.chat).await?, 3, "{chat:#?}");
    Ok(())
}

/// Waits until a queue has no due job and no worker holds one.
async fn idle(world: &mut World, queue: &str) -> Outcome {
    let key = format!("{{{}:{queue}}}", world.database.name);
    let mut redis = world.redis().await?;
    let now = testing::harness::bukza::now().timestamp() + 1;
    let deadline = std::time::Instant::now() + SOON;
    loop {
        let (due, active): (i64, i64) = redis::pipe()
            .zcount(format!("{key}:scheduled"), "-inf", now)
            .llen(format!("{key}:active"))
            .query_async(&mut redis)
            .await?;
        if due == 0 && active == 0 {
            return Ok(());
        }
        ensure!(std::time::Instant::now() < deadline, "{queue}: {due} due, {active} active");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
