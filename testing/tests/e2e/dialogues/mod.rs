//! What clients and staff do in their chats, with real programs: answers to reminders, requests, words and replies.

mod binding;
mod buttons;
mod foreign;
mod join;
mod join_locks;
mod owner;
mod reminders;
mod replies;
mod requests;
mod words;

use simulator::model::{ChatMessage, Member};
use testing::harness::bukza::Booking;

use crate::common::{
    Options, Person, SOON, STAFF_CHAT, World, expect_message_after, in_seconds, phrases, register,
};

/// One of the staff, as a member of their group.
const ANNA: Member = Member { chat_id: STAFF_CHAT, user_id: 501 };
/// Another one.
const BORIS: Member = Member { chat_id: STAFF_CHAT, user_id: 502 };

/// The words of buttons.
const COMES: &str = "Приду";
const MOVE: &str = "Перенести";
const CANNOT: &str = "Не смогу";
const SURE: &str = "Да, не смогу";
const KEEP: &str = "Нет";
const NO_REASON: &str = "Без причины";
const TAKE: &str = "Принято";

/// A running installation with these registered clients.
async fn world_with(options: Options, people: &[&Person]) -> anyhow::Result<World> {
    let world = World::start(options.set("TELEGRAM_RATE", 1000)).await?;
    for person in people {
        register(&world, person).await?;
    }
    Ok(world)
}

/// The data of a message's button with these words.
fn data(message: &ChatMessage, words: &str) -> anyhow::Result<String> {
    let button = message.button(|button| button.text.contains(words));
    let data = button.and_then(|button| button.data.clone());
    data.ok_or_else(|| anyhow::anyhow!("no button {words:?}: {:?}", message.buttons))
}

/// Presses a button of a client's message.
async fn press(
    world: &World,
    person: &Person,
    message: &ChatMessage,
    words: &str,
) -> anyhow::Result<()> {
    let data = data(message, words)?;
    world.telegram.press(person.chat, Some(message.message_id), &data).await?;
    Ok(())
}

/// A client with a confirmed booking in two days. The confirmation.
async fn booked(world: &World, person: &Person, code: &str) -> anyhow::Result<ChatMessage> {
    let booking = Booking::at(code, &person.phone, in_seconds(2 * 86_400));
    world.accept(&booking.created()).await?;
    let confirms = |message: &ChatMessage| {
        message.text.contains(phrases::CONFIRMED) && message.text.contains(code)
    };
    Ok(world.telegram.wait_for_message(person.chat, confirms, SOON).await?)
}

/// Presses "I can't come" and "yes", and gives no reason. The question for the reason.
async fn cannot_come(
    world: &World,
    person: &Person,
    message: &ChatMessage,
) -> anyhow::Result<ChatMessage> {
    press(world, person, message, CANNOT).await?;
    let question = expect_message_after(world, person, message, "Точно отменить?").await?;
    press(world, person, &question, SURE).await?;
    let reason = expect_message_after(world, person, &question, "передадим администратору").await?;
    press(world, person, &reason, NO_REASON).await?;
    Ok(reason)
}

/// Waits until a message of a chat has no buttons any more.
async fn buttons_gone(world: &World, chat: i64, message: &ChatMessage) -> anyhow::Result<()> {
    let id = message.message_id;
    let gone = |message: &ChatMessage| message.message_id == id && message.buttons.is_empty();
    world.telegram.wait_for_message(chat, gone, SOON).await?;
    Ok(())
}
