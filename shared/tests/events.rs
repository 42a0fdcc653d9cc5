//! Applying booking events to a real database: what is planned, what is voided, what is ignored.

#![allow(unused_must_use, clippy::unwrap_used, reason = "tests, and without a queue")]

mod common;

use chrono::TimeDelta;
use common::*;
use shared::{
    domain::{
        booking::{BookingStatus, Stars},
        event::RequestStatus,
        ids::{BookingCode, ChatId},
        plan::Effect,
        status::Meaning,
    },
    store::{bookings, events},
};

#[tokio::test]
async fn a_new_booking_plans_all_its_messages() {
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
    // The question after the visit is due in more than two days: its job is not pushed yet.
    assert_eq!(work.push.len(), 4);
    assert!(work.cancel.is_empty());
    let due: Vec<_> = work.push.iter().filter_map(|job| job.due_at).collect();
    assert!(due.contains(&(noon() + hours(24))) && due.contains(&(noon() + hours(46))));
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
    let (_, first) = apply(&db, &stands(noon(), noon() + hours(40)), noon()).await;
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
    assert_eq!(booking.visit_time.unwrap().start(), noon() + hours(48));
    // Received again, it changes nothing.
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
    assert_eq!(booking.visit_time.unwrap().start(), noon() + hours(48));
    assert_eq!(outbox(&db).await, before);
}

#[tokio::test]
async fn a_client_who_registers_later_hears_of_it_then() {
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
    assert_eq!(events::complete_past(&db, noon() + hours(48), 10).await.unwrap().0, 0);
    assert_eq!(events::complete_past(&db, noon() + hours(49), 10).await.unwrap().0, 1);
}

#[tokio::test]
async fn a_phone_that_comes_late_finds_its_client_in_either_order() {
    for late_first in [false, true] {
        let db = database().await;
        register(&db, CLIENT, noon()).await;
        let with_phone = stands(noon(), noon() + hours(48));
        let mut without = stands(noon() + hours(1), noon() + hours(48));
        without.details.phone = None;
        let order = if late_first { [&without, &with_phone] } else { [&with_phone, &without] };
        let now = noon() + hours(1);
        for event in order {
            apply(&db, event, now).await;
        }
        let client: Vec<_> =
            outbox(&db).await.into_iter().filter(|row| !row.starts_with("staff")).collect();
        let expected = ["confirmation", "reminder", "reminder", "feedback"]
            .map(|kind| format!("{kind} v1 scheduled 77"));
        assert_eq!(client, expected, "the one without the phone first: {late_first}");
        let notes = outbox(&db).await.iter().filter(|row| row.starts_with("staff_note")).count();
        assert_eq!(notes, usize::from(late_first));
    }
}

#[tokio::test]
async fn what_waited_for_its_client_is_not_followed_by_a_reminder_whose_time_has_passed() {
    let db = database().await;
    apply(&db, &stands(noon(), noon() + hours(48)), noon()).await;
    register(&db, CLIENT, noon() + hours(30)).await;
    let rows = outbox(&db).await;
    let reminders: Vec<_> = rows.iter().filter(|row| row.starts_with("reminder")).collect();
    assert_eq!(reminders, ["reminder v1 cancelled -", "reminder v1 scheduled 77"]);
}

#[tokio::test]
async fn a_cancellation_follows_an_announcement_once() {
    let db = database().await;
    register(&db, CLIENT, noon()).await;
    apply(&db, &stands(noon(), noon() + hours(48)), noon()).await;
    sent(&db, "confirmation").await;
    apply(&db, &cancels(noon() + hours(1)), noon() + hours(1)).await;
    sent(&db, "cancelled").await;
    // The second trigger, in the same seconds; then a restoration, sent as new; then off again.
    let second = stands(noon() + hours(1) + TimeDelta::seconds(2), noon() + hours(48));
    assert_eq!(apply(&db, &second, noon() + hours(1)).await.0, Effect::Noted);
    let mut restored = stands(noon() + hours(2), noon() + hours(48));
    restored.status.restores = true;
    assert_eq!(apply(&db, &restored, noon() + hours(2)).await.0, Effect::Created);
    apply(&db, &cancels(noon() + hours(3)), noon() + hours(3)).await;
    let client: Vec<_> = outbox(&db)
        .await
        .into_iter()
        .filter(|row| row.starts_with("confirmation") || row.starts_with("cancelled"))
        .collect();
    assert_eq!(
        client,
        [
            "confirmation v1 sent 77",
            "cancelled v2 sent 77",
            // Not sent yet when it was off again: nobody heard of it, and nothing is taken back.
            "confirmation v3 cancelled 77",
        ]
    );
}

#[tokio::test]
async fn a_client_who_last_heard_that_the_booking_stands_gets_its_end() {
    // Cancelled, made anew and ended once more, before the sender came to the first cancellation.
    for (ends_as, is_sent, expected) in [
        (Meaning::Cancelled, "confirmation", "cancelled v4 scheduled 77"),
        (Meaning::Ignored, "confirmation", "staff_note v4 scheduled -100"),
        (Meaning::Cancelled, "nothing", "staff_cancelled v4 scheduled -100"),
    ] {
        let db = database().await;
        register(&db, CLIENT, noon()).await;
        apply(&db, &stands(noon(), noon() + hours(48)), noon()).await;
        sent(&db, is_sent).await;
        apply(&db, &cancels(noon() + hours(1)), noon() + hours(1)).await;
        apply(&db, &stands(noon() + hours(2), noon() + hours(49)), noon() + hours(2)).await;
        let mut end = stands(noon() + hours(3), noon() + hours(49));
        end.status.meaning = ends_as;
        if ends_as == Meaning::Cancelled {
            end = cancels(noon() + hours(3));
        }
        apply(&db, &end, noon() + hours(3)).await;
        let last: Vec<_> =
            outbox(&db).await.into_iter().filter(|row| row.contains(" v4 ")).collect();
        assert_eq!(last.first().map(String::as_str), Some(expected));
    }
}

#[tokio::test]
async fn a_correction_keeps_the_rating() {
    let db = database().await;
    register(&db, CLIENT, noon()).await;
    apply(&db, &stands(noon(), noon() + hours(2)), noon()).await;
    sent(&db, "confirmation").await;
    let code = stands(noon(), noon()).code;
    let booking = bookings::by_code(&db, &code).await.unwrap().unwrap();
    let stars = Stars::try_from(5).unwrap();
    let user = booking.user.unwrap();
    bookings::rate(&db, booking.id, user, stars, noon() + hours(4)).await.unwrap();
    let before = outbox(&db).await;
    let corrected = stands(noon() + hours(5), noon() + hours(1));
    assert_eq!(apply(&db, &corrected, noon() + hours(5)).await.0, Effect::Noted);
    let booking = bookings::by_code(&db, &code).await.unwrap().unwrap();
    assert_eq!((booking.rating, booking.version), (Some(stars), 1));
    assert_eq!(booking.visit_time.unwrap().start(), noon() + hours(1));
    assert_eq!(outbox(&db).await, before);
}

#[tokio::test]
async fn what_a_build_before_has_written_since_counts() {
    let db = database().await;
    register(&db, CLIENT, noon()).await;
    apply(&db, &stands(noon(), noon() + hours(48)), noon()).await;
    let written = "UPDATE bookings SET status = 'cancelled', version = 2, \
                   last_event_at = '2026-03-01T13:00:00Z', last_event_id = 'old'";
    sea_orm::ConnectionTrait::execute_unprepared(&db, written).await.unwrap();
    let second = stands(noon() + hours(1) + TimeDelta::seconds(5), noon() + hours(48));
    assert_eq!(apply(&db, &second, noon() + hours(1)).await.0, Effect::Noted);
    let later = stands(noon() + hours(2), noon() + hours(48));
    assert_eq!(apply(&db, &later, noon() + hours(2)).await.0, Effect::Created);
}

#[tokio::test]
async fn words_that_were_held_back_make_a_note_a_day() {
    let db = database().await;
    let status = |code: &str, at, words: &str| {
        let mut event = stands(at, noon() + hours(72));
        event.code = BookingCode::parse(code).unwrap();
        event.status = RequestStatus {
            words: Some(words.to_owned()),
            held_back: true,
            ..RequestStatus::default()
        };
        event
    };
    for (code, hour, words) in [
        ("A1", 0, "Не отменён"),
        ("A2", 1, "Не отменён"),
        ("A2", 2, "Без отмены"),
        ("A3", 24, "Не отменён"),
    ] {
        apply(&db, &status(code, noon() + hours(hour), words), noon() + hours(hour)).await;
    }
    let notes = outbox(&db).await.iter().filter(|row| row.starts_with("staff_note")).count();
    assert_eq!(notes, 3);
    let seen = shared::store::statuses::list(&db, noon().date_naive()).await.unwrap();
    let seen: Vec<_> = seen.iter().map(|it| (it.words.as_str(), it.bookings)).collect();
    assert_eq!(seen, [("Не отменён", 3), ("Без отмены", 1)]);
}

/// The present message of this kind was sent.
async fn sent(db: &shared::store::DatabaseConnection, kind: &str) {
    let sent = format!(
        "UPDATE messages SET status = 'sent', sent_at = due_at \
         WHERE kind = '{kind}' AND status = 'scheduled'"
    );
    sea_orm::ConnectionTrait::execute_unprepared(db, &sent).await.unwrap();
}
