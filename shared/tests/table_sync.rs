//! What Bukza's own table shows beside the bookings of a real database: what is recorded, shown once, and applied once.

#![allow(unused_must_use, clippy::unwrap_used, reason = "tests, and without a queue")]

mod common;

#[path = "table_sync/histories.rs"]
mod histories;
#[path = "table_sync/people.rs"]
mod people;
#[path = "table_sync/rounds.rs"]
mod rounds;

use chrono::{DateTime, Utc};
use common::*;
use sea_orm::{ConnectionTrait, Statement, TryGetable};
use shared::{
    domain::{event::BookingEvent, ids::BookingCode, staff_answer::TableApplied, venue::Venue},
    queue::IngestJob,
    store::{
        DatabaseConnection, TransactionTrait, inbox,
        table_sync::{self, Comparison, Recorded, TableCard, TableRows, Which},
    },
};

/// A row of the table, read at `at`: the booking `code` at `start`.
fn row(code: &str, at: DateTime<Utc>, start: DateTime<Utc>) -> BookingEvent {
    BookingEvent { code: BookingCode::parse(code).unwrap(), ..stands(at, start) }
}

/// Compares the rows of a snapshot of the next week.
async fn compare(
    db: &DatabaseConnection,
    at: DateTime<Utc>,
    rows: &[BookingEvent],
    venue: &Venue,
) -> Comparison {
    let table = TableRows {
        taken_at: at,
        period: (noon() - hours(12), noon() + hours(168)),
        rows,
        left_out: &[],
        is_complete: true,
    };
    table_sync::compare(db, table, venue, at).await.unwrap()
}

/// A round in which the differences are shown.
async fn round(db: &DatabaseConnection, at: DateTime<Utc>, rows: &[BookingEvent]) -> Recorded {
    round_of(db, at, rows, &venue()).await
}

async fn round_of(
    db: &DatabaseConnection,
    at: DateTime<Utc>,
    rows: &[BookingEvent],
    venue: &Venue,
) -> Recorded {
    let comparison = compare(db, at, rows, venue).await;
    let tx = db.begin().await.unwrap();
    let recorded = table_sync::record(&tx, &comparison, venue, at).await.unwrap();
    tx.commit().await.unwrap();
    recorded
}

async fn press(
    db: &DatabaseConnection,
    card: i64,
    which: Which,
    at: DateTime<Utc>,
) -> TableApplied {
    let tx = db.begin().await.unwrap();
    let applied = table_sync::press(&tx, TableCard(card), which, &venue(), at).await.unwrap();
    tx.commit().await.unwrap();
    applied
}

/// Applies what a press has accepted, as the worker does.
async fn drain(db: &DatabaseConnection, at: DateTime<Utc>) {
    for entry in inbox::take(db, at, 100).await.unwrap() {
        let IngestJob::Booking(event) = IngestJob::decode(entry.payload.as_bytes()).unwrap() else {
            panic!("no booking: {}", entry.payload)
        };
        apply(db, &event, at).await;
        inbox::done(db, entry.id).await.unwrap();
    }
}

async fn one<T: TryGetable>(db: &DatabaseConnection, query: &str) -> T {
    let statement = Statement::from_string(db.get_database_backend(), query.to_owned());
    let row = db.query_one_raw(statement).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}

/// The cards about the table in the outbox.
async fn cards(db: &DatabaseConnection) -> i64 {
    one(db, "SELECT count(*) FROM messages WHERE kind = 'staff_table'").await
}

/// Records the cards about the table as sent.
async fn send_cards(db: &DatabaseConnection) {
    let sent = "UPDATE messages SET status = 'sent' WHERE kind = 'staff_table'";
    db.execute_unprepared(sent).await.unwrap();
}

/// The differences that are open, the oldest first.
async fn open(db: &DatabaseConnection) -> String {
    one(
        db,
        "SELECT coalesce(string_agg(code || ' ' || kind, ', ' ORDER BY id), '') \
         FROM table_differences WHERE gone_at IS NULL",
    )
    .await
}
