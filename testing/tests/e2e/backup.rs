//! Backup and restore: after the loss of both databases, planned messages are still sent.

use std::{path::Path, process::Output, time::Duration};

use crate::common::{
    Booking, Options, Outcome, World, expect_message, in_seconds, person, phrases, register,
    settled,
};
use chrono::{DateTime, Utc};
use simulator::model::ChatMessage;
use testing::harness::project::Project;
use tokio::process::Command;

/// Every message and booking as text, in order.
const ALL_ROWS: &str = "SELECT m::text FROM messages m UNION ALL SELECT b::text FROM bookings b \
                      UNION ALL SELECT u::text FROM users u ORDER BY 1";

async fn run(script: &str, argument: &Path, world: &World) -> anyhow::Result<Output> {
    let script = Project::find()?.root().join("deploy").join(script);
    let database = &world.database.url;
    Ok(Command::new(script)
        .arg(argument)
        .env("DATABASE_URL", database)
        .env("METRICS", world.folder.join("backup.prom"))
        .current_dir(&world.folder)
        .output()
        .await?)
}

#[tokio::test]
async fn a_reminder_survives_the_loss_of_both_databases() -> Outcome {
    let options = Options::default().own_servers().set("REMINDER_BEFORE", "60s");
    let mut world = World::start(options).await?;
    let client = person(1);
    register(&world, &client).await?;
    world.accept(&Booking::at("BACKUP1", &client.phone, in_seconds(65)).created()).await?;
    expect_message(&world, &client, phrases::CONFIRMED).await?;
    settled(&world).await?;
    for program in std::mem::take(&mut world.workers).into_iter().chain(world.ingests.drain(..)) {
        program.kill().await?;
    }

    let folder = world.folder.join("backups");
    std::fs::write(world.folder.join(".env"), "TIMEZONE=UTC\n")?;
    let output = run("backup", &folder, &world).await?;
    anyhow::ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let taken = std::fs::read_dir(folder.join("daily"))?.next().expect("a backup")?.path();
    assert!(taken.join("settings.tar.gz").exists());
    assert!(std::fs::read_to_string(world.folder.join("backup.prom"))?.contains("_seconds 1"));
    let before: Vec<String> = world.database.column(ALL_ROWS).await?;

    let dump = taken.join("database.dump");
    let output = run("restore", &dump, &world).await?;
    assert!(!output.status.success(), "nothing is restored over what is there");

    let name = world.database.name.clone();
    let admin = world.host.postgres()?.url("postgres");
    let admin = testing::harness::fleet::Database::open("postgres", &admin).await?;
    admin.execute(&format!("DROP DATABASE {name} WITH (FORCE)")).await?;
    admin.execute(&format!("CREATE DATABASE {name}")).await?;
    redis::cmd("FLUSHALL").query_async::<()>(&mut world.redis().await?).await?;
    let output = run("restore", &dump, &world).await?;
    anyhow::ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    world.database.reconnect().await?;
    let after: Vec<String> = world.database.column(ALL_ROWS).await?;
    assert_eq!(before, after);

    world.start_ingest()?;
    world.start_worker()?;
    world.ready().await?;
    // Redis is empty. The reconciler pushes the reminder half a minute after it was due.
    let reminder = |message: &ChatMessage| message.text.contains(phrases::REMINDER);
    world.telegram.wait_for_message(client.chat, reminder, Duration::from_secs(60)).await?;
    Ok(())
}

/// Runs deploy/backup as of `at`. The script reads the clock only by `date +%s`.
async fn back_up_on(world: &World, folder: &Path, at: DateTime<Utc>) -> anyhow::Result<Output> {
    use std::os::unix::fs::PermissionsExt;
    let programs = world.folder.join("programs");
    std::fs::create_dir_all(&programs)?;
    let date = programs.join("date");
    let script = "#!/bin/sh\n[ \"$*\" = +%s ] && exec echo \"$NOW\"\nexec /bin/date \"$@\"\n";
    std::fs::write(&date, script)?;
    std::fs::set_permissions(&date, std::fs::Permissions::from_mode(0o755))?;
    let path = std::env::var("PATH").unwrap_or_default();
    Ok(Command::new(Project::find()?.root().join("deploy/backup"))
        .arg(folder)
        .env("DATABASE_URL", &world.database.url)
        .env("PATH", format!("{}:{path}", programs.display()))
        .env("NOW", at.timestamp().to_string())
        .env("TZ", "UTC")
        .current_dir(&world.folder)
        .output()
        .await?)
}

fn kept(folder: &Path, kind: &str) -> anyhow::Result<Vec<String>> {
    let entries = std::fs::read_dir(folder.join(kind))?.filter_map(Result::ok);
    let mut names: Vec<_> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    Ok(names)
}

#[tokio::test]
async fn backups_are_rotated_and_a_broken_one_is_none() -> Outcome {
    let world = World::start(Options::default().ingests(0).workers(0)).await?;
    let folder = world.folder.join("backups");
    // Once a month for half a year, once a week for a month, then daily.
    let dates = [
        "2026-01-31",
        "2026-02-28",
        "2026-03-31",
        "2026-04-30",
        "2026-05-31",
        "2026-06-30",
        "2026-07-06",
        "2026-07-13",
        "2026-07-20",
        "2026-07-27",
        "2026-07-28",
        "2026-07-29",
        "2026-07-30",
        "2026-07-31",
        "2026-08-01",
        "2026-08-02",
        "2026-08-03",
        "2026-08-04",
    ];
    for date in dates {
        let output = back_up_on(&world, &folder, format!("{date}T03:30:00Z").parse()?).await?;
        anyhow::ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let daily = ["29", "30", "31"].map(|day| format!("2026-07-{day}-033000")).into_iter();
    let daily = daily.chain((1..=4).map(|day| format!("2026-08-0{day}-033000")));
    assert_eq!(kept(&folder, "daily")?, daily.collect::<Vec<_>>());
    assert_eq!(kept(&folder, "weekly")?, ["2026-W29", "2026-W30", "2026-W31", "2026-W32"]);
    let monthly = (3..=8).map(|month| format!("2026-{month:02}"));
    assert_eq!(kept(&folder, "monthly")?, monthly.collect::<Vec<_>>());
    // The monthly copies are complete.
    assert!(folder.join("monthly/2026-07/database.dump").metadata()?.len() > 1000);

    // A database without our tables gives no backup, and removes none.
    world.database.execute("DROP TABLE messages CASCADE").await?;
    let output = back_up_on(&world, &folder, "2026-08-05T03:30:00Z".parse()?).await?;
    assert!(!output.status.success());
    assert_eq!(kept(&folder, "daily")?.len(), 7);
    Ok(())
}

#[tokio::test]
async fn an_encrypted_backup_is_read_with_the_key_alone() -> Outcome {
    let world = World::start(Options::default().ingests(0).workers(0)).await?;
    let (folder, key) = (world.folder.join("backups"), world.folder.join("age.key"));
    let made = Command::new("age-keygen").arg("-o").arg(&key).output().await?;
    let public = String::from_utf8(made.stderr)?;
    let public = public.split_whitespace().last().expect("the public key");
    // As an operator does: in the programs' `.env`.
    std::fs::write(world.folder.join(".env"), format!("BACKUP_AGE_RECIPIENT={public}\n"))?;
    let output = run("backup", &folder, &world).await?;
    anyhow::ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let taken = std::fs::read_dir(folder.join("daily"))?.next().expect("a backup")?.path();
    assert_eq!(
        kept(&taken, ".")?,
        ["database.dump.age", "settings.tar.gz.age"],
        "nothing in plain"
    );

    world.database.execute("DROP SCHEMA public CASCADE").await?;
    world.database.execute("CREATE SCHEMA public").await?;
    let dump = taken.join("database.dump.age");
    let without = run("restore", &dump, &world).await?;
    assert!(!without.status.success(), "not without the key");
    let script = Project::find()?.root().join("deploy/restore");
    let restored = Command::new(script)
        .arg(&dump)
        .env("DATABASE_URL", &world.database.url)
        .env("BACKUP_AGE_IDENTITY", &key)
        .output()
        .await?;
    anyhow::ensure!(restored.status.success(), "{}", String::from_utf8_lossy(&restored.stderr));
    assert!(String::from_utf8_lossy(&restored.stdout).contains("restored: 0 bookings"));
    Ok(())
}
