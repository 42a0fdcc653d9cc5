//! Backup and restore with the real programs: backed up, destroyed, restored, and everything planned
//! still comes.

mod common;

use std::{path::Path, process::Output, time::Duration};

use common::{Booking, Options, Outcome, World, in_seconds, person, register, said, settled, told};
use simulator::model::ChatMessage;
use tokio::process::Command;
use xtask::project::Project;

/// Every message and booking as text, in order.
const LEDGER: &str = "SELECT m::text FROM messages m UNION ALL SELECT b::text FROM bookings b \
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
    told(&world, &client, said::CONFIRMED).await?;
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
    let before: Vec<String> = world.database.column(LEDGER).await?;

    let dump = taken.join("database.dump");
    let output = run("restore", &dump, &world).await?;
    assert!(!output.status.success(), "nothing is restored over what is there");

    let name = world.database.name.clone();
    let admin = world.host.postgres()?.url("postgres");
    let admin = xtask::fleet::Database::open("postgres", &admin).await?;
    admin.execute(&format!("DROP DATABASE {name} WITH (FORCE)")).await?;
    admin.execute(&format!("CREATE DATABASE {name}")).await?;
    redis::cmd("FLUSHALL").query_async::<()>(&mut world.redis().await?).await?;
    let output = run("restore", &dump, &world).await?;
    anyhow::ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    world.database.reconnect().await?;
    let after: Vec<String> = world.database.column(LEDGER).await?;
    assert_eq!(before, after);

    world.start_ingest()?;
    world.start_worker()?;
    world.ready().await?;
    // Redis knows nothing of it: it comes from PostgreSQL, half a minute after it was due.
    let reminder = |message: &ChatMessage| message.text.contains(said::REMINDER);
    world.telegram.wait_for_message(client.chat, reminder, Duration::from_secs(60)).await?;
    Ok(())
}

#[tokio::test]
async fn backups_are_rotated_and_a_broken_one_is_none() -> Outcome {
    let world = World::start(Options::default()).await?;
    let folder = world.folder.join("backups");
    for (kind, names) in [
        ("daily", (10..19).map(|day| format!("2020-01-{day}-000000")).collect::<Vec<_>>()),
        ("weekly", (10..16).map(|week| format!("2020-W{week}")).collect()),
        ("monthly", (1..8).map(|month| format!("2020-{month:02}")).collect()),
    ] {
        for name in names {
            std::fs::create_dir_all(folder.join(kind).join(name))?;
        }
    }
    let count = |kind: &str| -> anyhow::Result<usize> {
        Ok(std::fs::read_dir(folder.join(kind))?.filter_map(Result::ok).count())
    };
    let output = run("backup", &folder, &world).await?;
    anyhow::ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!([count("daily")?, count("weekly")?, count("monthly")?], [7, 4, 6]);
    assert!(
        !folder.join("daily/2020-01-12-000000").exists() && folder.join("weekly/2020-W15").exists()
    );

    // An empty database is not ours: it makes no backup, and rotates none away.
    world.database.execute("DROP TABLE messages CASCADE").await?;
    let output = run("backup", &folder, &world).await?;
    assert!(!output.status.success());
    assert_eq!([count("daily")?, count("weekly")?, count("monthly")?], [7, 4, 6]);
    Ok(())
}
