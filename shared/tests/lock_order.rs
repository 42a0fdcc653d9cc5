//! Statements that lock several rows lock them in one order: two workers that meet at the same rows wait for
//! each other, and never in a circle.

#![allow(unused_must_use, clippy::unwrap_used, reason = "tests, and without a queue")]

mod common;

use common::*;
use sea_orm::ConnectionTrait;
use serde_json::json;
use shared::{
    domain::{
        ids::{ChatId, EventId, MessageId},
        phone::{Phone, PhoneRegion},
    },
    store::{
        DatabaseConnection, DbErr, TransactionTrait,
        outbox::{self, Claimed, NewMessage, ToClaim},
        registration, users,
    },
};

/// Makes each change of a row of `table` take so long that concurrent statements meet between two rows.
async fn slow_down(db: &DatabaseConnection, table: &str) {
    let trigger = format!(
        "CREATE OR REPLACE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         PERFORM pg_sleep(0.05); RETURN NEW; END $$; \
         CREATE TRIGGER slow BEFORE UPDATE ON {table} FOR EACH ROW EXECUTE FUNCTION slow()"
    );
    db.execute_unprepared(&trigger).await.unwrap();
}

/// Chats 1 to `chats` with two answers in each, one row after the other.
async fn answers(db: &DatabaseConnection, chats: i64) -> Vec<[MessageId; 2]> {
    let event = EventId("e".into());
    let of_chat = |chat| {
        [0, 1].map(|n| {
            NewMessage::answer(ChatId(chat), chat, n.to_string(), json!("ok"), &event, noon())
        })
    };
    let messages: Vec<_> = (1..=chats).flat_map(of_chat).collect();
    outbox::insert(db, &messages, noon()).await.unwrap();
    let mut ids = Vec::new();
    for chat in 1..=chats {
        let due = due_in(db, ChatId(chat), noon(), 2).await;
        let of_chat: Vec<_> = due.into_iter().map(|message| message.unwrap().id).collect();
        ids.push([of_chat[0], of_chat[1]]);
    }
    ids
}

/// So many messages that were sent that PostgreSQL finds the others by their ids, in the order in which they
/// are given.
async fn history(db: &DatabaseConnection) {
    let sent = "INSERT INTO messages (kind, recipient, chat_id, due_at, job_id, status, update_id) \
                SELECT 'answer', 'client', 77, now(), 's' || n, 'sent', 10000 + n \
                FROM generate_series(1, 20000) n";
    db.execute_unprepared(sent).await.unwrap();
    db.execute_unprepared("ANALYZE messages").await.unwrap();
}

async fn claimed(db: &DatabaseConnection, wanted: &[ToClaim]) -> Result<usize, DbErr> {
    let answers = outbox::claim(db, wanted, noon()).await;
    let answers = answers.into_iter().collect::<Result<Vec<_>, _>>()?;
    Ok(answers.iter().filter(|answer| matches!(answer, Claimed::Yes(_))).count())
}

#[tokio::test]
async fn workers_that_claim_the_same_chats_in_opposite_order_never_deadlock() {
    const CHATS: i64 = 8;
    // The same rows, and different rows of the same chats.
    for other in [0, 1] {
        let db = database().await;
        let ids = answers(&db, CHATS).await;
        history(&db).await;
        slow_down(&db, "messages").await;
        let wanted = |chat: i64, row: usize| {
            ToClaim::new(ChatId(chat), vec![ids[usize::try_from(chat - 1).unwrap()][row]])
        };
        let forward: Vec<_> = (1..=CHATS).map(|chat| wanted(chat, 0)).collect();
        let backward: Vec<_> = (1..=CHATS).rev().map(|chat| wanted(chat, other)).collect();
        let (one, two) = tokio::join!(claimed(&db, &forward), claimed(&db, &backward));
        let (one, two) = (one.expect("no deadlock"), two.expect("no deadlock"));
        assert_eq!(one + two, 8, "each chat is claimed once: {one} and {two}");
    }
}

#[tokio::test]
async fn two_accounts_that_exchange_their_numbers_at_once_never_deadlock() {
    let db = database().await;
    let phones = ["+79991234567", "+79997654321"]
        .map(|text| Phone::parse(text, PhoneRegion::default()).unwrap());
    let register = async |chat: i64, phone: &Phone| {
        let tx = db.begin().await?;
        registration::register(&tx, ChatId(chat), phone, noon()).await?;
        tx.commit().await
    };
    register(1, &phones[0]).await.unwrap();
    register(2, &phones[1]).await.unwrap();
    slow_down(&db, "users").await;
    let (one, two) = tokio::join!(register(1, &phones[1]), register(2, &phones[0]));
    one.expect("no deadlock");
    two.expect("no deadlock");
    for (chat, phone) in [(1, &phones[1]), (2, &phones[0])] {
        let user = users::by_chat(&db, ChatId(chat)).await.unwrap().unwrap();
        assert_eq!(user.phone.as_ref(), Some(phone), "account {chat}");
    }
}
