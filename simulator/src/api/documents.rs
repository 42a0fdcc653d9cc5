//! `sendDocument`: a file of text with a caption.

use std::time::Duration;

use super::{
    answer::Answer,
    methods::{
        Done, Params, Text, bad_request, bot_message, caption_of, chat_of, refuse_chat, show,
    },
    place::Place,
};
use crate::{
    markup,
    model::{ChatMessage, File},
    state::State,
};

pub(super) fn send(state: &mut State, params: &Params, uptime: Duration) -> Result<Done, Answer> {
    let chat_id = chat_of(params)?;
    let Text { source, parsed } = caption_of(params)?;
    let file =
        params.get("document").and_then(|file| serde_json::from_value::<File>(file.clone()).ok());
    let file =
        file.ok_or_else(|| bad_request("Bad Request: there is no document in the request"))?;
    let markup = markup::read(params.get("reply_markup")).map_err(bad_request)?;
    let place = Place::read(state, chat_id, params)?;
    refuse_chat(state, chat_id, uptime)?;
    let message = ChatMessage {
        text: parsed.text,
        source: source.to_owned(),
        document: Some(file),
        ..bot_message(state, markup)
    };
    Ok(show(state, chat_id, place.of(message), &parsed.entities, uptime))
}
