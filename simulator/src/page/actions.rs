//! What people do on the page: write, press, share their number. Each acts as the person whose chat it is.

use std::time::Duration;

use axum::{Form, extract::State, http::StatusCode};
use serde::Deserialize;

use crate::{
    model::UserMessage,
    state::Shared,
    user::{self, Person, Refusal},
};

/// How long a press waits for what it shows.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

#[derive(Debug, Deserialize)]
pub(super) struct Say {
    chat: i64,
    text: String,
    /// The message replied to; empty if none.
    #[serde(default)]
    reply: String,
}

pub(super) async fn say(
    State(simulator): State<Shared>,
    Form(say): Form<Say>,
) -> Result<(), Refusal> {
    let person = person(&simulator, say.chat)?;
    let reply_to = say.reply.parse().ok();
    let message = UserMessage { reply_to, ..UserMessage::text(say.text.trim()) };
    user::send_message(&simulator, &person, message).map(drop)
}

#[derive(Debug, Deserialize)]
pub(super) struct Press {
    chat: i64,
    message: i64,
    data: String,
}

/// Presses a button, and returns the line that the bot shows for it.
pub(super) async fn press(
    State(simulator): State<Shared>,
    Form(press): Form<Press>,
) -> Result<String, Refusal> {
    let person = person(&simulator, press.chat)?;
    let made = user::press_button(&simulator, &person, Some(press.message), &press.data)?;
    let look = |state: &crate::state::State| {
        let mut answers = state.press_answers.iter();
        let answer =
            answers.find(|a| Some(&a.callback_query_id) == made.callback_query_id.as_ref());
        answer.map(|answer| answer.text.clone())
    };
    Ok(simulator.wait(ANSWER_WITHIN, look, Option::is_some).await.unwrap_or_default())
}

#[derive(Debug, Deserialize)]
pub(super) struct Contact {
    chat: i64,
}

/// Shares the client's own number, which the browser does not choose.
pub(super) async fn contact(
    State(simulator): State<Shared>,
    Form(contact): Form<Contact>,
) -> Result<(), Refusal> {
    let person = person(&simulator, contact.chat)?;
    let phone = simulator
        .look()
        .page
        .as_ref()
        .and_then(|page| Some(page.client(contact.chat)?.phone.clone()))
        .ok_or((StatusCode::BAD_REQUEST, "only clients share a number".to_owned()))?;
    user::share_contact(&simulator, &person, phone, person.user_id());
    Ok(())
}

/// Who acts in this chat.
fn person(simulator: &Shared, chat_id: i64) -> Result<Person, Refusal> {
    let state = simulator.look();
    let page = state.page.as_ref();
    let account = page.and_then(|page| {
        let member = (chat_id == page.settings.staff_chat).then_some(&page.settings.member);
        page.client(chat_id).or(member)
    });
    let named = account.map(|account| Person::named(chat_id, account.user_id, &account.name));
    named.ok_or((StatusCode::NOT_FOUND, "no such chat on the page".to_owned()))
}
