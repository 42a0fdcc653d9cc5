//! The cards about the first requests: ten of them, each request once, and none where there is nobody to read them.

#![allow(unused_must_use, clippy::unwrap_used, reason = "tests, and without a queue")]

mod common;

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use common::*;
use futures::future::join_all;
use sea_orm::ConnectionTrait;
use shared::{
    domain::{
        event::BookingEvent,
        ids::{BookingCode, EventId},
        phone::Phone,
        staff_chat::StaffChat,
        venue::Venue,
    },
    store::{
        DatabaseConnection, TransactionTrait, events,
        person::{By, Deletion, Who, erase},
    },
};

/// The `number`-th booking, as ingest reads it.
fn request(number: i64) -> BookingEvent {
    let at = noon() + TimeDelta::seconds(number);
    let event = stands(at, noon() + hours(48));
    let mut details = event.details.clone();
    details.phone = Phone::international(&format!("+7999000{number:04}"));
    let code = BookingCode::parse(&format!("T{number}")).unwrap();
    BookingEvent { code, details, reading: Some(Box::default()), ..event }
}

async fn applied(db: &DatabaseConnection, event: &BookingEvent, venue: &Venue) {
    events::apply(db, event, venue, noon()).await.unwrap();
}

async fn column(db: &DatabaseConnection, sql: &str) -> Vec<String> {
    let backend = db.get_database_backend();
    let statement = sea_orm::Statement::from_string(backend, sql);
    let rows = db.query_all_raw(statement).await.unwrap();
    rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

/// Number and booking of each card, in the order of the numbers.
async fn cards(db: &DatabaseConnection) -> Vec<String> {
    let cards = "SELECT (content #>> '{tutor,number}') || ' ' || b.bukza_booking_id \
                 FROM messages m JOIN bookings b ON b.id = m.booking_id WHERE kind = 'staff_tutor' \
                 ORDER BY (content #>> '{tutor,number}')::int";
    column(db, cards).await
}

async fn count(db: &DatabaseConnection) -> String {
    column(db, "SELECT cards::text FROM tutor").await.remove(0)
}

fn numbered(numbers: std::ops::RangeInclusive<i64>) -> Vec<String> {
    numbers.map(|number| format!("{number} T{number}")).collect()
}

#[tokio::test]
async fn the_first_ten_make_a_card_each_and_afterwards_nothing_is_read_for_it() {
    let (db, venue) = (database().await, venue());
    for number in 1..=12 {
        applied(&db, &request(number), &venue).await;
    }
    assert_eq!(cards(&db).await, numbered(1..=10));
    assert!(venue.tutor.is_over());
    // A statement about it would fail.
    db.execute_unprepared("ALTER TABLE tutor RENAME TO gone").await.unwrap();
    applied(&db, &request(13), &venue).await;
    db.execute_unprepared("ALTER TABLE gone RENAME TO tutor").await.unwrap();
    // A worker that is started later learns it from PostgreSQL.
    let later = common::venue();
    applied(&db, &request(14), &later).await;
    assert!(later.tutor.is_over());
    assert_eq!(cards(&db).await.len(), 10);
}

#[tokio::test]
async fn a_request_that_comes_again_counts_once_and_another_about_the_booking_counts() {
    let (db, venue) = (database().await, venue());
    let first = request(1);
    applied(&db, &first, &venue).await;
    applied(&db, &first, &venue).await;
    let repeated = |seconds: i64| BookingEvent {
        id: EventId::fresh(),
        received_at: first.received_at + TimeDelta::seconds(seconds),
        ..first.clone()
    };
    applied(&db, &repeated(5), &venue).await;
    assert_eq!(cards(&db).await, ["1 T1"]);
    let mut other = repeated(9);
    other.details.people = Some(3);
    applied(&db, &other, &venue).await;
    assert_eq!(cards(&db).await, ["1 T1", "2 T1"]);
    // The other reservations of a request have no reading of their own.
    applied(&db, &BookingEvent { reading: None, ..request(2) }, &venue).await;
    assert_eq!(count(&db).await, "2");
}

#[tokio::test]
async fn without_a_staff_chat_nothing_is_counted() {
    let db = database().await;
    let nobody = Venue { staff_chat: StaffChat::default(), ..venue() };
    for number in 1..=12 {
        applied(&db, &request(number), &nobody).await;
    }
    assert_eq!((cards(&db).await, count(&db).await.as_str()), (vec![], "0"));
    assert!(!nobody.tutor.is_over());
    applied(&db, &request(13), &venue()).await;
    assert_eq!(cards(&db).await, ["1 T13"]);
}

#[tokio::test]
async fn workers_that_apply_at_once_make_no_eleventh() {
    let db = database().await;
    let workers = [Arc::new(venue()), Arc::new(venue())];
    let tasks = (1..=30).map(|number| {
        let (db, worker) = (db.clone(), Arc::clone(&workers[usize::from(number % 2 == 0)]));
        tokio::spawn(async move { applied(&db, &request(number), &worker).await })
    });
    for task in join_all(tasks).await {
        task.unwrap();
    }
    let numbers: Vec<String> = cards(&db)
        .await
        .iter()
        .map(|card| card.split(' ').next().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(numbers, (1..=10).map(|number| number.to_string()).collect::<Vec<_>>());
    assert_eq!(column(&db, "SELECT count(*)::text FROM bookings").await, ["30"]);
}

#[tokio::test]
async fn what_fails_takes_no_number() {
    let (db, venue) = (database().await, venue());
    // The booking can't be written.
    let refuse = "ALTER TABLE bookings ADD CONSTRAINT none CHECK (bukza_booking_id <> 'T1')";
    db.execute_unprepared(refuse).await.unwrap();
    events::apply(&db, &request(1), &venue, noon()).await.unwrap_err();
    applied(&db, &request(2), &venue).await;
    assert_eq!(cards(&db).await, ["1 T2"]);
}

#[tokio::test]
async fn an_installation_with_bookings_gets_none_and_a_new_one_does() {
    let back = "DROP TABLE tutor; \
                DELETE FROM seaql_migrations WHERE version = 'm20261129_000008_tutor'";
    for (bookings, seeded) in [(0, "0"), (1, "10")] {
        let db = database().await;
        for number in 1..=bookings {
            applied(&db, &BookingEvent { reading: None, ..request(number) }, &venue()).await;
        }
        db.execute_unprepared(back).await.unwrap();
        migrations::up(&db).await.unwrap();
        assert_eq!(count(&db).await, seeded);
        applied(&db, &request(7), &venue()).await;
        assert_eq!(cards(&db).await.len(), 1 - bookings.unsigned_abs() as usize);
    }
}

fn deleted(at: DateTime<Utc>) -> Deletion<'static> {
    Deletion { by: By::Operator, key: None, update_id: None, now: at }
}

async fn contents(db: &DatabaseConnection) -> Vec<String> {
    let contents = "SELECT status || ' ' || coalesce(content::text, '-') FROM messages \
                    WHERE kind = 'staff_tutor' ORDER BY id";
    column(db, contents).await
}

#[tokio::test]
async fn a_deletion_leaves_nothing_on_the_cards_not_even_a_former_phone() {
    let (db, venue) = (database().await, venue());
    let first = request(1);
    applied(&db, &first, &venue).await;
    // The booking has another phone now: nothing but the shown card holds the first.
    let mut corrected = request(1);
    corrected.details.phone = Phone::international("+79990009999");
    corrected.received_at += TimeDelta::seconds(60);
    applied(&db, &corrected, &venue).await;
    let shown = "UPDATE messages SET status = 'sent', telegram_message_id = id, sent_at = now() \
                 WHERE kind = 'staff_tutor' AND content::text LIKE '%9990000001%'";
    db.execute_unprepared(shown).await.unwrap();
    let tx = db.begin().await.unwrap();
    let phone = Phone::international("+79990000001").unwrap();
    erase(&tx, Who::Phone(&phone), deleted(noon())).await.unwrap();
    tx.commit().await.unwrap();
    let left = contents(&db).await;
    assert_eq!(left[0], "sent -");
    assert!(!left.concat().contains("9990000001"), "{left:?}");
    // The card about the other person waits still, and goes with them.
    assert!(left[1].contains("79990009999"), "{left:?}");
    let tx = db.begin().await.unwrap();
    let phone = Phone::international("+79990009999").unwrap();
    erase(&tx, Who::Phone(&phone), deleted(noon())).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(contents(&db).await, ["sent -", "cancelled -"]);
    // Requests about them make no card any more.
    applied(&db, &corrected, &venue).await;
    assert_eq!(contents(&db).await.len(), 2);
}
