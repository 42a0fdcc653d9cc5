//! The Bot API side: answers in Telegram's form, refusals in its words, what the chat shows.

mod common;

use common::Bot;
use serde_json::json;

#[tokio::test]
async fn a_message_is_answered_in_full_and_shown_without_its_tags() {
    let bot = Bot::start().await;
    let answer = bot
        .json(
            "SendMessage",
            json!({"chat_id": 7, "text": "<b>Аня</b> &amp; Co", "parse_mode": "HTML",
                "reply_markup": {"inline_keyboard": [[{"text": "5", "callback_data": "rate:1:5"}]]}}),
        )
        .await;
    assert_eq!(answer["ok"], true);
    let message = &answer["result"];
    assert_eq!(message["text"], "Аня & Co");
    assert_eq!(message["chat"], json!({"id": 7, "first_name": "Client", "type": "private"}));
    assert_eq!(message["entities"], json!([{"type": "bold", "offset": 0, "length": 3}]));
    assert!(message["date"].is_i64() && message.get("unknown_future_field").is_some());
    assert_eq!(message["reply_markup"]["inline_keyboard"][0][0]["callback_data"], "rate:1:5");

    let shown = bot.user.chat(7).await.unwrap();
    assert_eq!(shown.len(), 1);
    assert_eq!((shown[0].text.as_str(), shown[0].from_bot), ("Аня & Co", true));
    assert!(shown[0].button(|button| button.text == "5").is_some());
    let calls = bot.user.journal(0, Some("sendmessage")).await.unwrap();
    assert_eq!(calls.len(), 1);
    assert_eq!((calls[0].status, calls[0].delivered, calls[0].chat_id), (200, true, Some(7)));
}

#[tokio::test]
async fn a_chat_shows_what_telegram_would_link() {
    let bot = Bot::start().await;
    let text = "😀 <code>evil.example</code> @durov";
    bot.json("SendMessage", json!({"chat_id": 7, "text": text, "parse_mode": "HTML"})).await;
    assert_eq!(bot.user.chat(7).await.unwrap()[0].autolinks, ["@durov"]);
}

#[tokio::test]
async fn bad_calls_are_refused_in_telegrams_words() {
    let bot = Bot::start().await;
    let table = [
        (json!({"text": "x"}), "Bad Request: chat_id is empty"),
        (json!({"chat_id": "@nobody", "text": "x"}), "Bad Request: chat not found"),
        (json!({"chat_id": 7}), "Bad Request: message text is empty"),
        (json!({"chat_id": 7, "text": " \n"}), "Bad Request: message text is empty"),
        (json!({"chat_id": 7, "text": "x".repeat(4097)}), "Bad Request: message is too long"),
        (json!({"chat_id": 7, "text": "😀".repeat(2049)}), "Bad Request: message is too long"),
        (
            json!({"chat_id": 7, "text": "a < b", "parse_mode": "HTML"}),
            "Bad Request: can't parse entities: Unclosed start tag at byte offset 2",
        ),
        (
            json!({"chat_id": 7, "text": "x", "reply_markup": {}}),
            "Bad Request: object expected as reply markup",
        ),
    ];
    for (body, description) in table {
        let answer = bot.json("sendMessage", body.clone()).await;
        assert_eq!(
            answer,
            json!({"ok": false, "error_code": 400, "description": description}),
            "{body}"
        );
    }
    assert!(bot.user.chat(7).await.unwrap().is_empty());
    let whole =
        json!({"chat_id": 7, "text": format!("<b>{}</b>", "x".repeat(4096)), "parse_mode": "HTML"});
    assert_eq!(bot.json("sendMessage", whole).await["ok"], true, "tags don't count");
}

#[tokio::test]
async fn parameters_come_as_form_or_query_too_and_unknown_methods_are_not_found() {
    let bot = Bot::start().await;
    let base = format!("{}/bot42:secret", bot.simulator.url());
    let http = reqwest::Client::new();
    let sent =
        http.get(format!("{base}/sendmessage?chat_id=7&text=%D0%90+b")).send().await.unwrap();
    assert_eq!(sent.status(), 200);
    let sent = http
        .post(format!("{base}/SENDMESSAGE"))
        .header("content-type", "application/x-www-form-urlencoded")
        .body("chat_id=-100500&text=hi")
        .send()
        .await
        .unwrap();
    assert_eq!(sent.status(), 200);
    assert_eq!(bot.user.chat(7).await.unwrap()[0].text, "А b");
    assert_eq!(bot.user.chat(-100_500).await.unwrap()[0].text, "hi");
    let not_found = json!({"ok": false, "error_code": 404, "description": "Not Found"});
    assert_eq!(bot.json("sendRocket", json!({})).await, not_found);
    assert_eq!(http.get(format!("{base}x")).send().await.unwrap().status(), 404);
    assert_eq!(bot.json("getMe", json!({})).await["result"]["id"], 42);
}

#[tokio::test]
async fn buttons_of_a_message_can_be_taken_away_once() {
    let bot = Bot::start().await;
    let markup = json!({"inline_keyboard": [[{"text": "x", "callback_data": "x"}]]});
    let sent =
        bot.json("sendMessage", json!({"chat_id": 7, "text": "x", "reply_markup": markup})).await;
    let edit = json!({"chat_id": 7, "message_id": sent["result"]["message_id"]});
    assert_eq!(bot.json("editMessageReplyMarkup", edit.clone()).await["ok"], true);
    assert!(bot.user.chat(7).await.unwrap()[0].buttons.is_empty());
    let again = bot.json("editMessageReplyMarkup", edit).await;
    assert!(
        again["description"].as_str().unwrap().starts_with("Bad Request: message is not modified")
    );
}

#[tokio::test]
async fn only_the_bots_own_messages_are_edited() {
    let bot = Bot::start().await;
    let markup = |data: &str| json!({"inline_keyboard": [[{"text": "x", "callback_data": data}]]});
    let own = bot.user.say(7, "hello").await.unwrap().message_id;
    let sent = bot.json("sendMessage", json!({"chat_id": 7, "text": "x"})).await;
    let id = sent["result"]["message_id"].as_i64();
    let edit = |id, markup| json!({"chat_id": 7, "message_id": id, "reply_markup": markup});
    let edited = bot.json("editMessageReplyMarkup", edit(id, markup("a"))).await;
    assert_eq!(edited["result"]["reply_markup"], markup("a"));
    assert_eq!(bot.user.chat(7).await.unwrap()[1].buttons[0][0].data.as_deref(), Some("a"));
    let keyboard = json!({"keyboard": [["a"]]});
    for (id, markup, description) in [
        (id, markup("a"), "Bad Request: message is not modified"),
        (id, keyboard, "Bad Request: inline keyboard expected"),
        (Some(999), markup("a"), "Bad Request: message to edit not found"),
        (own, markup("a"), "Bad Request: message can't be edited"),
    ] {
        let refused = bot.json("editMessageReplyMarkup", edit(id, markup)).await;
        assert!(refused["description"].as_str().unwrap().starts_with(description), "{refused}");
    }
}

#[tokio::test]
async fn commands_are_kept_and_reset_forgets_what_was_shown() {
    let bot = Bot::start().await;
    let commands = json!([{"command": "help", "description": "Help"}]);
    bot.json("setMyCommands", json!({ "commands": commands })).await;
    assert_eq!(bot.user.commands().await.unwrap(), commands);
    bot.json("sendMessage", json!({"chat_id": 7, "text": "x"})).await;
    bot.user.reset().await.unwrap();
    assert!(bot.user.chat(7).await.unwrap().is_empty());
    assert_eq!(bot.user.stats().await.unwrap().sent, 0);
}
