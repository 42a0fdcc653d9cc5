//! The statements of the hot paths over a million bookings and a million messages, as PostgreSQL runs
//! them: `auto_explain` tells the plan of each statement that the code sends, and none reads a whole
//! table of bookings, messages or users.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;
#[path = "plans/staff.rs"]
mod staff;

use std::{
    collections::BTreeMap,
    fmt::Write,
    sync::{Arc, Mutex},
};

use chrono::{DateTime, TimeDelta, Utc};
use common::{claim_in, due_in, hours, noon, settle};
use sea_orm::{ConnectionTrait, DatabaseConnection};
use shared::{
    bukza::Fault,
    clock::Clock,
    domain::{
        booking::Stars,
        event::BookingEvent,
        ids::{BookingCode, BookingId, ChatId, EventId, MessageId, UserId},
        message::{MessageKind, MessageStatus},
        outcome::Disposition,
        phone::{Phone, PhoneRegion},
    },
    queue::RejectedRequest,
    store::{
        TransactionTrait, bookings, dialogues, events,
        outbox::{self, Among},
        person, reconcile, registration, rejected, stats, statuses, updates, users,
    },
};
use tracing::field::{Field, Visit};
use tracing_subscriber::{Layer, layer::SubscriberExt};

/// Each client has 20 bookings, of which the first may be over, and each booking a reminder a day before.
const ROWS: i64 = 1_000_000;
const CLIENTS: i64 = 50_000;
/// After five runs PostgreSQL considers a plan that knows no values: each step runs more often.
const ROUNDS: i64 = 7;

/// Plans as PostgreSQL tells them in notices, which SQLx passes on to `tracing`.
#[derive(Clone, Default)]
struct Plans(Arc<Mutex<Vec<serde_json::Value>>>);

impl<S: tracing::Subscriber> Layer<S> for Plans {
    fn on_event(&self, event: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
        struct Message(String);
        impl Visit for Message {
            fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
                if field.name() == "message" {
                    let _ = write!(self.0, "{value:?}");
                }
            }
            fn record_str(&mut self, field: &Field, value: &str) {
                if field.name() == "message" {
                    self.0.push_str(value);
                }
            }
        }
        if event.metadata().target() != "sqlx::postgres::notice" {
            return;
        }
        let mut message = Message(String::new());
        event.record(&mut message);
        if let Some((_, plan)) = message.0.split_once("plan:\n") {
            self.0.lock().unwrap().push(serde_json::from_str(plan).unwrap());
        }
    }
}

/// Fills the tables: without their indexes, which are made again afterwards, and without a log.
async fn fill(db: &DatabaseConnection) {
    let filled = format!(
        "ALTER TABLE dialogues SET UNLOGGED; ALTER TABLE seen_statuses SET UNLOGGED;
         ALTER TABLE requests SET UNLOGGED; ALTER TABLE visit_answers SET UNLOGGED; ALTER TABLE start_tokens SET UNLOGGED;
         ALTER TABLE messages SET UNLOGGED; ALTER TABLE bookings SET UNLOGGED; ALTER TABLE users SET UNLOGGED;
         SET session_replication_role = replica;
         CREATE TEMP TABLE made AS SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS made
           FROM pg_index WHERE indrelid IN ('messages'::regclass, 'bookings'::regclass)
            AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = indexrelid);
         DO $$ DECLARE i record; BEGIN FOR i IN SELECT * FROM made LOOP EXECUTE 'DROP INDEX ' || i.name; END LOOP; END $$;
         INSERT INTO users (telegram_id, phone_number, updated_at)
           SELECT 1000000 + i, '+7900' || lpad(i::text, 7, '0'), '{now}'::timestamptz - i * interval '1 minute'
             FROM generate_series(1, {CLIENTS}) AS i;
         INSERT INTO bookings (bukza_booking_id, user_id, client_phone, client_name, client_last_name, service_name, starts_at, ends_at, status, rating)
           SELECT 'C' || i, 1 + i % {CLIENTS}, '+7900' || lpad((1 + i % {CLIENTS})::text, 7, '0'),
                  (ARRAY['Анна', 'Пётр', 'Мария', 'Иван'])[1 + i % 4] || i / 4 % 10, 'Клиентов' || i % {CLIENTS}, 'VR' || i % 7,
                  at, at + interval '1 hour', CASE WHEN at < '{now}' THEN 'completed' ELSE 'active' END,
                  CASE WHEN at < '{now}' THEN 1 + i % 5 END
             FROM (SELECT i, '{now}'::timestamptz + (i - {ROWS} / 100 + 1440) * interval '1 minute' AS at
                     FROM generate_series(1, {ROWS}) AS i) AS s;
         INSERT INTO messages (kind, recipient, chat_id, booking_id, booking_version, slot, due_at, expires_at,
                               job_id, status, updated_at)
           SELECT 'reminder', 'client', 1000001 + i % {CLIENTS}, i, 1, '24h',
                  at, at + interval '1 day', 'm' || i,
                  CASE WHEN at < '{now}' THEN 'sent' ELSE 'scheduled' END, at
             FROM (SELECT i, '{now}'::timestamptz + (i - {ROWS} / 100) * interval '1 minute' AS at
                     FROM generate_series(1, {ROWS}) AS i) AS s;
         INSERT INTO visit_answers (booking_id, version, answer, answered_at)
           SELECT i, 1, 'comes', '{now}' FROM generate_series(1, {ROWS}) AS i;
         INSERT INTO dialogues (user_id, kind, booking_id, started_at, ends_at)
           SELECT i, 'rating', i, '{now}', '{now}'::timestamptz + i * interval '1 second'
             FROM generate_series(1, {CLIENTS}) AS i;
         DO $$ DECLARE i record; BEGIN FOR i IN SELECT * FROM made LOOP EXECUTE i.made; END LOOP; END $$;
         SET session_replication_role = DEFAULT",
        now = noon().to_rfc3339(),
    );
    db.execute_unprepared("SET statement_timeout = 0").await.unwrap();
    db.execute_unprepared(&filled).await.unwrap();
    for table in ["users", "bookings", "messages", "dialogues", "visit_answers"] {
        db.execute_unprepared(&format!("VACUUM ANALYZE {table}")).await.unwrap();
    }
    db.execute_unprepared("RESET statement_timeout").await.unwrap();
}

/// From now on PostgreSQL tells the plan of each statement of this connection.
async fn explain(db: &DatabaseConnection) {
    db.execute_unprepared(
        "LOAD 'auto_explain'; SET auto_explain.log_min_duration = 0; SET auto_explain.log_format = json;
         SET auto_explain.log_level = notice; SET client_min_messages = notice",
    )
    .await
    .unwrap();
}

fn phone(client: i64) -> Phone {
    Phone::parse(&format!("+7900{client:07}"), PhoneRegion::parse("RU").unwrap()).unwrap()
}

fn event(code: &str, client: i64, at: DateTime<Utc>, start: DateTime<Utc>) -> BookingEvent {
    let mut event = common::stands(at, start);
    event.code = BookingCode::parse(code).unwrap();
    event.details.phone = Some(phone(client));
    event
}

/// What Bukza tells: a new booking, its move, its end, and a cancel of one that is there.
async fn bookings_change(db: &DatabaseConnection, round: i64, now: DateTime<Utc>) {
    let code = format!("NEW{round}");
    for (second, days) in [(0, 3), (1, 4)] {
        let at = now + TimeDelta::seconds(second);
        let mut event = event(&code, 100 + round, at, now + TimeDelta::days(days));
        event.status.words = Some("Новая".to_owned());
        let _ = common::apply(db, &event, at).await;
        statuses::record(db, &event, now.date_naive()).await.unwrap();
    }
    let mut gone = event(&format!("C{}", ROWS - round), 0, now, now);
    gone.change = shared::domain::event::Change::Cancelled(None);
    gone.details.phone = None;
    let _ = common::apply(db, &gone, now).await;
    bookings::by_code(db, &gone.code).await.unwrap().unwrap();
}

/// What clients do: they register, write, look at their bookings, rate, block and come back.
async fn clients_act(db: &DatabaseConnection, round: i64, now: DateTime<Utc>) {
    let chat = ChatId(1_000_000 + 500 + round);
    let tx = db.begin().await.unwrap();
    let claim = updates::claim(&tx, round, "message:1:1:1", now).await.unwrap();
    assert_eq!(claim, updates::Claim::New);
    // The number of another client, who loses it with all bookings.
    let _ = registration::register(&tx, chat, &phone(700 + round), now).await.unwrap();
    let user = users::lock_by_chat(&tx, chat).await.unwrap().unwrap();
    let _ = users::seen(&tx, chat, now, now).await.unwrap();
    dialogues::open(&tx, user.id, now, None).await.unwrap();
    dialogues::end(&tx, user.id, None, now).await.unwrap();
    tx.commit().await.unwrap();
    let user = users::by_chat(db, chat).await.unwrap().unwrap();
    let listed = bookings::of_client(db, user.id, now, 20).await.unwrap();
    // The past ones may be the former owner's.
    assert!(!listed.upcoming.is_empty());
    let visited = BookingId(699 + round);
    bookings::by_id(db, visited).await.unwrap().unwrap();
    bookings::rate(db, visited, user.id, Stars::try_from(5).unwrap(), now).await.unwrap();
    let _ = users::unreachable(db, chat, Some(common::STAFF), now, now).await.unwrap();
    let _ = users::seen(db, chat, now, now).await.unwrap();
    a_client_is_deleted(db, round, now).await;
}

async fn a_client_is_deleted(db: &DatabaseConnection, round: i64, now: DateTime<Utc>) {
    let tx = db.begin().await.unwrap();
    let deletion = person::Deletion { by: person::By::Client, key: None, update_id: None, now };
    let chat = ChatId(1_000_000 + 900 + round);
    let (counts, _) = person::erase(&tx, person::Who::Chat(chat), deletion).await.unwrap();
    assert!(counts.accounts == 1 && counts.messages > 0, "{counts:?}");
    person::finish(&tx, now).await.unwrap();
    tx.commit().await.unwrap();
}

/// Sending: the next due message of a chat, claimed, and each way in which it ends.
async fn messages_go_out(db: &DatabaseConnection, round: i64, now: DateTime<Utc>) {
    let later = now + TimeDelta::days(800);
    let chat = ChatId(1_000_000 + 5_000 + round);
    let head = due_in(db, chat, later, 3).await;
    let head: Vec<_> = head.into_iter().map(|due| due.unwrap()).collect();
    lists_are_looked_up(db, chat, &head[0], round, now).await;
    let ids: Vec<MessageId> = head.into_iter().map(|due| due.id).collect();
    assert_eq!(ids.len(), 3);
    let ends = [
        Disposition::Retry { not_before: now, delivered_perhaps: false, reason: "tried" },
        Disposition::Final { status: MessageStatus::Failed, reason: "tried".to_owned() },
        Disposition::Sent { telegram_message_id: round },
    ];
    for (id, end) in ids.iter().zip(&ends) {
        db.execute_unprepared(&format!(
            "UPDATE messages SET expires_at = NULL WHERE id = {}",
            id.0
        ))
        .await
        .unwrap();
        if let Ok(claim) = claim_in(db, chat, &[*id], now).await {
            settle(db, &claim, end, now).await;
            outbox::release(db, &claim, now).await.unwrap();
        }
        outbox::cancel_pending(db, *id, MessageStatus::Expired, "tried", now).await.unwrap();
    }
    outbox::migrate_chat(db, ChatId(-round - 1), ChatId(-round - 2), now).await.unwrap();
    outbox::alias_of(db, ChatId(-round - 1)).await.unwrap();
    let card = outbox::NewMessage::answer(
        chat,
        round,
        "0".into(),
        serde_json::json!({}),
        &EventId::fresh(),
        now,
    );
    let _ = outbox::insert(db, &[card], now).await.unwrap();
}

/// What a message is listed with.
async fn lists_are_looked_up(
    db: &DatabaseConnection,
    chat: ChatId,
    message: &outbox::DueMessage,
    round: i64,
    now: DateTime<Utc>,
) {
    outbox::listed_lately(db, chat, message, now - TimeDelta::minutes(1)).await.unwrap();
    outbox::listed_in(db, chat, MessageKind::Confirmation, round).await.unwrap();
    let ahead = (now, now + TimeDelta::hours(1));
    outbox::following(db, chat, MessageKind::Reminder, ahead).await.unwrap();
    bookings::questioned_with(db, BookingId(699 + round), now).await.unwrap();
}

/// Requests are refused, and the staff's chat is looked through for cards.
async fn requests_are_refused(db: &DatabaseConnection, now: DateTime<Utc>) {
    let refused = || RejectedRequest {
        id: EventId::fresh(),
        received_at: now,
        query: String::new(),
        content_type: None,
        body: String::new(),
        status: 422,
        faults: vec![Fault::new("code", "is missing")],
    };
    for second in [0, 1] {
        let at = now + TimeDelta::seconds(second);
        let _ = rejected::keep(db, &refused(), Some(common::STAFF), at).await.unwrap();
    }
    for among in [Among::First, Among::Last] {
        let staff = common::STAFF;
        let mut due = outbox::due(db, &[staff], among, now, 40).await.unwrap();
        let due = due.remove(&staff).unwrap_or_default();
        let due: Vec<MessageId> = due.into_iter().map(|due| due.unwrap().id).collect();
        let first = outbox::first_due(db, among, common::STAFF, now).await.unwrap();
        assert_eq!(due.first(), first.as_ref());
        outbox::contents(db, &due).await.unwrap();
    }
}

/// The steps of the reconciler.
async fn what_is_there_is_reconciled(db: &DatabaseConnection, now: DateTime<Utc>) {
    let tx = db.begin().await.unwrap();
    assert!(reconcile::lead(&tx).await.unwrap());
    let _ = reconcile::lost_leases(&tx, Some(common::STAFF), now).await.unwrap();
    reconcile::expire(&tx, now).await.unwrap();
    let _ = reconcile::adopt_clients(&tx, now - TimeDelta::minutes(2), now).await.unwrap();
    let _ = reconcile::adopt_page(&tx, UserId(0), now).await.unwrap();
    let _ = reconcile::overdue(&tx, now, TimeDelta::seconds(20)).await.unwrap();
    let _ = reconcile::approaching(&tx, now).await.unwrap();
    let _ = reconcile::due_chats(&tx, now).await.unwrap();
    let _ = reconcile::planned(&tx, (now, MessageId(0)), now).await.unwrap();
    let _ = events::complete_past(&tx, now, 1000).await.unwrap();
    reconcile::forget(&tx, now).await.unwrap();
    tx.commit().await.unwrap();
    stats::overdue(db, now).await.unwrap();
    stats::census(db, now).await.unwrap();
}

/// The kinds of nodes of a plan that read a whole table of ours, as `node table`.
fn whole_reads(node: &serde_json::Value, found: &mut Vec<String>) {
    let text = |name: &str| node[name].as_str().unwrap_or_default();
    let ours = ["bookings", "messages", "users", "dialogues", "visit_answers"]
        .contains(&text("Relation Name"));
    if ours && text("Node Type") == "Seq Scan" {
        found.push(format!("Seq Scan on {}", text("Relation Name")));
    }
    for inner in node["Plans"].as_array().into_iter().flatten() {
        whole_reads(inner, found);
    }
}

#[tokio::test]
async fn no_statement_of_the_hot_paths_reads_a_whole_table() {
    let plans = Plans::default();
    let subscriber = tracing_subscriber::registry().with(plans.clone());
    tracing::subscriber::set_global_default(subscriber).unwrap();
    let db = common::database_of_one_connection().await;
    let clock = shared::clock::SystemClock;
    let started = clock.now();
    fill(&db).await;
    println!("filled in {} ms", (clock.now() - started).num_milliseconds());

    explain(&db).await;
    for round in 0..ROUNDS {
        let now = noon() + hours(24) * i32::try_from(round).unwrap();
        bookings_change(&db, round, now).await;
        clients_act(&db, round, now).await;
        messages_go_out(&db, round, now).await;
        requests_are_refused(&db, now).await;
        let looked_up = clock.now();
        staff::look_up(&db, round, now).await;
        println!("looked up in {} ms", (clock.now() - looked_up).num_milliseconds());
        let kept = clock.now();
        what_is_there_is_reconciled(&db, now).await;
        println!("reconciled in {} ms", (clock.now() - kept).num_milliseconds());
    }
    // What the last statement had to tell arrives with the next one's answer.
    db.execute_unprepared("SELECT 1").await.unwrap();

    let mut read: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for announced in plans.0.lock().unwrap().iter() {
        let statement = announced["Query Text"].as_str().unwrap().to_owned();
        whole_reads(&announced["Plan"], read.entry(statement).or_default());
    }
    // Clients are counted whole, which is why they are counted rarely.
    let counts = |statement: &str| statement.ends_with("reachable AND phone_number IS NOT NULL");
    // No client has more than one row, and none stays for longer than a few days.
    let few = |statement: &str| {
        let tables = ["DELETE FROM dialogues", "DELETE FROM join_tries"];
        tables.iter().any(|table| statement.starts_with(table))
    };
    let bad: Vec<_> =
        read.iter().filter(|(sql, found)| !found.is_empty() && !counts(sql) && !few(sql)).collect();
    assert!(bad.is_empty(), "{bad:#?}");
    for part in [
        "AS announced",
        "WITH booked",
        "WITH waiting",
        "client_in_bot",
        "pg_advisory_xact_lock",
        "'held_by_other'",
        "AS touched_at",
        "INTO seen_statuses",
        "AND slot = $2",
        "AND kind = ANY ((SELECT $3::text[])::text[])",
        "WITH sent",
        "not_before = $3",
        "'expired'",
        "pushed_at = $1",
        "'completed'",
        "u.updated_at > $1",
        "u.id <= $2",
        "o.booking_id = $5",
        "\"telegram_message_id\" = $4",
        "JOIN messages q",
        "pushed_at = 'epoch'",
        "GREATEST(min(not_before)",
        "(due_at, id) > ($1, $2)",
        "DELETE FROM messages",
        "FROM dialogues WHERE user_id",
        "AS oldest",
        "FROM users WHERE reachable",
        "ORDER BY starts_at, id LIMIT",
        "AS in_bot",
        "AS average",
        "to_tsquery",
        "status IN ('failed', 'unknown')",
        "kind = 'staff_agenda'",
        "AS newer",
    ] {
        assert!(read.keys().any(|statement| statement.contains(part)), "{part} was not explained");
    }
    println!("{} statements were explained", read.len());
}
