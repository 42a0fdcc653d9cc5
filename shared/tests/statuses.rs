//! Statuses as they came, on a real database: counted by booking, held-back words noted once a day, and
//! forgotten.

#![allow(unused_must_use, clippy::unwrap_used, reason = "tests, and without a queue")]

mod common;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use common::*;
use sea_orm::{ConnectionTrait, DatabaseConnection};
use shared::{
    domain::{
        event::{BookingEvent, RequestStatus},
        ids::BookingCode,
        status::Meaning,
    },
    store::{
        TransactionTrait, reconcile,
        statuses::{self, SeenStatus},
    },
};

fn day(n: i64) -> NaiveDate {
    (noon() + hours(24 * n)).date_naive()
}

/// An event of a booking whose status has these words.
fn with_words(code: &str, words: &str, meaning: Meaning, at: DateTime<Utc>) -> BookingEvent {
    let mut event = stands(at, at + hours(48));
    event.code = BookingCode::parse(code).unwrap();
    event.status = RequestStatus { meaning, words: Some(words.into()), ..RequestStatus::default() };
    event
}

/// Applies the event and records its status, as a worker does.
async fn applied(db: &DatabaseConnection, event: &BookingEvent, on: i64) {
    apply(db, event, event.received_at).await;
    statuses::record(db, event, day(on)).await.unwrap();
}

async fn listed(db: &DatabaseConnection, since: i64) -> Vec<(String, Meaning, bool, i64, String)> {
    let seen = statuses::list(db, day(since)).await.unwrap();
    seen.into_iter()
        .map(|SeenStatus { words, meaning, held_back, bookings, last_code, .. }| {
            (words, meaning, held_back, bookings, last_code)
        })
        .collect()
}

fn row(
    words: &str,
    meaning: Meaning,
    held_back: bool,
    bookings: i64,
    last_code: &str,
) -> (String, Meaning, bool, i64, String) {
    (words.into(), meaning, held_back, bookings, last_code.into())
}

#[tokio::test]
async fn each_status_is_listed_with_its_bookings_and_its_last_meaning() {
    let db = database().await;
    assert_eq!(listed(&db, -30).await, []);
    let later = |n| noon() + hours(n);
    for (code, words, meaning, at, on) in [
        ("A1", "Подтверждено", Meaning::Stands, noon(), 0),
        ("A1", "Подтверждено", Meaning::Stands, later(1), 0),
        ("A2", "Подтверждено", Meaning::Stands, later(24), 1),
        ("A1", "Подтверждено", Meaning::Stands, later(25), 1),
        ("A3", "Снято", Meaning::Stands, later(1), 0),
        // The owner named it meanwhile.
        ("A4", "Снято", Meaning::Pending, later(26), 1),
        ("A5", "Отмена оплаты", Meaning::Stands, later(2), 0),
    ] {
        let mut event = with_words(code, words, meaning, at);
        event.status.held_back = words == "Отмена оплаты";
        applied(&db, &event, on).await;
    }
    // Without words there is nothing to note; neither of a booking that is not there.
    applied(&db, &stands(later(3), later(60)), 0).await;
    statuses::record(&db, &with_words("NONE", "Новая", Meaning::Stands, noon()), day(0))
        .await
        .unwrap();
    assert_eq!(
        listed(&db, -29).await,
        [
            row("Подтверждено", Meaning::Stands, false, 2, "A1"),
            row("Снято", Meaning::Pending, false, 2, "A4"),
            row("Отмена оплаты", Meaning::Stands, true, 1, "A5"),
        ]
    );
    assert_eq!(
        listed(&db, 1).await,
        [
            row("Подтверждено", Meaning::Stands, false, 2, "A1"),
            row("Снято", Meaning::Pending, false, 1, "A4"),
        ]
    );
}

#[tokio::test]
async fn of_one_day_the_newest_request_counts_in_whatever_order_they_are_applied() {
    for reversed in [false, true] {
        let db = database().await;
        apply(&db, &stands(noon() - hours(1), noon() + hours(48)), noon()).await;
        let mut events = [
            with_words("A1", "Бронь", Meaning::Stands, noon()),
            with_words("A1", "Бронь", Meaning::NoShow, noon() + hours(1)),
        ];
        if reversed {
            events.reverse();
        }
        for event in &events {
            // Twice, as a repeated job does.
            statuses::record(&db, event, day(0)).await.unwrap();
            statuses::record(&db, event, day(0)).await.unwrap();
        }
        assert_eq!(listed(&db, 0).await, [row("Бронь", Meaning::NoShow, false, 1, "A1")]);
    }
}

#[tokio::test]
async fn a_cancellation_is_listed_as_one() {
    let db = database().await;
    applied(&db, &stands(noon(), noon() + hours(48)), 0).await;
    let mut cancel = cancels(noon() + hours(1));
    cancel.status.words = Some("Отменён клиентом".into());
    applied(&db, &cancel, 0).await;
    assert_eq!(listed(&db, 0).await, [row("Отменён клиентом", Meaning::Cancelled, false, 1, "A1")]);
}

#[tokio::test]
async fn words_of_any_length_and_with_any_character_are_taken() {
    let db = database().await;
    let words = format!("a\0{}", "я".repeat(5_000));
    applied(&db, &with_words("A1", &words, Meaning::Stands, noon()), 0).await;
    assert!(statuses::note_held_back(&db, &words, day(0)).await.unwrap());
    let seen = listed(&db, 0).await;
    assert_eq!(seen[0].0, format!("a\u{fffd}{}", "я".repeat(198)));
}

#[tokio::test]
async fn the_staff_hear_once_a_day_of_words_that_were_held_back() {
    let db = database().await;
    let each = (0..20).map(|_| {
        let db = db.clone();
        tokio::spawn(async move {
            statuses::note_held_back(&db, "Отмена оплаты", day(0)).await.unwrap()
        })
    });
    let mut first = 0;
    for one in each.collect::<Vec<_>>() {
        first += usize::from(one.await.unwrap());
    }
    assert_eq!(first, 1);
    assert!(statuses::note_held_back(&db, "Отмены", day(0)).await.unwrap());
    assert!(statuses::note_held_back(&db, "Отмена оплаты", day(1)).await.unwrap());
    assert!(!statuses::note_held_back(&db, "Отмена оплаты", day(1)).await.unwrap());
}

#[tokio::test]
async fn a_note_that_was_taken_back_is_free_again() {
    let db = database().await;
    let tx = db.begin().await.unwrap();
    assert!(statuses::note_held_back(&tx, "Отмены", day(0)).await.unwrap());
    let other = {
        let db = db.clone();
        tokio::spawn(async move { statuses::note_held_back(&db, "Отмены", day(0)).await.unwrap() })
    };
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert!(!other.is_finished(), "it waits for how the first one ends");
    tx.rollback().await.unwrap();
    assert!(other.await.unwrap());
}

#[tokio::test]
async fn after_a_month_statuses_are_forgotten() {
    let db = database().await;
    applied(&db, &with_words("A1", "Новая", Meaning::Stands, noon()), 0).await;
    applied(&db, &with_words("A2", "Новая", Meaning::Stands, noon()), 2).await;
    statuses::note_held_back(&db, "Отмены", day(0)).await.unwrap();
    let mut left = Vec::new();
    for days in [31, 32, 34] {
        // The longest way from UTC, and a clock that is ahead.
        reconcile::forget(&db, noon() + hours(24 * days) + TimeDelta::hours(11)).await.unwrap();
        let seen = listed(&db, -1).await;
        left.push(seen.first().map_or(0, |row| row.3));
    }
    assert_eq!(left, [2, 1, 0]);
    assert!(statuses::note_held_back(&db, "Отмены", day(0)).await.unwrap());
}

#[tokio::test]
async fn statuses_go_with_their_booking() {
    let db = database().await;
    applied(&db, &with_words("A1", "Новая", Meaning::Stands, noon()), 0).await;
    db.execute_unprepared("DELETE FROM bookings").await.unwrap();
    assert_eq!(listed(&db, 0).await, []);
}
