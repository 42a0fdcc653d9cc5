//! The programs behind PgBouncer with transaction pooling: no statement needs a session. Needs
//! PgBouncer 1.21 or newer in the PATH (Debian 12 has an older one), so it is run by hand:
//! `cargo xtask test --test e2e pgbouncer -- --ignored`.

use std::time::{Duration, Instant};

use crate::common::{
    Booking, Options, Outcome, World, expect_message, in_seconds, person, phrases, register,
    settled,
};
use anyhow::Context;
use rustix::process::Signal;
use testing::harness::{
    environment::TestEnvironment,
    fleet::Binaries,
    packages::program_path,
    ports,
    process::{Process, Start},
};

const A_MINUTE: Duration = Duration::from_secs(60);
/// Fewer server connections than one program has to PgBouncer, so that each is shared.
const SERVER_CONNECTIONS: u32 = 3;

/// Starts a PgBouncer before the world's server; returns it with the URL of the world's database.
fn start(world: &World) -> anyhow::Result<(Process, String)> {
    let url = world.settings.get("DATABASE_URL").context("it is set")?;
    let parts: Vec<&str> = url.split(['/', ':', '@']).collect();
    let [_, _, _, user, password, host, port, database] = parts[..] else {
        anyhow::bail!("an unexpected address")
    };
    let listen = ports::free()?.port();
    let folder = &world.folder;
    std::fs::write(folder.join("users.txt"), format!("\"{user}\" \"{password}\"\n"))?;
    let settings = format!(
        "[databases]\n{database} = host={host} port={port} user={user} password={password}\n\
         [pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {listen}\nunix_socket_dir =\n\
         auth_type = plain\nauth_file = {}\npool_mode = transaction\n\
         default_pool_size = {SERVER_CONNECTIONS}\nmax_prepared_statements = 200\n\
         ignore_startup_parameters = extra_float_digits, options\n",
        folder.join("users.txt").display()
    );
    std::fs::write(folder.join("pgbouncer.ini"), settings)?;
    let process = Process::start(Start {
        name: "pgbouncer",
        program: program_path("pgbouncer")?,
        arguments: vec![folder.join("pgbouncer.ini").to_string_lossy().into_owned()],
        environment: Vec::new(),
        folder,
        // It refuses to run as root.
        account: rustix::process::geteuid().is_root().then_some("postgres"),
        stop_signal: Signal::INT,
    })?;
    Ok((process, format!("postgres://{user}:{password}@127.0.0.1:{listen}/{database}")))
}

#[tokio::test]
#[ignore = "needs PgBouncer 1.21 or newer"]
async fn everything_works_with_transaction_pooling() -> Outcome {
    // No staff chat: its 20 messages a minute would slow the test.
    let options = Options::default().ingests(0).workers(0).set("SUPPORT_CHANNEL_ID", "");
    let mut world = World::start(options).await?;
    let (_bouncer, url) = start(&world)?;
    world.settings.set("DATABASE_URL", url);
    Binaries::in_folder(TestEnvironment::read()?.binaries)
        .migrate(&world.settings, &world.folder)
        .await?;
    world.launch(1, 2).await?;
    let client = person(1);
    register(&world, &client).await?;
    let booking = Booking::at("POOLED", &client.phone, in_seconds(3 * 86_400));
    world.accept(&booking.created()).await?;
    expect_message(&world, &client, phrases::CONFIRMED).await?;
    world.accept(&booking.moved_to(in_seconds(4 * 86_400)).created()).await?;
    expect_message(&world, &client, phrases::MOVED).await?;
    world.telegram.say(client.chat, "/bookings").await?;
    expect_message(&world, &client, phrases::UPCOMING).await?;
    world.accept(&booking.cancelled()).await?;
    expect_message(&world, &client, phrases::CANCELLED).await?;

    let started = Instant::now();
    for number in 0..300 {
        let code = format!("MANY{number:03}");
        world.accept(&Booking::at(&code, "+79990000009", in_seconds(86_400)).created()).await?;
    }
    world.until("SELECT count(*) FROM bookings", 301_i64, A_MINUTE).await?;
    println!("300 bookings in {} ms", started.elapsed().as_millis());
    settled(&world).await?;
    let name = &world.database.name;
    let connections = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = '{name}' AND pid <> pg_backend_pid()"
    );
    let connections: i64 = world.database.one(&connections).await?;
    assert!((1..=i64::from(SERVER_CONNECTIONS)).contains(&connections), "{connections}");
    for program in world.ingests.iter().chain(&world.workers) {
        let log = program.process.log_tail(10_000);
        assert!(!log.contains("prepared statement"), "{log}");
        assert!(!log.contains("\"ERROR\""), "{log}");
    }
    assert_eq!(world.database.one::<i64>("SELECT count(*) FROM dead_letters").await?, 0);
    Ok(())
}
