//! Groups: what the bot gets of their members with privacy mode on, topics, channels, the bot added and removed.

mod common;

use common::Bot;
use serde_json::{Value, json};
use simulator::model::{ChatKind, Member, UserMessage};

const GROUP: i64 = -1_001_000_000_001;
const ANNA: Member = Member { chat_id: GROUP, user_id: 501 };

fn buttons() -> Value {
    json!({"inline_keyboard": [[{"text": "Take", "callback_data": "take:1"}]]})
}

/// The updates that wait for the bot, without confirming them.
async fn updates(bot: &Bot) -> Vec<Value> {
    bot.json("getUpdates", json!({})).await["result"].as_array().expect("updates").clone()
}

async fn card(bot: &Bot) -> i64 {
    let card = json!({"chat_id": GROUP, "text": "Card", "reply_markup": buttons()});
    bot.json("sendMessage", card).await["result"]["message_id"].as_i64().expect("an id")
}

#[tokio::test]
async fn with_privacy_mode_the_bot_gets_commands_and_replies_to_its_messages() {
    let bot = Bot::start().await;
    let card = card(&bot).await;
    let plain = bot.user.send_in(ANNA, &UserMessage::text("lunch?")).await.unwrap();
    assert!(!plain.delivered);
    let to_member = bot.user.reply_in(ANNA, plain.message_id.unwrap(), "yes").await.unwrap();
    assert!(!to_member.delivered);
    let other = bot.user.send_in(ANNA, &UserMessage::text("/today@other_bot")).await.unwrap();
    assert!(!other.delivered);
    assert_eq!(updates(&bot).await.len(), 0);

    bot.user.reply_in(ANNA, card, "We wait for you").await.unwrap();
    bot.user.send_in(ANNA, &UserMessage::text("/today@simulator_bot")).await.unwrap();
    bot.user.send_in(ANNA, &UserMessage::photo("map").reply_to(card)).await.unwrap();
    let got = updates(&bot).await;
    let reply = &got[0]["message"];
    assert_eq!((&reply["from"]["id"], &reply["chat"]["id"]), (&json!(501), &json!(GROUP)));
    assert_eq!(reply["chat"]["type"], "supergroup");
    assert_eq!(reply["reply_to_message"]["message_id"], card);
    assert_eq!(reply["reply_to_message"]["from"]["id"], 42, "the bot's own id");
    assert_eq!(reply["reply_to_message"]["text"], "Card");
    assert_eq!(got[1]["message"]["entities"][0]["length"], 20);
    assert_eq!(got[2]["message"]["caption"], "map");
    assert_eq!(bot.user.chat(GROUP).await.unwrap().len(), 7, "members see everything");

    bot.user.set_privacy(GROUP, false).await.unwrap();
    assert!(bot.user.send_in(ANNA, &UserMessage::text("lunch?")).await.unwrap().delivered);
}

#[tokio::test]
async fn a_press_in_a_group_comes_from_the_member() {
    let bot = Bot::start().await;
    let card = card(&bot).await;
    bot.user.press_in(ANNA, Some(card), "take:1").await.unwrap();
    let query = &updates(&bot).await[0]["callback_query"];
    assert_eq!(
        (&query["from"]["id"], &query["message"]["chat"]["id"]),
        (&json!(501), &json!(GROUP))
    );
    assert_eq!(query["message"]["message_id"], card);
}

#[tokio::test]
async fn in_a_topic_that_the_bot_opened_every_message_is_a_reply_to_its_head() {
    let bot = Bot::start().await;
    let text = |text: &str, topic| UserMessage::text(text).in_topic(topic);
    assert!(bot.user.send_in(ANNA, &text("x", 17)).await.is_err(), "no such topic");
    let of_bot = bot.user.open_topic(ANNA, "Cards", true, Some(17)).await.unwrap();
    assert_eq!((of_bot.message_id, of_bot.delivered), (Some(17), false));
    let of_anna = bot.user.open_topic(ANNA, "Lunch", false, None).await.unwrap();
    assert!(of_anna.delivered, "a service message");
    assert!(bot.user.send_in(ANNA, &text("hello", 17)).await.unwrap().delivered);
    let other = bot.user.send_in(ANNA, &text("pizza", of_anna.message_id.unwrap())).await;
    assert!(!other.unwrap().delivered);
    let got = updates(&bot).await;
    assert_eq!(got[0]["message"]["forum_topic_created"]["name"], "Lunch");
    let plain = &got[1]["message"];
    assert_eq!(
        (&plain["message_thread_id"], &plain["is_topic_message"]),
        (&json!(17), &json!(true))
    );
    assert_eq!(plain["reply_to_message"]["message_id"], 17);
    assert_eq!(plain["reply_to_message"]["forum_topic_created"]["name"], "Cards");
    assert_eq!(plain["chat"]["is_forum"], true);
    let taken = bot.user.open_topic(ANNA, "Again", true, Some(17)).await;
    assert!(taken.is_err(), "the id is taken");
}

#[tokio::test]
async fn a_channel_has_presses_but_no_words_of_its_subscribers() {
    let bot = Bot::start().await;
    bot.user.set_chat_kind(GROUP, ChatKind::Channel).await.unwrap();
    let card = card(&bot).await;
    assert!(bot.user.reply_in(ANNA, card, "hello").await.is_err());
    bot.user.press_in(ANNA, None, "take:1").await.unwrap();
    let message = &updates(&bot).await[0]["callback_query"]["message"];
    assert_eq!(message["chat"]["type"], "channel");
    assert_eq!(message["sender_chat"]["id"], GROUP);
    assert!(message.get("from").is_none());
}

#[tokio::test]
async fn a_link_adds_the_bot_to_a_group_and_brings_its_payload() {
    let bot = Bot::start().await;
    let anna = Member::of(-77, 501);
    bot.user.add_bot(anna, Some("secret")).await.unwrap();
    let got = updates(&bot).await;
    assert_eq!(got.len(), 3);
    let joined = &got[0]["my_chat_member"];
    assert_eq!((&joined["chat"]["id"], &joined["chat"]["type"]), (&json!(-77), &json!("group")));
    assert_eq!(joined["old_chat_member"]["status"], "left");
    assert_eq!(joined["new_chat_member"]["status"], "member");
    assert_eq!(got[1]["message"]["new_chat_members"][0]["username"], "simulator_bot");
    assert_eq!(got[2]["message"]["text"], "/start@simulator_bot secret");

    bot.user.remove_bot(anna).await.unwrap();
    let refused = bot.json("sendMessage", json!({"chat_id": -77, "text": "x"})).await;
    assert_eq!(refused["error_code"], 403);
    assert_eq!(refused["description"], "Forbidden: bot was kicked from the group chat");
    assert!(!bot.user.send_in(anna, &UserMessage::text("/today")).await.unwrap().delivered);
    bot.user.add_bot_as_admin(anna, None).await.unwrap();
    assert!(bot.user.send_in(anna, &UserMessage::text("hello")).await.unwrap().delivered);
}
