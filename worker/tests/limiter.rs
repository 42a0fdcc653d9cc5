//! Telegram's limits against a real Redis, asked for by several workers at once.

#![allow(clippy::unwrap_used, reason = "a test may")]

use std::{sync::Arc, time::Duration};

use secrecy::SecretString;
use shared::{
    domain::{
        ids::{ChatId, EventId},
        message::Lane,
    },
    queue::JobQueue,
};
use tokio::{task::JoinSet, time::Instant};
use worker::delivery::{Limiter, Turn};

fn queue() -> JobQueue {
    let url = std::env::var("TEST_REDIS_URL").expect("run cargo xtask test");
    let prefix = format!("test{}", EventId::fresh());
    JobQueue::open(&SecretString::from(url), &prefix, Duration::from_secs(10)).unwrap()
}

/// Waits for a turn however long it takes, and says when it came.
async fn turn(limiter: &Limiter, chat: i64, lane: Lane) -> Instant {
    loop {
        match limiter.turn(ChatId(chat), lane).await.unwrap() {
            Turn::Granted { .. } => return Instant::now(),
            Turn::Later(after) => tokio::time::sleep(after).await,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fleet_keeps_the_bots_limit_in_every_second() {
    const RATE: u32 = 40;
    let queue = queue();
    let fleet: Vec<_> = (0..3).map(|_| Arc::new(Limiter::new(queue.clone(), RATE))).collect();
    let mut waiting = JoinSet::new();
    for chat in 1..=100 {
        let limiter = Arc::clone(&fleet[chat as usize % fleet.len()]);
        waiting.spawn(async move { turn(&limiter, chat, Lane::Bulk).await });
    }
    let mut times = waiting.join_all().await;
    times.sort_unstable();
    for (i, start) in times.iter().enumerate() {
        let within = times[i..].iter().filter(|t| **t - *start < Duration::from_secs(1)).count();
        assert!(within <= RATE as usize, "{within} within a second");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_does_not_wait_behind_bulk() {
    let limiter = Arc::new(Limiter::new(queue(), 10));
    let mut bulk = JoinSet::new();
    for chat in 1..=100 {
        let limiter = Arc::clone(&limiter);
        bulk.spawn(async move { limiter.turn(ChatId(chat), Lane::Bulk).await.unwrap() });
    }
    // The first of bulk has had its turn: the others wait in line now.
    bulk.join_next().await.unwrap().unwrap();
    let asked = Instant::now();
    turn(&limiter, 7777, Lane::Interactive).await;
    assert!(asked.elapsed() < Duration::from_secs(2), "{:?}", asked.elapsed());
    bulk.abort_all();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_chat_gets_one_a_second_and_short_bursts_of_answers() {
    let limiter = Limiter::new(queue(), 1000);
    let bulk = |chat| limiter.turn(ChatId(chat), Lane::Bulk);
    assert!(matches!(bulk(1).await.unwrap(), Turn::Granted { .. }));
    let Turn::Later(after) = bulk(1).await.unwrap() else { panic!("two at once") };
    assert!(after <= Duration::from_secs(1));
    for _ in 0..3 {
        let answer = limiter.turn(ChatId(2), Lane::Interactive).await.unwrap();
        assert!(matches!(answer, Turn::Granted { .. }));
    }
    let fourth = limiter.turn(ChatId(2), Lane::Interactive).await.unwrap();
    assert!(matches!(fourth, Turn::Later(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_gets_twenty_a_minute() {
    let limiter = Limiter::new(queue(), 1000);
    assert!(matches!(limiter.turn(ChatId(-5), Lane::Bulk).await.unwrap(), Turn::Granted { .. }));
    let Turn::Later(after) = limiter.turn(ChatId(-5), Lane::Bulk).await.unwrap() else {
        panic!("two at once")
    };
    assert!(after > Duration::from_secs(2) && after <= Duration::from_secs(3), "{after:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_freeze_silences_the_whole_fleet() {
    let queue = queue();
    let (one, other) = (Limiter::new(queue.clone(), 1000), Limiter::new(queue, 1000));
    one.freeze(Duration::from_secs(60)).await.unwrap();
    for lane in [Lane::Bulk, Lane::Interactive] {
        let Turn::Later(after) = other.turn(ChatId(1), lane).await.unwrap() else {
            panic!("{lane:?} was not silenced")
        };
        assert!(after > Duration::from_secs(50), "{after:?}");
    }
}
