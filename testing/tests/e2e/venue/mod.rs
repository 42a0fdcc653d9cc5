//! Inputs of real venues that were once misread. Each stands for its kind.

mod clients;
mod forms;
mod night;
mod statuses;
mod times;
mod together;
mod visitors;
mod visits;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use futures::future::try_join_all;
use serde_json::{Value, json};
use simulator::model::ChatMessage;

use crate::common::{
    Options, Outcome, Person, Request, SOON, STAFF_CHAT, World, accept_as_of, now, person, phrases,
    register, settled,
};

/// A rate at which a test's messages do not wait.
const FAST: u32 = 1000;

/// A world without a staff chat, whose limit is 20 messages a minute.
fn without_staff() -> Options {
    Options::default().set("SUPPORT_CHANNEL_ID", "").set("TELEGRAM_RATE", FAST)
}

/// So many registered clients.
async fn clients(world: &World, count: usize) -> anyhow::Result<Vec<Person>> {
    let people: Vec<Person> = (1..).map(person).take(count).collect();
    try_join_all(people.iter().map(|person| register(world, person))).await?;
    Ok(people)
}

/// A visit of an hour, three days from now, as in the documented template.
fn booking(code: &str, phone: &str) -> Value {
    visit(code, phone, now() + TimeDelta::days(3), TimeDelta::hours(1))
}

fn visit(code: &str, phone: &str, start: DateTime<Utc>, length: TimeDelta) -> Value {
    let start = start.trunc_subsecs(0);
    json!({
        "event": "update", "code": code, "status": "Новая", "phone": phone, "service": "Квест",
        "start": start, "end": start + length,
    })
}

/// The same request with these fields.
fn with(mut request: Value, fields: &Value) -> Value {
    for (name, value) in fields.as_object().into_iter().flatten() {
        request[name] = value.clone();
    }
    request
}

/// The same request with this status.
fn status(request: &Value, words: &str) -> Value {
    with(request.clone(), &json!({ "status": words }))
}

/// Sends requests and waits until all resulting work is done.
async fn send_all(world: &World, requests: impl IntoIterator<Item = Value>) -> Outcome {
    for request in requests {
        world.accept(&Request::body(request)).await?;
    }
    done(world).await
}

/// Sends a request that a proxy received at `at`, and waits until it is applied.
async fn send_as_of(world: &World, at: DateTime<Utc>, request: &Value) -> Outcome {
    accept_as_of(world, at, &Request::body(request)).await?;
    done(world).await
}

/// A POST to the webhook with the secret; `behind` follows the path.
fn post(world: &World, behind: &str) -> reqwest::RequestBuilder {
    let url = format!("{}/webhook/bukza{behind}", world.ingest_url());
    world.http.post(url).header("X-Webhook-Secret", testing::harness::fleet::BUKZA_SECRET)
}

/// Waits until every request is applied and every due message has a final status.
async fn done(world: &World) -> Outcome {
    world.until_empty("events", SOON).await?;
    world.until_empty("updates", SOON).await?;
    settled(world).await
}

/// The bot's messages to a client after registration.
async fn received(world: &World, person: &Person) -> anyhow::Result<Vec<ChatMessage>> {
    let messages = world.telegram.chat(person.chat).await?;
    let saved = messages.iter().rposition(|message| message.text.contains(phrases::REGISTERED));
    let since = messages.into_iter().skip(saved.map_or(0, |at| at + 1));
    Ok(since.filter(|message| message.from_bot).collect())
}

/// Checks that a client received exactly these messages after registration; `case` names the check.
async fn expect_received(world: &World, person: &Person, expected: &[&str], case: &str) -> Outcome {
    let messages = received(world, person).await?;
    let texts: Vec<&str> = messages.iter().map(|message| message.text.as_str()).collect();
    let fits = texts.len() == expected.len()
        && texts.iter().zip(expected).all(|(text, words)| text.contains(words));
    anyhow::ensure!(fits, "{case}: received {texts:#?} instead of {expected:?}");
    Ok(())
}

/// The staff cards of a booking, split from joined messages.
async fn cards(world: &World, code: &str) -> anyhow::Result<Vec<String>> {
    let messages = world.telegram.chat(STAFF_CHAT).await?;
    let cards = messages.iter().flat_map(|message| message.text.split("➖➖➖"));
    Ok(cards.filter(|card| card.contains(code)).map(|card| card.trim().to_owned()).collect())
}

/// Checks that the staff got exactly these cards of a booking.
async fn expect_cards(world: &World, code: &str, expected: &[&str]) -> Outcome {
    let cards = cards(world, code).await?;
    let fits = cards.len() == expected.len()
        && cards.iter().zip(expected).all(|(card, words)| card.contains(words));
    anyhow::ensure!(fits, "{code}: cards {cards:#?} instead of {expected:?}");
    Ok(())
}
