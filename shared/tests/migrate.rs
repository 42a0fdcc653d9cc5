//! A migration that gives up, because others use its tables for too long: nothing is changed, and it says
//! who they are.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;

use std::time::Duration;

use common::database;
use migrations::SchemaState;
use sea_orm::{ConnectionTrait, TransactionTrait};

#[tokio::test]
async fn a_migration_that_gives_up_names_the_lock_and_its_holder() {
    let db = database().await;
    for step in [
        "DELETE FROM seaql_migrations WHERE version = 'm20261125_000002_order_of_updates'",
        "ALTER TABLE messages DROP CONSTRAINT messages_due_at_finite",
        "ALTER TABLE users DROP COLUMN unreachable_at",
    ] {
        db.execute_unprepared(step).await.unwrap();
    }
    let backup = db.begin().await.unwrap();
    backup.execute_unprepared("SET LOCAL application_name = 'nightly'").await.unwrap();
    backup.execute_unprepared("LOCK TABLE users, bookings IN ACCESS SHARE MODE").await.unwrap();
    let error = migrations::up_within(&db, Duration::ZERO).await.unwrap_err().to_string();
    for part in ["bookings, users", "AccessShareLock", "nightly", "Run `migrate` again"] {
        assert!(error.contains(part), "{part}: {error}");
    }
    let behind = migrations::schema_state(&db).await.unwrap();
    assert!(matches!(behind, SchemaState::Behind { .. }), "{behind:?}");
    backup.commit().await.unwrap();
    let done = migrations::up_within(&db, Duration::ZERO).await.unwrap();
    assert_eq!(done, SchemaState::Current);
}

#[tokio::test]
async fn the_database_of_another_program_is_refused() {
    let db = database().await;
    db.execute_unprepared("DROP TABLE schema_compatibility, seaql_migrations").await.unwrap();
    let error = migrations::up(&db).await.unwrap_err().to_string();
    assert!(error.contains("another program's table `users`"), "{error}");
    assert!(error.contains("worker import"), "{error}");
}
