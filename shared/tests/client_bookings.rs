//! A client's bookings as the bot lists them: which there are, and how many beyond those that were read.

#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::*;
use sea_orm::ConnectionTrait;
use shared::{
    domain::{booking::Booking, ids::UserId},
    store::{DatabaseConnection, bookings},
};

/// A booking of client 1 that starts so many hours from noon and lasts an hour.
async fn booking(db: &DatabaseConnection, code: &str, starts: i64, status: &str, meaning: &str) {
    let start = noon() + hours(starts);
    let end = start + hours(1);
    db.execute_unprepared(&format!(
        "INSERT INTO bookings (bukza_booking_id, user_id, starts_at, ends_at, status, meaning) \
         VALUES ('{code}', 1, '{start}', '{end}', '{status}', {meaning})"
    ))
    .await
    .unwrap();
}

async fn client(db: &DatabaseConnection) {
    db.execute_unprepared("INSERT INTO users (id, telegram_id) VALUES (1, 77)").await.unwrap();
}

fn codes(bookings: &[Booking]) -> Vec<&str> {
    bookings.iter().map(|booking| booking.code.as_str()).collect()
}

#[tokio::test]
async fn each_booking_is_listed_where_it_belongs_or_nowhere() {
    let db = database().await;
    client(&db).await;
    for (code, starts, status, meaning) in [
        ("OLD", 2, "active", "NULL"),
        ("STANDS", 1, "active", "'stands'"),
        ("WAITS", 3, "active", "'pending'"),
        ("AWAY", -1, "active", "'no_show'"),
        ("LATE", 4, "active", "'no_show'"),
        ("BREAK", 5, "active", "'ignored'"),
        ("OFF", 6, "cancelled", "'cancelled'"),
        ("WAS", -3, "completed", "NULL"),
        ("WAITED", -4, "completed", "'pending'"),
        ("ENDED", -5, "active", "'stands'"),
        ("BROKE", -6, "completed", "'ignored'"),
        ("GONE", -7, "cancelled", "NULL"),
    ] {
        booking(&db, code, starts, status, meaning).await;
    }
    let listed = bookings::of_client(&db, UserId(1), noon(), 20).await.unwrap();
    assert_eq!(codes(&listed.upcoming), ["STANDS", "OLD", "WAITS"]);
    assert_eq!(codes(&listed.past), ["LATE", "AWAY", "WAS", "ENDED"]);
    assert_eq!((listed.upcoming_total, listed.past_total), (3, 4));
}

#[tokio::test]
async fn what_is_beyond_the_limit_is_counted() {
    let db = database().await;
    client(&db).await;
    for n in 1..=43 {
        booking(&db, &format!("NEXT{n}"), n, "active", "'stands'").await;
        if n <= 20 {
            booking(&db, &format!("PAST{n}"), -n - 1, "completed", "NULL").await;
        }
    }
    let listed = bookings::of_client(&db, UserId(1), noon(), 20).await.unwrap();
    assert_eq!((listed.upcoming.len(), listed.upcoming_total), (20, 43));
    assert_eq!((listed.past.len(), listed.past_total), (20, 20));
    assert_eq!(listed.upcoming[0].code.as_str(), "NEXT1");
    assert_eq!(listed.past[0].code.as_str(), "PAST1");
}
