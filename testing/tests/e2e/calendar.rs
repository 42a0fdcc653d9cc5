//! A booking in the client's calendar: a press on the button brings a file, to its client alone and never twice.

use chrono::TimeDelta;
use serde_json::{Value, json};
use simulator::model::{Button, ChatMessage, Fault, FaultKind, File};
use testing::harness::bukza::Booking;

use crate::common::{
    Options, Outcome, Person, SOON, World, clients_settled, expect_message, in_seconds, person,
    phrases, register,
};

/// An account that is not registered.
const STRANGER: i64 = 90_000;

async fn world_with(people: &[&Person]) -> anyhow::Result<World> {
    let options = Options::default().set("SUPPORT_CHANNEL_ID", "").set("TELEGRAM_RATE", 1000);
    let world = World::start(options).await?;
    for person in people {
        register(&world, person).await?;
    }
    Ok(world)
}

/// The data of a message's button for the calendar.
fn calendar_key(message: &ChatMessage) -> String {
    let is = |button: &Button| button.text.contains("календарь");
    message.button(is).and_then(|button| button.data.clone()).unwrap_or_default()
}

async fn files(world: &World, person: &Person) -> anyhow::Result<Vec<File>> {
    let messages = world.telegram.chat(person.chat).await?;
    Ok(messages.into_iter().filter_map(|message| message.document).collect())
}

/// Presses a button, and waits for the next file.
async fn press(world: &World, person: &Person, message: &ChatMessage) -> anyhow::Result<File> {
    let data = calendar_key(message);
    let has_file = |message: &ChatMessage| message.document.is_some();
    let before = world.telegram.chat(person.chat).await?;
    let last = before.last().map_or(0, |message| message.message_id);
    world.telegram.press(person.chat, Some(message.message_id), &data).await?;
    let came = world.telegram.wait_for_message_after(person.chat, last, has_file, SOON).await?;
    came.document.ok_or_else(|| anyhow::anyhow!("a message with a file has a file"))
}

/// An update with a forged press.
fn press_of(chat: i64, data: &str) -> Value {
    let person = json!({"id": chat, "is_bot": false, "first_name": "x"});
    json!({"update_id": chat, "callback_query": {
        "id": chat.to_string(), "from": person, "chat_instance": "1", "data": data,
    }})
}

fn line<'a>(file: &'a File, name: &str) -> Vec<&'a str> {
    file.text.lines().filter_map(|line| line.strip_prefix(name)?.strip_prefix(':')).collect()
}

#[tokio::test]
async fn a_press_brings_the_entry_and_after_a_move_the_same_entry_at_its_new_time() -> Outcome {
    let client = person(1);
    let world = world_with(&[&client]).await?;
    let start = in_seconds(3 * 86_400);
    let booking = Booking::at("CALEND", &client.phone, start);
    world.accept(&booking.created()).await?;
    let confirmed = expect_message(&world, &client, phrases::CONFIRMED).await?;
    let first = press(&world, &client, &confirmed).await?;
    assert_eq!(first.file_name, "booking.ics");
    let at = |time: chrono::DateTime<chrono::Utc>| time.format("%Y%m%dT%H%M%SZ").to_string();
    assert_eq!(line(&first, "UID"), ["CALEND@bukza"]);
    assert_eq!(line(&first, "SEQUENCE"), ["1"]);

    let moved = booking.moved_to(start + TimeDelta::days(1));
    world.accept(&moved.created()).await?;
    let message = expect_message(&world, &client, phrases::MOVED).await?;
    let second = press(&world, &client, &message).await?;
    assert_eq!(line(&second, "UID"), ["CALEND@bukza"]);
    assert_eq!(line(&second, "SEQUENCE"), ["2"]);
    let starts = [line(&first, "DTSTART"), line(&second, "DTSTART")].concat();
    assert_ne!(starts[0], starts[1]);
    let known: Vec<chrono::DateTime<chrono::Utc>> =
        world.database.column("SELECT starts_at FROM bookings").await?;
    assert_eq!(starts[1], at(known[0]));
    Ok(())
}

#[tokio::test]
async fn a_list_brings_an_entry_of_each_booking_on_it() -> Outcome {
    let client = person(1);
    let world = world_with(&[&client]).await?;
    for (code, days) in [("LISTED1", 2), ("LISTED2", 3)] {
        let booking = Booking::at(code, &client.phone, in_seconds(days * 86_400));
        world.accept(&booking.created()).await?;
    }
    let both = |message: &ChatMessage| {
        message.text.contains("LISTED1") && message.text.contains("LISTED2")
    };
    let list = world.telegram.wait_for_message(client.chat, both, SOON).await?;
    let file = press(&world, &client, &list).await?;
    assert_eq!(line(&file, "UID"), ["LISTED1@bukza", "LISTED2@bukza"]);
    Ok(())
}

#[tokio::test]
async fn a_strangers_press_and_one_after_the_cancellation_bring_no_file() -> Outcome {
    let (client, other) = (person(1), person(2));
    let world = world_with(&[&client, &other]).await?;
    let booking = Booking::at("PRIVAT", &client.phone, in_seconds(86_400));
    world.accept(&booking.created()).await?;
    let confirmed = expect_message(&world, &client, phrases::CONFIRMED).await?;
    let data = calendar_key(&confirmed);
    // A client, and an account that is not registered, with the data of this client's button.
    world.telegram.inject(&press_of(other.chat, &data), 1, false).await?;
    world.telegram.inject(&press_of(STRANGER, &data), 1, false).await?;
    expect_message(&world, &other, phrases::STALE).await?;
    let stranger = Person { chat: STRANGER, ..person(3) };
    expect_message(&world, &stranger, phrases::STALE).await?;

    world.accept(&booking.cancelled()).await?;
    expect_message(&world, &client, phrases::CANCELLED).await?;
    world.telegram.press(client.chat, Some(confirmed.message_id), &data).await?;
    expect_message(&world, &client, phrases::STALE).await?;
    clients_settled(&world).await?;
    for person in [&client, &other, &stranger] {
        assert_eq!(files(&world, person).await?, [], "{person:?}");
    }
    Ok(())
}

#[tokio::test]
async fn a_file_that_may_have_arrived_is_not_sent_again_and_a_new_press_brings_it() -> Outcome {
    let client = person(1);
    let world = world_with(&[&client]).await?;
    let booking = Booking::at("LOSTIC", &client.phone, in_seconds(86_400));
    world.accept(&booking.created()).await?;
    let confirmed = expect_message(&world, &client, phrases::CONFIRMED).await?;
    let lost = Fault {
        method: Some("sendDocument".into()),
        ..Fault::sending(FaultKind::CutBeforeAccept, 1)
    };
    world.telegram.script(&lost).await?;
    let data = calendar_key(&confirmed);
    world.telegram.press(client.chat, Some(confirmed.message_id), &data).await?;
    let unknown = "SELECT count(*) FROM messages WHERE kind = 'answer' AND status = 'unknown'";
    world.until(unknown, 1_i64, SOON).await?;
    let calls = world.telegram.journal(0, Some("sendDocument")).await?;
    assert_eq!(calls.len(), 1, "{calls:?}");
    assert_eq!(files(&world, &client).await?, []);
    press(&world, &client, &confirmed).await.map(drop)
}
