//! The Bot API side: `/bot<token>/<method>`. A call meets the scripted faults first, then is checked
//! and carried out as Telegram would, journaled, and answered.

mod answer;
mod methods;
mod params;
mod polling;

use std::time::Duration;

use axum::{
    extract::{Request, State},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value};

use self::{
    answer::Answer,
    methods::{Done, Method},
};
use crate::{
    faults::Met,
    model::{Call, FaultKind},
    server::CutConnection,
    state::{self, Shared, wall_clock},
};

/// Who is called: the bot's id is the number before the colon of its token.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bot {
    id: i64,
}

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
        crate::webhook::push_waiting(&simulator);
    }
    respond(answer, met).await
}

/// Carries out a method that came in a webhook's answer.
pub(crate) fn call_from_webhook(simulator: &Shared, method: &str, params: Map<String, Value>) {
    if let Some(method) = Method::parse(method) {
        let met = meet_fault(simulator, method, &params);
        carry_out(simulator, Bot { id: 1 }, method, params, met.as_ref());
    }
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

fn meet_fault(simulator: &Shared, method: Method, params: &Map<String, Value>) -> Option<Met> {
    let mut state = simulator.look();
    if state.faults.remaining().is_empty() {
        return None;
    }
    state.faults.take(method.name(), params::chat_id(params))
}

/// Decides, does, counts and journals a call in one step, so that what a reader sees is consistent.
fn carry_out(
    simulator: &Shared,
    bot: Bot,
    method: Method,
    params: Map<String, Value>,
    met: Option<&Met>,
) -> Answer {
    let uptime = simulator.uptime();
    let at_ms = u64::try_from(uptime.as_millis()).unwrap_or(u64::MAX);
    simulator.change(|state| {
        let done = match met {
            Some(met) if !met.accepted => None,
            _ => Some(methods::perform(state, bot, method, &params, uptime)),
        };
        let delivered = matches!(done, Some(Ok(_)));
        let message_id = done.as_ref().and_then(|done| done.as_ref().ok()?.message_id);
        let (answer, outcome) = answer_of(met, done);
        if answer.status != 200 {
            state.counters.failed();
        }
        let chat_id = params::chat_id(&params);
        state.journal.add(|seq| Call {
            seq,
            at_ms,
            at: wall_clock(),
            method: method.name().to_owned(),
            chat_id,
            body: Value::Object(params),
            status: answer.status,
            outcome,
            delivered,
            message_id,
        });
        answer
    })
}

/// What is answered, and what the journal calls it.
fn answer_of(met: Option<&Met>, done: Option<Result<Done, Answer>>) -> (Answer, String) {
    let real = done.map(|done| match done {
        Ok(done) => (Answer::ok(done.result), "ok".to_owned()),
        Err(refused) => {
            let description = refused.description();
            (refused, description)
        }
    });
    match (met, real) {
        (None, Some(real)) => real,
        (None, None) => (Answer::not_found(), "not found".to_owned()),
        (Some(met), real) => {
            let name = met.kind.name().to_owned();
            let slow = matches!(met.kind, FaultKind::Hang { .. });
            match real {
                Some((answer, _)) if slow => (answer, name),
                _ => (Answer::of_fault(&met.kind), name),
            }
        }
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

/// The refusals that depend on the chat, before a message is shown there.
fn refuse_chat(state: &mut state::State, chat_id: i64, uptime: Duration) -> Result<(), Answer> {
    if state.chats.blocked(chat_id) {
        return Err(Answer::of_fault(&FaultKind::Forbidden));
    }
    state
        .limiter
        .admit(chat_id, uptime)
        .map_err(|retry_after| Answer::of_fault(&FaultKind::TooManyRequests { retry_after }))
}
