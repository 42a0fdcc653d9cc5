//! Clients who send more than text: replies, media, forwards, links; and who they are.

mod common;

use common::Bot;
use serde_json::{Value, json};
use simulator::model::{Button, File, MessageRef, Profile, UserMessage};

async fn messages(bot: &Bot) -> Vec<Value> {
    let got = bot.json("getUpdates", json!({})).await;
    got["result"]
        .as_array()
        .expect("updates")
        .iter()
        .map(|update| update["message"].clone())
        .collect()
}

#[tokio::test]
async fn media_come_with_their_files_and_captions() {
    let bot = Bot::start().await;
    let file =
        File { file_name: "a.txt".into(), mime_type: Some("text/plain".into()), text: "a".into() };
    for message in [
        UserMessage::photo("look"),
        UserMessage::voice(7).caption("listen"),
        UserMessage::sticker("👍"),
        UserMessage::document(file, "read"),
    ] {
        assert!(bot.user.send(7, &message).await.unwrap().delivered);
    }
    assert!(bot.user.send(7, &UserMessage::text("")).await.is_err(), "nothing to send");
    let got = messages(&bot).await;
    let photo = got[0]["photo"].as_array().unwrap();
    assert!(photo.len() > 1 && photo.iter().all(|size| size["file_unique_id"].is_string()));
    assert_eq!((&got[0]["caption"], &got[1]["caption"]), (&json!("look"), &json!("listen")));
    assert_eq!(
        (&got[1]["voice"]["duration"], &got[2]["sticker"]["emoji"]),
        (&json!(7), &json!("👍"))
    );
    assert_eq!(got[3]["document"]["file_name"], "a.txt");
    assert!(got.iter().all(|message| message.get("text").is_none()));
    let shown = bot.user.chat(7).await.unwrap();
    let kinds: Vec<&str> = shown.iter().map(|message| message.kind()).collect();
    assert_eq!(kinds, ["photo", "voice", "sticker", "document"]);
}

#[tokio::test]
async fn a_reply_carries_its_message_and_a_forward_its_author() {
    let bot = Bot::start().await;
    let call_back = json!({"inline_keyboard": [[{"text": "5", "callback_data": "5"}]]});
    let sent =
        bot.json("sendMessage", json!({"chat_id": 7, "text": "How?", "reply_markup": call_back}));
    let sent = sent.await["result"]["message_id"].as_i64().unwrap();
    bot.user.reply(7, sent, "Well").await.unwrap();
    assert!(bot.user.reply(7, 999, "Well").await.is_err(), "no such message");
    let of = MessageRef { chat_id: 7, message_id: sent };
    let forward = bot.user.send(8, &UserMessage::forward(of)).await.unwrap();
    bot.user.set_profile(8, &Profile { hides_forwards: true, ..Profile::default() }).await.unwrap();
    let own = bot.user.say(8, "mine").await.unwrap().message_id.unwrap();
    let of = MessageRef { chat_id: 8, message_id: own };
    bot.user.send(9, &UserMessage::forward(of)).await.unwrap();
    let got = messages(&bot).await;
    assert_eq!(
        (&got[0]["text"], &got[0]["reply_to_message"]["text"]),
        (&json!("Well"), &json!("How?"))
    );
    assert_eq!(got[1]["forward_origin"]["sender_user"]["id"], 42);
    assert_eq!(got[3]["forward_origin"]["type"], "hidden_user");
    let forwarded =
        &bot.user.chat_after(8, forward.message_id.unwrap() - 1, <_>::default()).await.unwrap()[0];
    assert_eq!(forwarded.button(|_: &Button| true), None, "buttons that call back are lost");
    assert_eq!(forwarded.forward_of, Some(MessageRef { chat_id: 7, message_id: sent }));
}

#[tokio::test]
async fn people_have_names_and_languages_and_open_links() {
    let bot = Bot::start().await;
    bot.user.open_link(7, "aB3_-").await.unwrap();
    bot.user.open_link(7, "not allowed").await.unwrap();
    let profile = Profile {
        first_name: "Ann".into(),
        language_code: Some("en".into()),
        ..Profile::default()
    };
    bot.user.set_profile(7, &profile).await.unwrap();
    bot.user.say(7, "hello").await.unwrap();
    bot.user.set_profile(7, &Profile { language_code: None, ..profile }).await.unwrap();
    bot.user.say(7, "hello").await.unwrap();
    let got = messages(&bot).await;
    assert_eq!((&got[0]["text"], &got[1]["text"]), (&json!("/start aB3_-"), &json!("/start")));
    assert_eq!(got[0]["from"]["language_code"], "ru");
    assert_eq!(got[2]["from"]["language_code"], "en");
    assert_eq!(
        (&got[2]["from"]["first_name"], &got[2]["chat"]["first_name"]),
        (&json!("Ann"), &json!("Ann"))
    );
    assert!(got[3]["from"].get("language_code").is_none());
}
