//! `answerCallbackQuery`: ends a press, once, and shows its text to the person.

use serde_json::json;

use super::{
    answer::Answer,
    methods::{Done, Params, bad_request},
    params,
};
use crate::{model::PressAnswer, state::State};

/// Longest text, in characters.
const TEXT_MAX: usize = 200;
/// Latest answers kept.
const KEPT: usize = 5_000;

pub(super) fn answer(state: &mut State, params: &Params) -> Result<Done, Answer> {
    let id = params::string(params, "callback_query_id").unwrap_or_default();
    let Some(at) = state.open_callbacks.iter().position(|open| open == id) else {
        return Err(bad_request(
            "Bad Request: query is too old and response timeout expired or query ID is invalid",
        ));
    };
    let text = params::string(params, "text").unwrap_or_default();
    if text.chars().count() > TEXT_MAX {
        return Err(bad_request("Bad Request: MESSAGE_TOO_LONG"));
    }
    let callback_query_id = state.open_callbacks.swap_remove(at);
    if state.press_answers.len() == KEPT {
        state.press_answers.pop_front();
    }
    state.press_answers.push_back(PressAnswer {
        callback_query_id,
        text: text.to_owned(),
        alert: params::flag(params, "show_alert"),
    });
    Ok(Done::plain(json!(true)))
}
