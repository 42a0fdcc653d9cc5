//! Three stories. The client's: registers, books an order of two reservations, one of them is moved, a reminder
//! comes, to which the client asks for another time; one of the staff takes that and replies, the client comes after all;
//! the other reservation is cancelled, and the visit is rated. The guests' and that of Bukza's table are in files of their
//! own.

use std::time::{Duration, Instant};

use anyhow::ensure;
use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use redis::{AsyncCommands, aio::MultiplexedConnection};
use serde_json::{Value, json};
use simulator::model::{ChatMessage, Member};

use super::{bukza_table, fleet::Fleet, guests, ledger::Ledger};
use crate::{
    harness::{
        bukza::{Request, now},
        fleet::{Database, STAFF_CHAT},
        phrases,
    },
    soak::quiescence,
};

/// The steps of each story, in order. No two have the same name.
pub const STORIES: [&[&str]; 3] = [
    &[
        "register", "book", "move", "remind", "request", "time", "take", "reply", "comes",
        "cancel", "question", "rate",
    ],
    &guests::STEPS,
    &bukza_table::STEPS,
];
/// One of the staff.
pub(super) const ANNA: Member = Member { chat_id: STAFF_CHAT, user_id: 501 };
pub const CHAT: i64 = 10_001;
pub(super) const PHONE: &str = "+79990000001";
/// The reservations: the client's two, each guest's, and the two of which requests are lost.
pub const CODES: [&str; 6] =
    ["KEPT01", "LOST01", guests::INVITED, guests::TYPED, bukza_table::SHIFTED, bukza_table::MISSED];
/// Longest wait for rest after a fault.
const REST_WITHIN: Duration = Duration::from_secs(150);

/// What acts in a story, apart from its fleet.
#[derive(Debug)]
pub(super) struct Actor {
    pub telegram: simulator::Client,
    http: reqwest::Client,
    pub database: Database,
    redis: MultiplexedConnection,
    ingest_url: String,
    /// The secret in a link that binds the staff's chat.
    pub link: String,
    pub visit: DateTime<Utc>,
}

/// The number of the story with this step.
#[must_use]
pub fn number_of(step: &str) -> usize {
    STORIES.iter().position(|steps| steps.contains(&step)).unwrap_or_default()
}

/// Plays a story to its end; returns the ledger after each step. What ended unknown, such as a question, can't be
/// answered: then the steps that follow are missing.
///
/// # Errors
/// When the system does not come to rest, or a server fails.
pub async fn play(fleet: &mut Fleet, steps: &[&str]) -> anyhow::Result<Vec<Ledger>> {
    let tomorrow = now() + TimeDelta::days(1);
    let mut actor = Actor {
        telegram: fleet.system.telegram.clone(),
        http: reqwest::Client::builder().timeout(Duration::from_secs(15)).build()?,
        database: fleet.system.database.clone(),
        redis: fleet.redis().await?,
        ingest_url: fleet.system.ingest_url(),
        link: guests::link(fleet).await?,
        visit: tomorrow.duration_trunc(TimeDelta::hours(1)).unwrap_or(tomorrow),
    };
    let watch = std::sync::Arc::clone(&fleet.watch);
    let story = async {
        let mut ledgers = Vec::new();
        for step in steps {
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
        ledgers = story => ledgers,
        never = fleet.keep_alive() => match never? {},
    }
}

impl Actor {
    /// Returns `false` when there is nothing to press or to reply to.
    async fn act(&mut self, step: &str) -> anyhow::Result<bool> {
        match step {
            "register" => self.register().await?,
            "book" => self.post("update", &CODES[..2], self.visit).await?,
            "move" => self.post("update", &CODES[..1], self.visit + TimeDelta::hours(3)).await?,
            "remind" => self.make_due("reminder").await?,
            "cancel" => self.post("cancel", &CODES[1..2], self.visit).await?,
            "request" => return self.press(phrases::REMINDER, "move:").await,
            "time" => {
                self.telegram.say(CHAT, "в субботу вечером").await?;
            }
            "take" | "reply" => return self.staff_act(step).await,
            "comes" => return self.press(phrases::REMINDER, "come:").await,
            "question" => self.make_due("feedback").await?,
            step if guests::STEPS.contains(&step) => return self.act_with_guests(step).await,
            step if bukza_table::STEPS.contains(&step) => return self.act_with_table(step).await,
            _ => return self.press(phrases::FEEDBACK, "rate:").await,
        }
        Ok(true)
    }

    pub(super) async fn register(&mut self) -> anyhow::Result<()> {
        self.telegram.say(CHAT, "/start").await?;
        // The button that shares the contact comes with the greeting.
        self.rest().await?;
        self.telegram.share_contact(CHAT, PHONE).await?;
        Ok(())
    }

    /// Posts until it is accepted, as nginx and Bukza's owner would.
    pub(super) async fn post(
        &self,
        event: &str,
        codes: &[&str],
        start: DateTime<Utc>,
    ) -> anyhow::Result<()> {
        self.post_of(PHONE, event, codes, start).await
    }

    /// The same, of the visitor with this phone, or without one.
    pub(super) async fn post_of(
        &self,
        phone: &str,
        event: &str,
        codes: &[&str],
        start: DateTime<Utc>,
    ) -> anyhow::Result<()> {
        let reservation = |code: &&str| {
            let (start, end) = (start.to_rfc3339(), (start + TimeDelta::hours(1)).to_rfc3339());
            json!({"code": code, "service": "VR Арена", "start": start, "end": end})
        };
        let reservations: Vec<Value> = codes.iter().map(reservation).collect();
        let visitor = json!({"phone": phone, "name": "Алина"});
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
        let [kept, ..] = CODES;
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
        if step == "take" {
            return self.press_card(phrases::STAFF_MOVE_REQUEST, phrases::TAKE).await;
        }
        let Some(card) = self.card(phrases::STAFF_MOVE_REQUEST).await? else { return Ok(false) };
        self.telegram.reply_in(ANNA, card.message_id, "Перенесём, ждём вас").await?;
        Ok(true)
    }

    /// The last such card.
    async fn card(&self, words: &str) -> anyhow::Result<Option<ChatMessage>> {
        let shown = self.telegram.chat(STAFF_CHAT).await?;
        Ok(shown.into_iter().rfind(|message| message.from_bot && message.text.contains(words)))
    }

    /// One of the staff presses the button of the last such card.
    pub(super) async fn press_card(&self, words: &str, button: &str) -> anyhow::Result<bool> {
        let Some(card) = self.card(words).await? else { return Ok(false) };
        let button = card.button(|it| it.text.contains(button));
        let Some(data) = button.and_then(|button| button.data.clone()) else { return Ok(false) };
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
