//! The bot's own calls to Telegram: registering its commands, answering a press, and long polling, which
//! stores an update before its receipt is confirmed to Telegram.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::{sync::Arc, time::Duration};

use redis::AsyncCommands;
use secrecy::SecretString;
use serde_json::{Value, json};
use shared::{
    clock::SystemClock,
    domain::{ids::EventId, venue::Venue},
    queue::{IngestJob, JobQueue, QueueName},
    settings::WorkerTelegram,
    store,
};
use simulator::{
    Client, Running,
    model::{Call, Fault, FaultKind},
};
use support::{TestDatabase, given};
use teloxide::{
    Bot,
    payloads::SendMessageSetters,
    requests::Requester,
    types::{ChatId, InlineKeyboardButton, InlineKeyboardMarkup},
};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use worker::{
    telegram::{self, Poller, answer_callback, register_commands},
    texts::Languages,
};

const PATIENCE: Duration = Duration::from_secs(20);
const ALINA: i64 = 42;

struct World {
    telegram: Running,
    queue: JobQueue,
}

impl World {
    async fn start() -> Self {
        let redis = SecretString::from(given("TEST_REDIS_URL"));
        let prefix = format!("t{}", EventId::fresh());
        let queue = JobQueue::open(&redis, &prefix, Duration::from_secs(5)).unwrap();
        Self { telegram: simulator::spawn().await.unwrap(), queue }
    }

    fn client(&self) -> Client {
        self.telegram.client()
    }

    fn bot(&self) -> telegram::Client {
        telegram::Client::with_token("123456:test", self.telegram.url().parse().unwrap())
    }

    fn poll(&self, db: store::DatabaseConnection) -> (JoinHandle<()>, CancellationToken) {
        let stop = CancellationToken::new();
        let (client, queue, clock) = (self.bot(), self.queue.clone(), Arc::new(SystemClock));
        let poller = Poller { client, queue, db, clock };
        (tokio::spawn(poller.run(stop.clone())), stop)
    }

    /// Updates that stand in the queue, oldest first.
    async fn queued(&self) -> Vec<i64> {
        let hash = self.queue.keys().config(QueueName::Updates).job_data_hash();
        let payloads: Vec<Vec<u8>> = self.queue.connection().hvals(hash).await.unwrap();
        let mut ids: Vec<i64> = payloads
            .iter()
            .map(|payload| match IngestJob::decode(payload).unwrap() {
                IngestJob::Update(update) => {
                    let raw: Value = serde_json::from_str(&update.raw).unwrap();
                    assert_eq!(raw["update_id"], update.update_id);
                    update.update_id
                }
                other => panic!("{other:?}"),
            })
            .collect();
        ids.sort_unstable();
        ids
    }

    /// Waits until every update is confirmed to Telegram.
    async fn all_confirmed(&self) {
        eventually("all updates are confirmed", async || {
            self.client().stats().await.unwrap().pending_updates == 0
        })
        .await;
    }

    /// Makes pushes fail by a key of the wrong type. The lease still works.
    async fn break_queue(&self) {
        let set = self.queue.keys().config(QueueName::Updates).scheduled_jobs_set();
        let _: () = self.queue.connection().set(set, "no set").await.unwrap();
    }

    async fn lease(&self) -> Option<String> {
        let key = self.queue.keys().key("telegram", "poller");
        self.queue.connection().get(key).await.unwrap()
    }
}

async fn eventually(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let waiting = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("never: {what}"));
}

/// An unreachable database.
async fn no_database() -> store::DatabaseConnection {
    let nowhere = SecretString::from("postgres://nobody@127.0.0.1:1/nothing");
    store::connect(&nowhere, 1).await.unwrap()
}

#[tokio::test]
async fn updates_in_any_form_are_stored_and_then_confirmed() {
    let world = World::start().await;
    let (_task, _stop) = world.poll(no_database().await);
    let update_id = world.client().say(ALINA, "/start").await.unwrap().update_id;
    world.all_confirmed().await;
    assert_eq!(world.queued().await, [update_id]);

    let later = json!({"update_id": update_id + 1, "message": {"hologram": [1, 2.5, null]}});
    world.client().inject(&later, 1, false).await.unwrap();
    world.all_confirmed().await;
    assert_eq!(world.queued().await, [update_id, update_id + 1]);
}

#[tokio::test]
async fn one_of_several_polls_and_the_next_takes_over() {
    let world = World::start().await;
    let first = world.poll(no_database().await);
    eventually("a worker polls", async || world.lease().await.is_some()).await;
    let owner = world.lease().await;
    let second = world.poll(no_database().await);
    let update_id = world.client().say(ALINA, "1").await.unwrap().update_id;
    world.all_confirmed().await;
    assert_eq!(world.lease().await, owner);

    first.1.cancel();
    first.0.await.unwrap();
    world.client().say(ALINA, "2").await.unwrap();
    world.all_confirmed().await;
    assert!(world.lease().await.is_some_and(|lease| Some(lease) != owner));
    assert_eq!(world.queued().await, [update_id, update_id + 1]);
    second.1.cancel();
    second.0.await.unwrap();
    assert_eq!(world.lease().await, None);
}

#[tokio::test]
async fn updates_that_the_queue_refuses_go_to_the_inbox() {
    let world = World::start().await;
    world.break_queue().await;
    let database = TestDatabase::create().await;
    let (_task, _stop) = world.poll(database.db.clone());
    world.client().say(ALINA, "/start").await.unwrap();
    world.all_confirmed().await;
    let kept = database.rows("SELECT payload FROM inbox").await;
    assert_eq!(kept.len(), 1);
    let payload = kept[0]["payload"].as_str().unwrap();
    assert!(matches!(IngestJob::decode(payload.as_bytes()), Ok(IngestJob::Update(_))));
}

#[tokio::test]
async fn an_update_that_was_not_stored_is_not_confirmed() {
    let world = World::start().await;
    world.break_queue().await;
    let database = TestDatabase::create().await;
    // An inbox that refuses, and counts the attempts (a sequence survives the rollback).
    database
        .run(
            "CREATE SEQUENCE tries;
             CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN PERFORM nextval('tries'); RAISE EXCEPTION 'full'; END $$;
             CREATE TRIGGER refuse BEFORE INSERT ON inbox FOR EACH ROW EXECUTE FUNCTION refuse()",
        )
        .await;
    world.client().say(ALINA, "/start").await.unwrap();
    let (_task, _stop) = world.poll(database.db.clone());
    // Telegram delivers the unconfirmed update a second time.
    eventually("two tries to store it", async || {
        let tries = database.rows("SELECT last_value AS n FROM tries").await;
        tries[0]["n"].as_i64() >= Some(2)
    })
    .await;
    database.run("DROP TRIGGER refuse ON inbox").await;
    world.all_confirmed().await;
    assert_eq!(database.rows("SELECT 1 AS n FROM inbox").await.len(), 1);
}

fn texts() -> (Languages, Venue) {
    (Languages::load(&Arc::default()).unwrap(), Venue::default())
}

#[tokio::test]
async fn registration_is_retried_until_it_succeeds() {
    let world = World::start().await;
    let kind = FaultKind::TooManyRequests { retry_after: 1 };
    for method in ["setWebhook", "setMyCommands"] {
        let fault = Fault { method: Some(method.into()), ..Fault::sending(kind.clone(), 1) };
        world.client().script(&fault).await.unwrap();
    }
    let telegram = WorkerTelegram::Webhook {
        url: "http://127.0.0.1:9/webhook/telegram".parse().unwrap(),
        secret: SecretString::from("a-secret_token"),
    };
    let ((texts, venue), stop) = (texts(), CancellationToken::new());
    register_commands(&world.bot(), (&texts, &venue), &telegram, &stop).await;
    let calls = world.client().journal(0, None).await.unwrap();
    let of = |method: &str| {
        let calls = calls.iter().filter(|call| call.method == method);
        calls.map(|call| (call.status, call.body.clone())).collect::<Vec<_>>()
    };
    let webhooks = of("setWebhook");
    assert_eq!([webhooks[0].0, webhooks[1].0], [429, 200]);
    let webhook = &webhooks[1].1;
    assert_eq!(webhook["secret_token"], "a-secret_token");
    assert_eq!(webhook["allowed_updates"], json!(["message", "callback_query", "my_chat_member"]));
    let commands = of("setMyCommands");
    let statuses: Vec<u16> = commands.iter().map(|(status, _)| *status).collect();
    assert_eq!(statuses, [429, 200, 200, 200]);
    let first = &commands[1].1["commands"][1];
    assert_eq!(*first, json!({"command": "bookings", "description": "Мои записи"}));
    // A restart finds everything set.
    let before = calls.last().unwrap().seq;
    register_commands(&world.bot(), (&texts, &venue), &telegram, &stop).await;
    let again = world.client().journal(before, None).await.unwrap();
    let sets: Vec<&str> =
        again.iter().map(|c| c.method.as_str()).filter(|name| name.starts_with("set")).collect();
    assert_eq!(sets, ["setWebhook"]);
}

#[tokio::test]
async fn polling_removes_the_webhook_first_and_a_stop_ends_the_registration() {
    let world = World::start().await;
    let stop = CancellationToken::new();
    let (texts, venue) = texts();
    let shown = (&texts, &venue);
    register_commands(&world.bot(), shown, &WorkerTelegram::Polling, &stop).await;
    let calls = world.client().journal(0, None).await.unwrap();
    assert_eq!(calls[0].method, "deleteWebhook");
    assert_eq!(calls[0].body["drop_pending_updates"], false);

    let nowhere = "http://127.0.0.1:1".parse().unwrap();
    let unreachable = telegram::Client::with_token("123456:test", nowhere);
    let telegram = WorkerTelegram::Polling;
    let registering = register_commands(&unreachable, shown, &telegram, &stop);
    stop.cancel();
    tokio::time::timeout(PATIENCE, registering).await.unwrap();
}

#[tokio::test]
async fn a_press_is_answered() {
    let world = World::start().await;
    let button = InlineKeyboardButton::callback("5", "rate:1:5");
    let buttons = InlineKeyboardMarkup::new([[button]]);
    let bot = Bot::new("123456:test").set_api_url(world.telegram.url().parse().unwrap());
    bot.send_message(ChatId(ALINA), "?").reply_markup(buttons).await.unwrap();
    let press = world.client().press(ALINA, None, "rate:1:5").await.unwrap();
    let callback = press.callback_query_id.unwrap();
    answer_callback(&world.bot(), &callback);
    let answers = |call: &Call| call.method == "answerCallbackQuery";
    let call = world.client().wait_for_call(0, answers, PATIENCE).await.unwrap();
    assert_eq!(call.body["callback_query_id"], callback);
}
