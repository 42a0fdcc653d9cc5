//! Replies of the staff: to the client whom the card is about, and to nobody else. Nothing is lost while either side is
//! away.

use simulator::model::{Call, Fault, FaultKind, UserMessage};

use super::{ANNA, booked, world_with};
use crate::common::{
    Options, Outcome, SOON, STAFF_CHAT, World, clients_settled, expect_message,
    expect_staff_message, message_count, person, settled,
};

/// Waits until the bot has reacted to a message of the staff's chat.
async fn thumb(world: &World, message: i64) -> Outcome {
    let reacts = |call: &Call| {
        call.method == "setMessageReaction" && call.body["message_id"] == message && call.delivered
    };
    world.telegram.wait_for_call(0, reacts, SOON).await?;
    Ok(())
}

#[tokio::test]
async fn a_reply_to_a_card_goes_to_its_client_with_a_receipt() -> Outcome {
    let (client, other) = (person(1), person(2));
    let world = world_with(Options::default(), &[&client, &other]).await?;
    booked(&world, &client, "REPLY1").await?;
    world.telegram.say(client.chat, "Можно с собакой?").await?;
    let card = expect_staff_message(&world, &["Можно с собакой?"]).await?;
    let reply =
        world.telegram.reply_in(ANNA, card.message_id, "Можно, если она на поводке").await?;
    expect_message(&world, &client, "Можно, если она на поводке").await?;
    thumb(&world, reply.message_id.unwrap_or_default()).await?;
    // A photo, and a reply to the booking's own card.
    let created = expect_staff_message(&world, &["Новая запись", "REPLY1"]).await?;
    let photo = UserMessage::photo("Схема").reply_to(created.message_id);
    world.telegram.send_in(ANNA, &photo).await?;
    expect_message(&world, &client, "Схема").await?;
    clients_settled(&world).await?;
    assert_eq!(message_count(&world, other.chat, "поводке").await?, 0);
    assert_eq!(message_count(&world, client.chat, "поводке").await?, 1);
    Ok(())
}

#[tokio::test]
async fn plain_messages_roots_of_topics_and_commands_go_to_nobody() -> Outcome {
    let client = person(1);
    let world = world_with(Options::default(), &[&client]).await?;
    booked(&world, &client, "PLAIN1").await?;
    let card = expect_staff_message(&world, &["Новая запись", "PLAIN1"]).await?;
    let group = serde_json::json!({"id": STAFF_CHAT, "type": "supergroup", "title": "Staff", "is_forum": true});
    let anna = serde_json::json!({"id": 501, "is_bot": false, "first_name": "Анна"});
    let root = serde_json::json!({"message_id": 3, "date": 1_700_000_000, "chat": group,
        "from": {"id": 1, "is_bot": true, "first_name": "Bot"},
        "forum_topic_created": {"name": "Записи", "icon_color": 7_322_096}});
    let ours = serde_json::json!({"message_id": card.message_id, "date": 1_700_000_000, "chat": group,
        "from": {"id": 1, "is_bot": true, "first_name": "Bot"}, "text": "x"});
    let message = |id: i64, text: &str, to: Option<&serde_json::Value>| {
        let mut message = serde_json::json!({"message_id": id, "date": 1_700_000_000, "chat": group,
            "from": anna, "text": text});
        if let Some(to) = to {
            message["reply_to_message"] = to.clone();
        }
        serde_json::json!({ "message": message })
    };
    world.telegram.inject(&message(7_001, "внутреннее", None), 1, false).await?;
    world.telegram.inject(&message(7_002, "внутреннее", Some(&root)), 1, false).await?;
    world.telegram.inject(&message(7_003, "/today", Some(&ours)), 1, false).await?;
    // The same reply in another group.
    let mut elsewhere = message(7_004, "внутреннее", Some(&ours));
    elsewhere["message"]["chat"]["id"] = (-999).into();
    elsewhere["message"]["reply_to_message"]["chat"]["id"] = (-999).into();
    world.telegram.inject(&elsewhere, 1, false).await?;
    world
        .until(
            "SELECT count(*) FROM processed_updates WHERE identity LIKE 'message:-%:7002:%'",
            1_i64,
            SOON,
        )
        .await?;
    settled(&world).await?;
    let replies = "SELECT count(*) FROM messages WHERE kind IN ('staff_reply', 'staff_receipt')";
    assert_eq!(world.database.one::<i64>(replies).await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_reply_to_a_joined_card_or_to_a_client_who_is_away_is_answered_in_words() -> Outcome {
    let (client, other) = (person(1), person(2));
    let world = world_with(Options::default(), &[&client, &other]).await?;
    booked(&world, &client, "GONE01").await?;
    let card = expect_staff_message(&world, &["Новая запись", "GONE01"]).await?;
    world.telegram.block(client.chat).await?;
    world.telegram.reply_in(ANNA, card.message_id, "Вы скоро?").await?;
    expect_staff_message(&world, &["Не доставлено"]).await?;

    // Cards of two clients in one message.
    let (one, two) = (client.chat, other.chat);
    let both = format!(
        "INSERT INTO messages (kind, recipient, chat_id, due_at, status, job_id, telegram_message_id, about_chat_id) \
         VALUES ('staff_note', 'staff', {STAFF_CHAT}, now(), 'sent', 'j1', 8001, {one}), \
                ('staff_note', 'staff', {STAFF_CHAT}, now(), 'sent', 'j2', 8001, {two})"
    );
    world.database.execute(&both).await?;
    let group = serde_json::json!({"id": STAFF_CHAT, "type": "supergroup", "title": "Staff"});
    let update = serde_json::json!({"message": {"message_id": 8_002, "date": 1_700_000_000, "chat": group,
        "from": {"id": 501, "is_bot": false, "first_name": "Анна"}, "text": "кому это?",
        "reply_to_message": {"message_id": 8_001, "date": 1_700_000_000, "chat": group,
            "from": {"id": 1, "is_bot": true, "first_name": "Bot"}, "text": "x"}}});
    world.telegram.inject(&update, 1, false).await?;
    expect_staff_message(&world, &["Ответьте на карточку клиента"]).await?;
    assert_eq!(message_count(&world, two, "кому это?").await?, 0);
    Ok(())
}

#[tokio::test]
async fn a_reply_that_may_have_arrived_is_not_sent_again_and_the_staff_learn_of_it() -> Outcome {
    let client = person(1);
    let world = world_with(Options::default(), &[&client]).await?;
    booked(&world, &client, "MAYBE1").await?;
    let card = expect_staff_message(&world, &["Новая запись", "MAYBE1"]).await?;
    let lost = Fault {
        method: Some("copyMessage".into()),
        ..Fault::sending(FaultKind::CutBeforeAccept, 1)
    };
    world.telegram.script(&lost).await?;
    world.telegram.reply_in(ANNA, card.message_id, "До встречи!").await?;
    expect_staff_message(&world, &["Неизвестно, дошло ли"]).await?;
    settled(&world).await?;
    let calls = world.telegram.journal(0, Some("copyMessage")).await?;
    assert_eq!(calls.len(), 1, "{calls:?}");
    Ok(())
}
