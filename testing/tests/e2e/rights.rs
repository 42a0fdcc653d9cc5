//! Clients' rights: what they turn off stays off, and what is to be deleted is gone.

use simulator::model::{Button, ChatMessage};

use crate::common::{
    Booking, Options, Outcome, Person, SOON, World, expect_message, in_seconds, message_count,
    message_states, person, phrases, register, settled, warm_up,
};

/// The data of the button whose label has these words.
fn data(message: &ChatMessage, label: &str) -> anyhow::Result<String> {
    let button = message.button(|button: &Button| button.text.contains(label));
    let data = button.and_then(|button| button.data.clone());
    data.ok_or_else(|| anyhow::anyhow!("no button {label}: {message:?}"))
}

/// Presses a button, and waits until the message above it has these words.
async fn press(
    world: &World,
    person: &Person,
    message: &ChatMessage,
    label: &str,
    words: &str,
) -> anyhow::Result<ChatMessage> {
    let data = data(message, label)?;
    world.telegram.press(person.chat, Some(message.message_id), &data).await?;
    let is = |it: &ChatMessage| it.message_id == message.message_id && it.text.contains(words);
    Ok(world.telegram.wait_for_message(person.chat, is, SOON).await?)
}

/// A booking whose reminder is due in some seconds.
async fn remind_soon(world: &World, person: &Person, code: &str) -> Outcome {
    world.accept(&Booking::at(code, &person.phone, in_seconds(3_612)).created()).await?;
    let planned = format!(
        "SELECT count(*) FROM messages m JOIN bookings b ON b.id = m.booking_id \
         WHERE b.bukza_booking_id = '{code}' AND m.kind = 'confirmation' AND m.status = 'sent'"
    );
    world.until(&planned, 1_i64, SOON).await
}

/// Waits until the reminder of a booking has ended.
async fn reminder_ended(world: &World, code: &str, how: &str) -> Outcome {
    let ended = format!(
        "SELECT m.status || coalesce(' ' || m.reason, '') FROM messages m \
         JOIN bookings b ON b.id = m.booking_id \
         WHERE b.bukza_booking_id = '{code}' AND m.kind = 'reminder'"
    );
    world.until(&ended, how.to_owned(), SOON).await
}

#[tokio::test]
async fn reminders_that_are_turned_off_are_not_sent_and_come_again_when_turned_on() -> Outcome {
    let world = World::start(Options::default().set("REMINDER_BEFORE", "1h")).await?;
    let client = person(1);
    register(&world, &client).await?;
    warm_up(&world).await?;
    remind_soon(&world, &client, "SILENT").await?;
    world.telegram.say(client.chat, "/settings").await?;
    let settings = expect_message(&world, &client, "Настройки").await?;
    let off = press(&world, &client, &settings, "Не напоминать", "визитах: выключены").await?;
    reminder_ended(&world, "SILENT", "cancelled turned_off").await?;
    assert_eq!(message_count(&world, client.chat, phrases::REMINDER).await?, 0);
    // What changes a booking is always sent.
    let cancelled = Booking::at("SILENT", &client.phone, in_seconds(3_600)).cancelled();
    world.accept(&cancelled).await?;
    expect_message(&world, &client, phrases::CANCELLED).await?;

    press(&world, &client, &off, "Напоминать", "визитах: включены").await?;
    remind_soon(&world, &client, "LOUD").await?;
    reminder_ended(&world, "LOUD", "sent").await?;
    settled(&world).await?;
    assert_eq!(message_count(&world, client.chat, phrases::REMINDER).await?, 1);
    let states = message_states(&world, "LOUD").await?;
    assert!(states.contains(&"reminder sent".to_owned()), "{states:?}");
    Ok(())
}
