//! Refused requests on a real database: bounded, joined by cause, and behind the messages about bookings.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use common::*;
use sea_orm::{ConnectionTrait, DatabaseConnection, EntityTrait, QueryOrder};
use shared::{
    bukza::Fault,
    domain::{
        ids::EventId,
        message::{Content, MessageKind, RefusalNumbers},
        outcome::Disposition,
    },
    queue::RejectedRequest,
    store::{
        QueueWork,
        entity::{message, rejected_request},
        outbox::{self, Among},
        reconcile,
        rejected::{self, BYTES_MAX, ROWS_MAX},
    },
};

fn refused(faults: &[(&str, &str)], at: DateTime<Utc>) -> RejectedRequest {
    RejectedRequest {
        id: EventId::fresh(),
        received_at: at,
        query: "message=newrega".into(),
        content_type: None,
        body: "{}".into(),
        status: 422,
        faults: faults.iter().map(|(field, what)| Fault::new(*field, what)).collect(),
    }
}

async fn keep(db: &DatabaseConnection, request: &RejectedRequest, now: DateTime<Utc>) -> QueueWork {
    rejected::keep(db, request, Some(STAFF), now).await.unwrap()
}

/// A card of a refused request as the outbox has it.
#[derive(Debug, PartialEq, Eq)]
struct Card {
    status: String,
    due_at: DateTime<Utc>,
    numbers: RefusalNumbers,
    received_at: DateTime<Utc>,
    first_field: String,
}

async fn cards(db: &DatabaseConnection) -> Vec<Card> {
    let rows = message::Entity::find().order_by_asc(message::Column::Id).all(db).await.unwrap();
    let refusals = rows.into_iter().filter(|row| row.kind == "staff_rejected");
    refusals
        .map(|row| match serde_json::from_value(row.content.unwrap()).unwrap() {
            Content::Rejected { faults, received_at, numbers } => Card {
                status: row.status,
                due_at: row.due_at,
                numbers: numbers.unwrap(),
                received_at,
                first_field: faults[0].field.clone(),
            },
            other => panic!("{other:?}"),
        })
        .collect()
}

/// Sends what goes last in the staff's chat, as one message.
async fn send_refusals(db: &DatabaseConnection, now: DateTime<Utc>) -> usize {
    let due = outbox::due(db, &[STAFF], Among::Last, now, 40)
        .await
        .unwrap()
        .remove(&STAFF)
        .unwrap_or_default();
    let ids: Vec<_> = due.into_iter().map(|due| due.unwrap().id).collect();
    let claim = claim_in(db, STAFF, &ids, now).await.unwrap();
    let sent = Disposition::Sent { telegram_message_id: 1 };
    settle(db, &claim, &sent, now).await;
    ids.len()
}

fn seconds(n: i64) -> TimeDelta {
    TimeDelta::seconds(n)
}

const NO_START: &[(&str, &str)] = &[("start", "is missing")];
const NO_CODE: &[(&str, &str)] = &[("code", "is missing")];

#[tokio::test]
async fn refusals_of_one_cause_share_a_card_that_waits() {
    let db = database().await;
    let first = refused(NO_START, noon());
    let work = keep(&db, &first, noon()).await;
    assert_eq!(work.push.len(), 1);
    // The same cause at another place; another cause; the first once more, which changes nothing.
    let again = refused(&[("reservations[3].start", "is missing")], noon() + seconds(5));
    assert_eq!(keep(&db, &again, noon() + seconds(6)).await, QueueWork::default());
    assert_eq!(keep(&db, &refused(NO_CODE, noon()), noon() + seconds(7)).await.push.len(), 1);
    assert_eq!(keep(&db, &first, noon() + seconds(8)).await, QueueWork::default());
    let card = |due_at, first, last, count, received_at, first_field: &str| Card {
        status: "scheduled".into(),
        due_at,
        numbers: RefusalNumbers { first, last, count },
        received_at,
        first_field: first_field.into(),
    };
    let expected = [
        card(noon(), 1, 2, 2, noon() + seconds(5), "reservations[3].start"),
        card(noon() + seconds(7), 3, 3, 1, noon(), "code"),
    ];
    assert_eq!(cards(&db).await, expected);
    let rows = rejected_request::Entity::find().all(&db).await.unwrap();
    let causes: Vec<_> = rows.iter().map(|row| row.cause.as_deref().unwrap()).collect();
    assert_eq!(causes, ["start:missing", "start:missing", "code:missing"]);
}

#[tokio::test]
async fn after_a_card_was_sent_the_next_of_its_cause_comes_a_minute_later() {
    let db = database().await;
    keep(&db, &refused(NO_START, noon()), noon()).await.push.pop().unwrap();
    assert_eq!(send_refusals(&db, noon() + seconds(1)).await, 1);
    for n in 2..40 {
        let now = noon() + seconds(n);
        let _ = keep(&db, &refused(NO_START, now), now).await;
    }
    let planned = cards(&db).await;
    assert_eq!(planned.len(), 2);
    assert_eq!(planned[1].due_at, noon() + seconds(61));
    assert_eq!(planned[1].numbers, RefusalNumbers { first: 2, last: 39, count: 38 });
    // Another cause has a minute of its own.
    let _ = keep(&db, &refused(NO_CODE, noon()), noon() + seconds(40)).await;
    assert_eq!(cards(&db).await[2].due_at, noon() + seconds(40));
    // After a quiet hour it is due at once.
    assert_eq!(send_refusals(&db, noon() + seconds(70)).await, 2);
    let later = noon() + hours(1);
    let _ = keep(&db, &refused(NO_START, later), later).await;
    assert_eq!(cards(&db).await[3].due_at, later);
}

#[tokio::test]
async fn nothing_is_added_to_a_card_that_is_being_sent() {
    let db = database().await;
    let _ = keep(&db, &refused(NO_START, noon()), noon()).await;
    let due = outbox::due(&db, &[STAFF], Among::Last, noon(), 40)
        .await
        .unwrap()
        .remove(&STAFF)
        .unwrap_or_default();
    let id = due[0].as_ref().unwrap().id;
    // Added between the look and the claim: its content says so.
    let _ = keep(&db, &refused(NO_START, noon()), noon()).await;
    let claim = claim_in(&db, STAFF, &[id], noon()).await.unwrap();
    let held = outbox::contents(&db, &claim.messages).await.unwrap().remove(&id).unwrap();
    let Some(Content::Rejected { numbers, .. }) = held else { panic!("{held:?}") };
    assert_eq!(numbers, Some(RefusalNumbers { first: 1, last: 2, count: 2 }));
    let _ = keep(&db, &refused(NO_START, noon()), noon() + seconds(1)).await;
    let planned = cards(&db).await;
    assert_eq!(planned[0].numbers.last, 2);
    assert_eq!(planned[1].numbers, RefusalNumbers::of(3));
    assert_eq!(planned[1].due_at, noon() + seconds(60));
}

#[tokio::test]
async fn many_at_once_are_all_counted_on_one_card() {
    let db = database().await;
    let each = (0..40).map(|_| {
        let db = db.clone();
        tokio::spawn(async move {
            let _ = keep(&db, &refused(NO_START, noon()), noon()).await;
        })
    });
    for one in each.collect::<Vec<_>>() {
        one.await.unwrap();
    }
    let cards = cards(&db).await;
    assert_eq!(cards.len(), 1);
    assert_eq!(cards[0].numbers, RefusalNumbers { first: 1, last: 40, count: 40 });
}

#[tokio::test]
async fn causes_without_number_make_no_cards_without_number() {
    let db = database().await;
    let fields = ["body", "reservations", "code", "start", "end", "phone", "paid"];
    let kinds = ["is missing", "is empty", "is given twice", "is too large", "is not UTF-8"];
    let mut refusals = 0_i64;
    for field in fields {
        for kind in kinds {
            let _ = keep(&db, &refused(&[(field, kind)], noon()), noon()).await;
            refusals += 1;
        }
    }
    let cards = cards(&db).await;
    // 20 causes, and the card that the others share.
    assert_eq!(cards.len(), 21);
    assert_eq!(cards.iter().map(|card| card.numbers.count).sum::<i64>(), refusals);
    assert_eq!(cards[20].numbers.count, refusals - 20);
}

#[tokio::test]
async fn bookings_go_before_refusals_whatever_came_first() {
    let db = database().await;
    for n in 0..60 {
        let at = noon() - seconds(60 - n);
        // As a build before plans them: one card for each.
        let card = outbox::NewMessage::staff_card(MessageKind::StaffRejected, STAFF, at);
        let faults = vec![Fault::new("start", "is missing")];
        let content = Content::Rejected { faults, received_at: at, numbers: None };
        let _ = outbox::insert(&db, &[card.saying(content)], at).await.unwrap();
    }
    let _ = apply(&db, &stands(noon(), noon() + hours(48)), noon()).await;
    let kinds = async |among| -> Vec<MessageKind> {
        let due = outbox::due(&db, &[STAFF], among, noon(), 40)
            .await
            .unwrap()
            .remove(&STAFF)
            .unwrap_or_default();
        due.into_iter().map(|due| due.unwrap().kind).collect()
    };
    assert_eq!(kinds(Among::First).await, [MessageKind::StaffCreated]);
    assert_eq!(kinds(Among::Last).await, vec![MessageKind::StaffRejected; 40]);
    assert_eq!(kinds(Among::All).await, vec![MessageKind::StaffRejected; 40]);
    for among in [Among::First, Among::Last, Among::All] {
        let due = outbox::due(&db, &[STAFF], among, noon(), 1)
            .await
            .unwrap()
            .remove(&STAFF)
            .unwrap_or_default();
        let first = outbox::first_due(&db, among, STAFF, noon()).await.unwrap();
        assert_eq!(due[0].as_ref().unwrap().id, first.unwrap(), "{among:?}");
    }
}

#[tokio::test]
async fn what_goes_last_is_the_same_in_rust_and_in_sql() {
    let db = database().await;
    for kind in MessageKind::ALL {
        let recipient = if kind.as_str().starts_with("staff") { "staff" } else { "client" };
        db.execute_unprepared(&format!(
            "INSERT INTO messages (kind, recipient, chat_id, due_at, job_id) \
             VALUES ('{}', '{recipient}', -100, '{}', 'j')",
            kind.as_str(),
            noon().to_rfc3339()
        ))
        .await
        .unwrap();
    }
    for (among, last) in [(Among::First, false), (Among::Last, true)] {
        let due = outbox::due(&db, &[STAFF], among, noon(), 40)
            .await
            .unwrap()
            .remove(&STAFF)
            .unwrap_or_default();
        let found: BTreeSet<_> = due.into_iter().map(|due| due.unwrap().kind.as_str()).collect();
        let all = MessageKind::ALL.iter().filter(|kind| kind.goes_last() == last);
        assert_eq!(found, all.map(|kind| kind.as_str()).collect());
    }
}

/// Rows with bodies of so many bytes, received a second apart, by number from 1.
async fn fill(db: &DatabaseConnection, rows: i64, bytes: usize) {
    let body = format!("repeat('x', {bytes})");
    db.execute_unprepared(&format!(
        "INSERT INTO rejected_requests (request_id, received_at, query, body, http_status, faults, created_at) \
         SELECT 'r' || n, '{now}'::timestamptz + n * interval '1 second', '', {body}, 422, '[]', '{now}' \
         FROM generate_series(1, {rows}) AS n",
        now = noon().to_rfc3339()
    ))
    .await
    .unwrap();
}

async fn numbers(db: &DatabaseConnection) -> BTreeSet<i64> {
    let rows = rejected_request::Entity::find().all(db).await.unwrap();
    rows.into_iter().map(|row| row.id).collect()
}

#[tokio::test]
async fn rows_are_bounded_the_oldest_replayed_then_read_first() {
    let db = database().await;
    fill(&db, ROWS_MAX, 10).await;
    for id in [4_000, 4_900] {
        rejected::replayed(&db, id, noon()).await.unwrap();
    }
    // A replayed one that was read before is replayed.
    rejected::read(&db, 4_900, noon()).await.unwrap();
    for id in [3_000, 2_000] {
        rejected::read(&db, id, noon()).await.unwrap();
    }
    assert_eq!(reconcile::forget(&db, noon()).await.unwrap(), 0);
    let mut expected: BTreeSet<i64> = (1..=ROWS_MAX).collect();
    let mut newest = ROWS_MAX;
    for gone in [&[4_000][..], &[4_900], &[2_000], &[3_000], &[1], &[2, 3, 4]] {
        for _ in gone {
            let _ = keep(&db, &refused(NO_START, noon()), noon()).await;
            newest += 1;
            expected.insert(newest);
        }
        assert_eq!(reconcile::forget(&db, noon()).await.unwrap(), gone.len() as u64);
        expected.retain(|id| !gone.contains(id));
        assert_eq!(numbers(&db).await, expected, "{gone:?}");
    }
}

#[tokio::test]
async fn bytes_are_bounded_the_newest_stay() {
    let db = database().await;
    let each = 64 * 1024;
    let fit = BYTES_MAX / each;
    fill(&db, fit + 100, 64 * 1024).await;
    reconcile::forget(&db, noon()).await.unwrap();
    let left = numbers(&db).await;
    // Faults take their bytes, too.
    assert_eq!(left, (102..=fit + 100).collect());
}

#[tokio::test]
async fn a_flood_is_bounded_without_the_reconciler() {
    let db = database().await;
    fill(&db, 3 * ROWS_MAX, 10).await;
    for _ in 0..500 {
        let _ = rejected::keep(&db, &refused(NO_START, noon()), None, noon()).await.unwrap();
    }
    let left = numbers(&db).await;
    assert!(left.len() as i64 <= ROWS_MAX + 500, "{} are left", left.len());
    assert_eq!(left.last(), Some(&(3 * ROWS_MAX + 500)));
}

#[tokio::test]
async fn after_ninety_days_they_are_forgotten() {
    let db = database().await;
    fill(&db, 3, 10).await;
    let forgotten =
        async |days: i64| reconcile::forget(&db, noon() + hours(24 * days)).await.unwrap();
    assert_eq!(forgotten(89).await, 0);
    assert_eq!(forgotten(91).await, 3);
}

#[tokio::test]
async fn thousands_of_faults_of_one_request_are_not_all_kept() {
    let db = database().await;
    let mut request = refused(NO_START, noon());
    request.faults = (0..9_000).map(|n| Fault::new(format!("a{n}"), "is given twice")).collect();
    let _ = keep(&db, &request, noon()).await;
    let row = rejected_request::Entity::find_by_id(1).one(&db).await.unwrap().unwrap();
    assert_eq!(row.faults.as_array().unwrap().len(), 100);
    assert_eq!(row.cause.as_deref(), Some("other:given-twice"));
}
