//! Settings and deletion of a client in a real database.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "support/bot.rs"]
mod bot;
mod support;

use bot::*;
use serde_json::{Value, json};
use shared::{
    domain::phone::Phone,
    store::{
        TransactionTrait,
        person::{self, By, Deletion, Person, Who},
    },
    telemetry::metrics::UpdateOutcome,
};

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

/// Every text and JSON value of the database, and every number that may be a chat, by table.
async fn everything(bot: &Bot) -> String {
    let tables = bot
        .database
        .rows("SELECT tablename AS t FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        .await;
    let mut all = String::new();
    for table in tables {
        let table = table["t"].as_str().unwrap();
        let rows = bot.database.rows(&format!("SELECT to_jsonb(r) AS r FROM {table} r")).await;
        all.extend(rows.iter().map(|row| format!("{table}: {}\n", row["r"])));
    }
    all
}

/// Accounts of these tests have longer numbers: one of two digits is found everywhere.
const CLIENT: i64 = 7_100_200_300;

/// A client with a booking, messages, words to the staff, and what was set aside.
async fn known_client(bot: &Bot) -> i64 {
    let booking = bot.has_booking("A1", PHONE, 2).await;
    bot.database
        .run(
            "UPDATE bookings SET client_name = 'Алина', client_last_name = 'Петрова', \
             comment = 'с тортом', form_fields = '[{\"name\":\"Имя\",\"value\":\"Алина\"}]'; \
             INSERT INTO rejected_requests (request_id, received_at, query, body, http_status, faults) \
             VALUES ('r1', now(), '', '{\"phone\":\"8 (999) 123-45-67\"}', 422, '[]'), \
             ('r2', now(), 'phone=%2B7+999%20123%2045%2067', '', 422, '[]'), \
             ('r3', now(), '', '{\"phone\":\"+79990000000\"}', 422, '[]'); \
             INSERT INTO dead_letters (queue, job_id, payload, reason, attempts) VALUES \
             ('updates', 'u1', '{\"raw\":\"{\\\"id\\\":7100200300}\"}', 'x', 5), \
             ('events', 'e1', '{\"booking\":{\"code\":\"A1\"}}', 'x', 5), \
             ('events', 'e2', '{\"booking\":{\"code\":\"B1\"}}', 'x', 5); \
             INSERT INTO inbox (payload) VALUES ('{\"update\":{\"raw\":\"7100200300\"}}'), \
             ('{\"update\":{\"raw\":\"71002003001\"}}')",
        )
        .await;
    bot.apply(&shares(1, CLIENT, PHONE)).await;
    bot.apply(&text_update(2, CLIENT, "мои слова")).await;
    bot.apply(&presses(3, CLIENT, &format!("come:{booking}:1"))).await;
    booking
}

#[tokio::test]
async fn a_deleted_client_is_nowhere_and_the_booking_stays_without_them() {
    let bot = Bot::new().await;
    known_client(&bot).await;
    bot.apply(&presses(4, CLIENT, "settings:forget")).await;
    bot.apply(&presses(5, CLIENT, "settings:forget_sure")).await;
    assert_eq!(bot.user(CLIENT).await["phone_number"], PHONE, "two presses change nothing");
    let deleted = presses(6, CLIENT, "settings:forget_now");
    bot.apply(&deleted).await;
    assert_eq!(bot.user(CLIENT).await, Value::Null);
    // The last answer is all that still names the chat.
    let farewell = "UPDATE messages SET status = 'sent', sent_at = now() WHERE update_id = 6";
    bot.database.run(farewell).await;
    person::finish(&bot.database.db, now()).await.unwrap();
    let all = everything(&bot).await;
    for personal in [PHONE, "9991234567", "Алина", "Петрова", "тортом", "мои слова", "7100200300,"]
    {
        assert!(!all.contains(personal), "{personal} is in\n{all}");
    }
    assert!(!all.contains("7100200300\"") && !all.contains("123-45-67") && !all.contains("%2045"));
    // What is others' stays.
    for other in ["79990000000", "71002003001", "\\\"B1\\\"", "\"A1\""] {
        assert!(all.contains(other), "{other} is not in\n{all}");
    }
    let record = "SELECT deleted_by AS by, counts, finished_at IS NOT NULL AS done FROM deletions";
    let record = bot.database.rows(record).await;
    assert_eq!((&record[0]["by"], &record[0]["done"]), (&json!("client"), &json!(true)));
    assert_eq!(record[0]["counts"]["refused_requests"], 2);
    assert_eq!(record[0]["counts"]["dead_letters"], 2);
    assert_eq!(record[0]["counts"]["inbox"], 1);
    // Telegram delivers the update again: nothing comes back.
    assert_eq!(bot.apply(&deleted).await, (UpdateOutcome::Repeated, vec![]));
    let shared_again = shares(1, CLIENT, PHONE);
    assert_eq!(bot.apply(&shared_again).await, (UpdateOutcome::Repeated, vec![]));
}

#[tokio::test]
async fn what_is_exported_is_what_is_deleted() {
    let bot = Bot::new().await;
    known_client(&bot).await;
    let phone = Phone::international(PHONE).unwrap();
    let db = &bot.database.db;
    let found = Person::find(db, Who::Phone(&phone)).await.unwrap();
    let export = person::export(db, &found).await.unwrap();
    let rows = |table: &str| export[table].as_array().unwrap().len();
    assert_eq!((rows("users"), rows("bookings"), rows("visit_answers")), (1, 1, 1));
    assert_eq!((rows("rejected_requests"), rows("dead_letters"), rows("inbox")), (2, 2, 1));
    assert!(export.to_string().contains("мои слова") && export.to_string().contains("тортом"));
    let deletion = Deletion { by: By::Operator, key: None, update_id: None, now: now() };
    let tx = db.begin().await.unwrap();
    let (_, _work) = person::erase(&tx, Who::Phone(&phone), deletion).await.unwrap();
    tx.commit().await.unwrap();
    let found = Person::find(db, Who::Phone(&phone)).await.unwrap();
    let export = person::export(db, &found).await.unwrap();
    let empty = export.as_object().unwrap().values().all(|rows| rows == &json!([]));
    assert!(empty, "{export}");
}
