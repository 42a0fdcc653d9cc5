//! Scripted faults and limits: the caller's response, the chat's messages, the journal.

mod common;

use std::time::Duration;

use common::{Bot, PATIENCE};
use serde_json::{Value, json};
use simulator::model::{Fault, FaultKind, JournalMode, Limits};

fn hello(chat_id: i64) -> Value {
    json!({"chat_id": chat_id, "text": "hello"})
}

#[tokio::test]
async fn answers_with_errors_have_telegrams_form() {
    let bot = Bot::start().await;
    let table = [
        (
            FaultKind::TooManyRequests { retry_after: 3 },
            json!({"ok": false, "error_code": 429, "description": "Too Many Requests: retry after 3",
                "parameters": {"retry_after": 3}}),
        ),
        (
            FaultKind::Forbidden,
            json!({"ok": false, "error_code": 403, "description": "Forbidden: bot was blocked by the user"}),
        ),
        (
            FaultKind::ChatNotFound,
            json!({"ok": false, "error_code": 400, "description": "Bad Request: chat not found"}),
        ),
        (
            FaultKind::UserDeactivated,
            json!({"ok": false, "error_code": 403, "description": "Forbidden: user is deactivated"}),
        ),
        (
            FaultKind::ServerError,
            json!({"ok": false, "error_code": 500, "description": "Internal Server Error"}),
        ),
        (
            FaultKind::Migrate { to: -1_001 },
            json!({"ok": false, "error_code": 400,
                "description": "Bad Request: group chat was upgraded to a supergroup chat",
                "parameters": {"migrate_to_chat_id": -1_001}}),
        ),
    ];
    for (kind, expected) in table {
        bot.user.script(&Fault::sending(kind, 1)).await.unwrap();
        assert_eq!(bot.json("sendMessage", hello(7)).await, expected);
    }
    assert!(bot.user.chat(7).await.unwrap().is_empty(), "nothing was delivered");
    assert_eq!(bot.json("sendMessage", hello(7)).await["ok"], true, "the faults are used up");
}

#[tokio::test]
async fn an_outage_lasts_until_it_is_ended() {
    let bot = Bot::start().await;
    let outage = Fault::outage(FaultKind::BadGatewayHtml);
    bot.user.script(&outage).await.unwrap();
    for method in ["sendMessage", "getMe", "sendMessage"] {
        assert_eq!(bot.call(method, hello(7)).await.unwrap().0, 502);
    }
    bot.user.end_fault(&outage).await.unwrap();
    assert_eq!(bot.json("sendMessage", hello(7)).await["ok"], true);
    assert!(bot.user.end_fault(&outage).await.is_err(), "it is not there any more");
}

#[tokio::test]
async fn answers_that_are_not_json() {
    let bot = Bot::start().await;
    bot.user.script(&Fault::sending(FaultKind::BadGatewayHtml, 1)).await.unwrap();
    let (status, body) = bot.call("sendMessage", hello(7)).await.unwrap();
    assert!(status == 502 && body.starts_with("<html>"), "{status} {body}");
    bot.user.script(&Fault::sending(FaultKind::Garbage, 1).accepted()).await.unwrap();
    let (status, body) = bot.call("sendMessage", hello(7)).await.unwrap();
    assert!(status == 200 && serde_json::from_str::<Value>(&body).is_err(), "{status} {body}");
    assert_eq!(bot.user.chat(7).await.unwrap().len(), 1, "only the second was accepted");
}

#[tokio::test]
async fn a_cut_connection_gives_no_answer_and_the_journal_tells_whether_it_took_effect() {
    let bot = Bot::start().await;
    bot.user.script(&Fault::sending(FaultKind::CutBeforeAccept, 1)).await.unwrap();
    bot.user.script(&Fault::sending(FaultKind::CutAfterAccept, 1)).await.unwrap();
    assert!(bot.call("sendMessage", hello(7)).await.is_err());
    assert!(bot.user.chat(7).await.unwrap().is_empty());
    assert!(bot.call("sendMessage", hello(7)).await.is_err());
    assert_eq!(bot.user.chat(7).await.unwrap().len(), 1);
    let calls = bot.user.journal(0, None).await.unwrap();
    let seen: Vec<_> = calls.iter().map(|c| (c.outcome.as_str(), c.status, c.delivered)).collect();
    assert_eq!(seen, [("cut_before_accept", 0, false), ("cut_after_accept", 0, true)]);
}

#[tokio::test]
async fn a_hang_is_journaled_at_once_and_outlasts_the_callers_patience() {
    let bot = Bot::start().await;
    bot.user.script(&Fault::sending(FaultKind::Hang { ms: 60_000 }, 1).accepted()).await.unwrap();
    let hanging = bot.call("sendMessage", hello(7));
    let seen = bot.user.wait_for_call(0, |call| call.outcome == "hang", PATIENCE);
    tokio::select! {
        answer = hanging => panic!("answered: {answer:?}"),
        call = seen => assert!(call.unwrap().delivered),
    }
    bot.user.script(&Fault::sending(FaultKind::Hang { ms: 1 }, 1)).await.unwrap();
    assert!(bot.call("sendMessage", hello(7)).await.is_err(), "not accepted: cut in the end");
}

#[tokio::test]
async fn who_blocked_the_bot_is_not_reached() {
    let bot = Bot::start().await;
    bot.user.block(7).await.unwrap();
    assert_eq!(bot.json("sendMessage", hello(7)).await["error_code"], 403);
    bot.user.unblock(7).await.unwrap();
    assert_eq!(bot.json("sendMessage", hello(7)).await["ok"], true);
}

#[tokio::test]
async fn limits_are_enforced_only_when_configured() {
    let bot = Bot::start().await;
    for _ in 0..3 {
        assert_eq!(bot.json("sendMessage", hello(-5)).await["ok"], true);
    }
    bot.user.set_limits(Limits { group_per_minute: Some(1), ..Limits::default() }).await.unwrap();
    assert_eq!(bot.json("sendMessage", hello(-5)).await["ok"], true);
    let refused = bot.json("sendMessage", hello(-5)).await;
    assert_eq!(refused["error_code"], 429);
    assert!(refused["parameters"]["retry_after"].as_u64().unwrap() >= 50);
}

#[tokio::test]
async fn with_the_journal_off_only_counters_remain() {
    let bot = Bot::start().await;
    bot.user.set_journal(JournalMode::Off).await.unwrap();
    for text in ["a", "b", "a"] {
        bot.json("sendMessage", json!({"chat_id": 7, "text": text})).await;
    }
    let stats = bot.user.wait_for_sent(3, PATIENCE).await.unwrap();
    assert_eq!((stats.sent, stats.duplicates, stats.failed), (3, 1, 0));
    assert!(bot.user.chat(7).await.unwrap().is_empty());
    assert!(bot.user.journal(0, None).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_wait_ends_when_what_it_waits_for_comes_or_says_what_came_instead() {
    let bot = Bot::start().await;
    let wanted = bot.user.wait_for_message(7, |message| message.text == "hello", PATIENCE);
    let send = async {
        bot.json("sendMessage", json!({"chat_id": 7, "text": "first"})).await;
        bot.json("sendMessage", hello(7)).await
    };
    let (found, _) = tokio::join!(wanted, send);
    assert_eq!(found.unwrap().message_id, 2);
    let patience = Duration::from_millis(30);
    let error = bot.user.wait_for_message(7, |m| m.text == "bye", patience).await.unwrap_err();
    assert!(error.to_string().contains("first") && error.to_string().contains("hello"), "{error}");
}
