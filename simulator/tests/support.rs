//! Copies, replies, topics and reactions of the bot: what answering a client from the staff's chat takes.

mod common;

use common::Bot;
use serde_json::{Value, json};
use simulator::model::{Button, Limits, Member, MessageRef, UserMessage};

const GROUP: i64 = -1_001_000_000_001;

fn copy(to: i64, from: i64, message_id: i64) -> Value {
    json!({"chat_id": to, "from_chat_id": from, "message_id": message_id})
}

async fn refused(bot: &Bot, method: &str, body: Value, description: &str) {
    let answer = bot.json(method, body.clone()).await;
    let expected = json!({"ok": false, "error_code": 400, "description": description});
    assert_eq!(answer, expected, "{method} {body}");
}

#[tokio::test]
async fn messages_of_every_kind_are_copied_with_their_captions() {
    let bot = Bot::start().await;
    let file =
        simulator::model::File { file_name: "a.txt".into(), mime_type: None, text: "a".into() };
    for message in [
        UserMessage::text("see evil.example"),
        UserMessage::photo("look"),
        UserMessage::voice(3),
        UserMessage::sticker("👍"),
        UserMessage::document(file, ""),
    ] {
        let sent = bot.user.send(7, &message).await.unwrap().message_id.unwrap();
        let copied = bot.json("copyMessage", copy(GROUP, 7, sent)).await;
        let shown = bot.user.chat(GROUP).await.unwrap().pop().unwrap();
        assert_eq!(copied["result"], json!({ "message_id": shown.message_id }));
        assert_eq!(shown.copy_of, Some(MessageRef { chat_id: 7, message_id: sent }));
        assert_eq!((shown.from_bot, &shown.text), (true, &message.text));
        let original = bot.user.chat(7).await.unwrap().pop().unwrap();
        assert_eq!((&shown.media, &shown.document), (&original.media, &original.document));
        assert_eq!(shown.kind(), original.kind());
    }
    assert_eq!(bot.user.chat(GROUP).await.unwrap()[0].autolinks, ["evil.example"]);
    assert_eq!(bot.user.stats().await.unwrap().sent, 5);
    let photo = bot.user.chat(7).await.unwrap()[1].message_id;
    let mut captioned = copy(GROUP, 7, photo);
    captioned["caption"] = json!("<b>Anna</b>");
    captioned["parse_mode"] = json!("HTML");
    captioned["reply_markup"] = json!({"inline_keyboard": [[{"text": "x", "callback_data": "x"}]]});
    bot.json("copyMessage", captioned).await;
    let shown = bot.user.chat(GROUP).await.unwrap().pop().unwrap();
    assert_eq!((shown.text.as_str(), shown.kind()), ("Anna", "photo"));
    assert!(shown.button(|_: &Button| true).is_some());
}

#[tokio::test]
async fn what_telegram_does_not_copy_is_refused_and_limits_count_copies() {
    let bot = Bot::start().await;
    let member = Member::of(GROUP, 501);
    let head = bot.user.open_topic(member, "Cards", false, None).await.unwrap().message_id.unwrap();
    let sent = bot.user.say(7, "hello").await.unwrap().message_id.unwrap();
    refused(&bot, "copyMessage", copy(GROUP, 7, 999), "Bad Request: message to copy not found")
        .await;
    refused(&bot, "copyMessage", copy(7, GROUP, head), "Bad Request: message can't be copied")
        .await;
    refused(&bot, "copyMessage", copy(7, 0, head), "Bad Request: chat not found").await;
    let mut misspelled = copy(GROUP, 7, sent);
    misspelled["captoin"] = json!("x");
    refused(&bot, "copyMessage", misspelled, "Bad Request: the simulator knows no captoin here")
        .await;
    bot.user.delete_message(7, sent).await.unwrap();
    refused(&bot, "copyMessage", copy(GROUP, 7, sent), "Bad Request: message to copy not found")
        .await;

    let sent = bot.user.say(7, "hello").await.unwrap().message_id.unwrap();
    bot.user.set_limits(Limits { group_per_minute: Some(1), ..Limits::default() }).await.unwrap();
    assert_eq!(bot.json("copyMessage", copy(GROUP, 7, sent)).await["ok"], true);
    assert_eq!(bot.json("copyMessage", copy(GROUP, 7, sent)).await["error_code"], 429);
    bot.user.block(8).await.unwrap();
    assert_eq!(bot.json("copyMessage", copy(8, 7, sent)).await["error_code"], 403);
}

#[tokio::test]
async fn a_reply_needs_its_message_unless_it_may_go_without() {
    let bot = Bot::start().await;
    let sent = bot.user.say(7, "hello").await.unwrap().message_id.unwrap();
    let reply = |id: i64, allow: bool| {
        json!({"chat_id": 7, "text": "x", "disable_notification": true,
            "reply_parameters": {"message_id": id, "allow_sending_without_reply": allow}})
    };
    let answer = bot.json("sendMessage", reply(sent, false)).await;
    assert_eq!(answer["result"]["reply_to_message"]["text"], "hello");
    let missing = "Bad Request: message to be replied not found";
    refused(&bot, "sendMessage", reply(999, false), missing).await;
    bot.json("sendMessage", reply(999, true)).await;
    let mut copied = copy(7, 7, sent);
    copied["reply_parameters"] = json!(json!({ "message_id": sent }).to_string());
    bot.json("copyMessage", copied).await;
    let shown = bot.user.chat_after(7, sent, <_>::default()).await.unwrap();
    let replies: Vec<_> = shown.iter().map(|message| message.reply_to).collect();
    assert_eq!(replies, [Some(sent), None, Some(sent)]);
    assert!(shown[0].silent && !shown[2].silent);
}

#[tokio::test]
async fn a_topic_is_named_by_its_id_and_the_general_one_by_none() {
    let bot = Bot::start().await;
    bot.user.open_topic(Member::of(GROUP, 501), "Cards", true, Some(17)).await.unwrap();
    let send =
        |chat: i64, topic: i64| json!({"chat_id": chat, "text": "x", "message_thread_id": topic});
    let answer = bot.json("sendMessage", send(GROUP, 17)).await;
    assert_eq!(answer["result"]["message_thread_id"], 17);
    for (chat, topic) in [(GROUP, 1), (GROUP, 99), (7, 17)] {
        refused(&bot, "sendMessage", send(chat, topic), "Bad Request: message thread not found")
            .await;
    }
    let shown = bot.user.chat(GROUP).await.unwrap().pop().unwrap();
    assert_eq!(shown.thread_id, Some(17));
    let reply = json!({"chat_id": GROUP, "text": "y", "reply_parameters": {"message_id": shown.message_id}});
    assert_eq!(bot.json("sendMessage", reply).await["result"]["message_thread_id"], 17);
}

#[tokio::test]
async fn a_reaction_is_one_emoji_of_the_free_set() {
    let bot = Bot::start().await;
    let sent = bot.user.say(7, "hello").await.unwrap().message_id.unwrap();
    let react = |id: i64, emoji: &[&str]| {
        let all: Vec<_> =
            emoji.iter().map(|emoji| json!({"type": "emoji", "emoji": emoji})).collect();
        json!({"chat_id": 7, "message_id": id, "reaction": all})
    };
    let reactions = async || bot.user.chat(7).await.unwrap().pop().unwrap().reactions;
    assert_eq!(bot.json("setMessageReaction", react(sent, &["👍"])).await["result"], true);
    assert_eq!(reactions().await, ["👍"]);
    for (id, emoji, description) in [
        (sent, &["✅"][..], "Bad Request: REACTION_INVALID"),
        (sent, &["👍", "🔥"], "Bad Request: REACTIONS_TOO_MANY"),
        (999, &["👍"], "Bad Request: message to react not found"),
    ] {
        refused(&bot, "setMessageReaction", react(id, emoji), description).await;
    }
    bot.json("setMessageReaction", react(sent, &[])).await;
    assert_eq!(reactions().await, [""; 0]);
}
