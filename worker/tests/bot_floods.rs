//! Clients who press and write without a pause: what repeats is answered once, at most three answers wait,
//! and the staff get one card per visit.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "support/bot.rs"]
mod bot;
mod support;

use bot::*;
use chrono::TimeDelta;
use proptest::prelude::*;
use sea_orm::{ConnectionTrait, TransactionTrait};
use serde_json::{Value, json};

/// The answers that wait in a chat, in the order in which they are sent.
async fn waiting(bot: &Bot, chat: i64) -> Vec<Value> {
    let query = format!(
        "SELECT content->'answer' AS answer FROM messages WHERE kind = 'answer' \
         AND status = 'scheduled' AND slot <> 'pending' AND chat_id = {chat} ORDER BY due_at, id"
    );
    let rows = bot.database.rows(&query).await;
    rows.into_iter().map(|mut row| row["answer"].take()).collect()
}

/// Records all answers as sent, `ago` before now.
async fn send_all(bot: &Bot, ago: TimeDelta) {
    let at = now() - ago;
    bot.database
        .run(&format!(
            "UPDATE messages SET status = 'sent', sent_at = '{at}', updated_at = '{at}' \
             WHERE kind = 'answer' AND status IN ('scheduled', 'sent')"
        ))
        .await;
}

#[tokio::test]
async fn a_hundred_equal_commands_leave_one_answer_waiting() {
    let bot = Bot::new().await;
    bot.apply(&shares(1, ALINA, PHONE)).await;
    for update in 2..=101 {
        bot.apply(&text_update(update, ALINA, "/help")).await;
        bot.apply(&text_update(update + 200, BORIS, "привет")).await;
    }
    let help = json!({"answer": "help", "registered": true});
    assert_eq!(waiting(&bot, ALINA).await, [json!({"answer": "registered"}), help]);
    assert_eq!(waiting(&bot, BORIS).await, [json!({"answer": "ask_contact", "why": "first"})]);
}

#[tokio::test]
async fn an_answer_that_begins_to_be_sent_meanwhile_is_not_repeated() {
    let bot = Bot::new().await;
    bot.apply(&text_update(1, ALINA, "/help")).await;
    // A worker has claimed it, and has not committed yet.
    let claim = bot.database.db.begin().await.unwrap();
    let sending = "UPDATE messages SET status = 'sending', lease_until = now() + interval '1 minute', \
        updated_at = now() WHERE kind = 'answer'";
    claim.execute_unprepared(sending).await.unwrap();
    let commits = async {
        let waits = "SELECT count(*) AS n FROM pg_stat_activity \
            WHERE datname = current_database() AND wait_event_type = 'Lock'";
        while bot.database.rows(waits).await != [json!({"n": 1})] {
            tokio::task::yield_now().await;
        }
        claim.commit().await.unwrap();
    };
    let repeated = text_update(2, ALINA, "/help");
    tokio::join!(bot.apply(&repeated), commits);
    assert_eq!(waiting(&bot, ALINA).await, Vec::<Value>::new());
}

#[tokio::test]
async fn of_many_different_answers_the_three_newest_wait() {
    let bot = Bot::new().await;
    bot.apply(&shares(1, ALINA, PHONE)).await;
    for (update, text) in (2..).zip(["/help", "/address", "/contacts", "/bookings", "/address"]) {
        bot.apply(&text_update(update, ALINA, text)).await;
    }
    let answers = waiting(&bot, ALINA).await;
    let names: Vec<_> = answers.iter().map(|answer| answer["answer"].as_str().unwrap()).collect();
    assert_eq!(names, ["contacts", "bookings", "address"]);
}

#[tokio::test]
async fn a_request_for_the_number_is_void_once_the_number_is_known() {
    let bot = Bot::new().await;
    bot.apply(&text_update(1, ALINA, "/start")).await;
    bot.apply(&text_update(2, ALINA, "привет")).await;
    bot.apply(&shares(3, ALINA, PHONE)).await;
    assert_eq!(waiting(&bot, ALINA).await, [json!({"answer": "registered"})]);
}

#[tokio::test]
async fn an_answer_given_seconds_ago_is_not_repeated() {
    let bot = Bot::new().await;
    bot.apply(&shares(1, ALINA, PHONE)).await;
    bot.apply(&text_update(2, ALINA, "/help")).await;
    send_all(&bot, TimeDelta::seconds(2)).await;
    let (_, work) = bot.apply(&text_update(3, ALINA, "/help")).await;
    assert_eq!((waiting(&bot, ALINA).await, work), (vec![], vec![]));
    // Another answer came in between, or some time has passed: it is given again.
    bot.apply(&text_update(4, ALINA, "/address")).await;
    bot.apply(&text_update(5, ALINA, "/help")).await;
    assert_eq!(waiting(&bot, ALINA).await.len(), 2);
    send_all(&bot, TimeDelta::seconds(6)).await;
    bot.apply(&text_update(6, ALINA, "/help")).await;
    assert_eq!(waiting(&bot, ALINA).await.len(), 1);
}

#[tokio::test]
async fn a_list_requested_again_shows_the_newest_state_a_little_later() {
    let bot = Bot::new().await;
    bot.apply(&shares(1, ALINA, PHONE)).await;
    bot.apply(&text_update(2, ALINA, "/bookings")).await;
    send_all(&bot, TimeDelta::seconds(2)).await;
    for update in 3..100 {
        bot.apply(&text_update(update, ALINA, "/bookings")).await;
    }
    assert_eq!(waiting(&bot, ALINA).await, [json!({"answer": "bookings"})]);
    let later = "SELECT due_at > updated_at + interval '2 s' AS later FROM messages \
                 WHERE status = 'scheduled' AND kind = 'answer'";
    assert_eq!(bot.database.rows(later).await, [json!({"later": true})]);
}

#[tokio::test]
async fn a_hundred_presses_make_one_answer_and_one_card_with_the_last_rating() {
    let bot = Bot::new().await;
    let booking = bot.has_booking("A1", PHONE, -1).await;
    bot.apply(&shares(1, ALINA, PHONE)).await;
    for update in 2..=101 {
        let stars = update % 5 + 1;
        bot.apply(&presses(update, ALINA, &format!("rate:{booking}:{stars}"))).await;
    }
    let question = json!({"answer": "ask_complaint"});
    assert_eq!(waiting(&bot, ALINA).await.last(), Some(&question));
    assert_eq!(waiting(&bot, ALINA).await.len(), 2, "besides \"number saved\"");
    let cards = "SELECT content->'rated'->'stars' AS stars FROM messages \
                 WHERE kind = 'staff_rated' AND status = 'scheduled'";
    assert_eq!(bot.database.rows(cards).await, [json!({"stars": 2})]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn never_more_than_three_wait_and_the_last_is_among_them(
        texts in prop::collection::vec(
            prop::sample::select(vec!["/start", "/help", "/address", "/contacts", "/bookings"]),
            1..12,
        ),
        registered in any::<bool>(),
    ) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let (before, after) = runtime.block_on(async {
            let bot = Bot::new().await;
            if registered {
                bot.apply(&shares(1, ALINA, PHONE)).await;
            }
            let mut before = Vec::new();
            for (update, text) in (2..).zip(&texts) {
                before = waiting(&bot, ALINA).await;
                bot.apply(&text_update(update, ALINA, text)).await;
            }
            (before, waiting(&bot, ALINA).await)
        });
        prop_assert!((1..=3).contains(&after.len()), "{after:?}");
        // All but the newest waited before, in this order.
        let rest = &after[..after.len() - 1];
        let mut earlier = before.iter();
        prop_assert!(rest.iter().all(|answer| earlier.any(|other| other == answer)));
        let mut distinct = after.clone();
        distinct.dedup();
        prop_assert_eq!(distinct.len(), after.len());
    }
}
