//! `copyMessage`: the content of any message of a chat that the bot is in, as a message of the bot.

use std::time::Duration;

use serde_json::json;

use super::{
    answer::Answer,
    methods::{Done, Params, bad_request, bot_message, caption_of, chat_of, refuse_chat, show},
    params,
    place::Place,
};
use crate::{
    autolinks, markup,
    model::{ChatMessage, Media, MessageRef},
    state::State,
};

const PARAMS: [&str; 9] = [
    "chat_id",
    "from_chat_id",
    "message_id",
    "caption",
    "parse_mode",
    "disable_notification",
    "reply_parameters",
    "message_thread_id",
    "reply_markup",
];

pub(super) fn copy(state: &mut State, params: &Params, uptime: Duration) -> Result<Done, Answer> {
    params::only(params, &PARAMS)?;
    let chat_id = chat_of(params)?;
    let (origin, original) = original(state, params)?;
    let markup = markup::read(params.get("reply_markup")).map_err(bad_request)?;
    let place = Place::read(state, chat_id, params)?;
    let mut message = ChatMessage {
        text: original.text.clone(),
        source: original.source.clone(),
        autolinks: original.autolinks.clone(),
        entities: original.entities.clone(),
        media: original.media.clone(),
        document: original.document.clone(),
        copy_of: Some(origin),
        ..bot_message(state, markup)
    };
    if !original.from_bot {
        message.autolinks = autolinks::find(&message.text, &[]);
    }
    if params.contains_key("caption") && has_caption(&original) {
        let caption = caption_of(params)?;
        message.autolinks = autolinks::find(&caption.parsed.text, &caption.parsed.entities);
        caption.source.clone_into(&mut message.source);
        message.text = caption.parsed.text;
        message.entities = caption.parsed.entities;
    }
    refuse_chat(state, chat_id, uptime)?;
    let done = show(state, chat_id, place.of(message), &[], uptime);
    Ok(Done { result: json!({ "message_id": done.message_id }), ..done })
}

/// The message to copy, of a client, a member or the bot.
fn original(state: &State, params: &Params) -> Result<(MessageRef, ChatMessage), Answer> {
    let chat_id = params::integer(params, "from_chat_id")
        .filter(|chat_id| *chat_id != 0)
        .ok_or_else(|| bad_request("Bad Request: chat not found"))?;
    let message = params::integer(params, "message_id")
        .and_then(|message_id| state.chats.get(chat_id, message_id))
        .ok_or_else(|| bad_request("Bad Request: message to copy not found"))?;
    if matches!(message.media, Some(Media::Service { .. })) {
        return Err(bad_request("Bad Request: message can't be copied"));
    }
    Ok((MessageRef { chat_id, message_id: message.message_id }, message.clone()))
}

/// Of these a new caption replaces the old one; of others it is ignored.
fn has_caption(message: &ChatMessage) -> bool {
    message.document.is_some()
        || matches!(message.media, Some(Media::Photo { .. } | Media::Voice { .. }))
}
