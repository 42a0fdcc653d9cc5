//! Whose a booking is after its number has moved to another account: which visits the new owner sees in
//! their list and can rate.

#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use chrono::{DateTime, TimeDelta, Utc};
use common::*;
use sea_orm::ConnectionTrait;
use serde_json::json;
use shared::{
    domain::{
        booking::Stars,
        event::BookingEvent,
        ids::{BookingCode, BookingId, ChatId, EventId},
    },
    store::{
        DatabaseConnection,
        bookings::{self, Rated},
        outbox::{self, NewMessage},
        users::{self, User},
    },
};

/// The visit lasts from noon to one o'clock.
async fn visit() -> (DatabaseConnection, BookingId) {
    let db = database().await;
    let _ = register(&db, CLIENT, noon()).await;
    let _ = apply(&db, &stands(noon() - hours(48), noon()), noon() - hours(48)).await;
    let code = BookingCode::parse("A1").unwrap();
    let id = bookings::by_code(&db, &code).await.unwrap().unwrap().id;
    (db, id)
}

async fn number_taken(db: &DatabaseConnection, at: Option<DateTime<Utc>>) -> User {
    let at = at.map_or("NULL".to_owned(), |at| format!("'{at}'"));
    let taken = format!("UPDATE users SET number_taken_at = {at}");
    db.execute_unprepared(&taken).await.unwrap();
    users::by_chat(db, CLIENT).await.unwrap().unwrap()
}

/// Numbers of bookings listed: to come, and past.
async fn listed(db: &DatabaseConnection, user: &User, now: DateTime<Utc>) -> (usize, usize) {
    let listed = bookings::of_client(db, user.id, now, 10).await.unwrap();
    (listed.upcoming.len(), listed.past.len())
}

#[tokio::test]
async fn past_visits_are_listed_and_rated_by_who_had_the_number_then() {
    let (db, id) = visit().await;
    let minute = TimeDelta::minutes(1);
    let end = noon() + hours(1);
    let stars = Stars::try_from(4).unwrap();
    for (taken, in_list, theirs) in [
        (None, true, true),
        (Some(noon() - minute), true, true),
        (Some(noon()), true, true),
        // Who came cannot be known. They may rate it, and are not shown it.
        (Some(noon() + minute), false, true),
        (Some(end - minute), false, true),
        (Some(end), false, false),
        (Some(end + minute), false, false),
    ] {
        let user = number_taken(&db, taken).await;
        let past = usize::from(in_list);
        assert_eq!(listed(&db, &user, end + hours(24)).await, (0, past), "{taken:?}");
        let booking = bookings::by_id(&db, id).await.unwrap().unwrap();
        assert_eq!(user.owns(&booking), theirs, "{taken:?}");
        let rated = bookings::rate(&db, id, user.id, stars, end).await.unwrap();
        assert_eq!(rated != Rated::NotTheirs, theirs, "{taken:?}");
    }
}

#[tokio::test]
async fn a_number_brings_all_bookings_to_come() {
    let (db, id) = visit().await;
    for taken in [None, Some(noon() - hours(24)), Some(noon() - hours(2))] {
        let user = number_taken(&db, taken).await;
        assert_eq!(listed(&db, &user, noon() - hours(1)).await, (1, 0), "{taken:?}");
        // Also one that has begun by now.
        assert_eq!(listed(&db, &user, noon() + TimeDelta::minutes(5)).await, (1, 0), "{taken:?}");
        assert!(user.owns(&bookings::by_id(&db, id).await.unwrap().unwrap()));
    }
}

#[tokio::test]
async fn a_booking_without_times_belongs_to_who_has_the_number() {
    let db = database().await;
    let _ = register(&db, CLIENT, noon()).await;
    let cancelled = BookingEvent { code: BookingCode::parse("B1").unwrap(), ..cancels(noon()) };
    let _ = apply(&db, &cancelled, noon()).await;
    let booking = bookings::by_code(&db, &cancelled.code).await.unwrap().unwrap();
    assert_eq!(booking.visit_time, None);
    let user = number_taken(&db, Some(noon() + hours(1))).await;
    assert!(user.owns(&booking));
    // Nothing of it is listed or rated: it is cancelled.
    assert_eq!(listed(&db, &user, noon() + hours(2)).await, (0, 0));
}

#[tokio::test]
async fn who_joined_a_booking_without_a_phone_is_no_stranger() {
    let (db, _) = visit().await;
    let guest = ChatId(7_007);
    let answer = NewMessage::answer(guest, 1, "1".into(), json!("ok"), &EventId::fresh(), noon());
    let _ = outbox::insert(&db, &[answer], noon()).await.unwrap();
    let is_stranger =
        async || due_in(&db, guest, noon(), 1).await[0].as_ref().unwrap().answers_stranger();
    assert!(is_stranger().await);
    let guests =
        "INSERT INTO users (telegram_id, created_at, updated_at) VALUES (7007, now(), now())";
    db.execute_unprepared(guests).await.unwrap();
    assert!(is_stranger().await);
    let joins = "UPDATE bookings SET user_id = (SELECT id FROM users WHERE telegram_id = 7007)";
    db.execute_unprepared(joins).await.unwrap();
    assert!(!is_stranger().await);
}
