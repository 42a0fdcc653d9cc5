//! Where a message of the bot goes within its chat: the topic, the message it replies to, and whether it sounds.

use serde_json::{Value, json};

use super::{
    answer::Answer,
    methods::{Done, Params, bad_request, chat_of, refuse_absent},
    params,
};
use crate::{
    model::{ChatMessage, JournalMode},
    state::State,
};

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Place {
    reply_to: Option<i64>,
    thread_id: Option<i64>,
    silent: bool,
}

impl Place {
    /// Reads and checks `reply_parameters`, `message_thread_id` and `disable_notification`.
    ///
    /// # Errors
    /// Telegram's refusal: no such message or topic.
    pub(super) fn read(state: &State, chat_id: i64, params: &Params) -> Result<Self, Answer> {
        let thread_id = topic(state, chat_id, params)?;
        let reply_to = reply(state, chat_id, params)?;
        let replied = reply_to.and_then(|reply_to| state.chats.get(chat_id, reply_to));
        Ok(Self {
            reply_to,
            // A reply stands in the topic of its message.
            thread_id: thread_id.or(replied.and_then(|replied| replied.thread_id)),
            silent: params::flag(params, "disable_notification"),
        })
    }

    pub(super) fn of(self, message: ChatMessage) -> ChatMessage {
        let Self { reply_to, thread_id, silent } = self;
        ChatMessage { reply_to, thread_id, silent, ..message }
    }
}

/// `sendChatAction`: that the bot types. Nothing is kept of it.
pub(super) fn show_action(state: &State, params: &Params) -> Result<Done, Answer> {
    params::only(params, &["chat_id", "message_thread_id", "action"])?;
    let chat_id = chat_of(params)?;
    refuse_absent(state, chat_id)?;
    topic(state, chat_id, params)?;
    match params::string(params, "action") {
        Some("typing") => Ok(Done::plain(json!(true))),
        _ => Err(bad_request("Bad Request: wrong parameter action in request")),
    }
}

/// The General topic has no id that a bot may name: 1 is refused like any other that is not there.
fn topic(state: &State, chat_id: i64, params: &Params) -> Result<Option<i64>, Answer> {
    match params.get("message_thread_id") {
        None | Some(Value::Null) => Ok(None),
        Some(_) => match params::integer(params, "message_thread_id") {
            // Without a journal nothing is known of a chat.
            Some(id) if state.journal.mode() == JournalMode::Off && id > 1 => Ok(Some(id)),
            Some(id) if state.has_topic(chat_id, id) => Ok(Some(id)),
            _ => Err(bad_request("Bad Request: message thread not found")),
        },
    }
}

/// The message to reply to. One that is not there is left out, if that is allowed.
fn reply(state: &State, chat_id: i64, params: &Params) -> Result<Option<i64>, Answer> {
    let Some(reply) = params::object(params, "reply_parameters")
        .map_err(|()| bad_request("Bad Request: can't parse reply parameters JSON object"))?
    else {
        return Ok(None);
    };
    params::only(&reply, &["message_id", "allow_sending_without_reply"])?;
    let message_id = params::integer(&reply, "message_id")
        .ok_or_else(|| bad_request("Bad Request: parameter \"message_id\" is required"))?;
    let is_there = state.chats.get(chat_id, message_id).is_some();
    if is_there || state.journal.mode() == JournalMode::Off {
        Ok(Some(message_id))
    } else if params::flag(&reply, "allow_sending_without_reply") {
        Ok(None)
    } else {
        Err(bad_request("Bad Request: message to be replied not found"))
    }
}
