//! How the bot presents itself, and what a press shows.

mod common;

use common::{Bot, PATIENCE};
use serde_json::{Value, json};

async fn refused(bot: &Bot, method: &str, body: Value, description: &str) {
    let answer = bot.json(method, body.clone()).await;
    let expected = json!({"ok": false, "error_code": 400, "description": description});
    assert_eq!(answer, expected, "{method} {body}");
}

#[tokio::test]
async fn a_press_shows_the_text_of_its_answer() {
    let bot = Bot::start().await;
    let markup = json!({"inline_keyboard": [[{"text": "5", "callback_data": "5"}]]});
    bot.json("sendMessage", json!({"chat_id": 7, "text": "How?", "reply_markup": markup})).await;
    let press = bot.user.press(7, None, "5").await.unwrap();
    let id = press.callback_query_id.clone().unwrap();
    let answer = |text: &str| json!({"callback_query_id": id, "text": text, "show_alert": true});
    let long = answer(&"x".repeat(201));
    refused(&bot, "answerCallbackQuery", long, "Bad Request: MESSAGE_TOO_LONG").await;
    bot.json("answerCallbackQuery", answer("Thanks!")).await;
    let shown = bot.user.wait_for_answer(&press, PATIENCE).await.unwrap();
    assert_eq!((shown.text.as_str(), shown.alert), ("Thanks!", true));
}

#[tokio::test]
async fn descriptions_are_kept_by_language() {
    let bot = Bot::start().await;
    bot.json("setMyDescription", json!({"description": "Общее"})).await;
    bot.json("setMyDescription", json!({"description": "Hello", "language_code": "en"})).await;
    bot.json("setMyShortDescription", json!({"short_description": "x".repeat(120)})).await;
    assert_eq!(bot.user.description("").await.unwrap(), "Общее");
    assert_eq!(bot.user.description("en").await.unwrap(), "Hello");
    assert_eq!(bot.user.description("de").await.unwrap(), "");
    assert_eq!(bot.user.short_description("").await.unwrap().len(), 120);
    for (method, body, description) in [
        ("setMyDescription", json!({"description": "x".repeat(513)}), "DESCRIPTION_TOO_LONG"),
        ("setMyShortDescription", json!({"short_description": "x".repeat(121)}), "ABOUT_TOO_LONG"),
        ("getMyDescription", json!({"language_code": "eng"}), "invalid language code specified"),
    ] {
        refused(&bot, method, body, &format!("Bad Request: {description}")).await;
    }
    assert_eq!(bot.json("getMe", json!({})).await["result"]["username"], "simulator_bot");
}

#[tokio::test]
async fn commands_are_kept_by_scope_and_language() {
    let bot = Bot::start().await;
    let commands = |name: &str| json!([{"command": name, "description": "What it does"}]);
    let staff = json!({"type": "chat", "chat_id": -5});
    let private = json!({"type": "all_private_chats"});
    bot.json("setMyCommands", json!({"commands": commands("help")})).await;
    bot.json("setMyCommands", json!({"commands": commands("today"), "scope": staff})).await;
    let english = json!({"commands": commands("en"), "scope": private, "language_code": "en"});
    bot.json("setMyCommands", english).await;
    let of = async |scope: &Value, language| bot.user.commands_of(scope, language).await.unwrap();
    assert_eq!(of(&json!({"type": "default"}), "").await, commands("help"));
    assert_eq!(of(&staff, "").await, commands("today"));
    assert_eq!(of(&private, "en").await, commands("en"));
    assert_eq!(of(&private, "").await, json!([]));
    assert_eq!(bot.user.commands().await.unwrap(), commands("en"), "the last ones");
    for (body, description) in [
        (json!({"commands": commands("Help")}), "BOT_COMMAND_INVALID"),
        (json!({"commands": [{"command": "a"}]}), "BOT_COMMAND_DESCRIPTION_INVALID"),
        (json!({"commands": [], "scope": {"type": "moon"}}), "unsupported scope type specified"),
    ] {
        refused(&bot, "setMyCommands", body, &format!("Bad Request: {description}")).await;
    }
}

#[tokio::test]
async fn a_menu_button_is_the_chats_or_that_of_all() {
    let bot = Bot::start().await;
    let app = |url: &str| json!({"type": "web_app", "text": "Book", "web_app": {"url": url}});
    assert_eq!(bot.user.menu_button(None).await.unwrap(), json!({"type": "default"}));
    let button = app("https://book.example/");
    assert_eq!(bot.json("setChatMenuButton", json!({"menu_button": button})).await["ok"], true);
    let own = json!({"chat_id": 7, "menu_button": {"type": "commands"}});
    bot.json("setChatMenuButton", own).await;
    assert_eq!(bot.user.menu_button(Some(8)).await.unwrap(), button);
    assert_eq!(bot.user.menu_button(Some(7)).await.unwrap(), json!({"type": "commands"}));
    let refusal = bot.json("setChatMenuButton", json!({"menu_button": app("http://x.y")})).await;
    assert!(refusal["description"].as_str().unwrap().contains("Only HTTPS links are allowed"));
}

#[tokio::test]
async fn a_venue_is_shown_with_its_address() {
    let bot = Bot::start().await;
    let mut venue = json!({"chat_id": 7, "latitude": 59.9, "longitude": 30.3, "title": "Sauna",
        "address": "Street 1"});
    let sent = bot.json("sendVenue", venue.clone()).await;
    assert_eq!(sent["result"]["venue"]["location"]["latitude"], 59.9);
    let shown = &bot.user.chat(7).await.unwrap()[0];
    assert_eq!((shown.kind(), shown.text.as_str()), ("venue", "Sauna\nStreet 1"));
    venue["latitude"] = json!(91);
    refused(&bot, "sendVenue", venue, "Bad Request: GEO_POINT_INVALID").await;
}
