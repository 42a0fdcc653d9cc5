//! A venue of one person: the staff's chat is the owner's private chat with the bot. Presses on cards and replies to
//! them are the staff's there, and all else is a client's.

use simulator::model::ChatMessage;

use super::{TAKE, booked, cannot_come, data, world_with};
use crate::common::{
    Options, Outcome, Person, SOON, World, clients_settled, expect_message, message_count, person,
    phrases,
};

const CARD: &str = "не сможет прийти";

async fn card(world: &World, owner: &Person, words: &[&str]) -> anyhow::Result<ChatMessage> {
    let has = |message: &ChatMessage| words.iter().all(|word| message.text.contains(word));
    Ok(world.telegram.wait_for_message(owner.chat, has, SOON).await?)
}

#[tokio::test]
async fn in_a_private_staffs_chat_cards_are_taken_and_replied_to() -> Outcome {
    let (owner, client) = (person(1), person(2));
    let options = Options::default().set("SUPPORT_CHANNEL_ID", owner.chat);
    let world = world_with(options, &[&client]).await?;
    let confirmed = booked(&world, &client, "OWNER1").await?;
    cannot_come(&world, &client, &confirmed).await?;
    let shown = card(&world, &owner, &[CARD, "OWNER1"]).await?;
    let take = data(&shown, TAKE)?;
    // The same press of another account, in a chat of its own.
    let forged = serde_json::json!({"callback_query": {
        "id": "forged", "chat_instance": "1", "data": take,
        "from": {"id": client.chat, "is_bot": false, "first_name": "x"},
        "message": {"message_id": shown.message_id, "date": 1_700_000_000, "text": "x",
            "chat": {"id": client.chat, "type": "private", "first_name": "x"},
            "from": {"id": 42, "is_bot": true, "first_name": "Bot"}},
    }});
    world.telegram.inject(&forged, 1, false).await?;
    expect_message(&world, &client, phrases::STALE).await?;
    let taken = "SELECT count(*) FROM requests WHERE taken_by IS NOT NULL";
    assert_eq!(world.database.one::<i64>(taken).await?, 0);

    world.telegram.press(owner.chat, Some(shown.message_id), &take).await?;
    expect_message(&world, &client, "принял просьбу об отмене").await?;
    let is_taken = |message: &ChatMessage| {
        message.message_id == shown.message_id
            && message.button(|button| button.text.contains("✅ Принято")).is_some()
    };
    world.telegram.wait_for_message(owner.chat, is_taken, SOON).await?;
    world.telegram.reply(owner.chat, shown.message_id, "Ждём вас в другой раз").await?;
    expect_message(&world, &client, "Ждём вас в другой раз").await?;
    clients_settled(&world).await?;
    assert_eq!(message_count(&world, owner.chat, phrases::STALE).await?, 0);
    assert_eq!(message_count(&world, client.chat, "другой раз").await?, 1);
    Ok(())
}

#[tokio::test]
async fn the_owner_of_a_private_staffs_chat_is_a_client_too() -> Outcome {
    let owner = person(1);
    let options = Options::default().set("SUPPORT_CHANNEL_ID", owner.chat);
    let world = world_with(options, &[&owner]).await?;
    let confirmed = booked(&world, &owner, "OWNER2").await?;
    world.telegram.say(owner.chat, "/bookings").await?;
    expect_message(&world, &owner, phrases::UPCOMING).await?;
    // A reply to a message that is no card is a client's words, which are a card.
    world.telegram.reply(owner.chat, confirmed.message_id, "Проверка связи").await?;
    card(&world, &owner, &["Клиент пишет", "Проверка связи"]).await?;
    // A press on a client's button, and a command as a reply to a card.
    cannot_come(&world, &owner, &confirmed).await?;
    let shown = card(&world, &owner, &[CARD, "OWNER2"]).await?;
    world.telegram.reply(owner.chat, shown.message_id, "/help").await?;
    expect_message(&world, &owner, phrases::HELP).await.map(drop)
}
