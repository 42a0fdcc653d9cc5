//! Whose a joined booking is, in a real database: registrations, other tools and requests of Bukza leave it with whoever
//! joined it, and a deletion takes from each what is theirs.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

#[path = "support/bot.rs"]
mod bot;
mod support;

use bot::*;
use chrono::TimeDelta;
use serde_json::{Value, json};
use shared::{
    domain::{
        event::{BookingEvent, Change, Details, RequestStatus, VisitTime},
        ids::{BookingCode, ChatId, EventId, UserId},
        phone::Phone,
        status::Meaning,
        venue::Venue,
    },
    store::{
        TransactionTrait, events,
        person::{self, By, Deletion, Person, Who},
        reconcile,
    },
};

const JOINER: i64 = 7_100_200_300;

/// Joins a booking of `PHONE` by its code and the digits.
async fn join(bot: &Bot, chat: i64, code: &str) {
    let id = bot.database.rows("SELECT count(*) AS n FROM processed_updates").await;
    let id = 1_000 + id[0]["n"].as_i64().unwrap();
    bot.apply(&text_update(id, chat, code)).await;
    bot.apply(&text_update(id + 1, chat, "4567")).await;
}

async fn owners(bot: &Bot) -> Vec<Value> {
    let owners = "SELECT bukza_booking_id AS code, u.telegram_id AS chat FROM bookings b \
                  LEFT JOIN users u ON u.id = b.user_id ORDER BY 1";
    bot.database.rows(owners).await
}

/// Chats that a booking's messages to its client still wait for.
async fn addressed(bot: &Bot, code: &str) -> Vec<Value> {
    let chats = format!(
        "SELECT DISTINCT m.chat_id AS chat FROM messages m JOIN bookings b ON b.id = m.booking_id \
         WHERE b.bukza_booking_id = '{code}' AND m.recipient = 'client' AND m.status = 'scheduled'"
    );
    bot.database.rows(&chats).await
}

#[tokio::test]
async fn a_joined_booking_stays_with_whoever_joined_it() {
    let bot = Bot::new().await;
    bot.has_booking("AB12C1", PHONE, 3).await;
    bot.has_booking("AB12C2", PHONE, 4).await;
    join(&bot, JOINER, "AB12C1").await;
    assert_eq!(addressed(&bot, "AB12C1").await, [json!({"chat": JOINER})]);
    // The phone's owner registers, then another tool puts in one of that phone, then the number moves.
    bot.apply(&shares(1, ALINA, PHONE)).await;
    let theirs = |owner: Option<i64>| {
        [json!({"code": "AB12C1", "chat": JOINER}), json!({"code": "AB12C2", "chat": owner})]
    };
    assert_eq!(owners(&bot).await, theirs(Some(ALINA)));
    bot.apply(&shares(2, BORIS, PHONE)).await;
    assert_eq!(owners(&bot).await, theirs(Some(BORIS)));
    let db = &bot.database.db;
    let tx = db.begin().await.unwrap();
    let long_ago = now() - TimeDelta::days(1);
    let _work = reconcile::adopt_clients(&tx, long_ago, now()).await.unwrap();
    let _work = reconcile::adopt_page(&tx, UserId(0), now()).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(owners(&bot).await, theirs(Some(BORIS)));
    // Bukza sends the booking with another time, and then with another phone.
    for (n, phone) in [(1, PHONE), (2, "+79990000077")] {
        let start = now() + TimeDelta::days(5 + n);
        let visit = VisitTime::new(start, start + TimeDelta::hours(1)).unwrap();
        let event = BookingEvent {
            id: EventId(format!("e{n}")),
            received_at: now() + TimeDelta::minutes(n),
            code: BookingCode::parse("AB12C1").unwrap(),
            change: Change::Stands(visit),
            status: RequestStatus {
                meaning: Meaning::Stands,
                words: None,
                restores: false,
                held_back: false,
            },
            details: Details { phone: Phone::international(phone), ..Details::default() },
            reading: None,
            wall_clock: None,
        };
        let _applied = events::apply(db, &event, &Venue::default(), now()).await.unwrap();
        assert_eq!(owners(&bot).await, theirs(Some(BORIS)));
        assert_eq!(addressed(&bot, "AB12C1").await, [json!({"chat": JOINER})], "{phone}");
    }
    // Whoever joined it owns nothing else of the phone.
    assert_eq!(addressed(&bot, "AB12C2").await, [json!({"chat": BORIS})]);
}

#[tokio::test]
async fn a_deletion_takes_from_each_what_is_theirs() {
    let bot = Bot::new().await;
    bot.has_booking("AB12C1", PHONE, 3).await;
    bot.has_booking("AB12C2", PHONE, 4).await;
    bot.database.run("UPDATE bookings SET client_name = 'Алина'").await;
    join(&bot, JOINER, "AB12C1").await;
    join(&bot, JOINER, "AB12C2").await;
    // The second one turns out to have no phone: nobody else's it is.
    bot.database
        .run("UPDATE bookings SET client_phone = NULL WHERE bukza_booking_id = 'AB12C2'")
        .await;
    bot.apply(&text_update(5, JOINER, "XY12Z3")).await;
    bot.apply(&text_update(6, JOINER, "0000")).await;
    let db = &bot.database.db;
    let found = Person::find(db, Who::Chat(ChatId(JOINER))).await.unwrap();
    let export = person::export(db, &found).await.unwrap();
    let rows = |table: &str| export[table].as_array().unwrap().len();
    assert_eq!((rows("bookings"), rows("joined_bookings"), rows("join_tries")), (1, 1, 1));
    // The other person's phone stands nowhere in it.
    assert!(!export.to_string().contains("9991234567"), "{export}");

    let deletion = Deletion { by: By::Client, key: None, update_id: None, now: now() };
    let tx = db.begin().await.unwrap();
    let (_, _work) = person::erase(&tx, Who::Chat(ChatId(JOINER)), deletion).await.unwrap();
    tx.commit().await.unwrap();
    let left = "SELECT bukza_booking_id AS code, client_name AS name, client_phone AS phone, \
                user_id IS NULL AND joined_at IS NULL AS free FROM bookings ORDER BY 1";
    assert_eq!(
        bot.database.rows(left).await,
        [
            json!({"code": "AB12C1", "name": "Алина", "phone": PHONE, "free": true}),
            json!({"code": "AB12C2", "name": null, "phone": null, "free": true}),
        ]
    );
    // What waits to be sent about the first one waits for its own client.
    assert_eq!(addressed(&bot, "AB12C1").await, [json!({"chat": null})]);
    assert_eq!(addressed(&bot, "AB12C2").await, Vec::<Value>::new());
    let found = Person::find(db, Who::Chat(ChatId(JOINER))).await.unwrap();
    let export = person::export(db, &found).await.unwrap();
    let others = |(table, rows): (&String, &Value)| table == "join_tries" || rows == &json!([]);
    assert!(export.as_object().unwrap().iter().all(others), "{export}");
    // Wrong tries count for the rest of their hour, and name nobody.
    let tries = export["join_tries"].to_string();
    assert!(tries.contains("\"wrong\":1") && !tries.contains(&JOINER.to_string()), "{tries}");
    let later = Deletion { now: now() + TimeDelta::hours(1), ..deletion };
    let tx = db.begin().await.unwrap();
    let (_, _work) = person::erase(&tx, Who::Chat(ChatId(JOINER)), later).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(bot.database.rows("SELECT wrong FROM join_tries").await, Vec::<Value>::new());
}

#[tokio::test]
async fn accounts_whose_joined_bookings_are_long_over_are_not_kept() {
    let bot = Bot::new().await;
    bot.has_booking("AB12C1", PHONE, 3).await;
    join(&bot, JOINER, "AB12C1").await;
    let db = &bot.database.db;
    let until = |days| now() + TimeDelta::days(days);
    for (days, overdue) in [(1, false), (3, false), (4, true)] {
        let found = person::overdue(db, until(days), 10).await.unwrap();
        assert_eq!(found.chats == [ChatId(JOINER)], overdue, "{days}: {found:?}");
    }
    // So are wrong tries after a day.
    bot.apply(&text_update(5, JOINER, "XY12Z3")).await;
    bot.apply(&text_update(6, JOINER, "0000")).await;
    let tries = "SELECT wrong FROM join_tries";
    assert_eq!(bot.database.rows(tries).await, [json!({"wrong": 1})]);
    reconcile::forget(db, now() + TimeDelta::hours(23)).await.unwrap();
    assert_eq!(bot.database.rows(tries).await, [json!({"wrong": 1})]);
    reconcile::forget(db, now() + TimeDelta::hours(25)).await.unwrap();
    assert_eq!(bot.database.rows(tries).await, Vec::<Value>::new());
}
