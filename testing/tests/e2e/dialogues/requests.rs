//! Requests to cancel or to move: a card with a button, what the client learns and when, and what takes them back.

use simulator::model::{ChatMessage, Fault, FaultKind};

use super::{
    ANNA, BORIS, CANNOT, COMES, KEEP, MOVE, SURE, TAKE, booked, buttons_gone, cannot_come, data,
    press, world_with,
};
use crate::common::{
    Booking, Options, Outcome, SOON, STAFF_CHAT, expect_message, expect_staff_message, in_seconds,
    message_count, person, phrases, settled,
};

const DELIVERED: &str = "Передали администратору";
const CARD: &str = "не сможет прийти";

#[tokio::test]
async fn a_request_to_cancel_reaches_the_staff_who_take_it_once() -> Outcome {
    let client = person(1);
    let world = world_with(Options::default(), &[&client]).await?;
    let confirmed = booked(&world, &client, "CANCEL").await?;
    press(&world, &client, &confirmed, CANNOT).await?;
    let question = expect_message(&world, &client, "Точно отменить?").await?;
    press(&world, &client, &question, SURE).await?;
    expect_message(&world, &client, "передадим администратору").await?;
    buttons_gone(&world, client.chat, &question).await?;
    world.telegram.say(client.chat, "Заболел ребёнок, t.me/spam").await?;
    let card = expect_staff_message(&world, &[CARD, "CANCEL", "Заболел ребёнок"]).await?;
    assert!(card.text.contains(&client.phone), "{}", card.text);
    assert_eq!(card.autolinks, Vec::<String>::new(), "{}", card.source);
    expect_message(&world, &client, DELIVERED).await?;

    // The booking stands until Bukza says otherwise.
    let status = "SELECT status FROM bookings WHERE bukza_booking_id = 'CANCEL'";
    assert_eq!(world.database.one::<String>(status).await?, "active");
    let take = data(&card, TAKE)?;
    let (one, other) = tokio::try_join!(
        world.telegram.press_in(ANNA, Some(card.message_id), &take),
        world.telegram.press_in(BORIS, Some(card.message_id), &take)
    )?;
    for press in [one, other] {
        world.telegram.wait_for_answer(&press, SOON).await?;
    }
    expect_message(&world, &client, "принял просьбу об отмене").await?;
    let is_taken = |message: &ChatMessage| {
        message.message_id == card.message_id
            && message.button(|b| b.text.contains("✅ Принято")).is_some()
    };
    world.telegram.wait_for_message(STAFF_CHAT, is_taken, SOON).await?;
    settled(&world).await?;
    assert_eq!(message_count(&world, client.chat, "принял просьбу").await?, 1);
    assert_eq!(message_count(&world, client.chat, DELIVERED).await?, 1);
    assert_eq!(message_count(&world, STAFF_CHAT, CARD).await?, 1);
    // Then Bukza says so.
    world.accept(&Booking::at("CANCEL", &client.phone, in_seconds(2 * 86_400)).cancelled()).await?;
    expect_message(&world, &client, phrases::CANCELLED).await.map(drop)
}

#[tokio::test]
async fn a_second_request_is_none_and_a_client_who_comes_after_all_takes_it_back() -> Outcome {
    let client = person(1);
    let world = world_with(Options::default(), &[&client]).await?;
    let confirmed = booked(&world, &client, "TWICE1").await?;
    press(&world, &client, &confirmed, CANNOT).await?;
    let question = expect_message(&world, &client, "Точно отменить?").await?;
    // Before its card has gone, the client changes their mind.
    let (sure, keep) = (data(&question, SURE)?, data(&question, KEEP)?);
    world.telegram.press(client.chat, Some(question.message_id), &sure).await?;
    expect_message(&world, &client, "передадим администратору").await?;
    let forged = |id: &str, data: &str| {
        serde_json::json!({"callback_query": {
            "id": id, "chat_instance": "1", "data": data,
            "from": {"id": client.chat, "is_bot": false, "first_name": "x"},
        }})
    };
    world.telegram.inject(&forged("keep", &keep), 1, false).await?;
    expect_message(&world, &client, "запись остаётся. Ждём вас").await?;
    settled(&world).await?;
    assert_eq!(message_count(&world, STAFF_CHAT, CARD).await?, 0);

    // The same again, until the staff have it.
    world.telegram.say(client.chat, "/bookings").await?;
    let list = expect_message(&world, &client, phrases::UPCOMING).await?;
    press(&world, &client, &list, "VR").await?;
    let shown = expect_message(&world, &client, "Ваша запись").await?;
    cannot_come(&world, &client, &shown).await?;
    expect_staff_message(&world, &[CARD, "TWICE1"]).await?;
    expect_message(&world, &client, DELIVERED).await?;
    world.telegram.inject(&forged("again", &sure), 1, false).await?;
    settled(&world).await?;
    let standing = "SELECT count(*) FROM requests WHERE kind = 'cancel' AND withdrawn_at IS NULL";
    assert_eq!(world.database.one::<i64>(standing).await?, 1);
    let comes = sure.replace("sure", "come");
    world.telegram.inject(&forged("comes", &comes), 1, false).await?;
    expect_staff_message(&world, &["всё-таки придёт", "TWICE1"]).await?;
    expect_message(&world, &client, "Вы подтвердили визит").await?;
    assert_eq!(world.database.one::<i64>(standing).await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_request_for_another_time_has_the_clients_words() -> Outcome {
    let client = person(1);
    let world = world_with(Options::default(), &[&client]).await?;
    let confirmed = booked(&world, &client, "MOVEIT").await?;
    world.telegram.say(client.chat, "/bookings").await?;
    let list = expect_message(&world, &client, phrases::UPCOMING).await?;
    press(&world, &client, &list, "VR").await?;
    let shown = expect_message(&world, &client, "Ваша запись").await?;
    press(&world, &client, &shown, MOVE).await?;
    let question = expect_message(&world, &client, "Когда вам удобно?").await?;
    assert!(question.message_id > confirmed.message_id);
    world.telegram.say(client.chat, "в субботу после 18").await?;
    expect_staff_message(&world, &["просит перенести", "MOVEIT", "в субботу после 18"]).await?;
    expect_message(&world, &client, "Когда запись перенесут").await?;
    world.telegram.say(client.chat, "/bookings").await?;
    let marked = |message: &ChatMessage| {
        message.text.contains(phrases::UPCOMING) && message.text.contains("🕓")
    };
    world.telegram.wait_for_message(client.chat, marked, SOON).await.map(drop)?;
    Ok(())
}

#[tokio::test]
async fn while_the_staffs_chat_is_away_the_client_learns_whom_to_call_and_later_that_they_have_it()
-> Outcome {
    let client = person(1);
    let world =
        world_with(Options::default().set("COMPANY_PHONE", "+7 347 000"), &[&client]).await?;
    let confirmed = booked(&world, &client, "AWAY01").await?;
    let closed = FaultKind::Refused { description: "Bad Request: TOPIC_CLOSED".into() };
    let closed = Fault::sending(closed, 1).in_chat(STAFF_CHAT).lasting();
    world.telegram.script(&closed).await?;
    cannot_come(&world, &client, &confirmed).await?;
    // Its time is a minute: it is brought forward, so that the test does not wait for it.
    let pending = "SELECT count(*) FROM messages WHERE slot = 'pending' AND status = 'scheduled'";
    world.until(pending, 1_i64, SOON).await?;
    world
        .database
        .execute("UPDATE messages SET due_at = now(), pushed_at = 'epoch' WHERE slot = 'pending'")
        .await?;
    expect_message(&world, &client, "Если срочно: +7 347 000").await?;
    assert_eq!(message_count(&world, client.chat, DELIVERED).await?, 0);
    world.telegram.end_fault(&closed).await?;
    world
        .database
        .execute(
            "UPDATE messages SET not_before = 'epoch', pushed_at = 'epoch' \
        WHERE recipient = 'staff' AND status = 'scheduled'",
        )
        .await?;
    expect_staff_message(&world, &[CARD, "AWAY01"]).await?;
    expect_message(&world, &client, DELIVERED).await.map(drop)
}

#[tokio::test]
async fn without_a_staff_chat_no_request_is_offered_and_an_old_button_names_the_telephone()
-> Outcome {
    let client = person(1);
    let options =
        Options::default().set("SUPPORT_CHANNEL_ID", "").set("COMPANY_PHONE", "+7 347 000");
    let world = world_with(options, &[&client]).await?;
    let confirmed = booked(&world, &client, "NOBODY").await?;
    assert!(data(&confirmed, CANNOT).is_err(), "{:?}", confirmed.buttons);
    let id = world.database.one::<i64>("SELECT id FROM bookings").await?;
    let press = serde_json::json!({"callback_query": {
        "id": "old", "chat_instance": "1", "data": format!("cannot:{id}:1"),
        "from": {"id": client.chat, "is_bot": false, "first_name": "x"},
    }});
    world.telegram.inject(&press, 1, false).await?;
    expect_message(&world, &client, "по телефону: +7 347 000").await?;
    world.telegram.say(client.chat, "вы открыты?").await?;
    expect_message(&world, &client, "понимаю только кнопки").await.map(drop)
}

#[tokio::test]
async fn a_request_that_nobody_takes_comes_again_once_and_none_that_was_taken() -> Outcome {
    let (first, client) = (person(1), person(2));
    let options = Options::default().set("OPENING_HOURS", "00:00-24:00");
    let world = world_with(options, &[&first, &client]).await?;
    for (person, code) in [(&first, "AGAIN1"), (&client, "TAKEN1")] {
        let confirmed = booked(&world, person, code).await?;
        cannot_come(&world, person, &confirmed).await?;
        expect_staff_message(&world, &[CARD, code]).await?;
    }
    let card = expect_staff_message(&world, &[CARD, "TAKEN1"]).await?;
    world.telegram.press_in(ANNA, Some(card.message_id), &data(&card, TAKE)?).await?;
    expect_message(&world, &client, "принял просьбу").await?;
    let planned = "SELECT count(*) FROM messages WHERE slot LIKE 'again%' AND status = 'scheduled' \
        AND due_at > now() + interval '59 minutes'";
    world.until(planned, 2_i64, SOON).await?;
    world
        .database
        .execute(
            "UPDATE messages SET due_at = now() - interval '1 minute', pushed_at = 'epoch' \
             WHERE slot LIKE 'again%'",
        )
        .await?;
    expect_staff_message(&world, &[CARD, "AGAIN1", "ещё никто не принял"]).await?;
    world
        .until(
            "SELECT count(*) FROM messages WHERE slot LIKE 'again%' AND status = 'scheduled'",
            0_i64,
            SOON,
        )
        .await?;
    assert_eq!(message_count(&world, STAFF_CHAT, "ещё никто не принял").await?, 1);
    let shown = expect_staff_message(&world, &[CARD, "AGAIN1", "ещё никто не принял"]).await?;
    world.telegram.press_in(BORIS, Some(shown.message_id), &data(&shown, TAKE)?).await?;
    let left = "SELECT count(*) FROM requests WHERE kind = 'cancel' AND taken_by IS NULL";
    world.until(left, 0_i64, SOON).await
}

#[tokio::test]
async fn a_press_elsewhere_or_on_a_forwarded_card_takes_nothing() -> Outcome {
    let client = person(1);
    let world = world_with(Options::default(), &[&client]).await?;
    let confirmed = booked(&world, &client, "STRANG").await?;
    cannot_come(&world, &client, &confirmed).await?;
    let card = expect_staff_message(&world, &[CARD, "STRANG"]).await?;
    let take = data(&card, TAKE)?;
    let press = |id: &str, chat: serde_json::Value| {
        serde_json::json!({"callback_query": {
            "id": id, "chat_instance": "1", "data": take,
            "from": {"id": 77_777, "is_bot": false, "first_name": "x"},
            "message": {"message_id": card.message_id, "date": 1_700_000_000, "chat": chat,
                "from": {"id": 1, "is_bot": true, "first_name": "Bot"}, "text": "x"},
        }})
    };
    let group = |id: i64| serde_json::json!({"id": id, "type": "supergroup", "title": "x"});
    let channel = serde_json::json!({"id": STAFF_CHAT, "type": "channel", "title": "x"});
    world.telegram.inject(&press("elsewhere", group(-999)), 1, false).await?;
    world.telegram.inject(&press("channel", channel), 1, false).await?;
    let private = serde_json::json!({"id": 77_777, "type": "private", "first_name": "x"});
    world.telegram.inject(&press("private", private), 1, false).await?;
    // Another message of the staff's chat.
    let mut other = press("other", group(STAFF_CHAT));
    other["callback_query"]["message"]["message_id"] = (card.message_id + 1_000).into();
    world.telegram.inject(&other, 1, false).await?;
    world
        .until(
            "SELECT count(*) FROM processed_updates WHERE identity LIKE 'press:77777%'",
            2_i64,
            SOON,
        )
        .await?;
    settled(&world).await?;
    assert_eq!(
        world
            .database
            .one::<i64>("SELECT count(*) FROM requests WHERE taken_by IS NOT NULL")
            .await?,
        0
    );
    // The real one still works.
    world.telegram.press_in(ANNA, Some(card.message_id), &take).await?;
    expect_message(&world, &client, "принял просьбу").await?;
    assert!(data(&confirmed, COMES).is_err());
    Ok(())
}
