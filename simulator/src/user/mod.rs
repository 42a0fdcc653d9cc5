//! Acting as a user: what a person types, shares or presses becomes an update for the bot.

mod build;
mod groups;
mod messages;

use std::sync::Arc;

use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use serde::Deserialize;
use serde_json::{Value, json};

pub(crate) use self::{build::Person, messages::send_message};
use crate::{
    model::{ChatMessage, Made, Media},
    state::Shared,
    webhook,
};

pub(crate) fn routes() -> Router<Shared> {
    Router::new()
        .route("/say", post(say))
        .route("/contact", post(contact))
        .route("/press", post(press))
        .route("/block", post(|simulator, person| member(simulator, person, true)))
        .route("/unblock", post(|simulator, person| member(simulator, person, false)))
        .route("/update", post(inject))
        .route("/link", post(open_link))
        .route("/send", post(messages::send))
        .route("/delete", post(messages::delete))
        .route("/topic", post(groups::open_topic))
        .route("/add_bot", post(groups::add_bot))
        .route("/remove_bot", post(groups::remove_bot))
        .route("/people/{user_id}", post(groups::set_profile))
        .route("/chats/{chat_id}/kind", post(groups::set_kind))
        .route("/chats/{chat_id}/privacy", post(groups::set_privacy))
}

/// Why an action failed.
pub(crate) type Refusal = (StatusCode, String);

#[derive(Debug, Deserialize)]
struct Say {
    #[serde(flatten)]
    person: Person,
    text: String,
}

async fn say(State(simulator): State<Shared>, Json(say): Json<Say>) -> Json<Made> {
    let message = ChatMessage { text: say.text, ..ChatMessage::default() };
    Json(send(&simulator, &say.person, message))
}

#[derive(Debug, Deserialize)]
struct Link {
    #[serde(flatten)]
    person: Person,
    payload: String,
}

/// Telegram opens a link with a bad payload without it.
async fn open_link(State(simulator): State<Shared>, Json(link): Json<Link>) -> Json<Made> {
    let payload = if is_payload(&link.payload) { &link.payload } else { "" };
    let text = format!("/start {payload}").trim_end().to_owned();
    Json(send(&simulator, &link.person, ChatMessage { text, ..ChatMessage::default() }))
}

/// At most 64 of `A-Za-z0-9_-`.
fn is_payload(payload: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_-".contains(&byte);
    payload.len() <= 64 && payload.bytes().all(allowed)
}

#[derive(Debug, Deserialize)]
struct Contact {
    #[serde(flatten)]
    person: Person,
    phone: String,
    /// Whose contact it is; the sender's own if left out.
    #[serde(default)]
    user_id: Option<i64>,
}

async fn contact(State(simulator): State<Shared>, Json(contact): Json<Contact>) -> Json<Made> {
    let owner = contact.user_id.unwrap_or(contact.person.user_id());
    Json(share_contact(&simulator, &contact.person, contact.phone, owner))
}

/// Shares a contact: the person's own where `owner` is the person.
pub(crate) fn share_contact(
    simulator: &Shared,
    person: &Person,
    phone: String,
    owner: i64,
) -> Made {
    let message = ChatMessage {
        text: format!("[contact {phone}]"),
        media: Some(Media::Contact { phone, user_id: Some(owner) }),
        ..ChatMessage::default()
    };
    send(simulator, person, message)
}

/// Sends a message that the bot gets in any chat.
fn send(simulator: &Shared, person: &Person, message: ChatMessage) -> Made {
    let made = simulator.change(|state| messages::post_to_bot(state, person, message));
    webhook::push_waiting(simulator);
    made
}

fn made(update_id: i64) -> Made {
    Made { update_id, callback_query_id: None, message_id: None, delivered: true }
}

#[derive(Debug, Deserialize)]
struct Press {
    #[serde(flatten)]
    person: Person,
    /// The latest message with buttons if left out.
    #[serde(default)]
    message_id: Option<i64>,
    data: String,
}

async fn press(
    State(simulator): State<Shared>,
    Json(press): Json<Press>,
) -> Result<Json<Made>, Refusal> {
    press_button(&simulator, &press.person, press.message_id, &press.data).map(Json)
}

/// Presses a button with this data: of this message, or of the latest with buttons.
///
/// # Errors
/// When there is no such button.
pub(crate) fn press_button(
    simulator: &Shared,
    person: &Person,
    message_id: Option<i64>,
    data: &str,
) -> Result<Made, Refusal> {
    let chat_id = person.chat_id;
    let made = simulator.change(|state| {
        let message = match message_id {
            Some(id) => state.chats.find(chat_id, id).cloned(),
            None => state.chats.latest_with_buttons(chat_id).cloned(),
        };
        let message = message.ok_or("no such message with buttons in this chat")?;
        if message.button(|button| button.data.as_deref() == Some(data)).is_none() {
            return Err("the message has no button with this data");
        }
        state.people.rename(person.user_id(), person.first_name());
        let update_id = state.updates.make_id();
        let callback_query_id = format!("{}{update_id}", person.user_id());
        let query = build::callback_query(state, person, &message, &callback_query_id, data);
        let update = json!({"update_id": update_id, "callback_query": query});
        state.updates.add(&update, chat_id, 1, false);
        state.open_callbacks.push(callback_query_id.clone());
        Ok(Made { callback_query_id: Some(callback_query_id), ..made(update_id) })
    });
    let made = made.map_err(|error| (StatusCode::BAD_REQUEST, error.to_owned()))?;
    webhook::push_waiting(simulator);
    Ok(made)
}

async fn member(
    State(simulator): State<Shared>,
    Json(person): Json<Person>,
    blocked: bool,
) -> Json<Made> {
    let made = simulator.change(|state| {
        state.chats.set_blocked(person.chat_id, blocked);
        let (old, new) = if blocked { ("member", "kicked") } else { ("kicked", "member") };
        groups::membership(state, &person, old, new)
    });
    webhook::push_waiting(&simulator);
    Json(made)
}

#[derive(Debug, Deserialize)]
struct Inject {
    /// The whole update. An `update_id` is added if it has none.
    update: Value,
    /// How many times it is delivered.
    #[serde(default = "once")]
    repeat: u32,
    /// All copies at the same time instead of one after another.
    #[serde(default)]
    at_once: bool,
}

fn once() -> u32 {
    1
}

async fn inject(
    State(simulator): State<Shared>,
    Json(mut inject): Json<Inject>,
) -> Result<Json<Made>, Refusal> {
    let update_id = simulator.change(|state| {
        let update = inject.update.as_object_mut()?;
        let update_id = state.updates.make_id();
        update.entry("update_id").or_insert_with(|| json!(update_id));
        let chat_id = build::chat_of(&inject.update);
        Some(state.updates.add(&inject.update, chat_id, inject.repeat, inject.at_once))
    });
    let update_id = update_id
        .ok_or_else(|| (StatusCode::BAD_REQUEST, "an update is a JSON object".to_owned()))?;
    webhook::push_waiting(&Arc::clone(&simulator));
    Ok(Json(made(update_id)))
}
