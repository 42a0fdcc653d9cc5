//! `worker doctor`: a healthy system passes. Each failure is named with a remedy and the exit code,
//! without secrets.

mod breakages;
mod table;
mod ways;

use std::{path::Path, time::Duration};

use crate::common::{Options, Outcome, STAFF_CHAT, World};
use serde_json::json;
use simulator::model::{BotInChat, Call, Fault, FaultKind};
use testing::harness::fleet::{BUKZA_SECRET, TELEGRAM_SECRET};

/// Runs the doctor, with the system's zones in a folder; returns whether it succeeded, and its output.
async fn doctor(world: &World, backups: &Path, zones: Option<&Path>) -> (bool, String) {
    let folders = [Some(backups), zones].map(|folder| folder.map(Path::to_string_lossy));
    let flags = ["--backups", "--zoneinfo"].iter().zip(&folders);
    let flags = flags.filter_map(|(flag, folder)| Some([*flag, folder.as_deref()?])).flatten();
    let arguments: Vec<&str> = ["doctor"].into_iter().chain(flags).collect();
    let (success, output) = match world.operate(&arguments).await {
        Ok(output) => (true, output),
        Err(error) => (false, error.to_string()),
    };
    let password = |name: &str| {
        let url = world.settings.get(name).unwrap_or_default();
        url.split(':').nth(2).and_then(|rest| rest.split('@').next()).unwrap_or("?").to_owned()
    };
    let secrets = [password("DATABASE_URL"), password("REDIS_URL"), "42:simulated".to_owned()];
    for secret in secrets.iter().map(String::as_str).chain([BUKZA_SECRET, TELEGRAM_SECRET]) {
        assert!(!output.contains(secret), "the output has a secret: {output}");
    }
    (success, output)
}

/// Checks that the doctor fails at this check.
async fn fails(world: &World, backups: &Path, about: &str, words: &str) {
    let (success, output) = doctor(world, backups, None).await;
    assert!(!success, "{about} is broken, and the doctor succeeds: {output}");
    assert!(names(&output, "FAIL", about, words), "{about}, {words}: {output}");
    assert!(output.contains('→'), "no remedy is named: {output}");
}

/// Checks that the doctor warns at this check, and succeeds.
async fn warns(world: &World, backups: &Path, about: &str, words: &str) {
    let (success, output) = doctor(world, backups, None).await;
    assert!(success && names(&output, "warn", about, words), "{about}, {words}: {output}");
}

fn names(output: &str, verdict: &str, about: &str, words: &str) -> bool {
    // A long finding continues on further lines.
    let start = format!("{verdict:5} {about:12} ");
    output.split(&start).nth(1).is_some_and(|rest| rest.contains(words))
}

async fn configure(world: &World, name: &str, value: &str) -> Outcome {
    let mut redis = world.redis().await?;
    redis::cmd("CONFIG").arg("SET").arg(name).arg(value).query_async::<()>(&mut redis).await?;
    Ok(())
}

#[tokio::test]
async fn everything_is_checked_and_what_is_broken_is_named() -> Outcome {
    let mut world = World::start(Options::default().own_servers().set("LOCALE", "en")).await?;
    let backups = world.folder.join("backups");
    let dump = backups.join("daily/2026-11-24-033000/database.dump");
    std::fs::create_dir_all(dump.parent().expect("a folder"))?;
    std::fs::write(&dump, "PGDMP")?;
    configure(&world, "maxmemory", "256mb").await?;
    let presented = |call: &Call| call.method == "setChatMenuButton" && call.status == 200;
    world.telegram.wait_for_call(0, presented, Duration::from_secs(20)).await?;
    let (success, output) = doctor(&world, &backups, None).await;
    assert!(success && !output.contains("FAIL") && !output.contains("warn"), "{output}");
    for about in [
        "settings",
        "venue file",
        "time zone",
        "zone data",
        "postgres",
        "pg clock",
        "schema",
        "work",
        "visits",
        "redis",
        "redis clock",
        "redis safety",
        "bot",
        "webhook",
        "staff chat",
        "presentation",
        "disk",
        "backup",
        "backup disk",
    ] {
        assert!(output.contains(&format!("ok    {about:12} ")), "{about}: {output}");
    }
    // No worker from here on: rows must stay as inserted.
    world.workers.remove(0).kill().await?;
    redis_is_judged(&world, &backups).await?;
    telegram_is_judged(&mut world, &backups).await?;
    table::is_judged(&mut world, &backups).await?;
    postgres_is_judged(&world, &backups).await?;
    settings_are_judged(&mut world, &backups).await;
    it_speaks_the_language_of_the_venue(&mut world, &backups).await;

    let long_ago = std::time::SystemTime::now() - Duration::from_secs(27 * 3600);
    std::fs::File::options().append(true).open(&dump)?.set_modified(long_ago)?;
    fails(&world, &backups, "backup", "27 h old").await;
    warns(&world, &world.folder.join("nowhere"), "backup", "can't be looked into").await;

    world.host.redis()?.kill().await?;
    world.host.postgres()?.kill().await?;
    fails(&world, &backups, "postgres", "does not answer").await;
    fails(&world, &backups, "redis", "does not answer").await;
    Ok(())
}

async fn redis_is_judged(world: &World, backups: &Path) -> Outcome {
    configure(world, "maxmemory-policy", "allkeys-lru").await?;
    fails(world, backups, "redis safety", "allkeys-lru").await;
    configure(world, "maxmemory-policy", "noeviction").await?;
    configure(world, "appendfsync", "everysec").await?;
    warns(world, backups, "redis safety", "everysec").await;
    configure(world, "appendfsync", "no").await?;
    fails(world, backups, "redis safety", "appendfsync is no").await;
    configure(world, "appendonly", "no").await?;
    fails(world, backups, "redis safety", "appendonly is off").await;
    configure(world, "appendonly", "yes").await?;
    configure(world, "appendfsync", "always").await?;
    configure(world, "maxmemory", "0").await?;
    warns(world, backups, "redis", "without a limit").await;
    configure(world, "maxmemory", "256mb").await
}

async fn telegram_is_judged(world: &mut World, backups: &Path) -> Outcome {
    let revoked =
        Fault { method: Some("getMe".into()), ..Fault::sending(FaultKind::Unauthorized, 1) };
    world.telegram.script(&revoked).await?;
    fails(world, backups, "bot", "knows no such token").await;
    staff_chat_is_judged(world, backups).await?;
    let sound = world.settings.clone();
    world.settings.set("TELEGRAM_MODE", "polling");
    fails(world, backups, "webhook", "though TELEGRAM_MODE is polling").await;
    world.settings = sound.clone();
    world.settings.set_ingest(testing::harness::ports::free()?);
    fails(world, backups, "webhook", "instead of").await;
    world.settings = sound.clone();
    world.settings.set("TELEGRAM_API_URL", format!("http://{}", testing::harness::ports::free()?));
    fails(world, backups, "bot", "cannot connect").await;
    world.settings = sound;
    ways::are_judged(world, backups).await?;
    // Telegram has an update that it can't deliver.
    world.ingests.remove(0).kill().await?;
    world.telegram.say(1, "/start").await?;
    let attempts = async {
        while !doctor(world, backups, None).await.1.contains("Telegram's last trouble") {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    };
    tokio::time::timeout(crate::common::SOON, attempts).await?;
    fails(world, backups, "webhook", "1 updates wait").await;
    world.telegram.reset().await?;
    Ok(())
}

async fn staff_chat_is_judged(world: &mut World, backups: &Path) -> Outcome {
    let set = async |kind: &str, member: serde_json::Value| {
        let chat = json!({"id": STAFF_CHAT, "type": kind, "title": "Staff", "is_forum": true});
        world.telegram.set_bot(STAFF_CHAT, &BotInChat { chat, member }).await
    };
    set("supergroup", json!({"status": "left"})).await?;
    fails(world, backups, "staff chat", "not a member").await;
    set("supergroup", json!({"status": "restricted", "can_send_messages": false})).await?;
    fails(world, backups, "staff chat", "may not write").await;
    set("channel", json!({"status": "administrator", "can_post_messages": false})).await?;
    fails(world, backups, "staff chat", "may not post").await;
    set("channel", json!({"status": "administrator", "can_post_messages": true})).await?;
    let (_, output) = doctor(world, backups, None).await;
    assert!(names(&output, "ok", "staff chat", "channel"), "{output}");
    let unknown =
        Fault { method: Some("getChat".into()), ..Fault::sending(FaultKind::ChatNotFound, 1) };
    world.telegram.script(&unknown).await?;
    fails(world, backups, "staff chat", "not found").await;
    world.settings.set("SUPPORT_CHANNEL_ID", format!("{STAFF_CHAT}:5"));
    fails(world, backups, "staff chat", "message thread not found").await;
    world.settings.set("SUPPORT_CHANNEL_ID", STAFF_CHAT);
    set("supergroup", json!({"status": "administrator"})).await?;
    Ok(())
}

async fn postgres_is_judged(world: &World, backups: &Path) -> Outcome {
    let database = &world.database;
    database.execute("UPDATE seaql_migrations SET version = 'z' || version").await?;
    fails(world, backups, "schema", "newer version").await;
    database.execute("UPDATE seaql_migrations SET version = substr(version, 2)").await?;
    database.execute("CREATE TABLE kept AS SELECT * FROM seaql_migrations").await?;
    database.execute("DELETE FROM seaql_migrations").await?;
    fails(world, backups, "schema", "lacks m2026").await;
    database.execute("INSERT INTO seaql_migrations SELECT * FROM kept").await?;

    let dead = "INSERT INTO dead_letters (queue, job_id, payload, reason, attempts) \
                VALUES ('events', 'e1', '{}', 'x', 5)";
    database.execute(dead).await?;
    warns(world, backups, "work", "1 dead letters").await;
    let overdue = "INSERT INTO messages (kind, recipient, chat_id, due_at, job_id) \
                   VALUES ('staff_rejected', 'staff', -1, now() - interval '10 minutes', 'j')";
    database.execute(overdue).await?;
    fails(world, backups, "work", "1 due and not sent").await;
    database.execute("DELETE FROM messages").await?;
    database.execute("DELETE FROM dead_letters").await.map(drop)
}

async fn it_speaks_the_language_of_the_venue(world: &mut World, backups: &Path) {
    let sound = world.settings.clone();
    world.settings.set("LOCALE", "ru");
    world.settings.set("TIMEZONE", "UTC");
    warns(world, backups, "часовой пояс", "впишите в TIMEZONE город заведения").await;
    // Also where a setting is refused: the fault itself stays as it is.
    world.settings.set("TIMEZONE", "Moskva");
    fails(world, backups, "настройки", "исправьте .env").await;
    let (_, output) = doctor(world, backups, None).await;
    assert!(output.contains("не прошло проверок: 1 из 1"), "{output}");
    world.settings = sound;
}

async fn settings_are_judged(world: &mut World, backups: &Path) {
    let sound = world.settings.clone();
    world.settings.set("TIMEZONE", "UTC");
    warns(world, backups, "time zone", "UTC").await;
    world.settings.set("TIMEZONE", "Moskva");
    world.settings.set("BOT_TOKEN", "hush");
    fails(world, backups, "settings", "TIMEZONE is \"Moskva\"").await;
    world.settings = sound.clone();
    world.settings.set("BUKZA_WEBHOOK_SECRET", "hush");
    warns(world, backups, "settings", "BUKZA_WEBHOOK_SECRET").await;
    // Where worker runs, it need not be.
    world.settings.remove("BUKZA_WEBHOOK_SECRET");
    let (success, output) = doctor(world, backups, None).await;
    assert!(success && names(&output, "ok", "settings", "BUKZA_WEBHOOK_SECRET"), "{output}");
    world.settings = sound;
}
