//! The users' side: updates by long polling and by webhook, in order, retried, repeated.

mod common;

use std::sync::Arc;

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    routing::post,
};
use common::{Bot, PATIENCE};
use serde_json::{Value, json};
use tokio::sync::{Mutex, mpsc};

#[tokio::test]
async fn polling_gives_updates_until_an_offset_confirms_them() {
    let bot = Bot::start().await;
    let polled = bot.json("getUpdates", json!({"timeout": 10}));
    let (polled, made) = tokio::join!(polled, bot.user.say(7, "/start now"));
    let update = &polled["result"][0];
    assert_eq!(update["update_id"], made.unwrap().update_id);
    assert_eq!(update["message"]["from"]["id"], 7);
    let entity = json!([{"type": "bot_command", "offset": 0, "length": 6}]);
    assert_eq!(update["message"]["entities"], entity);

    bot.user.share_contact(7, "+79991234567").await.unwrap();
    bot.user.share_other_contact(7, "+79990000000", 8).await.unwrap();
    let all = bot.json("getUpdates", json!({})).await;
    assert_eq!(all["result"].as_array().unwrap().len(), 3, "nothing was confirmed");
    let contact = &all["result"][1]["message"]["contact"];
    assert_eq!((&contact["user_id"], &contact["phone_number"]), (&json!(7), &json!("79991234567")));
    let last = all["result"][2]["update_id"].as_i64().unwrap();
    let rest = bot.json("getUpdates", json!({ "offset": last })).await;
    assert_eq!(rest["result"].as_array().unwrap().len(), 1);
    assert_eq!(rest["result"][0]["message"]["contact"]["user_id"], 8);
    let none = bot.json("getUpdates", json!({ "offset": last + 1 })).await;
    assert_eq!(none["result"], json!([]));
}

#[tokio::test]
async fn a_second_poller_ends_the_first_and_a_webhook_forbids_polling() {
    let bot = Bot::start().await;
    let first = bot.json("getUpdates", json!({"timeout": 20}));
    let second = async {
        // The first call must be waiting already: a message would end it, so a round trip gives it a head start.
        bot.json("getMe", json!({})).await;
        bot.json("getUpdates", json!({})).await
    };
    let (first, second) = tokio::join!(first, second);
    assert_eq!(first["error_code"], 409);
    assert_eq!(second["ok"], true);
    let refused = bot.json("setWebhook", json!({"url": "http://bot.example/hook"})).await;
    assert_eq!(refused["error_code"], 400, "not HTTPS and not loopback");
    bot.json("setWebhook", json!({"url": "https://127.0.0.1:1/hook"})).await;
    assert_eq!(bot.json("getUpdates", json!({})).await["error_code"], 409);
}

#[tokio::test]
async fn a_press_names_its_message_and_is_answered_once() {
    let bot = Bot::start().await;
    let markup = json!({"inline_keyboard": [[{"text": "5", "callback_data": "rate:1:5"}]]});
    bot.json("sendMessage", json!({"chat_id": 7, "text": "How?", "reply_markup": markup})).await;
    assert!(bot.user.press(7, None, "rate:1:4").await.is_err(), "no such button");
    let made = bot.user.press(7, None, "rate:1:5").await.unwrap();
    let update = &bot.json("getUpdates", json!({})).await["result"][0];
    let query = &update["callback_query"];
    assert_eq!((&query["data"], &query["message"]["text"]), (&json!("rate:1:5"), &json!("How?")));
    let id = json!({"callback_query_id": made.callback_query_id.unwrap()});
    assert_eq!(query["id"], id["callback_query_id"]);
    assert_eq!(bot.json("answerCallbackQuery", id.clone()).await["result"], true);
    assert_eq!(bot.json("answerCallbackQuery", id).await["error_code"], 400);
}

/// A webhook that refuses the first `refuse` requests, and passes on what it takes.
async fn webhook(refuse: usize) -> (String, mpsc::UnboundedReceiver<(Option<String>, Value)>) {
    let (sender, receiver) = mpsc::unbounded_channel();
    let state = Arc::new((Mutex::new(refuse), sender));
    let handler = |State(state): State<Arc<(Mutex<usize>, mpsc::UnboundedSender<_>)>>,
                   headers: HeaderMap,
                   body: String| async move {
        let mut refuse = state.0.lock().await;
        if *refuse > 0 {
            *refuse -= 1;
            return (StatusCode::SERVICE_UNAVAILABLE, String::new());
        }
        let secret = headers.get("X-Telegram-Bot-Api-Secret-Token");
        let secret = secret.and_then(|value| value.to_str().ok()).map(str::to_owned);
        let update: Value = serde_json::from_str(&body).expect("JSON");
        state.1.send((secret, update.clone())).expect("the test listens");
        let reply = update.pointer("/callback_query/id").map(|id| {
            json!({"method": "answerCallbackQuery", "callback_query_id": id}).to_string()
        });
        (StatusCode::OK, reply.unwrap_or_default())
    };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
    let app = Router::new().route("/hook", post(handler)).with_state(state);
    tokio::spawn(async move { axum::serve(listener, app).await.expect("serves") });
    (url, receiver)
}

#[tokio::test]
async fn the_webhook_gets_updates_in_order_with_the_secret_until_it_takes_them() {
    let bot = Bot::start().await;
    let (url, mut taken) = webhook(2).await;
    bot.user.say(7, "before").await.unwrap();
    bot.json("setWebhook", json!({"url": url, "secret_token": "s3cret"})).await;
    for text in ["one", "two", "three"] {
        bot.user.say(7, text).await.unwrap();
    }
    for expected in ["before", "one", "two", "three"] {
        let (secret, update) = taken.recv().await.unwrap();
        assert_eq!(
            (secret.as_deref(), &update["message"]["text"]),
            (Some("s3cret"), &json!(expected))
        );
    }
    let info = bot.json("getWebhookInfo", json!({})).await;
    assert!(info["result"]["last_error_message"].as_str().unwrap().contains("503"));
    assert!(info["result"]["last_error_date"].as_i64().unwrap() > 1_700_000_000);
}

#[tokio::test]
async fn an_injected_update_arrives_as_often_as_ordered() {
    let bot = Bot::start().await;
    let (url, mut taken) = webhook(0).await;
    bot.json("setWebhook", json!({ "url": url, "allowed_updates": ["message"] })).await;
    let update = json!({"update_id": 77, "message": {"chat": {"id": 7}, "brand_new": true}});
    bot.user.inject(&update, 3, false).await.unwrap();
    bot.user.inject(&update, 3, true).await.unwrap();
    for _ in 0..6 {
        assert_eq!(taken.recv().await.unwrap().1, update);
    }
    bot.user.block(7).await.unwrap();
    bot.user.say(7, "after").await.unwrap();
    let (_, next) = taken.recv().await.unwrap();
    assert_eq!(next["message"]["text"], "after", "my_chat_member is not among the allowed updates");
}

#[tokio::test]
async fn a_method_in_the_webhooks_answer_is_carried_out() {
    let bot = Bot::start().await;
    let (url, mut taken) = webhook(0).await;
    bot.json("setWebhook", json!({ "url": url })).await;
    let markup = json!({"inline_keyboard": [[{"text": "5", "callback_data": "d"}]]});
    bot.json("sendMessage", json!({"chat_id": 7, "text": "How?", "reply_markup": markup})).await;
    let made = bot.user.press(7, None, "d").await.unwrap();
    taken.recv().await.unwrap();
    let call =
        bot.user.wait_for_call(0, |call| call.method == "answerCallbackQuery", PATIENCE).await;
    assert_eq!(call.unwrap().body["callback_query_id"], json!(made.callback_query_id));
}
