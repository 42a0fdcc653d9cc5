//! `sendDocument`: a file of text with a caption.

use std::time::Duration;

use serde_json::json;

use super::{
    answer::Answer,
    methods::{Done, Params, Text, bad_request, chat_of, refuse_chat, text_in},
};
use crate::{
    chats::{NewMessage, chat_json},
    markup::Markup,
    model::File,
    state::{State, wall_clock},
};

/// Longest caption after parsing, in UTF-16 code units.
const CAPTION_MAX: usize = 1024;

pub(super) fn send(state: &mut State, params: &Params, uptime: Duration) -> Result<Done, Answer> {
    let chat_id = chat_of(params)?;
    let Text { source, parsed } = text_in(params, "caption", CAPTION_MAX)?;
    let file =
        params.get("document").and_then(|file| serde_json::from_value::<File>(file.clone()).ok());
    let file =
        file.ok_or_else(|| bad_request("Bad Request: there is no document in the request"))?;
    refuse_chat(state, chat_id, uptime)?;
    let (at, mode) = (wall_clock(), state.journal.mode());
    let message = NewMessage {
        chat_id,
        from_bot: true,
        at,
        text: &parsed.text,
        source,
        entities: &parsed.entities,
        markup: Markup::default(),
        document: Some(file.clone()),
    };
    let message_id = state.chats.show(message, mode);
    state.counters.sent(chat_id, &parsed.text, u64::try_from(uptime.as_millis()).unwrap_or(0));
    let result = json!({
        "message_id": message_id,
        "chat": chat_json(chat_id, "Client"),
        "date": at.timestamp(),
        "caption": parsed.text,
        "document": {"file_id": format!("file{message_id}"), "file_name": file.file_name},
    });
    Ok(Done { result, message_id: Some(message_id) })
}
