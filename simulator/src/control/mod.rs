//! The control API under `/_sim/`: reads the journal and chats, scripts faults and limits.
//! Acting as a user of the bot is in [`crate::user`].

use std::time::Duration;

use axum::{
    Json, Router,
    extract::{Path, Query, State},
    routing::{get, post},
};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    journal::Wanted,
    model::{Call, ChatMessage, Fault, JournalMode, Limits, Stats},
    state::{Shared, State as Everything},
    user,
};

/// Longest wait of a reader.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/journal", get(journal).post(set_journal))
        .route("/chats/{chat_id}", get(chat))
        .route("/stats", get(stats))
        .route("/commands", get(commands))
        .route("/faults", get(faults).post(script).delete(clear_faults))
        .route("/limits", post(set_limits))
        .route("/reset", post(reset))
        .merge(user::routes())
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Patience {
    wait_ms: u64,
}

impl Patience {
    fn bounded(&self) -> Duration {
        Duration::from_millis(self.wait_ms).min(LONGEST_WAIT)
    }
}

async fn journal(
    State(simulator): State<Shared>,
    Query(wanted): Query<Wanted>,
    Query(patience): Query<Patience>,
) -> Json<Vec<Call>> {
    let look = |state: &Everything| state.journal.read(&wanted);
    Json(simulator.wait(patience.bounded(), look, |calls| !calls.is_empty()).await)
}

#[derive(Debug, Deserialize)]
struct SetJournal {
    mode: JournalMode,
}

async fn set_journal(State(simulator): State<Shared>, Json(wanted): Json<SetJournal>) {
    simulator.change(|state| state.journal.set_mode(wanted.mode));
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct After {
    after: i64,
}

async fn chat(
    State(simulator): State<Shared>,
    Path(chat_id): Path<i64>,
    Query(After { after }): Query<After>,
    Query(patience): Query<Patience>,
) -> Json<Vec<ChatMessage>> {
    let look = |state: &Everything| state.chats.read(chat_id, after);
    Json(simulator.wait(patience.bounded(), look, |messages| !messages.is_empty()).await)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct AtLeast {
    sent: u64,
}

async fn stats(
    State(simulator): State<Shared>,
    Query(AtLeast { sent }): Query<AtLeast>,
    Query(patience): Query<Patience>,
) -> Json<Stats> {
    let look = |state: &Everything| state.counters.read(state.updates.len());
    Json(simulator.wait(patience.bounded(), look, |stats| stats.sent >= sent).await)
}

async fn commands(State(simulator): State<Shared>) -> Json<Value> {
    Json(simulator.look().commands.clone())
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

async fn clear_faults(State(simulator): State<Shared>) {
    simulator.change(|state| state.faults.clear());
}

async fn set_limits(State(simulator): State<Shared>, Json(limits): Json<Limits>) {
    simulator.change(|state| state.limiter.set(limits));
}

/// Clears everything but the webhook, which the bot sets only once.
async fn reset(State(simulator): State<Shared>) {
    simulator.change(|state| {
        let mut updates = std::mem::take(&mut state.updates);
        updates.clear();
        *state = Everything { updates, ..Everything::default() };
    });
}
