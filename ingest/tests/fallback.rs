//! Where jobs are stored while Redis, or PostgreSQL as well, is away, and after they are back.
#![allow(clippy::unwrap_used)]

mod common;

use std::time::{Duration, Instant};

use axum::http::StatusCode;
use common::{Setup, World, closed_port, redis_url};
use shared::queue::{IngestJob, QueueName};
use simulator::bukza::PRODUCTION;
use tokio::net::{TcpListener, TcpStream};

fn code(job: &IngestJob) -> &str {
    let IngestJob::Booking(event) = job else { panic!("no booking: {job:?}") };
    event.code.as_str()
}

async fn away() -> String {
    format!("redis://127.0.0.1:{}", closed_port().await)
}

#[tokio::test]
async fn while_redis_is_away_the_inbox_takes_all_jobs_without_delay() {
    let setup = Setup { redis_url: Some(away().await), with_database: true, ..Setup::default() };
    let world = World::with(setup).await;
    assert_eq!(world.post("", PRODUCTION).await.status, StatusCode::OK);
    let started = Instant::now();
    let posts = (0..100).map(|i| {
        let world = &world;
        async move { world.post("", PRODUCTION.replace("C6UDS3", &format!("N{i}"))).await.status }
    });
    let answers = futures::future::join_all(posts).await;
    assert!(answers.iter().all(|status| *status == StatusCode::OK), "{answers:?}");
    // Waiting for a connection to Redis in each request would take far longer.
    assert!(started.elapsed() < Duration::from_secs(5), "{:?}", started.elapsed());
    let kept = world.inbox().await;
    assert_eq!(kept.len(), 101);
    assert_eq!(kept.iter().filter(|job| code(job) == "C6UDS3").count(), 1);
}

#[tokio::test]
async fn with_both_away_the_response_is_503_with_retry_after() {
    let setup = Setup { redis_url: Some(away().await), ..Setup::default() };
    let world = World::with(setup).await;
    for body in [PRODUCTION, "not even JSON"] {
        let answer = world.post("", body).await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(answer.header("retry-after"), "5");
        assert_eq!(answer.header("content-type"), "application/problem+json");
    }
}

#[tokio::test]
async fn redis_is_used_again_when_it_is_back() {
    let port = closed_port().await;
    let mut url = url::Url::parse(&redis_url()).unwrap();
    let real = url.port().unwrap();
    url.set_port(Some(port)).unwrap();
    let url = url.to_string();
    let world =
        World::with(Setup { redis_url: Some(url), with_database: true, ..Setup::default() }).await;
    assert_eq!(world.post("", PRODUCTION).await.status, StatusCode::OK);
    assert_eq!(world.inbox().await.len(), 1);

    tokio::spawn(forward(port, real));
    let deadline = Instant::now() + Duration::from_secs(20);
    while world.queued(QueueName::Events).await.is_empty() {
        assert!(Instant::now() < deadline, "Redis is not used again");
        assert_eq!(world.post("", PRODUCTION).await.status, StatusCode::OK);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// Makes the Redis on port `real` appear on `port`.
async fn forward(port: u16, real: u16) {
    let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
    while let Ok((mut near, _)) = listener.accept().await {
        let mut far = TcpStream::connect(("127.0.0.1", real)).await.unwrap();
        tokio::spawn(async move { tokio::io::copy_bidirectional(&mut near, &mut far).await });
    }
}

#[tokio::test]
async fn accepted_jobs_are_stored_before_the_end() {
    let world = World::new().await;
    let posts = (0..50).map(|i| {
        let world = &world;
        async move { world.post("", PRODUCTION.replace("C6UDS3", &format!("N{i}"))).await.status }
    });
    let (answers, ()) = tokio::join!(futures::future::join_all(posts), async {
        tokio::task::yield_now().await;
        world.close().await;
    });
    let stored = world.queued(QueueName::Events).await.len();
    let accepted = answers.iter().filter(|status| **status == StatusCode::OK).count();
    assert_eq!(accepted, stored);
    assert!(answers.iter().all(|s| [StatusCode::OK, StatusCode::SERVICE_UNAVAILABLE].contains(s)));
    // After the end no request is accepted.
    assert_eq!(world.post("", PRODUCTION).await.status, StatusCode::SERVICE_UNAVAILABLE);
}
