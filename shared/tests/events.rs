//! Applying booking events to a real database: what is planned, what is voided, what is ignored.

#![allow(unused_must_use, clippy::unwrap_used, reason = "tests, and without a queue")]

mod common;

use common::*;
use shared::{
    domain::{booking::BookingStatus, ids::ChatId, plan::Effect},
    store::{bookings, events},
};

#[tokio::test]
async fn a_new_booking_plans_all_that_will_be_said() {
    let db = database().await;
    register(&db, CLIENT, noon()).await;
    let event = stands(noon(), noon() + hours(48));
    let (effect, work) = apply(&db, &event, noon()).await;
    assert_eq!(effect, Effect::Created);
    assert_eq!(
        outbox(&db).await,
        [
            "confirmation v1 scheduled 77",
            "reminder v1 scheduled 77",
            "reminder v1 scheduled 77",
            "feedback v1 scheduled 77",
            "staff_created v1 scheduled -100",
        ]
    );
    assert_eq!(work.push.len(), 5);
    assert!(work.cancel.is_empty());
    let due: Vec<_> = work.push.iter().filter_map(|job| job.due_at).collect();
    assert!(due.contains(&(noon() + hours(24))) && due.contains(&(noon() + hours(49))));
}

#[tokio::test]
async fn the_same_event_a_hundred_times_at_once_is_applied_once() {
    let db = database().await;
    register(&db, CLIENT, noon()).await;
    let tries = (0..100).map(|n| {
        let db = db.clone();
        let at = noon() + chrono::TimeDelta::microseconds(n);
        tokio::spawn(async move { apply(&db, &stands(at, noon() + hours(48)), noon()).await.0 })
    });
    let mut created = 0;
    for one in tries.collect::<Vec<_>>() {
        created += i32::from(one.await.unwrap() == Effect::Created);
    }
    assert_eq!(created, 1);
    assert_eq!(outbox(&db).await.len(), 5);
}

#[tokio::test]
async fn a_move_voids_what_was_planned_and_its_jobs() {
    let db = database().await;
    register(&db, CLIENT, noon()).await;
    let (_, first) = apply(&db, &stands(noon(), noon() + hours(48)), noon()).await;
    let moved = stands(noon() + hours(1), noon() + hours(72));
    let (effect, work) = apply(&db, &moved, noon() + hours(1)).await;
    assert_eq!(effect, Effect::Moved);
    // The first confirmation was not sent yet: the client hears of the booking once, as it is now.
    assert_eq!(
        outbox(&db).await,
        [
            "confirmation v1 cancelled 77",
            "reminder v1 cancelled 77",
            "reminder v1 cancelled 77",
            "feedback v1 cancelled 77",
            "staff_created v1 scheduled -100",
            "confirmation v2 scheduled 77",
            "reminder v2 scheduled 77",
            "reminder v2 scheduled 77",
            "feedback v2 scheduled 77",
            "staff_moved v2 scheduled -100",
        ]
    );
    let mut cancelled = work.cancel.clone();
    let mut voided: Vec<_> = first.push.iter().map(|job| job.id.clone()).collect();
    cancelled.sort();
    voided.sort();
    voided.retain(|id| cancelled.contains(id));
    assert_eq!(cancelled, voided);
    assert_eq!(cancelled.len(), 4);
}

#[tokio::test]
async fn a_cancel_leaves_nothing_planned() {
    let db = database().await;
    register(&db, CLIENT, noon()).await;
    apply(&db, &stands(noon(), noon() + hours(48)), noon()).await;
    let (effect, work) = apply(&db, &cancels(noon() + hours(1)), noon() + hours(1)).await;
    assert_eq!(effect, Effect::Cancelled);
    assert_eq!(work.cancel.len(), 4);
    let planned: Vec<_> =
        outbox(&db).await.into_iter().filter(|row| row.contains("scheduled 77")).collect();
    assert_eq!(
        planned, [""; 0],
        "the confirmation was not sent yet: there is nothing to take back"
    );
    let code = stands(noon(), noon()).code;
    let booking = bookings::by_code(&db, &code).await.unwrap().unwrap();
    assert_eq!(booking.status, BookingStatus::Cancelled);
    assert_eq!(booking.slot.unwrap().start(), noon() + hours(48));
    // Said again, it changes nothing.
    let (again, _) = apply(&db, &cancels(noon() + hours(2)), noon() + hours(2)).await;
    assert_eq!(again, Effect::Noted);
}

#[tokio::test]
async fn an_older_event_and_a_repeated_one_change_nothing() {
    let db = database().await;
    let cancel = cancels(noon());
    apply(&db, &cancel, noon()).await;
    let before = outbox(&db).await;
    // The older one knows the times, which the cancellation left out.
    let older = stands(noon() - hours(1), noon() + hours(48));
    assert_eq!(apply(&db, &older, noon()).await.0, Effect::Noted);
    for stale in [&cancel, &older] {
        assert_eq!(apply(&db, stale, noon()).await.0, Effect::Stale);
    }
    let booking = bookings::by_code(&db, &cancel.code).await.unwrap().unwrap();
    assert_eq!(booking.status, BookingStatus::Cancelled);
    assert_eq!(booking.slot.unwrap().start(), noon() + hours(48));
    assert_eq!(outbox(&db).await, before);
}

#[tokio::test]
async fn a_client_who_registers_later_is_told_then() {
    let db = database().await;
    apply(&db, &stands(noon(), noon() + hours(48)), noon()).await;
    assert!(outbox(&db).await.contains(&"confirmation v1 scheduled -".to_owned()));
    let work = register(&db, CLIENT, noon() + hours(1)).await;
    assert_eq!(work.push.len(), 4);
    assert!(outbox(&db).await.iter().all(|row| !row.ends_with(" -")));
}

#[tokio::test]
async fn a_phone_takes_its_bookings_to_the_account_that_proved_it_last() {
    let db = database().await;
    register(&db, CLIENT, noon()).await;
    let (_, first) = apply(&db, &stands(noon(), noon() + hours(48)), noon()).await;
    let other = ChatId(78);
    let work = register(&db, other, noon() + hours(1)).await;
    let clients: Vec<_> =
        outbox(&db).await.into_iter().filter(|row| !row.starts_with("staff")).collect();
    assert!(clients.iter().all(|row| row.ends_with(" 78")), "{clients:?}");
    // Jobs carry the chat: those of the old account are cancelled, the new ones have other ids.
    assert_eq!((work.push.len(), work.cancel.len()), (4, 4));
    assert!(work.push.iter().all(|job| first.push.iter().all(|old| old.id != job.id)));
    let user = shared::store::users::by_chat(&db, CLIENT).await.unwrap().unwrap();
    assert_eq!(user.phone, None);
}

#[tokio::test]
async fn visits_that_are_over_are_completed() {
    let db = database().await;
    apply(&db, &stands(noon(), noon() + hours(48)), noon()).await;
    assert_eq!(events::complete_past(&db, noon() + hours(48), 10).await.unwrap(), 0);
    assert_eq!(events::complete_past(&db, noon() + hours(49), 10).await.unwrap(), 1);
}
