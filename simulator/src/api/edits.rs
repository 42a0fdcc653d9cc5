//! The methods that edit a message: its text, or the buttons below it.

use serde_json::json;

use super::{
    answer::Answer,
    methods::{Done, Params, Text, bad_request, chat_of, text_of},
    params,
};
use crate::{
    autolinks,
    chats::chat_json,
    markup::{self, Markup},
    model::{ChatMessage, FaultKind},
    state::{State, wall_clock},
};

/// `editMessageText`.
pub(super) fn text(state: &mut State, params: &Params) -> Result<Done, Answer> {
    let Text { source, parsed } = text_of(params)?;
    let Markup { buttons, .. } = markup::read(params.get("reply_markup")).map_err(bad_request)?;
    edit(state, params, |message| {
        let is_same = message.source == source && message.buttons == buttons;
        message.text.clone_from(&parsed.text);
        message.source = source.to_owned();
        message.autolinks = autolinks::find(&parsed.text, &parsed.entities);
        message.buttons = buttons;
        !is_same
    })
}

/// `editMessageReplyMarkup`.
pub(super) fn markup(state: &mut State, params: &Params) -> Result<Done, Answer> {
    let Markup { buttons, .. } = markup::read(params.get("reply_markup")).map_err(bad_request)?;
    edit(state, params, |message| {
        let is_same = message.buttons == buttons;
        message.buttons = buttons;
        !is_same
    })
}

/// Changes a message of the bot. `change` returns whether anything differs.
fn edit(
    state: &mut State,
    params: &Params,
    change: impl FnOnce(&mut ChatMessage) -> bool,
) -> Result<Done, Answer> {
    let chat_id = chat_of(params)?;
    if state.chats.blocked(chat_id) {
        return Err(Answer::of_fault(&FaultKind::Forbidden));
    }
    let message_id = params::integer(params, "message_id")
        .ok_or_else(|| bad_request("Bad Request: message to edit not found"))?;
    let message = state
        .chats
        .find(chat_id, message_id)
        .filter(|message| message.from_bot)
        .ok_or_else(|| bad_request("Bad Request: message to edit not found"))?;
    if !change(message) {
        return Err(bad_request(
            "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message",
        ));
    }
    let result = json!({
        "message_id": message_id,
        "chat": chat_json(chat_id, "Client"),
        "date": message.at.timestamp(),
        "edit_date": wall_clock().timestamp(),
        "text": message.text,
    });
    Ok(Done { result, message_id: Some(message_id) })
}
