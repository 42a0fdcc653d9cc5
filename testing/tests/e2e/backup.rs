//! Backup and restore: after the loss of both databases, planned messages are still sent. What is stored
//! is encrypted and whole, and the secrets are kept apart.

mod hostile_dump;

use std::{
    path::{Path, PathBuf},
    process::Output,
    time::Duration,
};

use crate::common::{
    Booking, Options, Outcome, World, expect_message, in_seconds, person, phrases, register,
    settled,
};
use anyhow::Context;
use chrono::{DateTime, Utc};
use simulator::model::ChatMessage;
use testing::harness::project::Project;
use tokio::process::Command;

/// Every message and booking as text, in order.
const ALL_ROWS: &str = "SELECT m::text FROM messages m UNION ALL SELECT b::text FROM bookings b \
                      UNION ALL SELECT u::text FROM users u ORDER BY 1";
const PLAIN: (&str, &str) = ("BACKUP_PLAIN", "1");

/// A script of `deploy/` with the database of the test.
fn script(name: &str, argument: &Path, world: &World) -> anyhow::Result<Command> {
    let mut command = Command::new(Project::find()?.root().join("deploy").join(name));
    command
        .arg(argument)
        .env("DATABASE_URL", &world.database.url)
        .env("METRICS", world.folder.join("backup.prom"))
        .current_dir(&world.folder);
    Ok(command)
}

/// Backs up in plain.
async fn back_up(folder: &Path, world: &World) -> anyhow::Result<PathBuf> {
    let output = script("backup", folder, world)?.env(PLAIN.0, PLAIN.1).output().await?;
    succeeded(&output)?;
    only_one(&folder.join("daily"))
}

fn succeeded(output: &Output) -> Outcome {
    anyhow::ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

/// The script failed, and its error contains `words`.
fn refused(output: &Output, words: &str) -> Outcome {
    let error = String::from_utf8_lossy(&output.stderr);
    anyhow::ensure!(!output.status.success() && error.contains(words), "{words}: {error}");
    Ok(())
}

fn only_one(folder: &Path) -> anyhow::Result<PathBuf> {
    Ok(std::fs::read_dir(folder)?.next().context("a backup")??.path())
}

/// Puts a program of this name before the system's. Returns the PATH that has it.
fn replace_program(world: &World, name: &str, script: &str) -> anyhow::Result<String> {
    use std::os::unix::fs::PermissionsExt;
    let programs = world.folder.join("programs");
    std::fs::create_dir_all(&programs)?;
    std::fs::write(programs.join(name), script)?;
    let permissions = std::fs::Permissions::from_mode(0o755);
    std::fs::set_permissions(programs.join(name), permissions)?;
    let path = std::env::var("PATH").unwrap_or_default();
    Ok(format!("{}:{path}", programs.display()))
}

/// Makes a role that owns a database and is no superuser, as an installation has it. Returns the URL
/// with which it connects to the test's database.
async fn owner(world: &World) -> anyhow::Result<(String, String)> {
    let role = format!("{}_owner", world.database.name);
    world.database.execute(&format!("CREATE ROLE {role} LOGIN PASSWORD 'owner'")).await?;
    let (_, place) = world.database.url.split_once('@').context("a URL")?;
    let url = format!("postgres://{role}:owner@{place}");
    Ok((role, url))
}

/// The superuser's connection to another database of the test's own server.
async fn admin(world: &mut World) -> anyhow::Result<testing::harness::fleet::Database> {
    let url = world.host.postgres()?.url("postgres");
    testing::harness::fleet::Database::open("postgres", &url).await
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
    let taken = back_up(&folder, &world).await?;
    assert!(std::fs::read_to_string(world.folder.join("backup.prom"))?.contains("_seconds 1"));
    let before: Vec<String> = world.database.column(ALL_ROWS).await?;

    let (role, url) = owner(&world).await?;
    let dump = taken.join("database.dump");
    let restore = async |world: &World, url: &str| -> anyhow::Result<Output> {
        Ok(script("restore", &dump, world)?.env("DATABASE_URL", url).output().await?)
    };
    // Nothing is restored over what is there.
    refused(&restore(&world, &url).await?, "isn't empty")?;

    let name = world.database.name.clone();
    let admin = admin(&mut world).await?;
    admin.execute(&format!("DROP DATABASE {name} WITH (FORCE)")).await?;
    admin.execute(&format!("CREATE DATABASE {name} OWNER {role}")).await?;
    redis::cmd("FLUSHALL").query_async::<()>(&mut world.redis().await?).await?;
    succeeded(&restore(&world, &url).await?)?;
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
    let date = "#!/bin/sh\n[ \"$*\" = +%s ] && exec echo \"$NOW\"\nexec /bin/date \"$@\"\n";
    let path = replace_program(world, "date", date)?;
    Ok(script("backup", folder, world)?
        .env("PATH", path)
        .env("NOW", at.timestamp().to_string())
        .env("TZ", "UTC")
        .env(PLAIN.0, PLAIN.1)
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
    let settings = world.folder.join("backups-settings");
    std::fs::write(world.folder.join(".env"), "TIMEZONE=UTC\n")?;
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
        succeeded(&back_up_on(&world, &folder, format!("{date}T03:30:00Z").parse()?).await?)?;
    }
    let daily = ["29", "30", "31"].map(|day| format!("2026-07-{day}-033000")).into_iter();
    let daily = daily.chain((1..=4).map(|day| format!("2026-08-0{day}-033000")));
    let daily: Vec<String> = daily.collect();
    let monthly: Vec<String> = (3..=8).map(|month| format!("2026-{month:02}")).collect();
    for folder in [&folder, &settings] {
        assert_eq!(kept(folder, "daily")?, daily);
        assert_eq!(kept(folder, "weekly")?, ["2026-W29", "2026-W30", "2026-W31", "2026-W32"]);
        assert_eq!(kept(folder, "monthly")?, monthly);
    }
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
async fn a_dump_that_is_cut_off_is_no_backup() -> Outcome {
    let world = World::start(Options::default().ingests(0).workers(0)).await?;
    let folder = world.folder.join("backups");
    for broken in [
        // The list at the start is whole, and the data are not.
        "pg_dump=$(PATH=/usr/bin:/bin command -v pg_dump); \"$pg_dump\" \"$@\" | head -c -100",
        "pg_dump=$(PATH=/usr/bin:/bin command -v pg_dump); \"$pg_dump\" \"$@\"; exit 3",
        "exit 0",
    ] {
        let path = replace_program(&world, "pg_dump", &format!("#!/bin/sh\n{broken}\n"))?;
        let mut backup = script("backup", &folder, &world)?;
        let output = backup.env("PATH", path).env(PLAIN.0, PLAIN.1).output().await?;
        refused(&output, "the dump")?;
        assert!(kept(&folder, "daily")?.is_empty(), "{broken}");
    }
    Ok(())
}

#[tokio::test]
async fn a_backup_is_encrypted_unless_it_is_to_be_plain_and_the_secrets_lie_apart() -> Outcome {
    let world = World::start(Options::default().ingests(0).workers(0)).await?;
    let folder = world.folder.join("backups");
    std::fs::write(world.folder.join(".env"), "BOT_TOKEN=1:a\n")?;
    refused(&script("backup", &folder, &world)?.output().await?, "BACKUP_AGE_RECIPIENT")?;
    assert!(!folder.exists(), "nothing was written");

    for inside in [folder.clone(), folder.join("settings"), world.folder.clone()] {
        let mut backup = script("backup", &folder, &world)?;
        backup.env(PLAIN.0, PLAIN.1).env("BACKUP_SETTINGS_FOLDER", inside);
        refused(&backup.output().await?, "would lie in the folder")?;
    }
    let elsewhere = world.folder.join("keys");
    let mut backup = script("backup", &folder, &world)?;
    backup.env(PLAIN.0, PLAIN.1).env("BACKUP_SETTINGS_FOLDER", &elsewhere);
    succeeded(&backup.output().await?)?;
    let taken = only_one(&folder.join("daily"))?;
    assert_eq!(kept(&taken, ".")?, ["SHA256SUMS", "database.dump"]);
    let taken = only_one(&elsewhere.join("daily"))?;
    assert_eq!(kept(&taken, ".")?, ["SHA256SUMS", "settings.tar.gz"]);
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
    // Notes the plain files that are there when something is encrypted.
    let age = "#!/bin/sh\nage=$(PATH=/usr/bin:/bin command -v age)\n\
               find . -type f \\( -name database.dump -o -name settings.tar.gz \\) >> seen\n\
               exec \"$age\" \"$@\"\n";
    let path = replace_program(&world, "age", age)?;
    let output = script("backup", &folder, &world)?.env("PATH", path).output().await?;
    succeeded(&output)?;
    assert_eq!(std::fs::read_to_string(world.folder.join("seen"))?, "", "nothing in plain");
    let taken = only_one(&folder.join("daily"))?;
    assert_eq!(kept(&taken, ".")?, ["SHA256SUMS", "database.dump.age"]);
    let settings = only_one(&world.folder.join("backups-settings/daily"))?;
    assert_eq!(kept(&settings, ".")?, ["SHA256SUMS", "settings.tar.gz.age"]);
    let dump = taken.join("database.dump.age");
    let printed = String::from_utf8(output.stdout)?;
    let hash = printed.lines().find_map(|line| line.strip_suffix(dump.to_str()?));
    let hash = hash.context("the hash is printed")?.trim();

    let (role, url) = owner(&world).await?;
    world.database.execute("DROP SCHEMA public CASCADE").await?;
    world.database.execute(&format!("CREATE SCHEMA public AUTHORIZATION {role}")).await?;
    let restore = || -> anyhow::Result<Command> {
        let mut restore = script("restore", &dump, &world)?;
        restore.env("DATABASE_URL", &url).env("SHA256", hash);
        Ok(restore)
    };
    let without = restore()?.output().await?;
    assert!(!without.status.success(), "not without the key");
    let other = restore()?.env("BACKUP_AGE_IDENTITY", &key).env("SHA256", "0").output().await?;
    refused(&other, "is another file")?;
    let restored = restore()?.env("BACKUP_AGE_IDENTITY", &key).output().await?;
    succeeded(&restored)?;
    assert!(String::from_utf8_lossy(&restored.stdout).contains("restored: 0 bookings"));
    Ok(())
}
