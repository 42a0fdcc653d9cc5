//! Settings of a client in a real database: each press once, whatever its order.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "support/bot.rs"]
mod bot;
mod support;

use bot::*;
use serde_json::{Value, json};

async fn switches(bot: &Bot) -> Vec<Value> {
    bot.database.rows("SELECT reminders_off AS r, questions_off AS q FROM users").await
}

#[tokio::test]
async fn a_switch_is_turned_by_its_client_alone_and_a_second_press_changes_nothing() {
    let bot = Bot::new().await;
    bot.apply(&shares(1, ALINA, PHONE)).await;
    bot.apply(&text_update(2, ALINA, "/settings")).await;
    bot.apply(&presses(3, ALINA, "settings:reminders_off")).await;
    bot.apply(&presses(4, ALINA, "settings:reminders_off")).await;
    bot.apply(&presses(5, ALINA, "settings:questions_off")).await;
    assert_eq!(switches(&bot).await, [json!({"r": true, "q": true})]);
    bot.apply(&presses(6, ALINA, "settings:questions_on")).await;
    bot.apply(&presses(7, BORIS, "settings:reminders_on")).await;
    let rows = bot.database.rows("SELECT reminders_off AS off FROM users ORDER BY id").await;
    assert_eq!(rows, [json!({"off": true}), json!({"off": false})]);
    let settings = json!({"answer": "settings", "message": null});
    assert!(bot.answers().await[1..].iter().all(|answer| *answer == settings));
}
