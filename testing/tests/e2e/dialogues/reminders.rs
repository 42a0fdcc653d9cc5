//! The answer "I come": kept with the version of the booking, for all visits of a message.

use chrono::TimeDelta;
use simulator::model::ChatMessage;
use testing::harness::bukza::Booking;

use super::{CANNOT, COMES, MOVE, buttons_gone, data, press, world_with};
use crate::common::{
    Options, Outcome, SOON, applied, clients_settled, expect_message, in_seconds, message_count,
    person, phrases, warm_up,
};

const ANSWERS: &str = "SELECT count(*) FROM visit_answers WHERE answer = 'comes'";

#[tokio::test]
async fn a_client_who_comes_is_thanked_once_and_a_second_reminder_puts_no_question() -> Outcome {
    let client = person(1);
    let options = Options::default().set("REMINDER_BEFORE", "40s,12s");
    let world = world_with(options, &[&client]).await?;
    warm_up(&world).await?;
    world.accept(&Booking::at("COMES1", &client.phone, in_seconds(46)).created()).await?;
    let reminder = expect_message(&world, &client, phrases::REMINDER).await?;
    for words in [COMES, MOVE, CANNOT] {
        data(&reminder, words)?;
    }
    let comes = data(&reminder, COMES)?;
    // Two presses at once.
    let press = || world.telegram.press(client.chat, Some(reminder.message_id), &comes);
    tokio::try_join!(press(), press())?;
    expect_message(&world, &client, "Вы подтвердили визит").await?;
    buttons_gone(&world, client.chat, &reminder).await?;
    let second = |message: &ChatMessage| {
        message.message_id > reminder.message_id
            && message.text.contains(phrases::REMINDER)
            && message.text.contains("вы подтвердили")
            && message.buttons.is_empty()
    };
    world.telegram.wait_for_message(client.chat, second, SOON).await?;
    clients_settled(&world).await?;
    assert_eq!(message_count(&world, client.chat, "Вы подтвердили визит").await?, 1);
    assert_eq!(world.database.one::<i64>(ANSWERS).await?, 1);
    Ok(())
}

#[tokio::test]
async fn an_answer_to_a_reminder_of_before_a_move_shows_the_booking_as_it_is() -> Outcome {
    let client = person(1);
    let options = Options::default().set("REMINDER_BEFORE", "30m");
    let world = world_with(options, &[&client]).await?;
    warm_up(&world).await?;
    let booking = Booking::at("MOVED1", &client.phone, in_seconds(1805));
    world.accept(&booking.created()).await?;
    let reminder = expect_message(&world, &client, phrases::REMINDER).await?;
    let later = booking.moved_to(in_seconds(1805) + TimeDelta::days(1));
    world.accept(&later.created()).await?;
    applied(&world, "MOVED1", "active", 2).await?;
    press(&world, &client, &reminder, COMES).await?;
    let shown = expect_message(&world, &client, "с тех пор изменилась").await?;
    assert_eq!(world.database.one::<i64>(ANSWERS).await?, 0, "the answer was to another time");
    // The message that shows the new time has buttons of its own.
    press(&world, &client, &shown, COMES).await?;
    world.until(ANSWERS, 1_i64, SOON).await
}

#[tokio::test]
async fn one_answer_counts_for_each_visit_of_an_order_and_a_request_asks_which() -> Outcome {
    let client = person(1);
    let options = Options::default().set("REMINDER_BEFORE", "30m");
    let world = world_with(options, &[&client]).await?;
    warm_up(&world).await?;
    for (code, start) in [("ORDER1", 1_806), ("ORDER2", 1_866)] {
        let mut request = Booking::at(code, &client.phone, in_seconds(start)).created();
        let mut body: serde_json::Value = serde_json::from_str(&request.body)?;
        body["id_zakaz"] = "9001".into();
        request.body = body.to_string();
        world.accept(&request).await?;
    }
    let both = |message: &ChatMessage| {
        message.text.contains(phrases::REMINDER)
            && ["ORDER1", "ORDER2"].iter().all(|code| message.text.contains(code))
    };
    let reminder = world.telegram.wait_for_message(client.chat, both, SOON).await?;
    press(&world, &client, &reminder, CANNOT).await?;
    let which = expect_message(&world, &client, "Какую запись?").await?;
    assert_eq!(which.buttons.len(), 2, "{:?}", which.buttons);
    press(&world, &client, &reminder, COMES).await?;
    expect_message(&world, &client, "Вы подтвердили визит").await?;
    world.until(ANSWERS, 2_i64, SOON).await
}

#[tokio::test]
async fn presses_after_the_visit_after_a_cancellation_and_of_others_change_nothing() -> Outcome {
    let (client, other) = (person(1), person(2));
    let options = Options::default().set("REMINDER_BEFORE", "30m");
    let world = world_with(options, &[&client, &other]).await?;
    warm_up(&world).await?;
    let booking = Booking::at("FOREIG", &client.phone, in_seconds(1805));
    world.accept(&booking.created()).await?;
    let reminder = expect_message(&world, &client, phrases::REMINDER).await?;
    for words in [COMES, MOVE, CANNOT] {
        let data = data(&reminder, words)?;
        let forged = serde_json::json!({"callback_query": {
            "id": format!("forged {words}"), "chat_instance": "1", "data": data,
            "from": {"id": other.chat, "is_bot": false, "first_name": "x"},
        }});
        world.telegram.inject(&forged, 1, false).await?;
    }
    expect_message(&world, &other, phrases::STALE).await?;
    world.accept(&booking.cancelled()).await?;
    expect_message(&world, &client, phrases::CANCELLED).await?;
    let data = data(&reminder, COMES)?;
    let pressed = world.telegram.press(client.chat, Some(reminder.message_id), &data).await?;
    world.telegram.wait_for_answer(&pressed, SOON).await?;
    clients_settled(&world).await?;
    assert_eq!(world.database.one::<i64>("SELECT count(*) FROM visit_answers").await?, 0);
    assert_eq!(world.database.one::<i64>("SELECT count(*) FROM requests").await?, 0);
    assert_eq!(world.database.one::<i64>("SELECT count(*) FROM dialogues").await?, 0);
    assert_eq!(message_count(&world, other.chat, "FOREIG").await?, 0, "nothing is learnt");
    Ok(())
}
