//! Hostile input through the real router and the real Redis: every request is answered with 200 or
//! a 4xx, and each one with the secret is stored, as an event or as a rejected request.
#![allow(clippy::unwrap_used)]

mod common;

use std::collections::BTreeMap;

use axum::http::Request;
use common::{Answer, SECRET, TOKEN, World};
use futures::{StreamExt, stream};
use rand::{SeedableRng, rngs::StdRng};
use shared::queue::{IngestJob, QueueName};
use simulator::bukza::PRODUCTION;
use simulator::hostile;

const OWN: &str = r#"{
  "event": "changed", "code": "C6UDS3", "status": "Подтверждено",
  "start": "2025-12-27T12:00:00", "end": "2025-12-27T13:00:00", "phone": "8 999 123-45-67",
  "people": 10, "total": "8 990,50", "fields": [{"name": "Телефон", "value": "89991234567"}],
  "reservations": [{"code": "A"}, {"code": "B", "status": "Отменено"}]
}"#;
const QUERY: &str = "message=newrega&phone=%2B7%20999%20123-45-67&name=%D0%90";
const CONTENT_TYPES: [&str; 5] = [
    "application/json",
    "application/x-www-form-urlencoded",
    "text/plain; charset=koi8-r",
    "multipart/form-data",
    "\t;=",
];

const UPDATES: [&str; 2] = [
    r#"{"update_id":870,"message":{"message_id":5,"from":{"id":42,"is_bot":false,"first_name":"A"},
        "chat":{"id":42,"first_name":"A","type":"private"},"date":1766000000,
        "contact":{"phone_number":"79991234567","first_name":"A","user_id":42}}}"#,
    r#"{"update_id":871,"callback_query":{"id":"4382","from":{"id":42,"is_bot":false,
        "first_name":"A"},"chat_instance":"-4711","data":"rate:7:5"}}"#,
];

async fn many<F: Future<Output = Answer>>(
    cases: u64,
    case: impl Fn(u64) -> F,
) -> BTreeMap<u16, u64> {
    let answers = stream::iter(0..cases).map(|seed| {
        let answer = case(seed);
        async move { (seed, answer.await) }
    });
    let mut counts = BTreeMap::new();
    let mut answers = answers.buffer_unordered(64);
    while let Some((seed, answer)) = answers.next().await {
        let status = answer.status.as_u16();
        assert!(status == 200 || (400..500).contains(&status), "seed {seed}: {answer:?}");
        *counts.entry(status).or_default() += 1;
    }
    counts
}

#[tokio::test]
async fn ten_thousand_damaged_requests_are_answered_and_kept() {
    let world = World::new().await;
    let counts = many(10_000, |seed| {
        let mut dice = StdRng::seed_from_u64(seed);
        let sound = if seed % 2 == 0 { PRODUCTION } else { OWN };
        let body = hostile::json(&mut dice, sound);
        let query = if seed % 3 == 0 { hostile::query(&mut dice, QUERY) } else { QUERY.to_owned() };
        let content_type = CONTENT_TYPES[usize::try_from(seed % 11 / 2).unwrap_or(0) % 5];
        let request = Request::post(format!("/webhook/bukza?{query}"))
            .header("X-Webhook-Secret", SECRET)
            .header("content-type", content_type);
        world.send(request, body)
    })
    .await;
    assert!(counts[&200] > 1_000 && counts[&400] > 500 && counts[&422] > 500, "{counts:?}");

    let (mut events, mut refused) = (0, BTreeMap::<u16, u64>::new());
    for job in world.queued(QueueName::Events).await {
        match job {
            IngestJob::Booking(event) => {
                assert!(!serde_json::to_string(&event).unwrap().contains("\\u0000"));
                events += 1;
            }
            IngestJob::Rejected(kept) => *refused.entry(kept.status).or_default() += 1,
            IngestJob::Update(_) => panic!("an update among Bukza's events"),
        }
    }
    assert!(events >= counts[&200]);
    let answered: BTreeMap<u16, u64> = counts.into_iter().filter(|(s, _)| *s != 200).collect();
    assert_eq!(refused, answered, "each refused request is kept");
}

#[tokio::test]
async fn damaged_updates_are_stored_as_they_came_or_refused() {
    let world = World::new().await;
    let counts = many(2_000, |seed| {
        let mut dice = StdRng::seed_from_u64(seed);
        let body = hostile::json(&mut dice, UPDATES[usize::from(seed % 2 == 0)]);
        let request =
            Request::post("/webhook/telegram").header("X-Telegram-Bot-Api-Secret-Token", TOKEN);
        world.send(request, body)
    })
    .await;
    assert!(counts[&200] > 300 && counts[&400] > 300, "{counts:?}");
    let stored = world.queued(QueueName::Updates).await;
    assert_eq!(stored.len() as u64, counts[&200]);
    for job in stored {
        let IngestJob::Update(update) = job else { panic!("{job:?}") };
        let whole: serde_json::Value = serde_json::from_str(&update.raw).unwrap_or_default();
        // What serde_json can't hold in a value (a lone surrogate, 1e999) is left to the worker.
        assert!(whole.is_null() || whole["update_id"] == update.update_id, "{}", update.raw);
    }
}
