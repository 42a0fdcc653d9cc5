//! The control API of the simulated Bukza, under `/_sim/bukza/`.

use std::time::Duration;

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Path, Query, State},
    http::StatusCode,
    routing::{delete, get, post},
};
use serde::Deserialize;

use super::model::{BukzaCall, BukzaFault, BukzaMethod, BukzaSetup, Reservation};
use crate::state::{Shared, State as Everything};

/// Longest wait of a reader.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/bukza/setup", post(set_up))
        .route("/bukza/reservations", post(set))
        .route("/bukza/reservations/put", post(put))
        .route("/bukza/reservations/{code}", delete(vanish))
        .route("/bukza/sessions", delete(revoke))
        .route("/bukza/faults", post(script).delete(clear_faults))
        .route("/bukza/calls", get(calls))
        // Thousands of reservations.
        .layer(DefaultBodyLimit::disable())
}

async fn set_up(State(simulator): State<Shared>, Json(setup): Json<BukzaSetup>) {
    simulator.change(|state| state.bukza.set_up(setup));
}

async fn set(State(simulator): State<Shared>, Json(reservations): Json<Vec<Reservation>>) {
    simulator.change(|state| state.bukza.set(reservations));
}

async fn put(State(simulator): State<Shared>, Json(reservations): Json<Vec<Reservation>>) {
    simulator.change(|state| state.bukza.put(reservations));
}

async fn vanish(State(simulator): State<Shared>, Path(code): Path<String>) -> StatusCode {
    let was_there = simulator.change(|state| state.bukza.vanish(&code));
    if was_there { StatusCode::OK } else { StatusCode::NOT_FOUND }
}

async fn revoke(State(simulator): State<Shared>) {
    simulator.change(|state| state.bukza.revoke_sessions());
}

async fn script(State(simulator): State<Shared>, Json(fault): Json<BukzaFault>) {
    simulator.change(|state| state.bukza.faults.script(fault));
}

async fn clear_faults(State(simulator): State<Shared>) {
    simulator.change(|state| state.bukza.faults.clear());
}

/// What a reader waits for: so many requests for rows in all.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Reader {
    wait_ms: u64,
    reads: usize,
}

async fn calls(
    State(simulator): State<Shared>,
    Query(reader): Query<Reader>,
) -> Json<Vec<BukzaCall>> {
    let patience = Duration::from_millis(reader.wait_ms).min(LONGEST_WAIT);
    let look = |state: &Everything| state.bukza.calls.clone();
    let reads = |calls: &Vec<BukzaCall>| {
        calls.iter().filter(|call| call.method == BukzaMethod::Table).count()
    };
    Json(simulator.wait(patience, look, |calls| reads(calls) >= reader.reads).await)
}
