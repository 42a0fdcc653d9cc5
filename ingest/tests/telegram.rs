//! Telegram's updates against a real Redis: stored unchanged, or refused.
#![allow(clippy::unwrap_used)]

mod common;

use axum::http::{Request, StatusCode};
use common::{Answer, Setup, TOKEN, World};
use shared::queue::{IngestJob, QueueName};

async fn deliver(world: &World, token: Option<&str>, body: impl Into<axum::body::Body>) -> Answer {
    let mut request = Request::post("/webhook/telegram");
    if let Some(token) = token {
        request = request.header("X-Telegram-Bot-Api-Secret-Token", token);
    }
    world.send(request, body).await
}

#[tokio::test]
async fn an_update_is_stored_unchanged() {
    let world = World::new().await;
    let raw = r#"{ "update_id": 9000, "message": {"text": "Привет", "new_field": [1, {}]} }"#;
    let answer = deliver(&world, Some(TOKEN), raw).await;
    assert_eq!((answer.status, answer.text.as_str()), (StatusCode::OK, ""));
    let stored = world.queued(QueueName::Updates).await;
    let [IngestJob::Update(update)] = &stored[..] else { panic!("{stored:?}") };
    assert_eq!((update.update_id, update.raw.as_str(), update.attempts), (9000, raw, 0));
}

#[tokio::test]
async fn a_body_that_is_no_update_is_refused() {
    let world = World::new().await;
    let deep = format!(r#"{{"update_id":1,"a":{}"#, "[".repeat(20_000));
    for body in [&b""[..], b"[]", b"{}", b"{\"update_id\":\"1\"}", b"\xff", deep.as_bytes()] {
        let answer = deliver(&world, Some(TOKEN), body.to_vec()).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST);
        assert_eq!(answer.fields(), ["body"]);
    }
    let large = format!(r#"{{"update_id":1,"a":"{}"}}"#, "x".repeat(1024 * 1024));
    assert_eq!(deliver(&world, Some(TOKEN), large).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(world.queued(QueueName::Updates).await.is_empty());
}

#[tokio::test]
async fn only_telegram_knows_the_token() {
    let world = World::new().await;
    for token in [None, Some(""), Some("wrong"), Some("telegram-toke"), Some("telegram-token1")] {
        let answer = deliver(&world, token, r#"{"update_id":1}"#).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{token:?}");
    }
    assert!(world.queued(QueueName::Updates).await.is_empty());
}

#[tokio::test]
async fn with_polling_the_path_is_not_found() {
    let world = World::with(Setup { polling: true, ..Setup::default() }).await;
    let answer = deliver(&world, Some(TOKEN), r#"{"update_id":1}"#).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}
