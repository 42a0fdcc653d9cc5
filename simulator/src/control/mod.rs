//! The control API under `/_sim/`: reads the journal and chats, scripts faults and limits.
//! Acting as a user of the bot is in [`crate::user`].

use std::time::Duration;

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    http::StatusCode,
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    bukza,
    journal::Wanted,
    model::{BotInChat, Call, ChatMessage, Fault, JournalMode, Limits, PressAnswer, Stats},
    page,
    state::{Shared, State as Everything},
    user,
};

/// Longest wait of a reader.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/journal", get(journal).post(set_journal))
        .route("/chats/{chat_id}", get(chat))
        .route("/chats/{chat_id}/bot", post(set_bot))
        .route("/stats", get(stats))
        .route("/commands", get(commands))
        .route("/press_answers/{id}", get(press_answer))
        .route("/faults", get(faults).post(script).delete(clear_faults))
        .route("/faults/end", post(end_fault))
        .route("/limits", post(set_limits))
        .route("/reset", post(reset))
        .merge(page::control())
        .merge(user::routes())
        .merge(bukza::control::routes())
}

/// What a reader asks for, and how long it waits for that.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Reader {
    wait_ms: u64,
    /// Only messages of a chat with a higher id.
    after: i64,
    /// At least so many messages were sent.
    sent: u64,
}

impl Reader {
    fn patience(&self) -> Duration {
        Duration::from_millis(self.wait_ms).min(LONGEST_WAIT)
    }
}

async fn journal(
    State(simulator): State<Shared>,
    Query(wanted): Query<Wanted>,
    Query(reader): Query<Reader>,
) -> Json<Vec<Call>> {
    let look = |state: &Everything| state.journal.read(&wanted);
    Json(simulator.wait(reader.patience(), look, |calls| !calls.is_empty()).await)
}

async fn set_journal(State(simulator): State<Shared>, Json(mode): Json<JournalMode>) {
    simulator.change(|state| state.journal.set_mode(mode));
}

async fn chat(
    State(simulator): State<Shared>,
    Path(chat_id): Path<i64>,
    Query(reader): Query<Reader>,
) -> Json<Vec<ChatMessage>> {
    let look = |state: &Everything| state.chats.read(chat_id, reader.after);
    Json(simulator.wait(reader.patience(), look, |messages| !messages.is_empty()).await)
}

async fn set_bot(
    State(simulator): State<Shared>,
    Path(chat_id): Path<i64>,
    Json(bot): Json<BotInChat>,
) {
    simulator.change(|state| state.chats.script(chat_id, bot));
}

async fn stats(State(simulator): State<Shared>, Query(reader): Query<Reader>) -> Json<Stats> {
    let look = |state: &Everything| state.counters.read(state.updates.len());
    Json(simulator.wait(reader.patience(), look, |stats| stats.sent >= reader.sent).await)
}

async fn commands(State(simulator): State<Shared>) -> Json<Value> {
    Json(simulator.look().profile.last_commands.clone())
}

/// The answer to a press, if it came already.
async fn press_answer(
    State(simulator): State<Shared>,
    Path(id): Path<String>,
    Query(reader): Query<Reader>,
) -> Json<Option<PressAnswer>> {
    let look = |state: &Everything| {
        state.press_answers.iter().find(|answer| answer.callback_query_id == id).cloned()
    };
    Json(simulator.wait(reader.patience(), look, Option::is_some).await)
}

async fn faults(State(simulator): State<Shared>) -> Json<Vec<Fault>> {
    Json(simulator.look().faults.remaining().to_vec())
}

/// One fault or a list of them.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    Many(Vec<Fault>),
    One(Fault),
}

async fn script(State(simulator): State<Shared>, Json(faults): Json<OneOrMany>) {
    let faults = match faults {
        OneOrMany::Many(faults) => faults,
        OneOrMany::One(fault) => vec![fault],
    };
    simulator.change(|state| faults.into_iter().for_each(|fault| state.faults.script(fault)));
}

/// Ends a fault before its turns are used up.
async fn end_fault(State(simulator): State<Shared>, Json(fault): Json<Fault>) -> StatusCode {
    let ended = simulator.change(|state| state.faults.end(&fault));
    if ended { StatusCode::OK } else { StatusCode::NOT_FOUND }
}

async fn clear_faults(State(simulator): State<Shared>) {
    simulator.change(|state| state.faults.clear());
}

async fn set_limits(State(simulator): State<Shared>, Json(limits): Json<Limits>) {
    simulator.change(|state| state.limiter.set(limits));
}

/// Clears everything but the webhook, which the bot sets only once, and the page.
async fn reset(State(simulator): State<Shared>) {
    simulator.change(|state| {
        let mut updates = std::mem::take(&mut state.updates);
        updates.clear();
        let page = state.page.take();
        *state = Everything { updates, page, bot_id: state.bot_id, ..Everything::default() };
    });
}
