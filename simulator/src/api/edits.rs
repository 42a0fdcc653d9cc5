//! The methods that edit a message: its text, or the buttons below it.

use super::{
    answer::Answer,
    methods::{Done, Params, Text, bad_request, chat_of, refuse_absent, text_of},
    params,
};
use crate::{
    autolinks,
    markup::{self, Markup},
    model::{Button, ChatMessage},
    state::{State, wall_clock},
};

/// `editMessageText`.
pub(super) fn text(state: &mut State, params: &Params) -> Result<Done, Answer> {
    let Text { source, parsed } = text_of(params)?;
    let buttons = inline_buttons(params)?;
    edit(state, params, |message| {
        if message.kind() != "text" {
            return Err("Bad Request: there is no text in the message to edit");
        }
        let is_same = message.source == source && message.buttons == buttons;
        message.text.clone_from(&parsed.text);
        message.source = source.to_owned();
        message.autolinks = autolinks::find(&parsed.text, &parsed.entities);
        message.entities = parsed.entities;
        message.edited = true;
        message.buttons = buttons;
        Ok(!is_same)
    })
}

/// `editMessageReplyMarkup`.
pub(super) fn markup(state: &mut State, params: &Params) -> Result<Done, Answer> {
    let buttons = inline_buttons(params)?;
    edit(state, params, |message| {
        let is_same = message.buttons == buttons;
        message.buttons = buttons;
        Ok(!is_same)
    })
}

/// The buttons of an edit; none takes off those that are there.
fn inline_buttons(params: &Params) -> Result<Vec<Vec<Button>>, Answer> {
    let Markup { buttons, keyboard } =
        markup::read(params.get("reply_markup")).map_err(bad_request)?;
    if keyboard.is_empty() {
        Ok(buttons)
    } else {
        Err(bad_request("Bad Request: inline keyboard expected"))
    }
}

/// Changes a message of the bot. `change` returns whether anything differs.
fn edit(
    state: &mut State,
    params: &Params,
    change: impl FnOnce(&mut ChatMessage) -> Result<bool, &'static str>,
) -> Result<Done, Answer> {
    let chat_id = chat_of(params)?;
    refuse_absent(state, chat_id)?;
    let message = params::integer(params, "message_id")
        .and_then(|message_id| state.chats.find(chat_id, message_id))
        .ok_or_else(|| bad_request("Bad Request: message to edit not found"))?;
    if !message.from_bot {
        return Err(bad_request("Bad Request: message can't be edited"));
    }
    if !change(message).map_err(bad_request)? {
        return Err(bad_request(
            "Bad Request: message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message",
        ));
    }
    let message = message.clone();
    let mut result = state.message_json(chat_id, &message);
    result["edit_date"] = wall_clock().timestamp().into();
    Ok(Done { result, message_id: Some(message.message_id) })
}
