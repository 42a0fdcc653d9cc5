//! The rows of every table after one visit of one client, from the booking to the rating: which column holds
//! what, and the words that only SQL knows (`slot`, `reason`, the kind of a dialogue).

use chrono::{DateTime, Utc};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement};
use shared::{
    bukza::Fault,
    domain::{
        booking::Stars,
        event::{BookingEvent, Change, Details, RequestStatus, VisitTime},
        ids::{BookingId, ChatId, EventId, UserId},
        outcome::Disposition,
        status::Meaning,
    },
    queue::{IngestJob, QueueName, RejectedRequest},
    store::{bookings, dead_letters, events, inbox, outbox, rejected, updates},
};

use crate::{
    common::{self, CLIENT, STAFF, claim_in, database, due_in, hours, settle},
    held::hold,
    samples::{at, event, every_detail, visit_time},
};

/// Every table, in the order in which its rows come about.
const TABLES: &[&str] = &[
    "users",
    "bookings",
    "messages",
    "dialogues",
    "seen_statuses",
    "noted_statuses",
    "processed_updates",
    "inbox",
    "rejected_requests",
    "dead_letters",
    "chat_aliases",
];

/// Four hours before the visit starts.
fn booked() -> DateTime<Utc> {
    at("2026-03-01T08:00:00Z")
}

/// A booking with every detail and an odd status; an hour later, its client hears that it was moved.
async fn book(db: &DatabaseConnection) {
    let status = RequestStatus {
        meaning: Meaning::Stands,
        words: Some("не отменён".into()),
        restores: false,
        held_back: true,
    };
    let first = event(Change::Stands(visit_time()), Meaning::Stands, every_detail());
    let first = BookingEvent { received_at: booked(), status, ..first };
    let later = VisitTime::new(at("2026-03-01T12:30:00Z"), at("2026-03-01T14:00:00Z")).unwrap();
    let moved = event(Change::Stands(later), Meaning::Stands, Details::default());
    let moved =
        BookingEvent { received_at: booked() + hours(1), id: EventId("e2".into()), ..moved };
    for event in [first, moved] {
        let _ = common::apply(db, &event, event.received_at).await;
        send(db, CLIENT, event.received_at).await;
    }
}

/// Sends all that is due in a chat.
async fn send(db: &DatabaseConnection, chat: ChatId, now: DateTime<Utc>) {
    while let Some(due) = due_in(db, chat, now, 1).await.pop() {
        let due = due.unwrap();
        let claim = claim_in(db, chat, &[due.id], now).await;
        let claim = claim.unwrap_or_else(|obstacle| panic!("{obstacle:?}: {due:?}"));
        let sent = Disposition::Sent { telegram_message_id: 5 };
        assert_eq!(settle(db, &claim, &sent, now).await, outbox::Settled::Yes);
    }
}

/// What is kept aside, one of each.
async fn keep_aside(db: &DatabaseConnection, now: DateTime<Utc>) {
    let request = RejectedRequest {
        id: EventId("r1".into()),
        received_at: now,
        query: "event=x".into(),
        content_type: Some("application/json".into()),
        body: "{}".into(),
        status: 422,
        faults: vec![Fault { field: "code".into(), message: "is missing".into() }],
    };
    let _ = rejected::keep(db, &request, Some(STAFF), now).await.unwrap();
    inbox::keep(db, &[IngestJob::Rejected(request)]).await.unwrap();
    dead_letters::keep(db, QueueName::Events, "e1", b"{}", "not a payload", 5).await.unwrap();
    let claim = updates::claim(db, 700_000_001, "message:1:1:1", now).await.unwrap();
    assert_eq!(claim, updates::Claim::New);
    outbox::migrate_chat(db, ChatId(-1), ChatId(-1_001), now).await.unwrap();
}

/// The rows of a table as JSON. Times of today and ids that are made anew are left out.
async fn rows(db: &DatabaseConnection, table: &str) -> String {
    let query = format!(
        "SELECT regexp_replace(regexp_replace(jsonb_strip_nulls(to_jsonb(t))::text, \
         '\"[a-z]?[0-9a-f]{{32}}\"', '\"an id\"', 'g'), '\"20(?!26-03-0)[^\"]*T[^\"]*\"', '\"now\"', 'g') \
         AS line FROM {table} t ORDER BY t"
    );
    let found = db.query_all_raw(Statement::from_string(DbBackend::Postgres, query)).await.unwrap();
    assert!(!found.is_empty(), "{table} has no row");
    let lines: Vec<String> = found.iter().map(|row| row.try_get("", "line").unwrap()).collect();
    format!("# {table}\n{}\n", lines.join("\n"))
}

#[tokio::test]
async fn rows_are_written_as_the_file_says() {
    let db = database().await;
    let _ = common::register(&db, CLIENT, booked()).await;
    book(&db).await;
    send(&db, CLIENT, at("2026-03-01T10:30:00Z")).await;
    let over = at("2026-03-01T14:00:00Z");
    let _ = events::complete_past(&db, over, 10).await.unwrap();
    send(&db, CLIENT, over).await;
    let (visit, stars) = (BookingId(1), Stars::try_from(5).unwrap());
    bookings::rate(&db, visit, UserId(1), stars, over + hours(1)).await.unwrap();
    keep_aside(&db, over + hours(1)).await;

    let mut text = String::new();
    for table in TABLES {
        text.push_str(&rows(&db, table).await);
    }
    hold("rows.txt", &text);
}
