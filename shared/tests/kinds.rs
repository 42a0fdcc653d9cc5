//! The rules of message kinds in Rust, and what PostgreSQL does by them: for every kind.

#![allow(unused_must_use, clippy::unwrap_used, reason = "tests, and without a queue")]

mod common;

use common::*;
use sea_orm::ConnectionTrait;
use shared::{
    domain::{
        booking::BookingStatus,
        ids::{ChatId, MessageId},
        message::{MessageKind, MessageStatus},
    },
    store::{
        DatabaseConnection, TransactionTrait,
        outbox::{self, Among, DueDecision, NotClaimed, Refused},
        reconcile,
    },
};

/// A due message of a kind about a booking with this status, in a chat of its own. The booking has
/// version 2.
async fn message(
    db: &DatabaseConnection,
    number: i64,
    kind: &str,
    status: BookingStatus,
    version: i32,
) -> (ChatId, MessageId) {
    let chat = ChatId(1000 + number);
    let rows = format!(
        "INSERT INTO bookings (id, bukza_booking_id, starts_at, ends_at, status, version) \
         OVERRIDING SYSTEM VALUE VALUES ({number}, 'B{number}', '{start}', '{end}', '{status}', 2); \
         INSERT INTO messages (id, kind, recipient, chat_id, booking_id, booking_version, slot, \
         due_at, job_id) OVERRIDING SYSTEM VALUE \
         VALUES ({number}, '{kind}', '{recipient}', {chat}, {number}, {version}, '{number}', \
         '{due}', 'j{number}')",
        start = noon() + hours(48),
        end = noon() + hours(49),
        status = status.as_str(),
        recipient = match kind.starts_with("staff") {
            true => "staff",
            false => "client",
        },
        due = noon(),
    );
    db.execute_unprepared(&rows).await.unwrap();
    (chat, MessageId(number))
}

#[tokio::test]
async fn what_rust_would_send_is_what_postgresql_lets_be_claimed() {
    let db = database().await;
    let mut number = 0;
    for kind in MessageKind::ALL {
        for status in BookingStatus::ALL {
            for version in [1, 2] {
                number += 1;
                let (chat, id) = message(&db, number, kind.as_str(), *status, version).await;
                let due = due_in(&db, chat, noon(), 1).await.pop().unwrap().unwrap();
                let rule = match due.decide(noon(), &venue()) {
                    DueDecision::Send => Ok(()),
                    DueDecision::Superseded => Err(NotClaimed::Refused(Refused::Superseded)),
                    other => panic!("{other:?}"),
                };
                let claimed = claim_in(&db, chat, &[id], noon()).await.map(|_| ());
                assert_eq!(claimed, rule, "{kind:?} {status:?} {version}");
            }
        }
    }
    assert_eq!(number, i64::try_from(MessageKind::ALL.len()).unwrap() * 3 * 2);
}

#[tokio::test]
async fn what_goes_last_is_found_among_the_last_and_everything_among_all() {
    let db = database().await;
    for (number, kind) in (1..).zip(MessageKind::ALL) {
        let (chat, _) = message(&db, number, kind.as_str(), BookingStatus::Active, 2).await;
        for (among, is_there) in
            [(Among::All, true), (Among::First, !kind.goes_last()), (Among::Last, kind.goes_last())]
        {
            let due = outbox::due(&db, &[chat], among, noon(), 5).await.unwrap();
            assert_eq!(due.contains_key(&chat), is_there, "{kind:?} {among:?}");
            let first = outbox::first_due(&db, among, chat, noon()).await.unwrap();
            assert_eq!(first.is_some(), is_there, "{kind:?} {among:?}");
        }
    }
}

#[tokio::test]
async fn a_kind_of_a_newer_version_is_left_to_it_and_keeps_nobody_waiting() {
    let db = database().await;
    let (chat, newer) = message(&db, 1, "hologram", BookingStatus::Active, 2).await;
    let (other, known) = message(&db, 2, "moved", BookingStatus::Active, 2).await;
    let same_chat = format!("UPDATE messages SET chat_id = {chat} WHERE chat_id = {other}");
    db.execute_unprepared(&same_chat).await.unwrap();
    let due = due_in(&db, chat, noon(), 5).await;
    let ids: Vec<MessageId> = due.into_iter().map(|due| due.unwrap().id).collect();
    assert_eq!(ids, [known]);
    claim_in(&db, chat, &ids, noon()).await.unwrap();

    // One that a worker of the newer version was lost with, beside one of this version.
    let lost =
        "UPDATE messages SET status = 'sending', lease_owner = 'o', lease_until = $$2026-03-01$$";
    db.execute_unprepared(&format!("UPDATE messages SET chat_id = 5 WHERE id = {newer}"))
        .await
        .unwrap();
    db.execute_unprepared(lost).await.unwrap();
    let tx = db.begin().await.unwrap();
    let (count, _) = reconcile::lost_leases(&tx, Some(STAFF), noon()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(count, 1);
    let states = outbox(&db).await;
    assert_eq!(states[0], "hologram v2 sending 5");
    assert!(states[1].starts_with("moved v2 scheduled"), "{states:?}");
}

#[tokio::test]
async fn what_may_never_be_sent_is_refused_with_its_reason_and_what_waits_is_not() {
    let db = database().await;
    let mut number = 0;
    let mut planned = async |kind: MessageKind| {
        number += 1;
        message(&db, number, kind.as_str(), BookingStatus::Active, 2).await
    };
    let (chat, reminder) = planned(MessageKind::Reminder).await;
    let over = "UPDATE bookings SET status = 'completed'";
    db.execute_unprepared(over).await.unwrap();
    let refused = |why| Err(NotClaimed::Refused(why));
    let claim = async |chat, id| claim_in(&db, chat, &[id], noon()).await.map(|_| ());
    assert_eq!(claim(chat, reminder).await, refused(Refused::Superseded));

    let (chat, late) = planned(MessageKind::Confirmation).await;
    db.execute_unprepared(&format!("UPDATE messages SET expires_at = '{}'", noon())).await.unwrap();
    assert_eq!(claim(chat, late).await, refused(Refused::Expired));

    let (chat, retry) = planned(MessageKind::Confirmation).await;
    let later =
        format!("UPDATE messages SET not_before = '{}' WHERE id = {retry}", noon() + hours(1));
    db.execute_unprepared(&later).await.unwrap();
    assert_eq!(claim(chat, retry).await, Err(NotClaimed::NotYet));

    let (chat, cancelled) = planned(MessageKind::Confirmation).await;
    let status = MessageStatus::Cancelled;
    outbox::cancel_pending(&db, cancelled, status, "superseded", noon()).await.unwrap();
    assert_eq!(claim(chat, cancelled).await, Err(NotClaimed::Ended));
    assert_eq!(claim(chat, MessageId(-1)).await, Err(NotClaimed::Ended));

    let (held, first) = planned(MessageKind::Confirmation).await;
    let (chat, second) = planned(MessageKind::Confirmation).await;
    let one_chat = format!("UPDATE messages SET chat_id = {held} WHERE chat_id = {chat}");
    db.execute_unprepared(&one_chat).await.unwrap();
    assert_eq!(claim(held, first).await, Ok(()));
    assert_eq!(claim(held, second).await, Err(NotClaimed::HeldByOther));
}
