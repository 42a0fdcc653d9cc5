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

/// The secret of tokens that @BotFather has replaced.
const REVOKED: &str = "revoked";

/// Handles whatever is not the control API.
pub(crate) async fn call(State(simulator): State<Shared>, request: Request) -> Response {
    let (bot, method) = match route(request.uri().path()) {
        Ok(routed) => routed,
        Err(answer) => return answer.into_response(),
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

/// The bot whose token is in a path, and the method. A token with the secret [`REVOKED`] is no bot's any more.
fn route(path: &str) -> Result<(Bot, Method), Answer> {
    let parts = || {
        let path = percent_encoding::percent_decode_str(path).decode_utf8().ok()?;
        let (token, method) = path.strip_prefix("/bot")?.split_once('/')?;
        let (id, secret) = token.split_once(':')?;
        let bot = Bot { id: id.parse().ok()? };
        (!secret.is_empty()).then_some((bot, secret == REVOKED, Method::parse(method)?))
    };
    match parts() {
        Some((_, true, _)) => Err(Answer::of_fault(&FaultKind::Unauthorized)),
        Some((bot, false, method)) => Ok((bot, method)),
        None => Err(Answer::not_found()),
    }
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
