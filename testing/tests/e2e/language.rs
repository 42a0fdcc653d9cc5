//! The language of each client, and how the bot introduces itself in Telegram.

use serde_json::{Value, json};
use simulator::model::{Call, ChatMessage};
use testing::harness::bukza::Booking;

use crate::common::{
    Options, Outcome, Person, SOON, World, clients_settled, expect_message, expect_staff_message,
    in_seconds, person, phrases, register,
};

const CHOSEN: &str = "I write in English";
const CONFIRMED: &str = "You are booked";

/// A press on a language, as an update.
fn choice(chat: i64, language: &str) -> Value {
    let person = json!({"id": chat, "is_bot": false, "first_name": "x", "language_code": "en"});
    json!({"update_id": chat, "callback_query": {
        "id": chat.to_string(), "from": person, "chat_instance": "1",
        "data": format!("lang:{language}"),
    }})
}

/// Waits for the last part of the presentation that a start sets.
async fn presented(world: &World) -> Outcome {
    let last = |call: &Call| call.method == "setChatMenuButton" && call.status == 200;
    Ok(world.telegram.wait_for_call(0, last, SOON).await.map(drop)?)
}

/// The labels of the persistent menu below a message.
fn menu(message: &ChatMessage) -> Vec<&str> {
    message.keyboard.iter().flatten().map(|key| key.text.as_str()).collect()
}

#[tokio::test]
async fn each_client_is_written_to_in_the_language_that_they_chose() -> Outcome {
    let world = World::start(Options::default().workers(2)).await?;
    let (english, russian) = (person(1), person(2));
    for person in [&english, &russian] {
        register(&world, person).await?;
    }
    world.telegram.inject(&choice(english.chat, "en"), 1, false).await?;
    let chosen = expect_message(&world, &english, CHOSEN).await?;
    assert!(menu(&chosen).contains(&"📅 My bookings"), "{chosen:?}");
    for (client, code) in [(&english, "INENGL"), (&russian, "INRUSS")] {
        let booking = Booking::at(code, &client.phone, in_seconds(3 * 86_400));
        world.accept(&booking.created()).await?;
    }
    let confirmed = expect_message(&world, &english, CONFIRMED).await?;
    assert!(confirmed.text.contains("INENGL"), "{confirmed:?}");
    expect_message(&world, &russian, phrases::CONFIRMED).await?;
    // Labels of either language are understood, and the answer is in the client's.
    for (label, words) in [("📅 Мои записи", "Upcoming"), ("📍 Address", "find us")] {
        world.telegram.say(english.chat, label).await?;
        expect_message(&world, &english, words).await?;
    }
    // The staff's cards keep the venue's language.
    expect_staff_message(&world, &[phrases::STAFF_CREATED, "INENGL"]).await?;
    clients_settled(&world).await?;
    let seen = world.telegram.chat(english.chat).await?;
    let late = seen.iter().filter(|m| m.from_bot && m.message_id >= chosen.message_id);
    for message in late {
        let own = |c: char| ('а'..='я').contains(&c);
        let text = message.text.replace("Уфа, улица Ленина", "").replace("VR Арена", "");
        assert!(!text.contains(own), "{message:?}");
    }
    Ok(())
}

#[tokio::test]
async fn an_unknown_client_gets_the_venues_language_until_they_choose_another() -> Outcome {
    let world = World::start(Options::default()).await?;
    let stranger = Person { chat: 90_000, ..person(3) };
    // Telegram's language does not decide.
    let mut start = choice(stranger.chat, "de");
    start["update_id"] = json!(1);
    world.telegram.inject(&start, 1, false).await?;
    expect_message(&world, &stranger, phrases::STALE).await?;
    world.telegram.inject(&choice(stranger.chat, "en"), 3, true).await?;
    expect_message(&world, &stranger, CHOSEN).await?;
    world.telegram.say(stranger.chat, "/start").await?;
    expect_message(&world, &stranger, "share the phone number").await?;
    clients_settled(&world).await?;
    let users = "SELECT count(*) FROM users WHERE language = 'en' AND phone_number IS NULL";
    assert_eq!(world.database.one::<i64>(users).await?, 1);
    Ok(())
}

#[tokio::test]
async fn the_bot_introduces_itself_in_each_language_and_a_restart_sets_nothing_again() -> Outcome {
    let mut world = World::start(Options::default()).await?;
    presented(&world).await?;
    let telegram = &world.telegram;
    let russian = telegram.description("").await?;
    assert!(russian.contains("запис"), "{russian}");
    assert_eq!(telegram.description("ru").await?, russian);
    assert!(telegram.description("en").await?.contains("booking"));
    assert!(telegram.short_description("en").await?.contains("reminders"));
    let button = telegram.menu_button(None).await?;
    assert_eq!(button["web_app"]["url"], "https://booking.example/");
    let private = json!({"type": "all_private_chats"});
    let described = |commands: &Value| commands[1]["description"].clone();
    assert_eq!(described(&telegram.commands_of(&private, "").await?), "Мои записи");
    assert_eq!(described(&telegram.commands_of(&private, "en").await?), "My bookings");
    // Groups show none of the clients' commands.
    assert_eq!(telegram.commands_of(&json!({"type": "default"}), "").await?, json!([]));

    let before = telegram.journal(0, None).await?.last().map_or(0, |call| call.seq);
    world.workers.remove(0).stop().await?;
    world.start_worker()?;
    world.ready().await?;
    let read = |call: &Call| call.method == "getChatMenuButton";
    world.telegram.wait_for_call(before, read, SOON).await?;
    let client = person(1);
    register(&world, &client).await?;
    let again = world.telegram.journal(before, None).await?;
    let set: Vec<&str> = again.iter().map(|call| call.method.as_str()).collect();
    let set: Vec<&&str> = set.iter().filter(|method| method.starts_with("set")).collect();
    assert_eq!(set, [&"setWebhook"]);
    Ok(())
}

#[tokio::test]
async fn commands_of_builds_before_leave_the_groups_and_a_chat_that_telegram_refuses_is_left()
-> Outcome {
    let mut world = World::start(Options::default()).await?;
    presented(&world).await?;
    world.workers.remove(0).stop().await?;
    let commands = json!([{"command": "start", "description": "Начать"}]);
    world.telegram.call("setMyCommands", json!({ "commands": commands })).await?;
    world.telegram.call("setMyDescription", json!({"description": "Чужое"})).await?;
    let found = world.operate(&["doctor"]).await.unwrap_or_else(|error| error.to_string());
    let found = found.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(found.contains("warn вид бота"), "{found}");
    assert!(found.contains("описание, команды всех чатов"), "{found}");
    let refusal = simulator::model::Fault {
        method: Some("getMyDescription".into()),
        ..simulator::model::Fault::refused("Bad Request: chat not found")
    };
    world.telegram.script(&refusal).await?;
    world.start_worker()?;
    world.ready().await?;
    let default = json!({"type": "default"});
    let until = std::time::Instant::now() + SOON;
    while world.telegram.commands_of(&default, "").await? != json!([]) {
        anyhow::ensure!(std::time::Instant::now() < until, "the old commands stay");
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    Ok(())
}
