//! Cards about messages that have not reached their client: which messages make one, and that each makes one.

#![allow(unused_must_use, clippy::unwrap_used, reason = "tests, and without a queue")]

mod common;

use chrono::{DateTime, TimeDelta, Utc};
use common::*;
use sea_orm::ConnectionTrait;
use shared::{
    domain::{
        ids::MessageId,
        message::{MessageKind, MessageStatus},
        outcome::Disposition,
    },
    store::{DatabaseConnection, TransactionTrait, outbox, reconcile, users},
};

/// A booking of version 2 that ends an hour after noon, and a message about it in the client's chat.
async fn message(db: &DatabaseConnection, kind: MessageKind, version: i32) -> MessageId {
    let cancelled = kind == MessageKind::Cancelled;
    let rows = format!(
        "INSERT INTO users (telegram_id, last_seen_at) VALUES ({CLIENT}, '{before}'); \
         INSERT INTO bookings (id, bukza_booking_id, starts_at, ends_at, status, version) \
         OVERRIDING SYSTEM VALUE VALUES (1, 'B1', '{noon}', '{end}', '{status}', 2); \
         INSERT INTO messages (id, kind, recipient, chat_id, booking_id, booking_version, due_at, job_id) \
         OVERRIDING SYSTEM VALUE VALUES (1, '{kind}', 'client', {CLIENT}, 1, {version}, '{noon}', 'j1'); \
         ALTER TABLE messages ALTER COLUMN id RESTART WITH 2",
        before = noon() - hours(1),
        noon = noon(),
        end = noon() + hours(1),
        status = if cancelled { "cancelled" } else { "active" },
        kind = kind.as_str(),
    );
    db.execute_unprepared(&rows).await.unwrap();
    MessageId(1)
}

/// Ends the message and plans the cards, twice. Returns how many cards there are.
async fn cards_after(
    kind: MessageKind,
    version: i32,
    status: MessageStatus,
    at: DateTime<Utc>,
) -> usize {
    let db = database().await;
    let id = message(&db, kind, version).await;
    outbox::cancel_pending(&db, id, status, "tried", at).await.unwrap();
    for _ in 0..2 {
        outbox::undelivered_cards(&db, &[id], Some(STAFF), at).await.unwrap();
    }
    outbox(&db).await.iter().filter(|row| row.starts_with("staff_undelivered")).count()
}

#[tokio::test]
async fn what_the_staff_replace_by_a_call_makes_one_card() {
    let kinds = [
        (MessageKind::Confirmation, 1),
        (MessageKind::Moved, 1),
        (MessageKind::Cancelled, 1),
        (MessageKind::Reminder, 1),
        (MessageKind::Feedback, 0),
    ];
    for (kind, cards) in kinds {
        for status in [MessageStatus::Unknown, MessageStatus::Failed] {
            assert_eq!(cards_after(kind, 2, status, noon()).await, cards, "{kind:?} {status:?}");
        }
    }
}

#[tokio::test]
async fn other_ends_older_versions_and_past_visits_make_none() {
    let kind = MessageKind::Confirmation;
    for status in [MessageStatus::Expired, MessageStatus::Cancelled] {
        assert_eq!(cards_after(kind, 2, status, noon()).await, 0, "{status:?}");
    }
    assert_eq!(cards_after(kind, 1, MessageStatus::Failed, noon()).await, 0, "a newer one is sent");
    let over = noon() + hours(1);
    assert_eq!(cards_after(kind, 2, MessageStatus::Failed, over).await, 0, "the visit is over");
}

#[tokio::test]
async fn a_lost_lease_after_the_last_attempt_makes_the_card() {
    let db = database().await;
    let id = message(&db, MessageKind::Confirmation, 2).await;
    for (attempt, status) in [(1, "scheduled"), (2, "unknown")] {
        let at = noon() + TimeDelta::minutes(attempt);
        claim_in(&db, CLIENT, &[id], at).await.unwrap();
        let tx = db.begin().await.unwrap();
        let later = at + TimeDelta::seconds(41);
        let (lost, work) = reconcile::lost_leases(&tx, Some(STAFF), later).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!((lost, work.push.len()), (1, 1), "the retry or the card is pushed");
        assert_eq!(outbox(&db).await[0], format!("confirmation v2 {status} {CLIENT}"));
    }
    assert_eq!(outbox(&db).await[1..], [format!("staff_undelivered v2 scheduled {STAFF}")]);
}

#[tokio::test]
async fn a_message_that_met_a_block_waits_and_is_given_back_on_return() {
    let db = database().await;
    let id = message(&db, MessageKind::Confirmation, 2).await;
    db.execute_unprepared("UPDATE bookings SET user_id = (SELECT id FROM users)").await.unwrap();
    let claim = claim_in(&db, CLIENT, &[id], noon()).await.unwrap();
    let not_before = noon() + TimeDelta::seconds(15);
    let again = Disposition::Retry { not_before, delivered_perhaps: false, reason: "bot_blocked" };
    settle(&db, &claim, &again, noon()).await;
    for _ in 0..2 {
        users::unreachable(&db, CLIENT, Some(STAFF), noon(), noon()).await.unwrap();
    }
    let parked = ["confirmation v2 scheduled -", "staff_unreachable v2 scheduled -100"];
    assert_eq!(outbox(&db).await, parked);
    let back = noon() + TimeDelta::minutes(5);
    users::seen(&db, CLIENT, back, back).await.unwrap();
    let due = due_in(&db, CLIENT, back + TimeDelta::seconds(1), 9).await.pop().unwrap().unwrap();
    assert_eq!((due.id, due.attempts), (id, 0));
    claim_in(&db, CLIENT, &[id], back + TimeDelta::seconds(1)).await.unwrap();
}

#[tokio::test]
async fn cards_of_the_former_chat_go_to_the_present_one_once() {
    let db = database().await;
    let rows = "INSERT INTO messages (kind, recipient, chat_id, due_at, job_id, status, not_before) \
        SELECT 'staff_created', recipient, chat, now(), 'j', status, now() + interval '1 minute' \
        FROM (VALUES ('staff', -7, 'scheduled'), ('staff', -100, 'scheduled'), \
        ('staff', -7, 'sent'), ('client', 77, 'scheduled')) AS v (recipient, chat, status)";
    db.execute_unprepared(rows).await.unwrap();
    assert_eq!(outbox::move_staff_cards(&db, STAFF, noon()).await.unwrap(), 1);
    assert_eq!(outbox::move_staff_cards(&db, STAFF, noon()).await.unwrap(), 0);
    let chats: Vec<_> =
        outbox(&db).await.iter().map(|row| row.rsplit(' ').next().unwrap().to_owned()).collect();
    let mut chats = chats;
    chats.sort();
    assert_eq!(chats, ["-100", "-100", "-7", "77"]);
}
