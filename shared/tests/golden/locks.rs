//! Advisory locks have names, too: during an update both builds must stand in each other's way. Each name is
//! held by a connection of the test, and the work that takes the same lock has to wait for it.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use shared::{
    domain::{event::Change, ids::EventId, status::Meaning},
    queue::RejectedRequest,
    store::{TransactionTrait, reconcile, rejected},
};

use crate::{
    common::{self, STAFF, database, noon},
    samples::{event, every_detail, visit_time},
};

/// Applies a booking event and keeps a refused request.
async fn work(db: DatabaseConnection) {
    let booking = event(Change::Stands(visit_time()), Meaning::Stands, every_detail());
    let _ = common::apply(&db, &booking, noon()).await;
    let request = RejectedRequest {
        id: EventId("r1".into()),
        received_at: noon(),
        query: String::new(),
        content_type: None,
        body: String::new(),
        status: 422,
        faults: Vec::new(),
    };
    let _ = rejected::keep(&db, &request, Some(STAFF), noon()).await.unwrap();
}

/// Waits until somebody waits for an advisory lock of this database.
async fn until_somebody_waits(db: &DatabaseConnection) {
    const WAITING: &str = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted \
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    loop {
        let query = Statement::from_string(DbBackend::Postgres, WAITING);
        let row = db.query_one_raw(query).await.unwrap().unwrap();
        if row.try_get_by_index::<i64>(0).unwrap() > 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn named_locks_keep_their_names() {
    for name in ["booking:C6UDS3", "phone:+79991234567", "refusal_cards"] {
        let db = database().await;
        let holder = db.begin().await.unwrap();
        let lock = format!("SELECT pg_advisory_xact_lock(hashtextextended('{name}', 0))");
        holder.execute_unprepared(&lock).await.unwrap();
        let working = tokio::spawn(work(db.clone()));
        let waited = tokio::time::timeout(Duration::from_secs(20), until_somebody_waits(&db)).await;
        assert!(waited.is_ok() && !working.is_finished(), "nobody waits for {name}");
        holder.commit().await.unwrap();
        working.await.unwrap();
    }
}

#[tokio::test]
async fn numbered_locks_keep_their_numbers() {
    let db = database().await;
    let holder = db.begin().await.unwrap();
    // "BUKZAREC" and "BUKZAMIG".
    for number in [0x4255_4b5a_4152_4543_i64, 0x4255_4b5a_414d_4947] {
        let lock = format!("SELECT pg_advisory_xact_lock({number})");
        holder.execute_unprepared(&lock).await.unwrap();
    }
    let another = db.begin().await.unwrap();
    assert!(!reconcile::lead(&another).await.unwrap());
    another.rollback().await.unwrap();

    let migrating = tokio::spawn({
        let db = db.clone();
        async move { migrations::up(&db).await.unwrap() }
    });
    let waited = tokio::time::timeout(Duration::from_secs(20), until_somebody_waits(&db)).await;
    assert!(waited.is_ok() && !migrating.is_finished(), "no migration waits");
    holder.commit().await.unwrap();
    migrating.await.unwrap();
}
