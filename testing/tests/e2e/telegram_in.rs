//! Updates of Telegram: applied once however often they arrive, by webhook or polling, and only
//! with the secret token.

use crate::common::{
    Options, Outcome, SOON, World, expect_message, message_count, person, phrases, register,
    settled,
};
use serde_json::{Value, json};
use simulator::model::Call;
use testing::harness::fleet::TELEGRAM_SECRET;

/// A private text message as an update.
fn text(update_id: i64, chat: i64, text: &str) -> Value {
    json!({"update_id": update_id, "message": {
        "message_id": 1, "date": 1_700_000_000, "text": text, "brand_new_field": [1, 2],
        "from": {"id": chat, "is_bot": false, "first_name": "Client"},
        "chat": {"id": chat, "type": "private", "first_name": "Client"},
    }})
}

async fn all_taken(world: &World, updates: i64) -> Outcome {
    world.until("SELECT count(*) FROM processed_updates", updates, SOON).await?;
    settled(world).await
}

#[tokio::test]
async fn one_update_delivered_ten_times_is_answered_once() -> Outcome {
    let world = World::start(Options::default().workers(2)).await?;
    let client = person(1);
    register(&world, &client).await?;
    world.telegram.inject(&text(900, client.chat, "/address"), 5, true).await?;
    world.telegram.inject(&text(900, client.chat, "/address"), 5, false).await?;
    world.telegram.inject(&text(901, client.chat, "/contacts"), 1, false).await?;
    expect_message(&world, &client, phrases::CONTACTS).await?;
    all_taken(&world, 4).await?;
    assert_eq!(message_count(&world, client.chat, phrases::ADDRESS).await?, 1);
    Ok(())
}

#[tokio::test]
async fn updates_of_one_chat_at_once_are_each_answered_once() -> Outcome {
    let world = World::start(Options::default().workers(2)).await?;
    let client = person(1);
    register(&world, &client).await?;
    let (address, contacts) =
        (text(900, client.chat, "/address"), text(901, client.chat, "/contacts"));
    tokio::try_join!(
        world.telegram.inject(&address, 3, true),
        world.telegram.inject(&contacts, 3, true)
    )?;
    all_taken(&world, 4).await?;
    for words in [phrases::ADDRESS, phrases::CONTACTS] {
        expect_message(&world, &client, words).await?;
        assert_eq!(message_count(&world, client.chat, words).await?, 1, "{words}");
    }
    Ok(())
}

#[tokio::test]
async fn polling_serves_the_same_conversation_with_one_poller_of_two() -> Outcome {
    let options = Options::default().set("TELEGRAM_MODE", "polling").workers(2);
    let world = World::start(options).await?;
    let client = person(1);
    register(&world, &client).await?;
    world.telegram.say(client.chat, "/help").await?;
    expect_message(&world, &client, phrases::HELP).await?;
    let calls = world.telegram.journal(0, None).await?;
    let conflict = |call: &&Call| call.status == 409;
    assert_eq!(calls.iter().filter(conflict).count(), 0, "two pollers would end each other");
    assert_eq!(world.telegram.stats().await?.pending_updates, 0, "what is stored is confirmed");
    Ok(())
}

#[tokio::test]
async fn only_updates_with_the_secret_are_accepted() -> Outcome {
    let world = World::start(Options::default()).await?;
    let client = person(1);
    let url = format!("{}/webhook/telegram", world.ingest_url());
    let post = |secret: Option<&str>, body: String| {
        let request = world.http.post(&url).header("content-type", "application/json").body(body);
        match secret {
            Some(secret) => request.header("X-Telegram-Bot-Api-Secret-Token", secret),
            None => request,
        }
    };
    let update = text(900, client.chat, "/start").to_string();
    assert_eq!(post(None, update.clone()).send().await?.status(), 401);
    assert_eq!(post(Some("wrong"), update.clone()).send().await?.status(), 401);
    assert_eq!(post(Some(TELEGRAM_SECRET), "{}".to_owned()).send().await?.status(), 400);
    assert_eq!(post(Some(TELEGRAM_SECRET), "[".repeat(20_000)).send().await?.status(), 400);
    assert!(world.telegram.chat(client.chat).await?.is_empty());
    assert_eq!(post(Some(TELEGRAM_SECRET), update).send().await?.status(), 200);
    expect_message(&world, &client, phrases::GREETING).await?;
    Ok(())
}

#[tokio::test]
async fn updates_of_unknown_kinds_are_accepted_and_do_no_harm() -> Outcome {
    let world = World::start(Options::default()).await?;
    let client = person(1);
    for (id, update) in (800_i64..).zip([
        json!({"brand_new_kind": {"chat": {"id": 5}}}),
        json!({"message": {"message_id": 1}}),
        json!({"callback_query": {"id": "1", "from": {"id": 5, "is_bot": false, "first_name": "x"},
            "chat_instance": "1", "data": "rate:999999:5"}}),
        json!({"message": "a string"}),
    ]) {
        let mut update = update;
        update["update_id"] = json!(id);
        world.telegram.inject(&update, 1, false).await?;
    }
    register(&world, &client).await?;
    assert_eq!(world.telegram.stats().await?.pending_updates, 0);
    let quarantined = "SELECT count(*) FROM dead_letters";
    assert_eq!(world.database.one::<i64>(quarantined).await?, 0, "unknown is not broken");
    Ok(())
}

#[tokio::test]
async fn in_a_group_the_bot_keeps_silent() -> Outcome {
    let world = World::start(Options::default()).await?;
    let group = -500;
    let mut update = text(900, 7, "/start");
    update["message"]["chat"] = json!({"id": group, "type": "group", "title": "Staff"});
    world.telegram.inject(&update, 1, false).await?;
    let client = person(1);
    register(&world, &client).await?;
    settled(&world).await?;
    assert!(world.telegram.chat(group).await?.is_empty());
    Ok(())
}
