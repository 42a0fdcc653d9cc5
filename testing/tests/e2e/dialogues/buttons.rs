//! Buttons of messages that have had their day: they go without a press, and the text stays.

use chrono::TimeDelta;
use simulator::model::ChatMessage;

use super::{CANNOT, COMES, buttons_gone, data, press, world_with};
use crate::common::{
    Booking, Options, Outcome, SOON, World, applied, expect_message, in_seconds, message_count,
    person, phrases, settled, warm_up,
};

/// The message as its chat shows it now.
async fn again(world: &World, chat: i64, message: &ChatMessage) -> anyhow::Result<ChatMessage> {
    let id = message.message_id;
    let same = |other: &ChatMessage| other.message_id == id;
    Ok(world.telegram.wait_for_message(chat, same, SOON).await?)
}

const PLANNED: &str = "SELECT count(*) FROM messages WHERE kind = 'client_buttons'";
const WAITING: &str =
    "SELECT count(*) FROM messages WHERE kind = 'client_buttons' AND status <> 'sent'";

#[tokio::test]
async fn a_move_and_a_cancellation_take_the_buttons_off_what_was_shown_before() -> Outcome {
    let client = person(1);
    let world = world_with(Options::default().set("REMINDER_BEFORE", "30m"), &[&client]).await?;
    warm_up(&world).await?;
    let booking = Booking::at("BUTTON", &client.phone, in_seconds(1_805));
    world.accept(&booking.created()).await?;
    let confirmed = expect_message(&world, &client, phrases::CONFIRMED).await?;
    let reminder = expect_message(&world, &client, phrases::REMINDER).await?;
    data(&confirmed, CANNOT)?;
    data(&reminder, COMES)?;

    let later = booking.moved_to(in_seconds(1_805) + TimeDelta::days(1));
    world.accept(&later.created()).await?;
    let moved = expect_message(&world, &client, phrases::MOVED).await?;
    for old in [&confirmed, &reminder] {
        buttons_gone(&world, client.chat, old).await?;
        assert_eq!(again(&world, client.chat, old).await?.text, old.text);
    }
    data(&again(&world, client.chat, &moved).await?, CANNOT)?;
    assert_eq!(world.database.one::<i64>(PLANNED).await?, 2);

    world.accept(&later.cancelled()).await?;
    expect_message(&world, &client, phrases::CANCELLED).await?;
    buttons_gone(&world, client.chat, &moved).await?;
    assert_eq!(world.database.one::<i64>(PLANNED).await?, 3, "each message once");
    // The same again changes nothing.
    world.accept(&later.cancelled()).await?;
    settled(&world).await?;
    assert_eq!(world.database.one::<i64>(PLANNED).await?, 3);
    Ok(())
}

#[tokio::test]
async fn a_list_keeps_its_buttons_while_one_of_its_visits_is_to_come() -> Outcome {
    let client = person(1);
    let world = world_with(Options::default(), &[&client]).await?;
    warm_up(&world).await?;
    let one = Booking::at("LISTA1", &client.phone, in_seconds(200_000));
    let two = Booking::at("LISTB2", &client.phone, in_seconds(300_000));
    world.accept(&one.created()).await?;
    world.accept(&two.created()).await?;
    let both =
        |message: &ChatMessage| message.text.contains("LISTA1") && message.text.contains("LISTB2");
    let listed = world.telegram.wait_for_message(client.chat, both, SOON).await?;
    data(&listed, CANNOT)?;
    world.accept(&one.cancelled()).await?;
    applied(&world, "LISTA1", "cancelled", 2).await?;
    assert_eq!(world.database.one::<i64>(PLANNED).await?, 0, "the other visit is to come");
    world.accept(&two.cancelled()).await?;
    buttons_gone(&world, client.chat, &listed).await
}

#[tokio::test]
async fn a_visit_that_is_over_takes_the_buttons_off_and_an_answered_reminder_is_left_alone()
-> Outcome {
    let client = person(1);
    let world = world_with(Options::default().set("REMINDER_BEFORE", "30m"), &[&client]).await?;
    warm_up(&world).await?;
    world.accept(&Booking::at("PASSED", &client.phone, in_seconds(1_805)).created()).await?;
    let confirmed = expect_message(&world, &client, phrases::CONFIRMED).await?;
    let reminder = expect_message(&world, &client, phrases::REMINDER).await?;
    press(&world, &client, &reminder, COMES).await?;
    buttons_gone(&world, client.chat, &reminder).await?;
    // A message that the client has deleted: nothing comes of it.
    world.telegram.delete_message(client.chat, reminder.message_id).await?;
    let over = "UPDATE bookings SET starts_at = now() - interval '2 hours', \
                ends_at = now() - interval '1 hour' WHERE bukza_booking_id = 'PASSED'";
    world.database.execute(over).await?;
    buttons_gone(&world, client.chat, &confirmed).await?;
    assert_eq!(again(&world, client.chat, &confirmed).await?.text, confirmed.text);
    world.until(WAITING, 0_i64, SOON).await?;
    assert_eq!(
        world.database.one::<i64>(PLANNED).await?,
        2,
        "one for the press, one for the visit"
    );
    assert_eq!(message_count(&world, client.chat, phrases::CONFIRMED).await?, 1);
    Ok(())
}

#[tokio::test]
async fn a_message_that_is_gone_is_no_fault_and_holds_up_nothing() -> Outcome {
    let client = person(1);
    let world = world_with(Options::default(), &[&client]).await?;
    warm_up(&world).await?;
    let booking = Booking::at("GONEMS", &client.phone, in_seconds(200_000));
    world.accept(&booking.created()).await?;
    let confirmed = expect_message(&world, &client, phrases::CONFIRMED).await?;
    world.telegram.delete_message(client.chat, confirmed.message_id).await?;
    world.accept(&booking.cancelled()).await?;
    expect_message(&world, &client, phrases::CANCELLED).await?;
    world.until(PLANNED, 1_i64, SOON).await?;
    world.until(WAITING, 0_i64, SOON).await?;
    let dead = "SELECT count(*) FROM dead_letters";
    assert_eq!(world.database.one::<i64>(dead).await?, 0);
    Ok(())
}
