//! Acting as a user: what a person types, shares or presses becomes an update for the bot.

mod build;

use std::sync::Arc;

use axum::{Json, Router, extract::State, http::StatusCode, routing::post};
use serde::Deserialize;
use serde_json::{Value, json};

use self::build::Person;
use crate::{
    chats::NewMessage,
    markup::Markup,
    model::Made,
    state::{Shared, wall_clock},
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
}

/// Why an action failed.
type Refusal = (StatusCode, String);

#[derive(Debug, Deserialize)]
struct Say {
    #[serde(flatten)]
    person: Person,
    text: String,
}

async fn say(State(simulator): State<Shared>, Json(say): Json<Say>) -> Json<Made> {
    let message = json!({ "text": say.text, "entities": build::command_entities(&say.text) });
    Json(send(&simulator, &say.person, &say.text, message))
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
    // Telegram's clients give the number without a plus.
    let message = json!({"contact": {
        "phone_number": contact.phone.trim_start_matches('+'),
        "first_name": contact.person.first_name(),
        "user_id": owner,
    }});
    Json(send(&simulator, &contact.person, &format!("[contact {}]", contact.phone), message))
}

/// Shows the person's message in the chat and queues its update for the bot.
fn send(simulator: &Shared, person: &Person, shown: &str, content: Value) -> Made {
    let made = simulator.change(|state| {
        let at = wall_clock();
        let message = NewMessage {
            chat_id: person.chat_id,
            from_bot: false,
            at,
            text: shown,
            source: shown,
            entities: &[],
            markup: Markup::default(),
            document: None,
        };
        let message_id = state.chats.show(message, state.journal.mode());
        let update_id = state.updates.make_id();
        let message = build::message(person, message_id, at, content);
        let update = json!({"update_id": update_id, "message": message});
        state.updates.add(&update, person.chat_id, 1, false);
        Made { update_id, callback_query_id: None, message_id: Some(message_id) }
    });
    webhook::push_waiting(simulator);
    made
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
    let chat_id = press.person.chat_id;
    let made = simulator.change(|state| {
        let message = match press.message_id {
            Some(id) => state.chats.find(chat_id, id).cloned(),
            None => state.chats.latest_with_buttons(chat_id).cloned(),
        };
        let message = message.ok_or("no such message with buttons in this chat")?;
        if message.button(|button| button.data.as_deref() == Some(&press.data)).is_none() {
            return Err("the message has no button with this data");
        }
        let update_id = state.updates.make_id();
        let callback_query_id = format!("{}{update_id}", press.person.user_id());
        let query = build::callback_query(&press.person, &message, &callback_query_id, &press.data);
        let update = json!({"update_id": update_id, "callback_query": query});
        state.updates.add(&update, chat_id, 1, false);
        state.open_callbacks.push(callback_query_id.clone());
        Ok(Made { update_id, callback_query_id: Some(callback_query_id), message_id: None })
    });
    let made = made.map_err(|error| (StatusCode::BAD_REQUEST, error.to_owned()))?;
    webhook::push_waiting(&simulator);
    Ok(Json(made))
}

async fn member(
    State(simulator): State<Shared>,
    Json(person): Json<Person>,
    blocked: bool,
) -> Json<Made> {
    let update_id = simulator.change(|state| {
        state.chats.set_blocked(person.chat_id, blocked);
        let update_id = state.updates.make_id();
        let update = json!({
            "update_id": update_id,
            "my_chat_member": build::my_chat_member(&person, wall_clock(), blocked),
        });
        state.updates.add(&update, person.chat_id, 1, false)
    });
    webhook::push_waiting(&simulator);
    Json(Made { update_id, callback_query_id: None, message_id: None })
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
    Ok(Json(Made { update_id, callback_query_id: None, message_id: None }))
}
