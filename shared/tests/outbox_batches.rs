//! Several chats served with one statement: as each would be alone, whoever else is at them.

#![allow(unused_must_use, clippy::unwrap_used, reason = "tests, and without a queue")]

mod common;

use chrono::{DateTime, Utc};
use common::*;
use sea_orm::{ConnectionTrait, DbBackend, Statement, TransactionTrait};
use serde_json::json;
use shared::{
    domain::{
        ids::{ChatId, EventId, MessageId},
        message::MessageKind,
        outcome::Disposition,
    },
    store::{
        DatabaseConnection,
        outbox::{
            self, Among, Claimed, NewMessage, NotClaimed, Refused, Settled, Settlement, ToClaim,
        },
    },
};

/// Chats 1 to `chats` with so many answers due in each; the ids in order, chat by chat.
async fn answers(db: &DatabaseConnection, chats: i64, each: usize) -> Vec<Vec<MessageId>> {
    let event = EventId("e".into());
    let messages: Vec<_> = (1..=chats)
        .flat_map(|chat| (0..each).map(move |index| (chat, index)))
        .map(|(chat, index)| {
            NewMessage::answer(ChatId(chat), chat, index.to_string(), json!("ok"), &event, noon())
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
    let due = due_in(db, chat, at, 10).await;
    due.into_iter().map(|message| message.unwrap().id).collect()
}

/// A statement's only column.
async fn column(db: &DatabaseConnection, statement: &str) -> Vec<i64> {
    let rows = db.query_all_raw(Statement::from_string(DbBackend::Postgres, statement)).await;
    rows.unwrap().into_iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
}

async fn answers_to(
    db: &DatabaseConnection,
    wanted: &[ToClaim],
    at: DateTime<Utc>,
) -> Vec<Result<(), NotClaimed>> {
    let claims = outbox::claim(db, wanted, at).await;
    let answer = |claimed: Result<Claimed, _>| match claimed.unwrap() {
        Claimed::Yes(_) => Ok(()),
        Claimed::No(obstacle) => Err(obstacle),
    };
    claims.into_iter().map(answer).collect()
}

async fn claims(db: &DatabaseConnection, wanted: &[ToClaim]) -> Vec<bool> {
    let answers = answers_to(db, wanted, noon()).await;
    answers.into_iter().map(|answer| answer.is_ok()).collect()
}

fn sent(claim: outbox::Claim, telegram_message_id: i64) -> Settlement {
    Settlement { claim, disposition: Disposition::Sent { telegram_message_id } }
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
        let heads = outbox::due(&db, &chats, Among::All, later, limit).await.unwrap();
        for chat in &chats {
            let alone = due_in(&db, *chat, later, limit).await;
            let together = heads.get(chat).cloned().unwrap_or_default();
            assert_eq!(format!("{together:?}"), format!("{alone:?}"), "{chat} {limit}");
        }
    }
    assert!(!outbox::due(&db, &[CLIENT, STAFF], Among::All, later, 2).await.unwrap().is_empty());
}

#[tokio::test]
async fn claims_of_many_chats_stand_where_each_alone_would_and_are_settled_together() {
    let db = database().await;
    let ids = answers(&db, 4, 2).await;
    let taken = claim_in(&db, ChatId(4), &[ids[3][0]], noon()).await.unwrap();
    let wanted: Vec<_> = [(1, ids[0][0]), (1, ids[0][1]), (2, ids[1][0]), (3, ids[2][0])]
        .into_iter()
        // One of a chat that somebody talks to, one that is another chat's, and one that is none.
        .chain([(4, ids[3][1]), (5, ids[1][1]), (6, MessageId(-1))])
        .map(|(chat, message)| ToClaim::new(ChatId(chat), vec![message]))
        .collect();
    let stand = claims(&db, &wanted).await;
    assert_eq!(stand, [true, false, true, true, false, false, false]);
    assert_eq!(claims(&db, &wanted).await, [false; 7]);

    let standing = wanted.into_iter().zip(stand).filter(|(_, stands)| *stands);
    let mut ended: Vec<_> = standing
        .map(|(wanted, _)| wanted.into_claim())
        .chain([taken])
        .enumerate()
        .map(|(n, claim)| sent(claim, 100 + n as i64))
        .collect();
    let stranger = ToClaim::new(ChatId(2), vec![ids[1][1]]).into_claim();
    ended.push(sent(stranger, 7));
    let settled = outbox::settle(&db, &ended, noon()).await;
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
    let again = outbox::settle(&db, &ended, noon()).await;
    assert!(again.into_iter().all(|settled| settled.unwrap() == Settled::TooLate));
}

#[tokio::test]
async fn of_many_workers_one_may_say_it_in_each_chat() {
    let db = database().await;
    let ids = answers(&db, 5, 2).await;
    let tries: Vec<_> = (0..20)
        .map(|n| {
            // Each worker has its own idea of what comes first, and of the order of the chats.
            let mut wanted: Vec<_> = (0..5)
                .map(|chat| ToClaim::new(ChatId(chat as i64 + 1), vec![ids[chat][(n + chat) % 2]]))
                .collect();
            wanted.rotate_left(n % 5);
            let db = db.clone();
            tokio::spawn(async move {
                let stand = outbox::claim(&db, &wanted, noon()).await;
                let made = wanted.into_iter().zip(stand);
                made.filter(|(_, stands)| matches!(stands, Ok(Claimed::Yes(_)))).count()
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
    let due = due_in(&db, CLIENT, noon() + hours(24), 10).await;
    let reminder = due.into_iter().map(Result::unwrap).find(|m| m.kind == MessageKind::Reminder);
    let ids = answers(&db, 1, 1).await;
    apply(&db, &cancels(noon() + hours(1)), noon() + hours(1)).await;
    let wanted = [
        ToClaim::new(CLIENT, vec![reminder.unwrap().id]),
        ToClaim::new(ChatId(1), vec![ids[0][0]]),
    ];
    let stand = answers_to(&db, &wanted, noon() + hours(24)).await;
    // The cancellation ended the reminder; the answer's hour is over by then.
    assert_eq!(stand, [Err(NotClaimed::Ended), Err(NotClaimed::Refused(Refused::Expired))]);
    assert_eq!(claims(&db, &wanted).await, [false, true]);
}

/// Holds the lock until another transaction waits for it.
async fn held_until_waited_for(db: &DatabaseConnection, lock: &str) -> tokio::task::JoinHandle<()> {
    const WAITING: &str = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted \
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    let holder = db.begin().await.unwrap();
    let hold = format!("SELECT pg_advisory_xact_lock(hashtextextended('{lock}', 0))");
    holder.execute_unprepared(&hold).await.unwrap();
    let db = db.clone();
    tokio::spawn(async move {
        while column(&db, WAITING).await == [0] {
            tokio::task::yield_now().await;
        }
        holder.rollback().await.unwrap();
    })
}

#[tokio::test]
async fn a_row_that_the_database_refuses_keeps_no_other_from_being_sent() {
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
    let wanted: Vec<_> =
        (1..=3).map(|chat| ToClaim::new(ChatId(chat), vec![ids[chat as usize - 1][0]])).collect();
    db.execute_unprepared(&refuse("sending")).await.unwrap();
    // As the refused statement's lock, which ends with its rollback, after its answer.
    let rollback = held_until_waited_for(&db, "claim:1").await;
    let stand = outbox::claim(&db, &wanted, noon()).await;
    assert!(matches!(stand[..], [Ok(Claimed::Yes(_)), Err(_), Ok(Claimed::Yes(_))]), "{stand:?}");
    rollback.await.unwrap();

    db.execute_unprepared(&refuse("sent")).await.unwrap();
    assert_eq!(claims(&db, &wanted[1..2]).await, [true]);
    let claims = wanted.into_iter().map(ToClaim::into_claim);
    let ended: Vec<_> = claims.map(|claim| sent(claim, 1)).collect();
    let settled = outbox::settle(&db, &ended, noon()).await;
    assert!(matches!(settled[..], [Ok(Settled::Yes), Err(_), Ok(Settled::Yes)]), "{settled:?}");
}
