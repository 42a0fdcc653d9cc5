//! The keys that are in Redis after a bit of everything: jobs of each queue, limits, a freeze, the lease for
//! fetching updates. Read from Redis itself, each with its type.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use secrecy::SecretString;
use shared::{
    clock::SystemClock,
    domain::ids::{ChatId, EventId, JobId},
    queue::{Job, JobQueue, QueueName},
    store::DatabaseConnection,
};
use tokio_util::sync::CancellationToken;
use worker::telegram::{
    Client, Limiter, Poller,
    limiter::{Acquired, Answered, Share},
};

use crate::held::hold;

/// The keys and their types, without the prefix of this test.
async fn keys(queue: &JobQueue, prefix: &str) -> BTreeSet<String> {
    let mut connection = queue.connection();
    let pattern = format!("*{prefix}*");
    let keys: Vec<String> =
        redis::cmd("KEYS").arg(pattern).query_async(&mut connection).await.unwrap();
    let mut typed = BTreeSet::new();
    for key in keys {
        let kind: String = redis::cmd("TYPE").arg(&key).query_async(&mut connection).await.unwrap();
        // A key that has expired since the listing has no type.
        if kind != "none" {
            typed.insert(format!("{} {kind}", key.replace(prefix, "bridge")));
        }
    }
    typed
}

/// Jobs that are due and jobs for later.
async fn push_jobs(queue: &JobQueue) {
    let due = "2100-01-01T00:00:00Z".parse().unwrap();
    let jobs = QueueName::ALL.map(|name| {
        let later = Job::wake(name, JobId("m1".into()), ChatId(7), due);
        [Job { id: JobId("m2".into()), due_at: None, ..later.clone() }, later]
    });
    queue.push(&jobs.concat()).await.unwrap();
    queue.probe().await.unwrap();
    queue.begin_fill().await.unwrap();
    queue.mark_complete().await.unwrap();
    assert!(queue.is_complete().await.unwrap());
}

/// The lease of a poller whose Telegram is away.
async fn keys_of_a_poller(queue: &JobQueue, prefix: &str) -> BTreeSet<String> {
    let client = Client::with_token("1:test", "http://127.0.0.1:9".parse().unwrap());
    let (db, clock) = (DatabaseConnection::default(), Arc::new(SystemClock));
    let poller = Poller { client, queue: queue.clone(), db, clock };
    let stop = CancellationToken::new();
    let before = keys(queue, prefix).await;
    let running = tokio::spawn(poller.run(stop.clone()));
    let lease = tokio::time::timeout(Duration::from_secs(20), async {
        loop {
            let now = keys(queue, prefix).await;
            if let Some(lease) = now.difference(&before).next() {
                return BTreeSet::from([lease.clone()]);
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    let lease = lease.await.unwrap();
    stop.cancel();
    running.await.unwrap();
    lease
}

#[tokio::test]
async fn redis_holds_the_keys_of_the_file() {
    let url = std::env::var("TEST_REDIS_URL").expect("run cargo xtask test");
    let prefix = format!("golden{}", EventId::fresh());
    let queue = JobQueue::open(&SecretString::from(url), &prefix, Duration::from_secs(10)).unwrap();
    let limiter = Limiter::new(queue.clone(), 1);

    push_jobs(&queue).await;
    let mut all = keys_of_a_poller(&queue, &prefix).await;
    let turn = limiter.acquire(ChatId(-7), Share::Answers).await.unwrap();
    all.extend(keys(&queue, &prefix).await);
    let Acquired::Granted { permit, .. } = turn else {
        panic!("no other process sends to this chat: {turn:?}")
    };
    let waiting = async {
        let bulk = limiter.acquire(ChatId(8), Share::Bulk);
        let strangers = limiter.acquire(ChatId(9), Share::Strangers);
        tokio::join!(bulk, strangers)
    };
    let waited = tokio::time::timeout(Duration::from_millis(500), waiting).await;
    assert!(waited.is_err(), "the only permit is taken: {waited:?}");
    all.extend(keys(&queue, &prefix).await);
    limiter.release(permit, Answered::ServerError).await;
    all.extend(keys(&queue, &prefix).await);
    limiter.probe_answered("2100-01-01T00:00:00Z".parse().unwrap()).await.unwrap();
    limiter.silence(ChatId(7), Duration::from_secs(60)).await.unwrap();
    limiter.may_probe().await.unwrap();
    all.extend(keys(&queue, &prefix).await);

    let all: Vec<_> = all.into_iter().collect();
    hold("redis_keys.txt", &format!("{}\n", all.join("\n")));
}
