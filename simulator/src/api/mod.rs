//! The Bot API's HTTP side: `/bot<token>/<method>`. A call is routed, executed and answered, or cut off by a
//! scripted fault.

mod answer;
mod callbacks;
mod copies;
mod documents;
mod edits;
pub(crate) mod execute;
mod methods;
mod params;
mod place;
mod polling;
mod profile;
mod reactions;
mod venues;

use std::time::Duration;

use axum::{
    extract::{Request, State},
    response::{IntoResponse, Response},
};

pub(crate) use self::answer::CutConnection;
use self::{
    answer::Answer,
    execute::{carry_out, meet_fault},
    methods::{Bot, Method},
};
use crate::{faults::Met, model::FaultKind, state::Shared, webhook};

/// Handles whatever is not the control API.
pub(crate) async fn call(State(simulator): State<Shared>, request: Request) -> Response {
    let Some((bot, method)) = route(request.uri().path()) else {
        return Answer::not_found().into_response();
    };
    let params = match params::read(request).await {
        Ok(params) => params,
        Err(answer) => return answer.into_response(),
    };
    let met = meet_fault(&simulator, method, &params);
    if method == Method::GetUpdates && met.is_none() {
        return polling::get_updates(&simulator, &params).await.into_response();
    }
    let answer = carry_out(&simulator, bot, method, params, met.as_ref());
    if method.changes_webhook() {
        webhook::push_waiting(&simulator);
    }
    respond(answer, met).await
}

fn route(path: &str) -> Option<(Bot, Method)> {
    let path = percent_encoding::percent_decode_str(path).decode_utf8().ok()?;
    let (token, method) = path.strip_prefix("/bot")?.split_once('/')?;
    let (id, secret) = token.split_once(':')?;
    if secret.is_empty() {
        return None;
    }
    Some((Bot { id: id.parse().ok()? }, Method::parse(method)?))
}

/// Sends the answer, or does to the connection what the fault says.
async fn respond(answer: Answer, met: Option<Met>) -> Response {
    match met.map(|met| met.kind) {
        Some(FaultKind::CutBeforeAccept | FaultKind::CutAfterAccept) => {
            CutConnection.into_response()
        }
        Some(FaultKind::Hang { ms }) => {
            tokio::time::sleep(Duration::from_millis(ms)).await;
            if answer.status == 0 { CutConnection.into_response() } else { answer.into_response() }
        }
        _ => answer.into_response(),
    }
}
