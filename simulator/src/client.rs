//! A typed client of the control API, for tests, the demo and benches. Waits are long polls:
//! they return as soon as the condition holds.

mod bukza;
mod page;
mod people;

use std::time::{Duration, Instant};

use reqwest::{Method, RequestBuilder, Response};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

pub use bukza::BukzaClient;

use crate::model::{BotInChat, Call, ChatMessage, Fault, JournalMode, Limits, Made, Stats};

/// How long one long poll lasts.
const POLL: Duration = Duration::from_secs(20);
/// How often a wait for a message looks for edits.
const EDITS_SEEN_EVERY: Duration = Duration::from_millis(250);

/// Why a request to the simulator failed.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    #[error("the simulator does not answer: {0}")]
    Http(#[from] reqwest::Error),
    #[error("the simulator refused {path}: {status} {reason}")]
    Refused { path: String, status: u16, reason: String },
    /// `seen` lists what was there instead, one line each.
    #[error("nothing matching came within {waited:?}; seen:\n{seen}")]
    Timeout { waited: Duration, seen: String },
}

/// A client of one simulator.
#[derive(Debug, Clone)]
pub struct Client {
    base: String,
    http: reqwest::Client,
}

type Result<T> = std::result::Result<T, ClientError>;

impl Client {
    /// A client of the simulator at `base`, such as `http://127.0.0.1:8081`.
    #[must_use]
    pub fn new(base: &str) -> Self {
        Self { base: base.trim_end_matches('/').to_owned(), http: reqwest::Client::new() }
    }

    /// The simulator's base URL.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.base
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}/_sim/{path}", self.base))
    }

    async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T> {
        Ok(send(self.request(Method::GET, path)).await?.json().await?)
    }

    async fn act(&self, path: &str, body: Value) -> Result<Made> {
        Ok(send(self.request(Method::POST, path).json(&body)).await?.json().await?)
    }

    async fn set(&self, path: &str, body: &impl Serialize) -> Result<()> {
        send(self.request(Method::POST, path).json(body)).await.map(drop)
    }

    // Acting as a user.

    /// Sends `text` as the person.
    pub async fn say(&self, chat_id: i64, text: &str) -> Result<Made> {
        self.act("say", json!({"chat_id": chat_id, "text": text})).await
    }

    /// Shares the person's own contact.
    pub async fn share_contact(&self, chat_id: i64, phone: &str) -> Result<Made> {
        self.act("contact", json!({"chat_id": chat_id, "phone": phone})).await
    }

    /// Shares the contact of another person.
    pub async fn share_other_contact(&self, chat_id: i64, phone: &str, owner: i64) -> Result<Made> {
        self.act("contact", json!({"chat_id": chat_id, "phone": phone, "user_id": owner})).await
    }

    /// Presses a button of a message, by its callback data; of the latest with buttons if `None`.
    pub async fn press(&self, chat_id: i64, message_id: Option<i64>, data: &str) -> Result<Made> {
        self.act("press", json!({"chat_id": chat_id, "message_id": message_id, "data": data})).await
    }

    /// Blocks the bot.
    pub async fn block(&self, chat_id: i64) -> Result<Made> {
        self.act("block", json!({ "chat_id": chat_id })).await
    }

    /// Unblocks the bot.
    pub async fn unblock(&self, chat_id: i64) -> Result<Made> {
        self.act("unblock", json!({ "chat_id": chat_id })).await
    }

    /// Delivers an update as it is, `repeat` times, one by one or all at once.
    pub async fn inject(&self, update: &Value, repeat: u32, at_once: bool) -> Result<Made> {
        self.act("update", json!({"update": update, "repeat": repeat, "at_once": at_once})).await
    }

    /// Calls a method of the Bot API with the bot's token, as another program that has it would.
    pub async fn call(&self, method: &str, params: Value) -> Result<Value> {
        let url = format!("{}/bot42:simulated/{method}", self.base);
        Ok(send(self.http.post(url).json(&params)).await?.json().await?)
    }

    // Scripting.

    /// Adds a fault to the queue.
    pub async fn script(&self, fault: &Fault) -> Result<()> {
        self.set("faults", fault).await
    }

    /// Faults whose turns are not used up.
    pub async fn faults(&self) -> Result<Vec<Fault>> {
        self.get("faults").await
    }

    /// Ends a fault that was scripted; it must still be there.
    pub async fn end_fault(&self, fault: &Fault) -> Result<()> {
        self.set("faults/end", fault).await
    }

    pub async fn clear_faults(&self) -> Result<()> {
        send(self.request(Method::DELETE, "faults")).await.map(drop)
    }

    /// Sets what getChat and getChatMember say of a chat.
    pub async fn set_bot(&self, chat_id: i64, bot: &BotInChat) -> Result<()> {
        self.set(&format!("chats/{chat_id}/bot"), bot).await
    }

    pub async fn set_limits(&self, limits: Limits) -> Result<()> {
        self.set("limits", &limits).await
    }

    pub async fn set_journal(&self, mode: JournalMode) -> Result<()> {
        self.set("journal", &mode).await
    }

    /// Forgets messages, calls, faults, limits and waiting updates; keeps the webhook.
    pub async fn reset(&self) -> Result<()> {
        send(self.request(Method::POST, "reset")).await.map(drop)
    }

    // Reading.

    /// What the chat shows, oldest first.
    pub async fn chat(&self, chat_id: i64) -> Result<Vec<ChatMessage>> {
        self.chat_after(chat_id, 0, Duration::ZERO).await
    }

    /// Messages of a chat newer than `after`, waiting up to `wait` for the first.
    pub async fn chat_after(
        &self,
        chat_id: i64,
        after: i64,
        wait: Duration,
    ) -> Result<Vec<ChatMessage>> {
        let wait = wait.min(POLL).as_millis();
        self.get(&format!("chats/{chat_id}?after={after}&wait_ms={wait}")).await
    }

    /// Calls after `after_seq`, waiting up to `wait` for the first.
    pub async fn journal_after(&self, after_seq: u64, wait: Duration) -> Result<Vec<Call>> {
        let wait = wait.min(POLL).as_millis();
        self.get(&format!("journal?after_seq={after_seq}&wait_ms={wait}")).await
    }

    /// Calls after `after_seq` (0: all that are kept), of one method or of all.
    pub async fn journal(&self, after_seq: u64, method: Option<&str>) -> Result<Vec<Call>> {
        let method = method.map(|method| format!("&method={method}")).unwrap_or_default();
        self.get(&format!("journal?after_seq={after_seq}{method}")).await
    }

    pub async fn stats(&self) -> Result<Stats> {
        self.get("stats").await
    }

    /// What the bot has set as its commands.
    pub async fn commands(&self) -> Result<Value> {
        self.get("commands").await
    }

    // Waiting.

    /// Waits for a message of the bot in a chat, old ones included.
    pub async fn wait_for_message(
        &self,
        chat_id: i64,
        wanted: impl Fn(&ChatMessage) -> bool,
        patience: Duration,
    ) -> Result<ChatMessage> {
        self.wait_for_message_after(chat_id, 0, wanted, patience).await
    }

    /// Waits for a message of the bot that is newer than message `after`.
    pub async fn wait_for_message_after(
        &self,
        chat_id: i64,
        after: i64,
        wanted: impl Fn(&ChatMessage) -> bool,
        patience: Duration,
    ) -> Result<ChatMessage> {
        let started = Instant::now();
        while let Some(wait) = left(started, patience) {
            let messages = self.chat_after(chat_id, after, Duration::ZERO).await?;
            let last = messages.last().map_or(after, |message| message.message_id);
            if let Some(found) = messages.into_iter().find(|m| m.from_bot && wanted(m)) {
                return Ok(found);
            }
            // A new message ends the wait; an edit does not.
            self.chat_after(chat_id, last, wait.min(EDITS_SEEN_EVERY)).await?;
        }
        let seen = self.chat(chat_id).await?;
        let line = |m: &ChatMessage| {
            let who = if m.from_bot { "bot" } else { "user" };
            format!("  {} {who}: {}", m.message_id, m.text.replace('\n', " / "))
        };
        Err(timeout(patience, seen.iter().map(line).collect()))
    }

    /// Waits for a call after `after_seq` that `wanted` accepts.
    pub async fn wait_for_call(
        &self,
        after_seq: u64,
        wanted: impl Fn(&Call) -> bool,
        patience: Duration,
    ) -> Result<Call> {
        let started = Instant::now();
        let mut last = after_seq;
        let mut seen = Vec::new();
        while let Some(wait) = left(started, patience) {
            let calls = self.journal_after(last, wait).await?;
            last = calls.last().map_or(last, |call| call.seq);
            for call in calls {
                if wanted(&call) {
                    return Ok(call);
                }
                seen.push(format!(
                    "  {} {} {:?} {}",
                    call.seq, call.method, call.chat_id, call.outcome
                ));
            }
        }
        Err(timeout(patience, seen))
    }

    /// Waits until `sent` messages were shown since the start or the last reset.
    pub async fn wait_for_sent(&self, sent: u64, patience: Duration) -> Result<Stats> {
        let started = Instant::now();
        while let Some(wait) = left(started, patience) {
            let wait = wait.min(POLL).as_millis();
            let stats: Stats = self.get(&format!("stats?sent={sent}&wait_ms={wait}")).await?;
            if stats.sent >= sent {
                return Ok(stats);
            }
        }
        Err(timeout(patience, vec![format!("  {:?}", self.stats().await?)]))
    }
}

/// The response, if it is a success.
async fn send(request: RequestBuilder) -> Result<Response> {
    let response = request.send().await?;
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let path = response.url().path().to_owned();
    Err(ClientError::Refused { path, status: status.as_u16(), reason: response.text().await? })
}

fn timeout(waited: Duration, seen: Vec<String>) -> ClientError {
    ClientError::Timeout { waited, seen: seen.join("\n") }
}

/// The time left; `None` after the deadline.
fn left(started: Instant, patience: Duration) -> Option<Duration> {
    patience.checked_sub(started.elapsed()).filter(|left| !left.is_zero())
}
