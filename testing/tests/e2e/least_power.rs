//! Each program with a role, a Redis user and settings of its own: all works, and what a program has no use for
//! is refused to it.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    process::Command,
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, ensure};
use memchr::memmem;
use testing::harness::{fleet::Database, packages::program_path, project::Project};

use crate::{
    common::{
        Booking, Options, Outcome, SOON, World, expect_message, in_seconds, person, phrases,
        register, settled,
    },
    crashes::{RECOVERY, all_once, load, more_applied, urls},
    takeover::OldBot,
};

const INGEST: &str = "ingest-password";
const WORKER: &str = "worker-password";
const TOKEN: &str = "4711:token-that-ingest-must-not-know";
/// Redis' error, as its client prints it.
const NO_PERMISSION: &str = "NoPerm";
/// How much memory is read at once, in bytes.
const CHUNK: u64 = 16 * 1024 * 1024;

/// Creates the roles with the shipped file, in a database that is in use.
async fn create_roles(world: &mut World) -> Outcome {
    let psql = Command::new(program_path("psql")?)
        .args(["--quiet", "--no-psqlrc", "--file"])
        .arg(Project::find()?.root().join("deploy/postgres/roles.psql"))
        .arg(&world.database.url)
        .args(["-v", &format!("ingest_password={INGEST}")])
        .args(["-v", &format!("worker_password={WORKER}")])
        .output()?;
    ensure!(psql.status.success(), "{}", String::from_utf8_lossy(&psql.stderr));
    // The roles are younger than the schema.
    let mut migrate = world.start_migrate(&[])?;
    let ended = migrate.wait(SOON).await?;
    ensure!(ended.success(), "{}", migrate.log_tail(20));
    Ok(())
}

/// The lines of the shipped script for redis.conf.
fn redis_users(world: &World) -> anyhow::Result<String> {
    let users = Command::new(Project::find()?.root().join("deploy/redis/users"))
        .env("REDIS_INGEST_PASSWORD", INGEST)
        .env("REDIS_WORKER_PASSWORD", WORKER)
        .env("QUEUE_PREFIX", &world.database.name)
        .output()?;
    ensure!(users.status.success(), "{}", String::from_utf8_lossy(&users.stderr));
    Ok(String::from_utf8(users.stdout)?)
}

/// The address of a server, as another account.
fn as_account(url: &str, account: &str, password: &str) -> anyhow::Result<String> {
    let (scheme, rest) = url.split_once("://").context("a URL")?;
    let (_, server) = rest.split_once('@').context("a URL with an account")?;
    Ok(format!("{scheme}://{account}:{password}@{server}"))
}

/// The servers' addresses for one program.
struct Account {
    postgres: String,
    redis: String,
}

impl Account {
    fn of(world: &mut World, program: &str, password: &str) -> anyhow::Result<Self> {
        let role = format!("postgres_{program}");
        Ok(Self {
            postgres: as_account(&world.database.url, &role, password)?,
            redis: as_account(&world.host.redis()?.url(), program, password)?,
        })
    }

    /// Programs that are started from now on have this account, and not the setting of another program.
    fn use_in(&self, world: &mut World, others: &str) {
        world.settings.set("DATABASE_URL", &self.postgres);
        world.settings.set("REDIS_URL", &self.redis);
        world.settings.remove(others);
    }
}

/// One ingest and one worker, and their accounts.
async fn world_of_accounts() -> anyhow::Result<(World, Account, Account)> {
    let options = Options::default().ingests(0).workers(0).own_servers();
    let mut world = World::start(options).await?;
    create_roles(&mut world).await?;
    let users = redis_users(&world)?;
    world.host.redis()?.add_settings(&users).await?;
    let ingest = Account::of(&mut world, "ingest", INGEST)?;
    let worker = Account::of(&mut world, "worker", WORKER)?;
    ingest.use_in(&mut world, "BOT_TOKEN");
    world.start_ingest()?;
    worker.use_in(&mut world, "BUKZA_WEBHOOK_SECRET");
    world.settings.set("BOT_TOKEN", TOKEN);
    world.start_worker()?;
    world.ready().await?;
    let set = |call: &simulator::model::Call| call.method == "setWebhook" && call.status == 200;
    world.telegram.wait_for_call(0, set, SOON).await?;
    Ok((world, ingest, worker))
}

#[tokio::test]
async fn the_main_job_is_done_with_least_power_also_without_redis() -> Outcome {
    let (mut world, _, _) = world_of_accounts().await?;
    let client = person(1);
    register(&world, &client).await?;
    let booking = Booking::at("LEAST1", &client.phone, in_seconds(86_400 * 3));
    world.accept(&booking.created()).await?;
    expect_message(&world, &client, phrases::CONFIRMED).await?;
    world.host.redis()?.kill().await?;
    world.accept(&booking.cancelled()).await?;
    world.host.redis()?.resume().await?;
    expect_message(&world, &client, phrases::CANCELLED).await?;
    settled(&world).await?;
    let old = OldBot::create(&world).await?;
    old.run("INSERT INTO users VALUES (1, 20001, '+79990009901', '2026-01-01')").await?;
    old.run(
        "INSERT INTO bookings VALUES (1, 'LEAST2', 1, 'VR', 'Вера', '+79990009901', now() + interval '9 days', 60, \
         'ACTIVE', 5, '2026-01-01', '2026-01-01')",
    )
    .await?;
    old.run("INSERT INTO messages VALUES (1, 1, 1, 'BOOKING_CREATED', '2026-01-02')").await?;
    let imported = old.import(&world, &[]).await?;
    ensure!(imported.contains("Записи: строк 1, новых 1"), "{imported}");
    let refusals = "SELECT count(*) FROM dead_letters";
    assert_eq!(world.database.one::<i64>(refusals).await?, 0);
    for program in world.ingests.iter().chain(&world.workers) {
        for refused in ["permission denied", "can't access", NO_PERMISSION] {
            assert_eq!(program.process.log_lines(refused)?, 0, "{}", program.process.name());
        }
    }
    let doctor = world.operate(&["doctor"]).await;
    let printed = doctor.unwrap_or_else(|error| error.to_string());
    assert!(!printed.contains("permission") && !printed.contains(NO_PERMISSION), "{printed}");
    Ok(())
}

/// The documented steps for an installation in which both programs had the owner's account.
#[tokio::test]
async fn a_running_installation_gets_its_accounts_under_load() -> Outcome {
    let mut world = World::start(Options::default().ingests(2).workers(2).own_servers()).await?;
    let (ingests, done) = (Mutex::new(urls(&world)), AtomicBool::new(false));
    let http = world.http.clone();
    let steps = async {
        create_roles(&mut world).await?;
        let mut redis = world.redis().await?;
        for user in redis_users(&world)?.lines() {
            let mut set = redis::cmd("ACL");
            set.arg("SETUSER");
            rules(user).for_each(|rule| {
                set.arg(rule);
            });
            set.exec_async(&mut redis).await?;
        }
        let owner = world.settings.clone();
        let ingest = Account::of(&mut world, "ingest", INGEST)?;
        let worker = Account::of(&mut world, "worker", WORKER)?;
        for _ in 0..2 {
            world.settings = owner.clone();
            ingest.use_in(&mut world, "BOT_TOKEN");
            world.start_ingest()?;
            world.settings = owner.clone();
            worker.use_in(&mut world, "BUKZA_WEBHOOK_SECRET");
            world.start_worker()?;
            world.ready().await?;
            *ingests.lock().expect("no panic holds it") = urls(&world);
            for mut program in [world.ingests.remove(0), world.workers.remove(0)] {
                ensure!(program.process.stop(RECOVERY).await?.success(), "a stop fails");
            }
            *ingests.lock().expect("no panic holds it") = urls(&world);
            more_applied(&world).await?;
        }
        done.store(true, Ordering::Relaxed);
        anyhow::Ok(())
    };
    // At most eighty a second. A backlog would keep new workers from being ready.
    let (accepted, ()) =
        tokio::try_join!(load(&http, &ingests, &done, Duration::from_millis(50)), steps)?;
    all_once(&world, accepted).await
}

/// The words of a user's line behind `user`. A selector in brackets is one.
fn rules(user: &str) -> impl Iterator<Item = String> {
    let mut rules: Vec<String> = Vec::new();
    for word in user.split_whitespace().skip(1) {
        match rules.last_mut().filter(|rule| rule.starts_with('(') && !rule.ends_with(')')) {
            Some(selector) => *selector += &format!(" {word}"),
            None => rules.push(word.to_owned()),
        }
    }
    rules.into_iter()
}

#[tokio::test]
async fn what_a_program_has_no_use_for_is_refused_to_it() -> Outcome {
    let (world, ingest, worker) = world_of_accounts().await?;
    let name = &world.database.name;
    let statements = [
        "SELECT 1 FROM users",
        "SELECT payload FROM inbox",
        "DELETE FROM inbox",
        "INSERT INTO bookings (bukza_booking_id) VALUES ('X')",
        "UPDATE messages SET chat_id = 1",
        "CREATE TEMPORARY TABLE mine (n int)",
    ];
    refused_by_postgres(name, &ingest.postgres, &statements).await?;
    let statements =
        ["DROP TABLE messages", "ALTER TABLE users ADD COLUMN mine int", "TRUNCATE messages"];
    refused_by_postgres(name, &worker.postgres, &statements).await?;
    let statements = [
        "DELETE FROM seaql_migrations",
        "DELETE FROM schema_compatibility",
        "CREATE TABLE mine (n int)",
        "CREATE ROLE mine",
        "COPY users TO PROGRAM 'true'",
    ];
    for account in [&ingest, &worker] {
        refused_by_postgres(name, &account.postgres, &statements).await?;
    }

    let commands = [
        "HGETALL {NAME:events}:data",
        "LRANGE {NAME:events}:active 0 -1",
        "DEL {NAME:events}:active",
        "RPUSH {NAME:bulk}:active x",
        "KEYS *",
    ];
    refused_by_redis(name, &ingest.redis, &commands).await?;
    refused_by_redis(name, &worker.redis, &["SET other:key 1"]).await?;
    let commands = ["FLUSHALL", "CONFIG SET maxmemory 1", "ACL LIST", "CLIENT LIST", "SHUTDOWN"];
    for account in [&ingest, &worker] {
        refused_by_redis(name, &account.redis, &commands).await?;
    }
    Ok(())
}

async fn refused_by_postgres(name: &str, url: &str, statements: &[&str]) -> Outcome {
    let database = Database::open(name, url).await?;
    for statement in statements {
        let error = database.execute(statement).await.err().context(statement.to_string())?;
        let refused = format!("{error:#}");
        let by_rights = ["permission denied", "must be owner", "must be superuser"];
        assert!(by_rights.iter().any(|why| refused.contains(why)), "{statement}: {refused}");
    }
    Ok(())
}

/// `NAME` stands for the prefix of the keys.
async fn refused_by_redis(name: &str, url: &str, commands: &[&str]) -> Outcome {
    let mut redis = testing::harness::servers::connect_redis(url).await?;
    for command in commands {
        let command = command.replace("NAME", name);
        let mut words = command.split(' ');
        let mut call = redis::cmd(words.next().context("a command")?);
        words.for_each(|word| {
            call.arg(word);
        });
        let refused = call.query_async::<redis::Value>(&mut redis).await;
        let refused = refused.err().context(command.clone())?.to_string();
        assert!(refused.contains(NO_PERMISSION), "{command}: {refused}");
    }
    Ok(())
}

#[tokio::test]
async fn ingest_does_not_know_the_bots_token() -> Outcome {
    let (world, _, _) = world_of_accounts().await?;
    world.accept(&Booking::at("TOKEN1", &person(1).phone, in_seconds(86_400)).created()).await?;
    assert!(knows(world.workers[0].process.id(), TOKEN)?, "the search finds what is there");
    assert!(!knows(world.ingests[0].process.id(), TOKEN)?);
    Ok(())
}

/// Whether the text is in the environment or the memory of a process.
fn knows(pid: u32, text: &str) -> anyhow::Result<bool> {
    let finder = memmem::Finder::new(text);
    if finder.find(&std::fs::read(format!("/proc/{pid}/environ"))?).is_some() {
        return Ok(true);
    }
    let maps = std::fs::read_to_string(format!("/proc/{pid}/maps"))?;
    let mut memory = File::open(format!("/proc/{pid}/mem"))?;
    for line in maps.lines().filter(|line| line.contains(" rw")) {
        let range = line.split(' ').next().and_then(|range| range.split_once('-'));
        let (from, to) = range.context("a range of addresses")?;
        let to = u64::from_str_radix(to, 16)?;
        let mut from = u64::from_str_radix(from, 16)?;
        while from < to {
            let mut bytes = vec![0; usize::try_from((to - from).min(CHUNK))?];
            memory.seek(SeekFrom::Start(from))?;
            // A range that was unmapped meanwhile holds nothing.
            if memory.read_exact(&mut bytes).is_ok() && finder.find(&bytes).is_some() {
                return Ok(true);
            }
            // The text may lie across two chunks.
            from += (CHUNK - text.len() as u64).min(to - from);
        }
    }
    Ok(false)
}
