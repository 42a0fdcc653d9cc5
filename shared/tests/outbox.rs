//! Claiming and settling on a real database: one worker at a time, in order, and never what the
//! booking has outrun.

#![allow(unused_must_use, clippy::unwrap_used, reason = "tests, and without a queue")]

mod common;

use std::time::Duration;

use chrono::TimeDelta;
use common::*;
use shared::{
    domain::{
        booking::Stars,
        dialogue::Dialogue,
        ids::MessageId,
        message::{MessageKind, MessageStatus},
        outcome::Disposition,
    },
    store::{
        DatabaseConnection, TransactionTrait, bookings, dialogues,
        outbox::{self as store, DueDecision, Settled},
        reconcile, users,
    },
};

async fn heads(
    db: &DatabaseConnection,
    at: chrono::DateTime<chrono::Utc>,
) -> Vec<(MessageId, MessageKind)> {
    let due = due_in(db, CLIENT, at, 10).await;
    due.into_iter().map(|m| m.map(|m| (m.id, m.kind)).unwrap()).collect()
}

async fn booked(db: &DatabaseConnection) {
    register(db, CLIENT, noon()).await;
    apply(db, &stands(noon(), noon() + hours(48)), noon()).await;
}

#[tokio::test]
async fn of_many_workers_one_may_say_it() {
    let db = database().await;
    booked(&db).await;
    let (id, kind) = heads(&db, noon()).await[0];
    assert_eq!(kind, MessageKind::Confirmation);
    let tries = (0..20).map(|_| {
        let db = db.clone();
        tokio::spawn(async move { claim_in(&db, CLIENT, &[id], noon()).await.ok() })
    });
    let mut claims = Vec::new();
    for one in tries.collect::<Vec<_>>() {
        claims.extend(one.await.unwrap());
    }
    assert_eq!(claims.len(), 1);
    let sent = Disposition::Sent { telegram_message_id: 5 };
    assert_eq!(settle(&db, &claims[0], &sent, noon()).await, Settled::Yes);
    assert_eq!(settle(&db, &claims[0], &sent, noon()).await, Settled::TooLate);
    assert!(heads(&db, noon()).await.is_empty());
}

#[tokio::test]
async fn a_chat_is_spoken_to_by_one_at_a_time_and_in_order() {
    let db = database().await;
    booked(&db).await;
    let later = noon() + hours(49);
    let due = heads(&db, later).await;
    let kinds: Vec<_> = due.iter().map(|(_, kind)| *kind).collect();
    assert_eq!(
        kinds,
        [
            MessageKind::Confirmation,
            MessageKind::Reminder,
            MessageKind::Reminder,
            MessageKind::Feedback
        ]
    );
    let first = claim_in(&db, CLIENT, &[due[0].0], noon()).await.unwrap();
    assert!(claim_in(&db, CLIENT, &[due[1].0], noon() + hours(24)).await.is_err());
    store::release(&db, &first, noon()).await.unwrap();
    assert!(claim_in(&db, CLIENT, &[due[1].0], noon() + hours(24)).await.is_ok());
}

#[tokio::test]
async fn what_the_booking_has_outrun_is_not_claimed() {
    let db = database().await;
    booked(&db).await;
    let due = due_in(&db, CLIENT, noon() + hours(24), 10).await;
    let reminder = due.into_iter().map(Result::unwrap).find(|m| m.kind == MessageKind::Reminder);
    let reminder = reminder.unwrap();
    assert_eq!(reminder.decide(noon() + hours(24), &venue()), DueDecision::Send);
    // Its time: with the second reminder due, the first has nothing left to say.
    assert_eq!(reminder.decide(noon() + hours(46), &venue()), DueDecision::Expired);
    apply(&db, &cancels(noon() + hours(1)), noon() + hours(1)).await;
    assert!(claim_in(&db, CLIENT, &[reminder.id], noon() + hours(24)).await.is_err());
}

#[tokio::test]
async fn staff_cards_are_claimed_together_and_end_together() {
    let db = database().await;
    booked(&db).await;
    apply(&db, &stands(noon() + hours(1), noon() + hours(72)), noon() + hours(1)).await;
    let at = noon() + hours(1);
    let cards = due_in(&db, STAFF, at, 40).await;
    let ids: Vec<_> = cards.into_iter().map(|m| m.unwrap().id).collect();
    assert_eq!(ids.len(), 2);
    let claim = claim_in(&db, STAFF, &ids, at).await.unwrap();
    assert_eq!(claim.messages, ids);
    settle(&db, &claim, &Disposition::Sent { telegram_message_id: 9 }, at).await;
    assert!(due_in(&db, STAFF, at, 40).await.is_empty());
}

#[tokio::test]
async fn a_lost_worker_leaves_one_more_try_where_that_is_right() {
    let db = database().await;
    booked(&db).await;
    for tries in 1..=2 {
        let at = noon() + TimeDelta::minutes(tries * 2);
        let (id, _) = heads(&db, at).await[0];
        claim_in(&db, CLIENT, &[id], at).await.unwrap();
        let tx = db.begin().await.unwrap();
        let early =
            reconcile::lost_leases(&tx, Some(STAFF), at + TimeDelta::seconds(39)).await.unwrap();
        assert_eq!(early.0, 0);
        let (lost, work) =
            reconcile::lost_leases(&tx, Some(STAFF), at + TimeDelta::seconds(41)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(lost, 1);
        assert_eq!(work.push.len(), 1, "the retry, or the card to the staff");
    }
    let rows = outbox(&db).await;
    assert_eq!(rows[0], "confirmation v1 unknown 77");
    assert_eq!(rows.last().unwrap(), "staff_undelivered v1 scheduled -100");
}

#[tokio::test]
async fn a_send_that_ends_late_still_wins_over_the_reconciler() {
    let db = database().await;
    booked(&db).await;
    let (id, _) = heads(&db, noon()).await[0];
    let claim = claim_in(&db, CLIENT, &[id], noon()).await.unwrap();
    let tx = db.begin().await.unwrap();
    reconcile::lost_leases(&tx, Some(STAFF), noon() + hours(1)).await.unwrap();
    tx.commit().await.unwrap();
    let sent = Disposition::Sent { telegram_message_id: 5 };
    assert_eq!(settle(&db, &claim, &sent, noon()).await, Settled::Yes);
    assert_eq!(outbox(&db).await[0], "confirmation v1 sent 77");
}

#[tokio::test]
async fn overdue_messages_are_found_once_in_a_while_and_expired_ones_end() {
    let db = database().await;
    booked(&db).await;
    let grace = TimeDelta::seconds(20);
    let none = reconcile::overdue(&db, noon() + TimeDelta::seconds(19), grace).await.unwrap();
    assert_eq!(none.0, 0);
    let at = noon() + TimeDelta::seconds(21);
    let (found, wake_ups) = reconcile::overdue(&db, at, grace).await.unwrap();
    assert_eq!(found, 2);
    // Not by their own jobs, which a worker that died may still hold.
    let ids: Vec<&str> = wake_ups.push.iter().map(|job| job.id.0.as_str()).collect();
    let second = at.timestamp();
    assert_eq!(ids, [format!("c{STAFF}.{second}"), format!("c{CLIENT}.{second}")]);
    assert_eq!(reconcile::overdue(&db, at, grace).await.unwrap().0, 0);
    // Both reminders and the confirmation have had their time by then; the feedback request not.
    let expired = reconcile::expire(&db, noon() + hours(49)).await.unwrap();
    assert_eq!(expired, 3);
}

#[tokio::test]
async fn cards_that_cannot_be_delivered_keep_no_clients_message_from_being_pushed_again() {
    use sea_orm::ConnectionTrait;
    let db = database().await;
    let chats = [format!("{STAFF}, 2500, '1 hour'"), format!("{CLIENT}, 1, '1 minute'")];
    for (recipient, of) in [("staff", &chats[0]), ("client", &chats[1])] {
        let insert = format!(
            "INSERT INTO messages (kind, recipient, chat_id, due_at, job_id, pushed_at) \
             SELECT 'staff_note', '{recipient}', chat, '{}'::timestamptz - age::interval, 'm', 'epoch' \
             FROM (VALUES ({of})) AS o (chat, n, age), generate_series(1, n)",
            noon().to_rfc3339()
        );
        db.execute_unprepared(&insert).await.unwrap();
    }
    for round in 0..3 {
        let at = noon() + TimeDelta::seconds(21 * round);
        let (_, work) = reconcile::overdue(&db, at, TimeDelta::seconds(20)).await.unwrap();
        let chats: Vec<&str> = work.push.iter().map(|job| job.id.0.as_str()).collect();
        let of = |chat| format!("c{chat}.{}", at.timestamp());
        assert_eq!(chats, [of(STAFF), of(CLIENT)], "round {round}");
    }
}

#[tokio::test]
async fn who_cannot_be_reached_hears_of_it_on_return() {
    let db = database().await;
    booked(&db).await;
    let parked = users::unreachable(&db, CLIENT, None, noon(), noon()).await.unwrap();
    assert_eq!(parked.cancel.len(), 4);
    assert!(heads(&db, noon()).await.is_empty());
    // A booking made meanwhile waits as well.
    apply(&db, &stands(noon() + hours(1), noon() + hours(42)), noon() + hours(1)).await;
    let later = noon() + hours(2);
    // What they wrote before, and an outage held up, does not bring them back.
    assert!(users::seen(&db, CLIENT, noon() - hours(1), later).await.unwrap().push.is_empty());
    assert!(heads(&db, later).await.is_empty());
    let back = users::seen(&db, CLIENT, later, later).await.unwrap();
    assert_eq!(back.push.len(), 4);
    assert!(users::seen(&db, CLIENT, later, later).await.unwrap().push.is_empty());
    // Nor does what was found out before send them away again.
    let parked = users::unreachable(&db, CLIENT, None, noon() + hours(1), later).await.unwrap();
    assert!(parked.cancel.is_empty());
    assert!(users::by_chat(&db, CLIENT).await.unwrap().unwrap().reachable);
}

#[tokio::test]
async fn a_client_that_another_tool_put_in_is_adopted() {
    use sea_orm::ConnectionTrait;
    let db = database().await;
    apply(&db, &stands(noon(), noon() + hours(40)), noon()).await;
    db.execute_unprepared(
        "INSERT INTO users (telegram_id, phone_number) VALUES (77, '+79991234567')",
    )
    .await
    .unwrap();
    let tx = db.begin().await.unwrap();
    let since = noon() - hours(24 * 365);
    let work = reconcile::adopt_clients(&tx, since, noon()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(work.push.len(), 4);
}

#[tokio::test]
async fn a_sent_feedback_request_waits_for_a_number_and_the_last_rating_counts() {
    let db = database().await;
    booked(&db).await;
    let at = noon() + hours(49);
    reconcile::expire(&db, at).await.unwrap();
    let (id, kind) = heads(&db, at).await[0];
    assert_eq!(kind, MessageKind::Feedback);
    let claim = claim_in(&db, CLIENT, &[id], at).await.unwrap();
    settle(&db, &claim, &Disposition::Sent { telegram_message_id: 5 }, at).await;
    let user = users::by_chat(&db, CLIENT).await.unwrap().unwrap();
    let open = dialogues::open(&db, user.id, at, None).await.unwrap();
    let Dialogue::Rating(booking) = open else { panic!("{open:?}") };
    let stars = |n: u8| Stars::try_from(n).unwrap();
    let minutes = TimeDelta::minutes;
    let rate = |n, after| bookings::rate(&db, booking, user.id, stars(n), at + minutes(after));
    assert_eq!(rate(5, 0).await.unwrap(), bookings::Rated::Stored);
    assert_eq!(rate(5, 2).await.unwrap(), bookings::Rated::Same);
    assert_eq!(
        rate(4, 1).await.unwrap(),
        bookings::Rated::Late,
        "the stars were given again since"
    );
    assert_eq!(rate(3, 3).await.unwrap(), bookings::Rated::Stored);
}

#[tokio::test]
async fn a_retry_waits_and_counts_only_what_may_have_been_delivered() {
    let db = database().await;
    booked(&db).await;
    let (id, _) = heads(&db, noon()).await[0];
    let claim = claim_in(&db, CLIENT, &[id], noon()).await.unwrap();
    let again = noon() + TimeDelta::from_std(Duration::from_secs(30)).unwrap();
    let retry = Disposition::Retry {
        not_before: again,
        delivered_perhaps: false,
        reason: "too_many_requests",
    };
    settle(&db, &claim, &retry, noon()).await;
    let due = due_in(&db, CLIENT, noon(), 1).await;
    let head = due[0].as_ref().unwrap();
    assert_eq!((head.attempts, head.decide(noon(), &venue())), (0, DueDecision::Later(again)));
    assert!(claim_in(&db, CLIENT, &[id], noon()).await.is_err());
    store::cancel_pending(&db, id, MessageStatus::Cancelled, "superseded", noon()).await.unwrap();
    assert!(claim_in(&db, CLIENT, &[id], again).await.is_err());
}

#[tokio::test]
async fn clients_words_are_not_kept_for_ever() {
    use sea_orm::ConnectionTrait;
    let db = database().await;
    booked(&db).await;
    let answers = "INSERT INTO messages (kind, recipient, chat_id, update_id, due_at, job_id, status, \
        updated_at) SELECT 'answer', 'client', 77, n, now(), 'm' || n, 'sent', \
        timestamptz '2026-03-01T12:00:00Z' - n * interval '1 day' FROM generate_series(29, 31) n";
    db.execute_unprepared(answers).await.unwrap();
    let seen = "INSERT INTO processed_updates (update_id, processed_at) SELECT n, \
        timestamptz '2026-03-01T12:00:00Z' - n * interval '1 day' FROM generate_series(2, 4) n";
    db.execute_unprepared(seen).await.unwrap();
    let dead = "INSERT INTO dead_letters (queue, job_id, payload, reason, attempts, created_at) SELECT 'events', 'd' || n, 'p', 'r', 5, \
        timestamptz '2026-03-01T12:00:00Z' - n * interval '1 day' FROM generate_series(89, 91) n";
    db.execute_unprepared(dead).await.unwrap();
    // The answer of 31 days ago, the update of 4 days ago, and the open dead letter of 91 days ago; nothing of
    // the bookings.
    assert_eq!(reconcile::forget(&db, noon()).await.unwrap(), 3);
    assert_eq!(reconcile::forget(&db, noon()).await.unwrap(), 0);
    assert_eq!(outbox(&db).await.len(), 7);
}
