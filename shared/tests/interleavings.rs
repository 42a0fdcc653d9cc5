//! One booking's events in any order on several workers, with a registration and the sending in
//! between: the booking ends as its last event left it, and the client hears what a serial run would
//! say, or less where one message was superseded by the next before it was sent.

#![allow(unused_must_use, clippy::unwrap_used, reason = "tests, and without a queue")]

mod common;

use std::{
    collections::HashSet,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use common::*;
use proptest::prelude::*;
use sea_orm::{ConnectionTrait, FromQueryResult, Statement};
use secrecy::SecretString;
use shared::{
    domain::{
        booking::BookingStatus,
        event::{BookingEvent, Change, VisitTime},
        ids::{BookingCode, ChatId},
        message::{Content, MessageKind},
        outcome::Disposition,
        phone::{Phone, PhoneRegion},
    },
    store::{self, DatabaseConnection, bookings, outbox as sending, outbox::DueDecision},
};
use tokio::runtime::Runtime;

/// Workers, each with connections of its own.
const WORKERS: usize = 3;

/// What an event says of the booking, or what the client knows of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Stands(i64),
    Cancelled,
}

/// One try: what happens, in which order and after which pauses (milliseconds) on each worker.
#[derive(Debug, Clone)]
struct Plan {
    events: Vec<State>,
    /// The events' numbers as they reach the workers, one after the other.
    order: Vec<usize>,
    pauses: Vec<u64>,
    /// The registration's pause; none: the client was in the bot before.
    registers_after: Option<u64>,
    /// How long a message is on its way.
    sending: u64,
}

fn plans() -> impl Strategy<Value = Plan> {
    let state = prop_oneof![3 => (30i64..33).prop_map(State::Stands), 1 => Just(State::Cancelled)];
    prop::collection::vec(state, 2..7).prop_flat_map(|events| {
        let count = events.len();
        let order = Just((0..count).collect::<Vec<_>>()).prop_shuffle();
        // In order, too: with several workers that is disorder enough, and more is sent.
        let order = prop_oneof![order, Just((0..count).collect::<Vec<_>>())];
        let pauses = prop::collection::vec(0u64..15, count);
        let registration = prop::option::of(0u64..40);
        (Just(events), order, pauses, registration, 0u64..40).prop_map(
            |(events, order, pauses, registers_after, sending)| Plan {
                events,
                order,
                pauses,
                registers_after,
                sending,
            },
        )
    })
}

/// A message that the client got.
#[derive(Debug, Clone, PartialEq)]
struct Received {
    kind: MessageKind,
    version: Option<i32>,
    state: State,
    /// Of a move: from which start.
    from: Option<DateTime<Utc>>,
}

/// The booking of one try.
struct Case {
    code: BookingCode,
    phone: Phone,
    chat: ChatId,
    received: Mutex<Vec<Received>>,
    done: AtomicBool,
}

impl Case {
    fn new() -> Self {
        static COUNT: AtomicI64 = AtomicI64::new(1);
        let n = COUNT.fetch_add(1, Ordering::Relaxed);
        let region = PhoneRegion::parse("RU").unwrap();
        Self {
            code: BookingCode::parse(&format!("C{n}")).unwrap(),
            phone: Phone::parse(&format!("+7999{n:07}"), region).unwrap(),
            chat: ChatId(1000 + n),
            received: Mutex::default(),
            done: AtomicBool::new(false),
        }
    }

    fn event(&self, number: usize, state: State) -> BookingEvent {
        let at = noon() + TimeDelta::seconds(40 * number as i64);
        let mut event = stands(at, noon() + hours(30));
        event.code = self.code.clone();
        event.details.phone = Some(self.phone.clone());
        event.change = match state {
            State::Stands(hour) => Change::Stands(visit_time(hour)),
            State::Cancelled => Change::Cancelled(None),
        };
        event
    }

    /// Everything at once, until nothing is left to be sent.
    async fn play(&self, plan: &Plan, workers: &[DatabaseConnection]) {
        if plan.registers_after.is_none() {
            self.register(&workers[0]).await;
        }
        let applying = async {
            let events = plan.order.iter().enumerate().map(|(place, &number)| async move {
                tokio::time::sleep(Duration::from_millis(plan.pauses[number])).await;
                let event = self.event(number, plan.events[number]);
                apply(&workers[place % workers.len()], &event, now()).await;
            });
            let registration = async {
                if let Some(pause) = plan.registers_after {
                    tokio::time::sleep(Duration::from_millis(pause)).await;
                    self.register(&workers[1]).await;
                }
            };
            tokio::join!(futures::future::join_all(events), registration);
            self.done.store(true, Ordering::SeqCst);
        };
        let senders = workers.iter().map(|db| self.deliver(db, plan.sending));
        tokio::join!(applying, futures::future::join_all(senders));
    }

    async fn register(&self, db: &DatabaseConnection) {
        use shared::store::{TransactionTrait, registration};
        let tx = db.begin().await.unwrap();
        registration::register(&tx, self.chat, &self.phone, now()).await.unwrap();
        tx.commit().await.unwrap();
    }

    /// Sends what is due, as the worker does.
    async fn deliver(&self, db: &DatabaseConnection, way: u64) {
        loop {
            let last_round = self.done.load(Ordering::SeqCst);
            let due = due_in(db, self.chat, soon(), 1).await;
            let Some(message) = due.into_iter().next().map(Result::unwrap) else {
                if last_round && !sending_now(db, self.chat).await {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
                continue;
            };
            if message.decide(soon(), &venue()) != DueDecision::Send {
                let status = shared::domain::message::MessageStatus::Cancelled;
                sending::cancel_pending(db, message.id, status, "superseded", soon())
                    .await
                    .unwrap();
                continue;
            }
            let Ok(claim) = claim_in(db, self.chat, &[message.id], soon()).await else {
                tokio::time::sleep(Duration::from_millis(1)).await;
                continue;
            };
            tokio::time::sleep(Duration::from_millis(way)).await;
            self.received.lock().unwrap().push(received(&message));
            let sent = Disposition::Sent { telegram_message_id: 1 };
            settle(db, &claim, &sent, soon()).await;
        }
    }
}

fn received(message: &sending::DueMessage) -> Received {
    let visit_time = message.booking.as_ref().and_then(|booking| booking.visit_time);
    let state = match (message.kind, visit_time) {
        (MessageKind::Cancelled, _) => State::Cancelled,
        (_, visit_time) => State::Stands((visit_time.unwrap().start() - noon()).num_hours()),
    };
    let from = match message.content {
        Some(Content::MovedFrom { start, .. }) => Some(start),
        _ => None,
    };
    Received { kind: message.kind, version: message.booking_version, state, from }
}

async fn sending_now(db: &DatabaseConnection, chat: ChatId) -> bool {
    count(db, &format!("chat_id = {chat} AND status = 'sending'")).await > 0
}

async fn count(db: &DatabaseConnection, condition: &str) -> i64 {
    #[derive(FromQueryResult)]
    struct Row {
        n: i64,
    }
    let text = format!("SELECT count(*) AS n FROM messages WHERE {condition}");
    let statement = Statement::from_string(db.get_database_backend(), text);
    Row::find_by_statement(statement).one(db).await.unwrap().unwrap().n
}

fn visit_time(hour: i64) -> VisitTime {
    VisitTime::new(noon() + hours(hour), noon() + hours(hour + 1)).unwrap()
}

/// When the workers apply the events: all were received before.
fn now() -> DateTime<Utc> {
    noon() + TimeDelta::seconds(300)
}

/// When the senders are at it: what is due at once is due, reminders are not.
fn soon() -> DateTime<Utc> {
    noon() + TimeDelta::seconds(301)
}

/// What a serial run tells: each state that differs from the one before.
fn serial(events: &[State]) -> Vec<State> {
    let mut announced = events.to_vec();
    announced.dedup();
    announced
}

fn is_part_of(part: &[State], whole: &[State]) -> bool {
    let mut rest = whole.iter();
    part.iter().all(|state| rest.any(|other| other == state))
}

async fn check(case: &Case, plan: &Plan, db: &DatabaseConnection) -> Result<(), TestCaseError> {
    let last = *plan.events.last().unwrap();
    let booking = bookings::by_code(db, &case.code).await.unwrap().unwrap();
    match last {
        State::Stands(hour) => {
            prop_assert_eq!(booking.status, BookingStatus::Active);
            prop_assert_eq!(booking.visit_time, Some(visit_time(hour)));
        }
        State::Cancelled => prop_assert_eq!(booking.status, BookingStatus::Cancelled),
    }
    let received = case.received.lock().unwrap().clone();
    let states: Vec<State> = received.iter().map(|message| message.state).collect();
    let whole = serial(&plan.events);
    prop_assert!(is_part_of(&states, &whole), "{received:?} is no part of {whole:?}");
    // A client who never heard of a booking hears nothing of its end.
    let unannounced = last == State::Cancelled && states.is_empty();
    prop_assert!(
        unannounced || states.last() == Some(&last),
        "{states:?} does not end as {last:?}"
    );
    let once: HashSet<_> = received.iter().map(|message| message.version).collect();
    prop_assert_eq!(once.len(), received.len(), "sent twice: {:?}", received);
    check_words(&received)?;
    // Both reminders and the request for a rating of the last state, and nothing else.
    let planned = if last == State::Cancelled { 0 } else { 3 };
    let of_booking = format!("booking_id = {} AND status = 'scheduled'", booking.id);
    let client = format!("{of_booking} AND recipient = 'client'");
    prop_assert_eq!(count(db, &client).await, planned);
    let version = booking.version;
    let present = format!("{client} AND booking_version = {version} AND chat_id = {}", case.chat);
    prop_assert_eq!(count(db, &present).await, planned);
    // The staff hear of each change at most once.
    let cards = count(db, &format!("booking_id = {} AND recipient = 'staff'", booking.id)).await;
    prop_assert!(cards >= 1 && cards <= whole.len() as i64, "{cards} cards for {whole:?}");
    Ok(())
}

/// A move is sent from where the client thinks the booking is, and nothing else is called a move.
fn check_words(received: &[Received]) -> Result<(), TestCaseError> {
    let mut known: Option<State> = None;
    for one in received {
        match one.kind {
            MessageKind::Moved => {
                let from = one.from.map(|at| State::Stands((at - noon()).num_hours()));
                prop_assert_eq!(from, known, "{:?}", received);
            }
            // Announced anew only if a cancellation lay between, sent or overtaken by this.
            MessageKind::Confirmation | MessageKind::Cancelled => {}
            other => prop_assert!(false, "{other:?} was due"),
        }
        known = Some(one.state);
    }
    Ok(())
}

async fn workers() -> Vec<DatabaseConnection> {
    let first = database().await;
    let name: String = {
        let sql = "SELECT current_database()::text AS name";
        let statement = Statement::from_string(first.get_database_backend(), sql);
        let row = first.query_one_raw(statement).await.unwrap().unwrap();
        row.try_get("", "name").unwrap()
    };
    let admin = std::env::var("TEST_DATABASE_URL").unwrap();
    let (server, _) = admin.rsplit_once('/').unwrap();
    let url = SecretString::from(format!("{server}/{name}"));
    let mut workers = vec![first];
    while workers.len() < WORKERS {
        workers.push(store::connect(&url, 4).await.unwrap());
    }
    workers
}

#[test]
fn events_in_any_order_on_several_workers_say_what_a_serial_run_would() {
    let runtime = Runtime::new().unwrap();
    let workers = runtime.block_on(workers());
    let config = ProptestConfig {
        cases: 40,
        failure_persistence: None,
        max_shrink_iters: 0,
        ..ProptestConfig::default()
    };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let outcome = runner.run(&plans(), |plan| {
        let case = Case::new();
        runtime.block_on(async {
            let played = tokio::time::timeout(Duration::from_secs(60), case.play(&plan, &workers));
            prop_assert!(played.await.is_ok(), "something is never sent");
            check(&case, &plan, &workers[0]).await
        })
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
}
