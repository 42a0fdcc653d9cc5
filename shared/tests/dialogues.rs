//! The question about a visit on a real database: what opens it, what ends it, and for whom.

#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use chrono::{DateTime, TimeDelta, Utc};
use common::*;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::json;
use shared::{
    domain::{
        dialogue::{Dialogue, QUESTION_OPEN, QuestionEffect},
        ids::{BookingId, ChatId, EventId, MessageId, UserId},
        message::MessageKind,
        outcome::Disposition,
    },
    store::{
        DatabaseConnection, dialogues,
        outbox::{self, Claimed, NewMessage, Settled, Settlement, ToClaim},
        reconcile,
    },
};

/// How messages are recorded as sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    /// Each with a statement of its own.
    One,
    /// All with one statement.
    Batch,
}

/// Two clients with a booking each.
struct World {
    db: DatabaseConnection,
    by: By,
    messages: i64,
}

const ALINA: ChatId = ChatId(1);
const BORIS: ChatId = ChatId(2);
const VISIT: BookingId = BookingId(1);
const NEXT_VISIT: BookingId = BookingId(2);

impl World {
    async fn new(by: By) -> Self {
        let db = database().await;
        let rows = "INSERT INTO users (id, telegram_id) OVERRIDING SYSTEM VALUE VALUES (1, 1), (2, 2); \
            INSERT INTO bookings (id, bukza_booking_id, starts_at, ends_at) OVERRIDING SYSTEM VALUE \
            VALUES (1, 'A1', now(), now() + interval '1 h'), (2, 'A2', now(), now() + interval '1 h')";
        db.execute_unprepared(rows).await.unwrap();
        Self { db, by, messages: 0 }
    }

    /// Sends a message of each kind to its chat and records that at `at`.
    async fn send(&mut self, messages: &[(ChatId, MessageKind, BookingId)], at: DateTime<Utc>) {
        let sent = self.claim(messages, at).await;
        self.record(sent, at).await;
    }

    /// Claims a message of each kind in its chat at `at`: they are being sent.
    async fn claim(
        &mut self,
        messages: &[(ChatId, MessageKind, BookingId)],
        at: DateTime<Utc>,
    ) -> Vec<Settlement> {
        let mut sent = Vec::new();
        for (chat, kind, booking) in messages {
            let message = self.due(*chat, at).await;
            let to_claim = ToClaim::new(*chat, vec![message]);
            let claims = outbox::claim(&self.db, std::slice::from_ref(&to_claim), at).await;
            assert!(claims.into_iter().all(|claimed| matches!(claimed, Ok(Claimed::Yes(_)))));
            // Answers can be claimed whatever their booking is like, so that each kind is sent here.
            let become_it = format!(
                "UPDATE messages SET kind = '{}', booking_id = {}, update_id = NULL, booking_version = {} \
                 WHERE id = {}",
                kind.as_str(),
                booking.0,
                self.messages,
                message.0
            );
            self.db.execute_unprepared(&become_it).await.unwrap();
            sent.push(Settlement {
                claim: to_claim.into_claim(),
                disposition: Disposition::Sent { telegram_message_id: 5 },
            });
        }
        sent
    }

    /// Records messages as sent.
    async fn record(&mut self, mut sent: Vec<Settlement>, at: DateTime<Utc>) {
        match self.by {
            By::One => {
                for one in &sent {
                    let next = Disposition::Sent { telegram_message_id: 5 };
                    let settled = settle(&self.db, &one.claim, &next, at).await;
                    assert_eq!(settled, Settled::Yes);
                }
            }
            By::Batch => {
                // A single one would take the other way.
                let message = self.due(ChatId(-7), at).await;
                let to_claim = ToClaim::new(ChatId(-7), vec![message]);
                let claims = outbox::claim(&self.db, std::slice::from_ref(&to_claim), at).await;
                assert!(claims.into_iter().all(|claimed| matches!(claimed, Ok(Claimed::Yes(_)))));
                sent.push(Settlement {
                    claim: to_claim.into_claim(),
                    disposition: Disposition::Sent { telegram_message_id: 5 },
                });
                let settled = outbox::settle(&self.db, &sent, at).await;
                assert!(settled.into_iter().all(|settled| settled.unwrap() == Settled::Yes));
            }
        }
    }

    async fn due(&mut self, chat: ChatId, at: DateTime<Utc>) -> MessageId {
        self.messages += 1;
        let event = EventId("e".into());
        let message = NewMessage::answer(chat, self.messages, "0".into(), json!("ok"), &event, at);
        let _ = outbox::insert(&self.db, &[message], at).await.unwrap();
        due_in(&self.db, chat, at, 1).await[0].as_ref().unwrap().id
    }

    /// What is open with Alina and with Boris.
    async fn open(&self, at: DateTime<Utc>) -> [Dialogue; 2] {
        let open = |user| dialogues::open(&self.db, UserId(user), at, None);
        [open(1).await.unwrap(), open(2).await.unwrap()]
    }

    async fn rows(&self) -> i64 {
        let count = Statement::from_string(DbBackend::Postgres, "SELECT count(*) FROM dialogues");
        let row = self.db.query_one_raw(count).await.unwrap().unwrap();
        row.try_get_by_index(0).unwrap()
    }
}

const IDLE: Dialogue = Dialogue::Idle;
const OPEN: Dialogue = Dialogue::Rating(VISIT);

fn soon() -> DateTime<Utc> {
    noon() + hours(1)
}

#[tokio::test]
async fn a_sent_question_is_open_for_a_day() {
    for by in [By::One, By::Batch] {
        let mut world = World::new(by).await;
        world.send(&[(ALINA, MessageKind::Feedback, VISIT)], noon()).await;
        let end = noon() + QUESTION_OPEN;
        assert_eq!(world.open(noon()).await, [OPEN, IDLE], "{by:?}");
        assert_eq!(world.open(end - TimeDelta::milliseconds(1)).await, [OPEN, IDLE], "{by:?}");
        assert_eq!(world.open(end).await, [IDLE, IDLE], "{by:?}");
    }
}

#[tokio::test]
async fn each_kind_of_message_does_to_the_question_what_the_rules_say() {
    for by in [By::One, By::Batch] {
        for kind in MessageKind::ALL {
            let mut world = World::new(by).await;
            let question = |chat| (chat, MessageKind::Feedback, VISIT);
            world.send(&[question(ALINA), question(BORIS)], noon()).await;
            world.send(&[(ALINA, *kind, NEXT_VISIT)], soon()).await;
            let expected = match kind.properties().question {
                QuestionEffect::Opens => Dialogue::Rating(NEXT_VISIT),
                QuestionEffect::Ends => IDLE,
                QuestionEffect::Leaves => OPEN,
            };
            // Whatever is sent to Alina is nothing to Boris, and nothing to what was written before it.
            assert_eq!(world.open(soon()).await, [expected, OPEN], "{by:?} {kind:?}");
            let before = world.open(soon() - TimeDelta::seconds(1)).await[0];
            let open_before = if expected == IDLE { OPEN } else { expected };
            assert_eq!(before, open_before, "{by:?} {kind:?}");
        }
    }
}

#[tokio::test]
async fn one_statement_opens_and_ends_for_many_clients() {
    let mut world = World::new(By::Batch).await;
    world.send(&[(ALINA, MessageKind::Feedback, VISIT)], noon()).await;
    let both =
        [(ALINA, MessageKind::Reminder, NEXT_VISIT), (BORIS, MessageKind::Feedback, NEXT_VISIT)];
    world.send(&both, soon()).await;
    assert_eq!(world.open(soon()).await, [IDLE, Dialogue::Rating(NEXT_VISIT)]);
}

#[tokio::test]
async fn the_last_of_two_messages_to_one_client_counts() {
    let (question, news) = (MessageKind::Feedback, MessageKind::Confirmation);
    for (first, second, expected) in
        [(question, news, IDLE), (news, question, OPEN), (question, question, OPEN)]
    {
        let mut world = World::new(By::Batch).await;
        world.send(&[(ALINA, question, NEXT_VISIT)], noon()).await;
        // Two are recorded at once where the database was away after the first.
        let mut sent = Vec::new();
        for kind in [first, second] {
            let message = world.due(ALINA, soon()).await;
            let to_claim = ToClaim::new(ALINA, vec![message]);
            outbox::claim(&world.db, std::slice::from_ref(&to_claim), soon()).await;
            let given_up = format!(
                "UPDATE messages SET kind = '{}', booking_id = 1, update_id = NULL, status = 'unknown', \
                 lease_until = NULL, booking_version = {} WHERE id = {}",
                kind.as_str(),
                message.0,
                message.0
            );
            world.db.execute_unprepared(&given_up).await.unwrap();
            sent.push(Settlement {
                claim: to_claim.into_claim(),
                disposition: Disposition::Sent { telegram_message_id: 5 },
            });
        }
        let settled = outbox::settle(&world.db, &sent, soon()).await;
        assert!(settled.into_iter().all(|settled| settled.unwrap() == Settled::Yes));
        assert_eq!(world.open(soon()).await, [expected, IDLE], "{first:?} {second:?}");
    }
}

#[tokio::test]
async fn an_end_holds_for_what_comes_later_and_is_never_put_off() {
    let mut world = World::new(By::One).await;
    world.send(&[(ALINA, MessageKind::Feedback, VISIT)], noon()).await;
    let end = |at| dialogues::end(&world.db, UserId(1), None, at);
    end(soon()).await.unwrap();
    assert_eq!(world.open(soon()).await, [IDLE, IDLE]);
    assert_eq!(world.open(noon()).await, [OPEN, IDLE], "written before, applied later");
    end(soon() + hours(1)).await.unwrap();
    assert_eq!(world.open(soon()).await, [IDLE, IDLE]);
    end(noon()).await.unwrap();
    assert_eq!(world.open(noon()).await, [IDLE, IDLE]);
}

#[tokio::test]
async fn an_answer_that_is_quicker_than_the_record_of_the_question_finds_it_open() {
    for (by, is_rated) in [(By::One, true), (By::One, false), (By::Batch, true), (By::Batch, false)]
    {
        let mut world = World::new(by).await;
        // The question about an earlier visit is over.
        world.send(&[(ALINA, MessageKind::Feedback, NEXT_VISIT)], noon() - hours(20)).await;
        let sent = world.claim(&[(ALINA, MessageKind::Feedback, VISIT)], noon()).await;
        let at = noon() + TimeDelta::milliseconds(50);
        let db = world.db.clone();
        let typed = |at| dialogues::open(&db, UserId(1), at, Some("5"));
        let earlier = typed(noon() - TimeDelta::seconds(1)).await.unwrap();
        assert_eq!(earlier, Dialogue::Rating(NEXT_VISIT), "written before the question");
        assert_eq!(typed(at).await.unwrap(), OPEN, "{by:?}");
        let other = dialogues::open(&world.db, UserId(2), at, Some("5")).await.unwrap();
        assert_eq!(other, IDLE, "of another client");
        if is_rated {
            dialogues::end(&world.db, UserId(1), Some(OPEN), at).await.unwrap();
            let again = at + TimeDelta::milliseconds(50);
            assert_eq!(typed(again).await.unwrap(), IDLE, "{by:?}: the next words are none");
        }
        world.record(sent, noon() + TimeDelta::seconds(2)).await;
        let expected = if is_rated { IDLE } else { OPEN };
        assert_eq!(typed(soon()).await.unwrap(), expected, "{by:?}");
        world.send(&[(ALINA, MessageKind::Feedback, VISIT)], soon()).await;
        assert_eq!(world.open(soon()).await, [OPEN, IDLE], "{by:?}: the question comes once more");
    }
}

#[tokio::test]
async fn the_question_of_a_build_before_is_left_alone() {
    let world = World::new(By::One).await;
    let old = "UPDATE users SET dialogue = 'rating', dialogue_booking_id = 1 WHERE id = 1";
    world.db.execute_unprepared(old).await.unwrap();
    assert_eq!(world.open(noon()).await, [IDLE, IDLE]);
    dialogues::end(&world.db, UserId(1), None, noon()).await.unwrap();
    let still = "SELECT count(*) FROM users WHERE dialogue = 'rating'";
    let row = Statement::from_string(DbBackend::Postgres, still);
    let row = world.db.query_one_raw(row).await.unwrap().unwrap();
    assert_eq!(row.try_get_by_index::<i64>(0).unwrap(), 1);
}

#[tokio::test]
async fn the_migration_takes_over_the_questions_of_a_day() {
    const TAKE_OVER: &str = include_str!("../../migrations/src/sql/open_questions.sql");
    for (dialogue, kind, status, hours_ago, open) in [
        ("rating", "feedback", "sent", 1, OPEN),
        ("rating", "feedback", "sent", 25, IDLE),
        ("rating", "reminder", "sent", 1, IDLE),
        ("rating", "feedback", "unknown", 1, IDLE),
        ("idle", "feedback", "sent", 1, IDLE),
    ] {
        let world = World::new(By::One).await;
        let booking = if dialogue == "rating" { "1" } else { "NULL" };
        let old = format!(
            "UPDATE users SET dialogue = '{dialogue}', dialogue_booking_id = {booking} WHERE id = 1; \
             INSERT INTO messages (kind, recipient, chat_id, booking_id, due_at, sent_at, job_id, status) \
             SELECT '{kind}', 'client', 1, b, at, at, 'm' || b, '{status}' FROM unnest(ARRAY[1, 2]) b, \
             (SELECT now() - interval '{hours_ago} hours' AS at) a"
        );
        world.db.execute_unprepared(&old).await.unwrap();
        world.db.execute_unprepared(TAKE_OVER).await.unwrap();
        let now = "SELECT now()";
        let now = Statement::from_string(DbBackend::Postgres, now);
        let now = world.db.query_one_raw(now).await.unwrap().unwrap();
        let now: DateTime<Utc> = now.try_get_by_index(0).unwrap();
        assert_eq!(world.open(now).await, [open, IDLE], "{kind} {status} {hours_ago}");
        let end = now + QUESTION_OPEN - hours(hours_ago);
        assert_eq!(world.open(end).await, [IDLE, IDLE], "{kind} {status} {hours_ago}");
    }
}

#[tokio::test]
async fn ended_questions_are_forgotten_after_three_days() {
    let mut world = World::new(By::One).await;
    world.send(&[(ALINA, MessageKind::Feedback, VISIT)], noon()).await;
    world.send(&[(BORIS, MessageKind::Feedback, VISIT)], soon()).await;
    let forgotten = noon() + QUESTION_OPEN + TimeDelta::days(3) + TimeDelta::minutes(1);
    reconcile::forget(&world.db, noon() + QUESTION_OPEN + TimeDelta::days(3)).await.unwrap();
    assert_eq!(world.rows().await, 2);
    reconcile::forget(&world.db, forgotten).await.unwrap();
    assert_eq!(world.rows().await, 1);
    assert_eq!(world.open(noon() + TimeDelta::minutes(1)).await, [IDLE, OPEN]);
}
