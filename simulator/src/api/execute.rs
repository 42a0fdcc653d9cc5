//! Executes a call: it meets the scripted faults first, then is checked and carried out as Telegram would,
//! and journaled.

use serde_json::{Map, Value};

use super::{
    answer::Answer,
    methods::{self, Bot, Done, Method},
    params,
};
use crate::{
    faults::Met,
    model::{Call, FaultKind},
    state::{Shared, wall_clock},
};

/// Carries out a method from a webhook's response.
pub(crate) fn call_from_webhook(simulator: &Shared, method: &str, params: Map<String, Value>) {
    if let Some(method) = Method::parse(method) {
        let met = meet_fault(simulator, method, &params);
        carry_out(simulator, Bot { id: 1 }, method, params, met.as_ref());
    }
}

pub(super) fn meet_fault(
    simulator: &Shared,
    method: Method,
    params: &Map<String, Value>,
) -> Option<Met> {
    let mut state = simulator.look();
    if state.faults.remaining().is_empty() {
        return None;
    }
    state.faults.take(method.name(), params::chat_id(params))
}

/// Decides, does, counts and journals a call in one step, so that what a reader sees is consistent.
pub(super) fn carry_out(
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
            let name = met.kind.name();
            let slow = matches!(met.kind, FaultKind::Hang { .. });
            match real {
                Some((answer, _)) if slow => (answer, name),
                _ => (Answer::of_fault(&met.kind), name),
            }
        }
    }
}
