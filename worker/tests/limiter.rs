//! Telegram's limits against a real Redis, with several workers at once.

#![allow(clippy::unwrap_used, reason = "a test may")]

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use secrecy::SecretString;
use shared::{
    domain::ids::{ChatId, EventId},
    queue::JobQueue,
};
use tokio::{task::JoinSet, time::Instant};
use worker::telegram::{
    Limiter,
    limiter::{Acquired, Answered, Permit, Share},
};

fn queue() -> JobQueue {
    let url = std::env::var("TEST_REDIS_URL").expect("run cargo xtask test");
    let prefix = format!("test{}", EventId::fresh());
    JobQueue::open(&SecretString::from(url), &prefix, Duration::from_secs(10)).unwrap()
}

/// Waits for a permit however long it takes.
async fn acquire(limiter: &Limiter, chat: i64, share: Share) -> Permit {
    loop {
        match limiter.acquire(ChatId(chat), share).await.unwrap() {
            Acquired::Granted { permit, .. } => return permit,
            Acquired::Later(after) => tokio::time::sleep(after).await,
            Acquired::Down => panic!("no server error was recorded"),
        }
    }
}

/// Sends a message that takes `way` to Telegram, and as long back. Returns when it arrived.
async fn send(limiter: &Limiter, chat: i64, share: Share, way: Duration) -> Instant {
    let permit = acquire(limiter, chat, share).await;
    tokio::time::sleep(way).await;
    let arrived = Instant::now();
    tokio::time::sleep(way).await;
    limiter.release(permit, Answered::Well).await;
    arrived
}

/// The most of these that lie in one second.
fn most_in_a_second(mut times: Vec<Instant>) -> usize {
    times.sort_unstable();
    let within = |start: &Instant| {
        times.iter().filter(|t| *t >= start && **t - *start < Duration::from_secs(1)).count()
    };
    times.iter().map(within).max().unwrap_or(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_fleet_keeps_the_bots_limit_in_every_second_however_long_the_way_is() {
    const RATE: u32 = 40;
    let queue = queue();
    let fleet: Vec<_> = (0..3).map(|_| Arc::new(Limiter::new(queue.clone(), RATE))).collect();
    let mut waiting = JoinSet::new();
    for chat in 1..=160 {
        let limiter = Arc::clone(&fleet[chat as usize % fleet.len()]);
        // Some are held up, and arrive together with those that had their turn later.
        let way = Duration::from_millis([1, 5, 20, 400][chat as usize / 3 % 4]);
        waiting.spawn(async move { send(&limiter, chat, Share::Bulk, way).await });
    }
    let times = waiting.join_all().await;
    assert_eq!(times.len(), 160);
    let most = most_in_a_second(times);
    assert!(most <= RATE as usize, "{most} within a second");
    assert!(most > RATE as usize / 2, "the rate is not used: {most} within a second");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_never_answered_holds_its_place_for_a_bounded_time() {
    let limiter = Limiter::new(queue(), 3);
    for chat in 1..=2 {
        // A worker that is lost while it sends.
        drop(acquire(&limiter, chat, Share::Bulk).await);
    }
    let started = Instant::now();
    acquire(&limiter, 3, Share::Bulk).await;
    assert!(started.elapsed() > Duration::from_secs(1), "{:?}", started.elapsed());
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_is_left_alone_for_a_second_after_a_message_arrived() {
    let limiter = Limiter::new(queue(), 1000);
    let first = send(&limiter, 1, Share::Bulk, Duration::from_millis(700)).await;
    let second = send(&limiter, 1, Share::Bulk, Duration::ZERO).await;
    assert!(second - first >= Duration::from_secs(1), "{:?}", second - first);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_does_not_wait_behind_bulk() {
    let limiter = Arc::new(Limiter::new(queue(), 10));
    let mut bulk = JoinSet::new();
    for chat in 1..=100 {
        let limiter = Arc::clone(&limiter);
        bulk.spawn(async move { send(&limiter, chat, Share::Bulk, Duration::ZERO).await });
    }
    // The first of bulk has had its turn: the others wait in line now.
    bulk.join_next().await.unwrap().unwrap();
    let started = Instant::now();
    send(&limiter, 7777, Share::Answers, Duration::ZERO).await;
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    bulk.abort_all();
}

#[tokio::test(flavor = "multi_thread")]
async fn bulk_has_a_third_of_the_turns_however_many_answers_wait() {
    const BULK: usize = 10;
    // At a rate of one there is a single permit for both.
    for (rate, bulk) in [(30, BULK), (1, 3)] {
        let limiter = Arc::new(Limiter::new(queue(), rate));
        let answered = Arc::new(AtomicUsize::new(0));
        let mut answers = JoinSet::new();
        for chat in 1..=60 {
            let (limiter, answered) = (Arc::clone(&limiter), Arc::clone(&answered));
            answers.spawn(async move {
                loop {
                    send(&limiter, chat, Share::Answers, Duration::ZERO).await;
                    answered.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        send(&limiter, 1000, Share::Answers, Duration::ZERO).await;
        let before = answered.load(Ordering::SeqCst);
        let sends = (0..bulk).map(|n| send(&limiter, 2000 + n as i64, Share::Bulk, Duration::ZERO));
        let all = tokio::time::timeout(Duration::from_secs(30), futures::future::join_all(sends));
        all.await.expect("bulk waits for answers");
        let between = answered.load(Ordering::SeqCst) - before;
        // Two for each of bulk, and what had its turn reserved before bulk waited.
        assert!(between <= 2 * bulk + rate as usize + 2, "{between} answers went before {bulk}");
        answers.abort_all();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_have_a_sixth_of_the_turns_each_chat_in_line() {
    const RATE: u32 = 30;
    let limiter = Arc::new(Limiter::new(queue(), RATE));
    let stop = Instant::now() + Duration::from_secs(4);
    let mut strangers = JoinSet::new();
    for chat in 1..=60 {
        let limiter = Arc::clone(&limiter);
        strangers.spawn(async move {
            let mut sent = 0;
            while Instant::now() < stop {
                match limiter.acquire(ChatId(chat), Share::Strangers).await.unwrap() {
                    Acquired::Granted { permit, .. } => {
                        limiter.release(permit, Answered::Well).await;
                        sent += 1;
                    }
                    Acquired::Down => panic!("no server error was recorded"),
                    Acquired::Later(after) => {
                        tokio::time::sleep_until(stop.min(Instant::now() + after)).await;
                    }
                }
            }
            sent
        });
    }
    let mut clients = JoinSet::new();
    for chat in 1000..1040 {
        let limiter = Arc::clone(&limiter);
        clients.spawn(async move { send(&limiter, chat, Share::Answers, Duration::ZERO).await });
    }
    clients.join_all().await;
    assert!(Instant::now() < stop, "strangers slow clients down");
    let sent: Vec<usize> = strangers.join_all().await;
    // Turns of a sixth of a second's messages, over four seconds.
    let all: usize = sent.iter().sum();
    assert!((2..=22).contains(&all), "{all} of strangers");
    assert!(sent.iter().all(|of_one| *of_one <= 1), "some twice, others not at all: {sent:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_chat_gets_one_a_second_and_short_bursts_of_answers() {
    let limiter = Limiter::new(queue(), 1000);
    let bulk = |chat| limiter.acquire(ChatId(chat), Share::Bulk);
    assert!(matches!(bulk(1).await.unwrap(), Acquired::Granted { .. }));
    let Acquired::Later(after) = bulk(1).await.unwrap() else { panic!("two at once") };
    assert!(after <= Duration::from_secs(1));
    for _ in 0..3 {
        let answer = limiter.acquire(ChatId(2), Share::Answers).await.unwrap();
        assert!(matches!(answer, Acquired::Granted { .. }));
    }
    let fourth = limiter.acquire(ChatId(2), Share::Answers).await.unwrap();
    assert!(matches!(fourth, Acquired::Later(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_gets_twenty_a_minute() {
    let limiter = Limiter::new(queue(), 1000);
    assert!(matches!(
        limiter.acquire(ChatId(-5), Share::Bulk).await.unwrap(),
        Acquired::Granted { .. }
    ));
    let Acquired::Later(after) = limiter.acquire(ChatId(-5), Share::Bulk).await.unwrap() else {
        panic!("two at once")
    };
    assert!(after > Duration::from_secs(2) && after <= Duration::from_secs(3), "{after:?}");
}

/// How long a chat waits for a permit; zero where it is granted.
async fn wait(limiter: &Limiter, chat: i64) -> Duration {
    match limiter.acquire(ChatId(chat), Share::Answers).await.unwrap() {
        Acquired::Granted { .. } => Duration::ZERO,
        Acquired::Later(after) => after,
        Acquired::Down => panic!("no server error was recorded"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_groups_429_silences_the_group_alone_and_nothing_shortens_it() {
    let queue = queue();
    let (one, other) = (Limiter::new(queue.clone(), 1000), Limiter::new(queue, 1000));
    for seconds in [60, 10, 30] {
        assert!(!one.silence(ChatId(-5), Duration::from_secs(seconds)).await.unwrap());
    }
    assert!(wait(&other, -5).await > Duration::from_secs(50));
    assert_eq!(wait(&other, 1).await, Duration::ZERO);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_chats_429_pauses_the_bot_shortly_and_a_second_chats_in_full() {
    let queue = queue();
    let (one, other) = (Limiter::new(queue.clone(), 1000), Limiter::new(queue, 1000));
    assert!(one.silence(ChatId(1), Duration::from_secs(600)).await.unwrap());
    assert!(one.frozen_for().await.unwrap() <= Duration::from_secs(5));
    one.silence(ChatId(1), Duration::from_secs(600)).await.unwrap();
    assert!(one.frozen_for().await.unwrap() <= Duration::from_secs(5), "the same chat again");
    one.silence(ChatId(2), Duration::from_secs(60)).await.unwrap();
    for chat in [2, 3] {
        let wait = wait(&other, chat).await;
        assert!(wait > Duration::from_secs(50) && wait <= Duration::from_secs(60), "{wait:?}");
    }
    one.silence(ChatId(4), Duration::from_secs(10)).await.unwrap();
    assert!(wait(&other, 3).await > Duration::from_secs(50), "a shorter pause shortens nothing");
}

/// A message that Telegram answers so.
async fn answered(limiter: &Limiter, chat: i64, answered: Answered) {
    let permit = acquire(limiter, chat, Share::Answers).await;
    limiter.release(permit, answered).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_three_server_errors_in_a_row_only_probes_are_sent() {
    let queue = queue();
    let (one, other) = (Limiter::new(queue.clone(), 1000), Limiter::new(queue, 1000));
    let is_down = async || {
        let acquired = other.acquire(ChatId(99), Share::Bulk).await.unwrap();
        acquired == Acquired::Down
    };
    let before = chrono::DateTime::UNIX_EPOCH;
    for (chat, answer) in [
        (1, Answered::ServerError),
        (2, Answered::ServerError),
        (3, Answered::Well),
        (4, Answered::ServerError),
        (5, Answered::Nothing),
        (6, Answered::ServerError),
    ] {
        answered(&one, chat, answer).await;
        assert_eq!(other.answered_since(before).await.unwrap(), chat >= 3);
    }
    answered(&one, 7, Answered::ServerError).await;
    assert!(is_down().await);
    // One of the fleet probes.
    assert!(one.may_probe().await.unwrap());
    assert!(!other.may_probe().await.unwrap());
    let now = "2100-01-01T00:00:00Z".parse().unwrap();
    one.probe_answered(now).await.unwrap();
    assert!(other.answered_since(now).await.unwrap());
    // The next server error stops the others at once.
    answered(&other, 8, Answered::ServerError).await;
    assert!(is_down().await);
}
