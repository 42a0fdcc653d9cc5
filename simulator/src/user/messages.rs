//! What a person sends: text, media, replies, forwards. A group's privacy mode decides whether the bot gets it.

use axum::{Json, extract::State, http::StatusCode};
use serde::Deserialize;
use serde_json::json;

use super::{Refusal, build::Person, made};
use crate::{
    message_json::BOT_NAME,
    model::{Button, ChatKind, ChatMessage, Made, Media, MessageRef, UserMessage},
    state::{self, Shared, wall_clock},
    webhook,
};

#[derive(Debug, Deserialize)]
pub(super) struct Sent {
    #[serde(flatten)]
    person: Person,
    #[serde(flatten)]
    message: UserMessage,
}

pub(super) async fn send(
    State(simulator): State<Shared>,
    Json(sent): Json<Sent>,
) -> Result<Json<Made>, Refusal> {
    send_message(&simulator, &sent.person, sent.message).map(Json)
}

/// Sends a message as this person.
///
/// # Errors
/// When nobody can send it there.
pub(crate) fn send_message(
    simulator: &Shared,
    person: &Person,
    message: UserMessage,
) -> Result<Made, Refusal> {
    let made = simulator.change(|state| {
        let message = written(state, person, message)?;
        Ok(post(state, person, message))
    });
    let made = made.map_err(|error: &str| (StatusCode::BAD_REQUEST, error.to_owned()))?;
    webhook::push_waiting(simulator);
    Ok(made)
}

/// Shows the person's message in the chat and queues its update, if the bot gets it.
pub(super) fn post(state: &mut state::State, person: &Person, message: ChatMessage) -> Made {
    if reaches_bot(state, person.chat_id, &message) {
        return post_to_bot(state, person, message);
    }
    let message = show(state, person, message);
    Made { message_id: Some(message.message_id), delivered: false, ..made(0) }
}

/// The same without regard to privacy mode.
pub(super) fn post_to_bot(state: &mut state::State, person: &Person, message: ChatMessage) -> Made {
    let message = show(state, person, message);
    let made = update(state, person.chat_id, &message);
    Made { message_id: Some(message.message_id), ..made }
}

fn show(state: &mut state::State, person: &Person, message: ChatMessage) -> ChatMessage {
    state.people.rename(person.user_id(), person.first_name());
    let source = message.text.clone();
    let message = ChatMessage { from_id: person.user_id(), at: wall_clock(), source, ..message };
    state.chats.show(person.chat_id, message, &[], state.journal.mode())
}

/// Queues the update of a message that the bot gets.
pub(super) fn update(state: &mut state::State, chat_id: i64, message: &ChatMessage) -> Made {
    let update_id = state.updates.make_id();
    let json = state.message_json(chat_id, message);
    let update = json!({"update_id": update_id, "message": json});
    state.updates.add(&update, chat_id, 1, false);
    made(update_id)
}

/// Deletes a message from the chat. Telegram sends bots no update of that.
pub(super) async fn delete(
    State(simulator): State<Shared>,
    Json(message): Json<MessageRef>,
) -> StatusCode {
    let deleted = simulator.change(|state| state.chats.delete(message.chat_id, message.message_id));
    if deleted { StatusCode::OK } else { StatusCode::NOT_FOUND }
}

/// The message as it stands in the chat.
fn written(
    state: &state::State,
    person: &Person,
    sent: UserMessage,
) -> Result<ChatMessage, &'static str> {
    let chat_id = person.chat_id;
    if chat_id < 0 && state.groups.kind(chat_id) == ChatKind::Channel {
        return Err("subscribers of a channel cannot write");
    }
    let mut message = match sent.forward_of {
        Some(of) => forwarded(state, of)?,
        None if sent.text.is_empty() && sent.media.is_none() && sent.document.is_none() => {
            return Err("the message is empty");
        }
        None => ChatMessage {
            text: sent.text,
            media: sent.media,
            document: sent.document,
            ..ChatMessage::default()
        },
    };
    message.reply_to = sent.reply_to;
    message.thread_id = sent.thread_id;
    if let Some(reply_to) = sent.reply_to {
        let replied = state.chats.get(chat_id, reply_to).ok_or("no such message to reply to")?;
        // A reply stands in the topic of its message.
        message.thread_id = replied.thread_id;
    }
    if message.thread_id.is_some_and(|thread| !state.has_topic(chat_id, thread)) {
        return Err("no such topic in this chat");
    }
    Ok(message)
}

/// What a forward takes over. Buttons that call back are lost; with them all buttons of the message.
fn forwarded(state: &state::State, of: MessageRef) -> Result<ChatMessage, &'static str> {
    let message = state.chats.get(of.chat_id, of.message_id).ok_or("no such message to forward")?;
    let stays = |button: &Button| button.data.is_none();
    let kept = message.buttons.iter().flatten().all(stays);
    Ok(ChatMessage {
        text: message.text.clone(),
        media: message.media.clone(),
        document: message.document.clone(),
        buttons: if kept { message.buttons.clone() } else { Vec::new() },
        forward_of: Some(message.forward_of.unwrap_or(of)),
        ..ChatMessage::default()
    })
}

/// In a group with privacy mode the bot gets commands, replies to its messages, and service messages.
fn reaches_bot(state: &state::State, chat_id: i64, message: &ChatMessage) -> bool {
    if state.groups.refusal(chat_id).is_some() {
        return false;
    }
    if chat_id > 0 || !state.groups.has_privacy(chat_id) {
        return true;
    }
    // In a topic, a message without a reply counts as a reply to the topic's first message.
    let replied = message.reply_to.or(message.thread_id);
    let replied = replied.and_then(|id| state.chats.get(chat_id, id));
    replied.is_some_and(|replied| replied.from_bot)
        || matches!(message.media, Some(Media::Service { .. }))
        || is_command_for_bot(&message.text)
}

/// A leading command that names this bot, or none.
fn is_command_for_bot(text: &str) -> bool {
    let word = text.split_whitespace().next().unwrap_or_default();
    let Some(command) = word.strip_prefix('/') else { return false };
    match command.split_once('@') {
        Some((command, bot)) => !command.is_empty() && bot.eq_ignore_ascii_case(BOT_NAME),
        None => !command.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_for_the_bot_that_it_names() {
        for (text, is_for_bot) in [
            ("/today", true),
            ("/today@Simulator_Bot please", true),
            ("/today@other_bot", false),
            ("see /today", false),
            ("/", false),
            ("", false),
        ] {
            assert_eq!(is_command_for_bot(text), is_for_bot, "{text}");
        }
    }
}
