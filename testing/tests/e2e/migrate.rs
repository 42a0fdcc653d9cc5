//! `migrate` beside a running backup: it waits in short turns, so that nobody waits behind it.

use std::time::Duration;

use crate::common::{Options, Outcome, SOON, World};
use anyhow::ensure;
use testing::harness::fleet::Database;

/// How long a statement may wait behind `migrate`.
const PATIENCE: &str = "SET statement_timeout = '3s'";
const WAITING: &str =
    "SELECT count(*) FROM pg_locks WHERE relation = 'users'::regclass AND NOT granted";

/// The schema before the last migration but some: `users.unreachable_at` is missing.
async fn take_back(world: &World) -> Outcome {
    for step in [
        "DELETE FROM seaql_migrations WHERE version = 'm20261125_000002_order_of_updates'",
        "ALTER TABLE messages DROP CONSTRAINT messages_due_at_finite",
        "ALTER TABLE users DROP COLUMN unreachable_at",
    ] {
        world.database.execute(step).await?;
    }
    Ok(())
}

#[tokio::test]
async fn nobody_waits_behind_a_migration_that_waits_for_a_backup() -> Outcome {
    let mut world = World::start(Options::default().ingests(0).workers(0)).await?;
    take_back(&world).await?;
    let backup = Database::open(&world.database.name, &world.database.url).await?;
    for step in
        ["SET application_name = 'pg_dump'", "BEGIN", "LOCK TABLE users IN ACCESS SHARE MODE"]
    {
        backup.execute(step).await?;
    }
    let mut migrate = world.start_migrate(&[])?;
    let others = Database::open(&world.database.name, &world.database.url).await?;
    others.execute(PATIENCE).await?;
    for phone in ["+79990000001", "+79990000002"] {
        world.until(WAITING, 1_i64, SOON).await?;
        others
            .execute(&format!(
                "INSERT INTO users (telegram_id, phone_number) \
                                 VALUES (right('{phone}', 9)::bigint, '{phone}')"
            ))
            .await?;
        others.rows("SELECT count(*) FROM users").await?;
    }
    let deadline = std::time::Instant::now() + SOON;
    loop {
        let log = migrate.log_tail(20);
        if ["users", "AccessShareLock", "pg_dump"].iter().all(|part| log.contains(part)) {
            break;
        }
        ensure!(std::time::Instant::now() < deadline, "the log does not name the lock:\n{log}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let column = "SELECT count(*) FROM information_schema.columns \
                  WHERE table_name = 'users' AND column_name = 'unreachable_at'";
    assert_eq!(others.one::<i64>(column).await?, 0);
    backup.execute("COMMIT").await?;
    let status = migrate.wait(SOON).await?;
    ensure!(status.success(), "{status}: {}", migrate.log_tail(20));
    assert_eq!(others.one::<i64>(column).await?, 1);
    Ok(())
}
