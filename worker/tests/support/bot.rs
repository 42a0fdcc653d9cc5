//! A bot with a database of its own, and updates as Telegram sends them.

#![allow(dead_code, reason = "each test file is a program of its own and uses a part of this")]

use std::sync::Arc;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::{Value, json};
use shared::{
    domain::{
        dialogue::QUESTION_OPEN,
        ids::{ChatId, EventId},
        staff_chat::{StaffChat, StaffPlace},
        venue::Venue,
    },
    queue::Job,
    telemetry::metrics::UpdateOutcome,
};
use worker::{
    bot::{self, Received},
    telegram::UpdateParser,
    texts::Texts,
};

use super::support::{TestDatabase, rules};

pub const ALINA: i64 = 42;
pub const BORIS: i64 = 43;
pub const STAFF: ChatId = ChatId(-100);
pub const PHONE: &str = "+79991234567";

pub fn now() -> DateTime<Utc> {
    "2026-01-10T12:00:00Z".parse().unwrap()
}

/// A bot with a database of its own.
pub struct Bot {
    pub database: TestDatabase,
    pub parser: UpdateParser,
}

impl Bot {
    pub async fn new() -> Self {
        let texts = Texts::new(Arc::default());
        Self {
            database: TestDatabase::create().await,
            parser: UpdateParser::new(Arc::new(texts.unwrap())),
        }
    }

    /// Applies an update. Returns the outcome and the jobs to push.
    pub async fn apply(&self, update: &Value) -> (UpdateOutcome, Vec<Job>) {
        self.apply_late(update, now()).await
    }

    /// Applies an update that was received earlier.
    pub async fn apply_late(
        &self,
        update: &Value,
        received_at: DateTime<Utc>,
    ) -> (UpdateOutcome, Vec<Job>) {
        let parsed = self.parser.parse(&update.to_string()).await.unwrap();
        let venue = Venue {
            staff_chat: StaffChat::new(Some(StaffPlace::new(STAFF, None))),
            ..Venue::default()
        };
        let event = EventId("e1".into());
        let rules = rules();
        let received = Received { event: &event, at: received_at, rules: &rules };
        let (outcome, work) =
            bot::apply(&self.database.db, &parsed, received, &venue, now()).await.unwrap();
        (outcome, work.push)
    }

    /// Inserts a booking with its planned messages, which have no chat yet.
    pub async fn has_booking(&self, code: &str, phone: &str, days: i64) -> i64 {
        let start = now() + TimeDelta::days(days);
        let end = start + TimeDelta::hours(1);
        self.database
            .run(&format!(
                "WITH b AS (INSERT INTO bookings (bukza_booking_id, client_phone, starts_at, ends_at) \
                 VALUES ('{code}', '{phone}', '{start}', '{end}') RETURNING id) \
                 INSERT INTO messages (kind, recipient, booking_id, booking_version, due_at, job_id) \
                 SELECT k, 'client', id, 1, '{start}'::timestamptz - CASE k WHEN 'reminder' \
                 THEN interval '1 day' ELSE interval '3 days' END, 'old' || k || id \
                 FROM b, unnest(ARRAY['confirmation', 'reminder']) AS k"
            ))
            .await;
        let rows = self.database.rows("SELECT max(id) AS id FROM bookings").await;
        rows[0]["id"].as_i64().unwrap()
    }

    /// The replies so far, in order.
    pub async fn answers(&self) -> Vec<Value> {
        let rows = self
            .database
            .rows(
                "SELECT content->'answer' AS answer FROM messages WHERE kind = 'answer' \
                 AND lane = 'interactive' AND recipient = 'client' AND slot <> 'pending' ORDER BY id",
            )
            .await;
        rows.into_iter().map(|mut row| row["answer"].take()).collect()
    }

    /// Opens the dialogue about a visit, as sending the feedback request at `at` does.
    pub async fn send_question(&self, chat: i64, booking: i64, at: DateTime<Utc>) {
        self.database
            .run(&format!(
                "INSERT INTO dialogues (user_id, kind, booking_id, started_at, ends_at) SELECT id, \
                 'rating', {booking}, '{at}', '{}' FROM users WHERE telegram_id = {chat}",
                at + QUESTION_OPEN
            ))
            .await;
    }

    /// The open dialogues of a chat.
    pub async fn open(&self, chat: i64) -> Vec<Value> {
        let query = format!(
            "SELECT d.booking_id FROM dialogues d JOIN users u ON u.id = d.user_id \
             WHERE u.telegram_id = {chat} AND d.ends_at > '{}'",
            now()
        );
        self.database.rows(&query).await
    }

    pub async fn user(&self, chat: i64) -> Value {
        let query = format!("SELECT phone_number, reachable FROM users WHERE telegram_id = {chat}");
        self.database.rows(&query).await.into_iter().next().unwrap_or(Value::Null)
    }
}

pub fn message(update_id: i64, chat: i64, rest: Value) -> Value {
    let mut message = json!({
        "message_id": update_id, "date": 1_766_000_000,
        "from": {"id": chat, "is_bot": false, "first_name": "A"},
        "chat": {"id": chat, "type": "private", "first_name": "A"},
    });
    message.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    json!({"update_id": update_id, "message": message})
}

pub fn text_update(update_id: i64, chat: i64, text: &str) -> Value {
    message(update_id, chat, json!({"text": text}))
}

pub fn shares(update_id: i64, chat: i64, phone: &str) -> Value {
    let contact = json!({"phone_number": phone, "first_name": "A", "user_id": chat});
    message(update_id, chat, json!({"contact": contact}))
}

pub fn presses(update_id: i64, chat: i64, data: &str) -> Value {
    json!({"update_id": update_id, "callback_query": {
        "id": "q", "chat_instance": "1", "data": data,
        "from": {"id": chat, "is_bot": false, "first_name": "A"},
    }})
}

pub fn member(update_id: i64, chat: i64, status: &str) -> Value {
    let bot = json!({"id": 7, "is_bot": true, "first_name": "B"});
    json!({"update_id": update_id, "my_chat_member": {
        "date": 1_766_000_000,
        "from": {"id": chat, "is_bot": false, "first_name": "A"},
        "chat": {"id": chat, "type": "private", "first_name": "A"},
        "old_chat_member": {"user": bot, "status": "member"},
        "new_chat_member": {"user": bot, "status": status, "until_date": 0},
    }})
}
