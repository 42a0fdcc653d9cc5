//! Several chats served with one statement: as each would be alone, whoever else is at them.

#![allow(unused_must_use, clippy::unwrap_used, reason = "tests, and without a queue")]

mod common;

use chrono::{DateTime, Utc};
use common::*;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::json;
use shared::{
    domain::{
        ids::{ChatId, EventId, MessageId},
        message::MessageKind,
    },
    store::{
        DatabaseConnection,
        outbox::{self, NewMessage, Sent, Settled, ToClaim},
    },
};

/// Chats 1 to `chats` with so many answers due in each; the ids in order, chat by chat.
async fn answers(db: &DatabaseConnection, chats: i64, each: usize) -> Vec<Vec<MessageId>> {
    let event = EventId("e".into());
    let messages: Vec<_> = (1..=chats)
        .flat_map(|chat| (0..each).map(move |index| (chat, index)))
        .map(|(chat, index)| {
            NewMessage::answer(ChatId(chat), chat, index, json!("ok"), &event, noon())
        })
        .collect();
    outbox::insert(db, &messages, noon()).await.unwrap();
    let mut all = Vec::new();
    for chat in 1..=chats {
        all.push(head(db, ChatId(chat), noon()).await);
    }
    all
}

async fn head(db: &DatabaseConnection, chat: ChatId, at: DateTime<Utc>) -> Vec<MessageId> {
    let due = outbox::due_head(db, chat, at, 10).await.unwrap();
    due.into_iter().map(|message| message.unwrap().id).collect()
}

/// A statement's only column.
async fn column(db: &DatabaseConnection, statement: &str) -> Vec<i64> {
    let rows = db.query_all_raw(Statement::from_string(DbBackend::Postgres, statement)).await;
    rows.unwrap().into_iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

async fn claims(db: &DatabaseConnection, asked: &[ToClaim]) -> Vec<bool> {
    let claims = outbox::claim_each(db, asked, noon()).await;
    claims.into_iter().map(Result::unwrap).collect()
}

#[tokio::test]
async fn each_chat_gets_its_own_head_in_order() {
    let db = database().await;
    register(&db, CLIENT, noon()).await;
    apply(&db, &stands(noon(), noon() + hours(48)), noon()).await;
    answers(&db, 3, 3).await;
    let later = noon() + hours(25);
    let chats: Vec<_> = (0..=4).map(ChatId).chain([CLIENT, STAFF, CLIENT]).collect();
    for limit in [1, 2, 10] {
        let heads = outbox::due_heads(&db, &chats, later, limit).await.unwrap();
        for chat in &chats {
            let alone = outbox::due_head(&db, *chat, later, limit).await.unwrap();
            let together = heads.get(chat).cloned().unwrap_or_default();
            assert_eq!(format!("{together:?}"), format!("{alone:?}"), "{chat} {limit}");
        }
    }
    assert!(!outbox::due_heads(&db, &[CLIENT, STAFF], later, 2).await.unwrap().is_empty());
}

#[tokio::test]
async fn claims_of_many_chats_stand_where_each_alone_would_and_are_settled_together() {
    let db = database().await;
    let ids = answers(&db, 4, 2).await;
    let taken = outbox::claim(&db, ChatId(4), &[ids[3][0]], noon()).await.unwrap().unwrap();
    let asked: Vec<_> = [(1, ids[0][0]), (1, ids[0][1]), (2, ids[1][0]), (3, ids[2][0])]
        .into_iter()
        // One of a chat that somebody talks to, one that is another chat's, and one that is none.
        .chain([(4, ids[3][1]), (5, ids[1][1]), (6, MessageId(-1))])
        .map(|(chat, message)| ToClaim::new(ChatId(chat), message))
        .collect();
    let stand = claims(&db, &asked).await;
    assert_eq!(stand, [true, false, true, true, false, false, false]);
    assert_eq!(claims(&db, &asked).await, [false; 7]);

    let standing = asked.into_iter().zip(stand).filter(|(_, stands)| *stands);
    let mut sent: Vec<_> = standing
        .map(|(asked, _)| asked.into_claim())
        .chain([taken])
        .enumerate()
        .map(|(n, claim)| Sent { claim, telegram_message_id: 100 + n as i64 })
        .collect();
    let stranger = ToClaim::new(ChatId(2), ids[1][1]).into_claim();
    sent.push(Sent { claim: stranger, telegram_message_id: 7 });
    let settled = outbox::settle_sent(&db, &sent, noon()).await;
    let settled: Vec<_> = settled.into_iter().map(Result::unwrap).collect();
    let yes = Settled::Yes;
    assert_eq!(settled, [yes, yes, yes, yes, Settled::TooLate]);
    for (n, chat) in (1..=4).enumerate() {
        assert_eq!(head(&db, ChatId(chat), noon()).await, [ids[n][1]]);
    }
    let telegram =
        column(&db, "SELECT telegram_message_id FROM messages WHERE status = 'sent' ORDER BY id")
            .await;
    assert_eq!(telegram, [100, 101, 102, 103]);
    // Again, as after a lost answer: nothing is settled twice.
    let again = outbox::settle_sent(&db, &sent, noon()).await;
    assert!(again.into_iter().all(|settled| settled.unwrap() == Settled::TooLate));
}

#[tokio::test]
async fn of_many_workers_one_may_say_it_in_each_chat() {
    let db = database().await;
    let ids = answers(&db, 5, 2).await;
    let tries: Vec<_> = (0..20)
        .map(|n| {
            // Each worker has its own idea of what comes first, and of the order of the chats.
            let mut asked: Vec<_> = (0..5)
                .map(|chat| ToClaim::new(ChatId(chat as i64 + 1), ids[chat][(n + chat) % 2]))
                .collect();
            asked.rotate_left(n % 5);
            let db = db.clone();
            tokio::spawn(async move {
                let stand = outbox::claim_each(&db, &asked, noon()).await;
                let made = asked.into_iter().zip(stand);
                made.filter(|(_, stands)| matches!(stands, Ok(true))).count()
            })
        })
        .collect();
    let mut claimed = 0;
    for one in tries {
        claimed += one.await.unwrap();
    }
    assert_eq!(claimed, 5);
    let sending =
        column(&db, "SELECT chat_id FROM messages WHERE status = 'sending' ORDER BY 1").await;
    assert_eq!(sending, [1, 2, 3, 4, 5]);
}

#[tokio::test]
async fn what_the_booking_has_outrun_is_not_claimed_among_others_either() {
    let db = database().await;
    register(&db, CLIENT, noon()).await;
    apply(&db, &stands(noon(), noon() + hours(48)), noon()).await;
    let due = outbox::due_head(&db, CLIENT, noon() + hours(24), 10).await.unwrap();
    let reminder = due.into_iter().map(Result::unwrap).find(|m| m.kind == MessageKind::Reminder);
    let ids = answers(&db, 1, 1).await;
    apply(&db, &cancels(noon() + hours(1)), noon() + hours(1)).await;
    let asked = [ToClaim::new(CLIENT, reminder.unwrap().id), ToClaim::new(ChatId(1), ids[0][0])];
    let stand = outbox::claim_each(&db, &asked, noon() + hours(24)).await;
    let stand: Vec<_> = stand.into_iter().map(Result::unwrap).collect();
    // The answer's hour is over by then.
    assert_eq!(stand, [false, false]);
    assert_eq!(claims(&db, &asked).await, [false, true]);
}

#[tokio::test]
async fn a_row_that_the_database_refuses_keeps_no_other_from_being_said() {
    let db = database().await;
    let ids = answers(&db, 3, 1).await;
    let refuse = |status: &str| {
        format!(
            "CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
             IF NEW.chat_id = 2 AND NEW.status = '{status}' THEN RAISE 'no'; END IF; \
             RETURN NEW; END $$; CREATE OR REPLACE TRIGGER refuse BEFORE UPDATE ON messages \
             FOR EACH ROW EXECUTE FUNCTION refuse();"
        )
    };
    let asked: Vec<_> =
        (1..=3).map(|chat| ToClaim::new(ChatId(chat), ids[chat as usize - 1][0])).collect();
    db.execute_unprepared(&refuse("sending")).await.unwrap();
    let stand = outbox::claim_each(&db, &asked, noon()).await;
    assert!(matches!(stand[..], [Ok(true), Err(_), Ok(true)]), "{stand:?}");

    db.execute_unprepared(&refuse("sent")).await.unwrap();
    assert_eq!(claims(&db, &asked[1..2]).await, [true]);
    let claims = asked.into_iter().map(ToClaim::into_claim);
    let sent: Vec<_> = claims.map(|claim| Sent { claim, telegram_message_id: 1 }).collect();
    let settled = outbox::settle_sent(&db, &sent, noon()).await;
    assert!(matches!(settled[..], [Ok(Settled::Yes), Err(_), Ok(Settled::Yes)]), "{settled:?}");
}
