//! Groups as their members change them: kind, privacy mode, topics, the bot added and removed.

use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
};
use serde::Deserialize;
use serde_json::json;

use super::{Refusal, build, build::Person, made, messages};
use crate::{
    message_json::BOT_NAME,
    model::{ChatKind, ChatMessage, Made, Media, Profile},
    state::{self, Shared, wall_clock},
    webhook,
};

pub(super) async fn set_profile(
    State(simulator): State<Shared>,
    Path(user_id): Path<i64>,
    Json(profile): Json<Profile>,
) {
    simulator.change(|state| state.people.set(user_id, profile));
}

pub(super) async fn set_kind(
    State(simulator): State<Shared>,
    Path(chat_id): Path<i64>,
    Json(kind): Json<ChatKind>,
) {
    simulator.change(|state| state.groups.set_kind(chat_id, kind));
}

pub(super) async fn set_privacy(
    State(simulator): State<Shared>,
    Path(chat_id): Path<i64>,
    Json(on): Json<bool>,
) {
    simulator.change(|state| state.groups.set_privacy(chat_id, on));
}

#[derive(Debug, Deserialize)]
pub(super) struct Topic {
    #[serde(flatten)]
    person: Person,
    name: String,
    /// The bot opens it, not the person.
    by_bot: bool,
    /// The id that it gets; the next one if left out.
    #[serde(default)]
    thread_id: Option<i64>,
}

/// Opens a topic: its id is that of the service message at its head.
pub(super) async fn open_topic(
    State(simulator): State<Shared>,
    Json(topic): Json<Topic>,
) -> Result<Json<Made>, Refusal> {
    let chat_id = topic.person.chat_id;
    let made = simulator.change(|state| {
        if let Some(thread_id) = topic.thread_id
            && !state.chats.reserve(thread_id)
        {
            return Err("the id of a message that is there already");
        }
        state.groups.set_kind(chat_id, ChatKind::Forum);
        let from_id = if topic.by_bot { state.bot_id } else { topic.person.user_id() };
        let event = "forum_topic_created".to_owned();
        let message = ChatMessage {
            from_bot: topic.by_bot,
            from_id,
            at: wall_clock(),
            text: topic.name,
            media: Some(Media::Service { event }),
            ..ChatMessage::default()
        };
        let message = state.chats.show(chat_id, message, &[], state.journal.mode());
        // Nobody gets updates of what they do themselves.
        let made = if topic.by_bot { made(0) } else { messages::update(state, chat_id, &message) };
        let delivered = !topic.by_bot;
        Ok(Made { message_id: Some(message.message_id), delivered, ..made })
    });
    let made = made.map_err(|error: &str| (StatusCode::BAD_REQUEST, error.to_owned()))?;
    webhook::push_waiting(&simulator);
    Ok(Json(made))
}

#[derive(Debug, Deserialize)]
pub(super) struct Adding {
    #[serde(flatten)]
    person: Person,
    /// Of the link `?startgroup=PAYLOAD` that was opened.
    #[serde(default)]
    payload: Option<String>,
    /// The link asks for an administrator's rights.
    #[serde(default)]
    as_admin: bool,
}

/// The person adds the bot: it becomes a member, a service message says so, and a link's payload follows as a command.
pub(super) async fn add_bot(
    State(simulator): State<Shared>,
    Json(adding): Json<Adding>,
) -> Json<Made> {
    let person = adding.person;
    let made = simulator.change(|state| {
        state.groups.set_removed(person.chat_id, false);
        state.groups.set_privacy(person.chat_id, !adding.as_admin);
        let status = if adding.as_admin { "administrator" } else { "member" };
        let joined = membership(state, &person, "left", status);
        let event = "new_chat_members".to_owned();
        let service = ChatMessage {
            text: format!("[{BOT_NAME} was added]"),
            media: Some(Media::Service { event }),
            ..ChatMessage::default()
        };
        messages::post(state, &person, service);
        match adding.payload {
            Some(payload) => {
                let text = format!("/start@{BOT_NAME} {payload}").trim_end().to_owned();
                messages::post(state, &person, ChatMessage { text, ..ChatMessage::default() })
            }
            None => joined,
        }
    });
    webhook::push_waiting(&simulator);
    Json(made)
}

/// The person removes the bot from the group.
pub(super) async fn remove_bot(
    State(simulator): State<Shared>,
    Json(person): Json<Person>,
) -> Json<Made> {
    let made = simulator.change(|state| {
        let made = membership(state, &person, "member", "kicked");
        state.groups.set_removed(person.chat_id, true);
        made
    });
    webhook::push_waiting(&simulator);
    Json(made)
}

/// Queues the update of the bot's own membership.
pub(super) fn membership(state: &mut state::State, person: &Person, old: &str, new: &str) -> Made {
    let update_id = state.updates.make_id();
    let change = build::my_chat_member(state, person, old, new);
    let update = json!({"update_id": update_id, "my_chat_member": change});
    state.updates.add(&update, person.chat_id, 1, false);
    made(update_id)
}
