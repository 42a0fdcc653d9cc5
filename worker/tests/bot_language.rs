//! The choice of a language, applied to a real database: the later one counts, whatever the order of the updates.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "support/bot.rs"]
mod bot;
mod support;

use bot::*;
use chrono::TimeDelta;
use serde_json::json;
use shared::{
    domain::{ids::ChatId, venue::Locale},
    store::{languages, outbox},
};

#[tokio::test]
async fn the_language_chosen_last_counts_though_its_update_was_applied_first() {
    let bot = Bot::new().await;
    let chosen = async || languages::chosen(&bot.database.db, ChatId(ALINA)).await.unwrap();
    assert_eq!(chosen().await, None);
    bot.apply(&presses(1, ALINA, "lang:en")).await;
    assert_eq!(chosen().await, Some(Locale::En));
    bot.apply_late(&presses(2, ALINA, "lang:ru"), now() - TimeDelta::minutes(5)).await;
    assert_eq!(chosen().await, Some(Locale::En));
    bot.apply(&presses(3, ALINA, "lang:ru")).await;
    assert_eq!(chosen().await, Some(Locale::Ru));
    let answers = bot.answers().await;
    assert_eq!(answers.last(), Some(&json!({"answer": "language_chosen", "registered": false})));
}

#[tokio::test]
async fn a_due_message_comes_with_the_language_of_its_chat() {
    let bot = Bot::new().await;
    bot.apply(&presses(1, ALINA, "lang:en")).await;
    bot.apply(&text_update(2, BORIS, "/start")).await;
    let chats = [ChatId(ALINA), ChatId(BORIS)];
    let db = &bot.database.db;
    let due = outbox::due(db, &chats, outbox::Among::All, now(), 10).await.unwrap();
    let language = |chat: i64| due[&ChatId(chat)][0].as_ref().unwrap().chat_language;
    assert_eq!((language(ALINA), language(BORIS)), (Some(Locale::En), None));
    // A language that only a newer version knows.
    bot.database.run("UPDATE users SET language = 'tt'").await;
    let due = outbox::due(db, &chats[..1], outbox::Among::All, now(), 10).await.unwrap();
    assert_eq!(due[&ChatId(ALINA)][0].as_ref().unwrap().chat_language, None);
}
