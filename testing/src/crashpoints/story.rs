//! The main story: a client registers, books an order of two reservations, one of them is moved, a reminder
//! comes, to which the client asks for another time; one of the staff takes that and replies, the client comes after all;
//! the other reservation is cancelled, and the visit is rated.

use std::time::{Duration, Instant};

use anyhow::ensure;
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use redis::{AsyncCommands, aio::MultiplexedConnection};
use serde_json::{Value, json};
use simulator::model::{ChatMessage, Member};

use super::{fleet::Fleet, ledger::Ledger};
use crate::{
    harness::{
        bukza::{Request, now},
        fleet::{Database, STAFF_CHAT},
        phrases,
    },
    soak::quiescence,
};

/// The steps, in order.
pub const STEPS: [&str; 12] = [
    "register", "book", "move", "remind", "request", "time", "take", "reply", "comes", "cancel",
    "question", "rate",
];
/// One of the staff.
const ANNA: Member = Member { chat_id: STAFF_CHAT, user_id: 501 };
pub const CHAT: i64 = 10_001;
const PHONE: &str = "+79990000001";
/// The two reservations.
pub const CODES: [&str; 2] = ["KEPT01", "LOST01"];
/// Longest wait for rest after a fault.
const REST_WITHIN: Duration = Duration::from_secs(150);

/// What acts in a story, apart from its fleet.
#[derive(Debug)]
struct Actor {
    telegram: simulator::Client,
    http: reqwest::Client,
    database: Database,
    redis: MultiplexedConnection,
    ingest_url: String,
    visit: DateTime<Utc>,
}

/// Plays the story to its end; returns the ledger after each step. What ended unknown, such as a question, can't be
/// answered: then the steps that follow are missing.
///
/// # Errors
/// When the system does not come to rest, or a server fails.
pub async fn play(fleet: &mut Fleet) -> anyhow::Result<Vec<Ledger>> {
    let tomorrow = now() + TimeDelta::days(1);
    let mut actor = Actor {
        telegram: fleet.system.telegram.clone(),
        http: reqwest::Client::builder().timeout(Duration::from_secs(15)).build()?,
        database: fleet.system.database.clone(),
        redis: fleet.redis().await?,
        ingest_url: fleet.system.ingest_url(),
        visit: tomorrow.duration_trunc(TimeDelta::hours(1)).unwrap_or(tomorrow),
    };
    let watch = std::sync::Arc::clone(&fleet.watch);
    let steps = async {
        let mut ledgers = Vec::new();
        for step in STEPS {
            watch.enter(step);
            if !actor.act(step).await? {
                break;
            }
            actor.rest().await?;
            ledgers.push(Ledger::read(&actor.database, &actor.telegram).await?);
        }
        anyhow::Ok(ledgers)
    };
    tokio::select! {
        ledgers = steps => ledgers,
        never = fleet.keep_alive() => match never? {},
    }
}

impl Actor {
    /// Returns `false` when there is nothing to press or to reply to.
    async fn act(&mut self, step: &str) -> anyhow::Result<bool> {
        match step {
            "register" => {
                self.telegram.say(CHAT, "/start").await?;
                // The button that shares the contact comes with the greeting.
                self.rest().await?;
                self.telegram.share_contact(CHAT, PHONE).await?;
            }
            "book" => self.post("update", &CODES, self.visit).await?,
            "move" => self.post("update", &CODES[..1], self.visit + TimeDelta::hours(3)).await?,
            "remind" => self.make_due("reminder").await?,
            "cancel" => self.post("cancel", &CODES[1..], self.visit).await?,
            "request" => return self.press(phrases::REMINDER, "move:").await,
            "time" => {
                self.telegram.say(CHAT, "в субботу вечером").await?;
            }
            "take" | "reply" => return self.staff_act(step).await,
            "comes" => return self.press(phrases::REMINDER, "come:").await,
            "question" => self.make_due("feedback").await?,
            _ => return self.press(phrases::FEEDBACK, "rate:").await,
        }
        Ok(true)
    }

    /// Posts until it is accepted, as nginx and Bukza's owner would.
    async fn post(&self, event: &str, codes: &[&str], start: DateTime<Utc>) -> anyhow::Result<()> {
        let reservation = |code: &&str| {
            let (start, end) = (start.to_rfc3339(), (start + TimeDelta::hours(1)).to_rfc3339());
            json!({"code": code, "service": "VR Арена", "start": start, "end": end})
        };
        let reservations: Vec<Value> = codes.iter().map(reservation).collect();
        let visitor = json!({"phone": PHONE, "name": "Алина"});
        let body = json!({"event": event, "order": "9831520", "reservations": reservations, "visitor": visitor});
        let (request, started) = (Request::body(body), Instant::now());
        loop {
            match request.post(&self.http, &self.ingest_url).await {
                Ok((200, _)) => return Ok(()),
                Ok((status, body)) if status != 503 => anyhow::bail!("answered {status}: {body}"),
                _ => {}
            }
            ensure!(started.elapsed() < REST_WITHIN, "a request was never accepted");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Makes a planned message due now: its row, its job's payload and its job's place in the queue.
    async fn make_due(&mut self, kind: &str) -> anyhow::Result<()> {
        let [kept, _] = CODES;
        let sql = format!(
            "UPDATE messages m SET due_at = now(), pushed_at = now() FROM bookings b \
             WHERE b.id = m.booking_id AND b.bukza_booking_id = '{kept}' AND m.kind = '{kind}' \
             AND m.status = 'scheduled' RETURNING m.job_id"
        );
        let job: String = self.database.one(&sql).await?;
        let queue = format!("{{{}:bulk}}", self.database.name);
        let (data, scheduled) = (format!("{queue}:data"), format!("{queue}:scheduled"));
        // A push that was lost is left to the reconciler.
        let payload: Option<String> = self.redis.hget(&data, &job).await?;
        let Some(payload) = payload else { return Ok(()) };
        let mut payload: Value = serde_json::from_str(&payload)?;
        payload["d"] = json!(now().timestamp_millis());
        let mut both = redis::pipe();
        both.atomic().hset(data, &job, payload.to_string());
        both.zadd(scheduled, &job, now().timestamp()).exec_async(&mut self.redis).await?;
        Ok(())
    }

    /// Presses the last button with such data below the last such message. `false`: there is none, since a message
    /// that may be sent once only was lost.
    async fn press(&self, words: &str, data: &str) -> anyhow::Result<bool> {
        let shown = self.telegram.chat(CHAT).await?;
        let Some(message) = shown.iter().rfind(|message| message.text.contains(words)) else {
            return Ok(false);
        };
        let buttons = message.buttons.iter().flatten().filter_map(|button| button.data.as_deref());
        let Some(data) = buttons.rev().find(|it| it.starts_with(data)) else {
            return Ok(false);
        };
        self.telegram.press(CHAT, Some(message.message_id), data).await?;
        Ok(true)
    }

    /// One of the staff takes the request, or replies to it.
    async fn staff_act(&self, step: &str) -> anyhow::Result<bool> {
        let shown = self.telegram.chat(STAFF_CHAT).await?;
        let is_card = |message: &&ChatMessage| message.text.contains(phrases::STAFF_MOVE_REQUEST);
        let Some(card) = shown.iter().rfind(is_card) else { return Ok(false) };
        if step == "reply" {
            self.telegram.reply_in(ANNA, card.message_id, "Перенесём, ждём вас").await?;
            return Ok(true);
        }
        let take = card.button(|button| button.text.contains(phrases::TAKE));
        let Some(data) = take.and_then(|button| button.data.clone()) else { return Ok(false) };
        self.telegram.press_in(ANNA, Some(card.message_id), &data).await?;
        Ok(true)
    }

    /// Waits until nothing is left to do, twice in a row.
    async fn rest(&mut self) -> anyhow::Result<()> {
        let started = Instant::now();
        let mut quiet = 0;
        while quiet < 2 {
            let left = quiescence::left(&mut self.redis, &self.database, &self.telegram).await?;
            quiet = if left.is_empty() { quiet + 1 } else { 0 };
            ensure!(started.elapsed() < REST_WITHIN, "does not come to rest: {}", left.join(", "));
            tokio::time::sleep(Duration::from_millis(150)).await;
        }
        Ok(())
    }
}
