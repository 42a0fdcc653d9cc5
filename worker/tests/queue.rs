//! The queue's runtime against a real Redis: the known faults of apalis-redis stay worked around.

#![allow(clippy::unwrap_used, reason = "a test may")]

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::SecretString;
use shared::{
    clock::{Clock, SystemClock},
    domain::ids::{EventId, JobId},
    queue::{Job, JobQueue, QueueError, QueueName, clean_finished, depth},
};
use tokio::{sync::watch, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use worker::apalis_runtime::{Handler, QueueRunner};

const QUEUE: QueueName = QueueName::Bulk;
/// Jobs that a runner does at once.
const CONCURRENCY: usize = 16;

/// Records which jobs ran, how often, and when.
#[derive(Debug)]
struct Notebook {
    runs: Mutex<HashMap<String, Vec<DateTime<Utc>>>>,
    total: watch::Sender<usize>,
    takes: Duration,
}

impl Notebook {
    fn new(takes: Duration) -> Arc<Self> {
        Arc::new(Self { runs: Mutex::default(), total: watch::Sender::new(0), takes })
    }

    async fn until(&self, total: usize) {
        let mut seen = self.total.subscribe();
        tokio::time::timeout(Duration::from_secs(300), seen.wait_for(|n| *n >= total))
            .await
            .expect("the jobs were not done in five minutes")
            .unwrap();
    }

    fn runs(&self) -> HashMap<String, Vec<DateTime<Utc>>> {
        self.runs.lock().unwrap().clone()
    }
}

impl Handler for Notebook {
    async fn handle(&self, _: QueueName, id: String, _: Vec<u8>) -> Result<(), QueueError> {
        tokio::time::sleep(self.takes).await;
        self.runs.lock().unwrap().entry(id).or_default().push(SystemClock.now());
        self.total.send_modify(|n| *n += 1);
        Ok(())
    }
}

/// Queues under a prefix of the test's own.
fn queue() -> JobQueue {
    queue_of(&format!("test{}", EventId::fresh()))
}

fn queue_of(prefix: &str) -> JobQueue {
    let url = std::env::var("TEST_REDIS_URL").expect("run cargo xtask test");
    JobQueue::open(&SecretString::from(url), prefix, Duration::from_secs(10)).unwrap()
}

fn job(n: usize, due_at: Option<DateTime<Utc>>) -> Job {
    Job { id: JobId(format!("j{n}")), queue: QUEUE, due_at, payload: "{}".into() }
}

fn work(queue: &JobQueue, notebook: &Arc<Notebook>) -> (JoinHandle<()>, CancellationToken) {
    work_in_turn(queue, notebook, 0, 1)
}

fn work_in_turn(
    queue: &JobQueue,
    notebook: &Arc<Notebook>,
    number: u32,
    of: u32,
) -> (JoinHandle<()>, CancellationToken) {
    let stop = CancellationToken::new();
    let runner = QueueRunner {
        queue: QUEUE,
        jobs: queue.clone(),
        clock: Arc::new(SystemClock),
        concurrency: CONCURRENCY,
        number,
        of,
        handler: Arc::clone(notebook),
    };
    (tokio::spawn(runner.run(stop.clone())), stop)
}

/// Runners of one queue in one process, as a worker has.
const RUNNERS: u32 = 4;

/// The runners of two workers.
fn runners(queue: &JobQueue, notebook: &Arc<Notebook>) -> Vec<(JoinHandle<()>, CancellationToken)> {
    (0..2 * RUNNERS).map(|_| work(queue, notebook)).collect()
}

async fn end(workers: Vec<(JoinHandle<()>, CancellationToken)>) {
    for (_, stop) in &workers {
        stop.cancel();
    }
    for (worker, _) in workers {
        worker.await.unwrap();
    }
}

/// Each job ran once, and no runner was rebuilt: a rebuilt one would have a new name.
async fn each_was_done_once(queue: &JobQueue, notebook: &Notebook, jobs: usize) {
    {
        let runs = notebook.runs.lock().unwrap();
        assert_eq!(runs.len(), jobs);
        assert!(runs.values().all(|times| times.len() == 1));
    }
    let workers = queue.keys().config(QUEUE).workers_set();
    let mut redis = queue.connection();
    let names: u32 = redis::cmd("ZCARD").arg(workers).query_async(&mut redis).await.unwrap();
    assert_eq!(names, 2 * RUNNERS, "runners were ended by an error");
    let notes = queue.keys().worker_note(QUEUE, "*");
    let notes: Vec<String> = redis::cmd("KEYS").arg(notes).query_async(&mut redis).await.unwrap();
    assert!(notes.is_empty(), "a note of each worker ever started would stay: {notes:?}");
}

/// This process's resident memory in bytes.
fn memory() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches("kB").trim().parse::<usize>().unwrap() * 1024
}

/// After a long outage everything is due at once. apalis' own promotion fails for good at 8,000 due
/// jobs.
#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_thousand_due_jobs_are_each_done_once_in_bounded_memory() {
    const JOBS: usize = 100_000;
    let queue = queue();
    let notebook = Notebook::new(Duration::ZERO);
    let now = SystemClock.now();
    for thousand in 0..JOBS / 1000 {
        let jobs: Vec<Job> = (0..1000).map(|n| job(thousand * 1000 + n, Some(now))).collect();
        queue.push(&jobs).await.unwrap();
    }
    notebook.runs.lock().unwrap().reserve(JOBS);
    let before = memory();
    let workers = runners(&queue, &notebook);
    notebook.until(JOBS / 2).await;
    let half_way = memory();
    notebook.until(JOBS).await;
    end(workers).await;
    each_was_done_once(&queue, &notebook, JOBS).await;
    // The notebook takes a part of it.
    let grown = half_way.max(memory()).saturating_sub(before);
    assert!(grown < 64 << 20, "{} MiB", grown >> 20);
    // Nothing of the jobs stays in Redis.
    let keys = queue.keys();
    let cleaned = clean_finished(&queue.connection(), keys, QUEUE).await.unwrap();
    assert_eq!(cleaned, JOBS);
    let config = keys.config(QUEUE);
    let mut redis = queue.connection();
    let left: usize =
        redis::cmd("HLEN").arg(config.job_data_hash()).query_async(&mut redis).await.unwrap();
    let (_, meta): (u64, Vec<String>) = redis::cmd("SCAN")
        .arg(0)
        .arg("MATCH")
        .arg(format!("{}:*", config.job_meta_hash()))
        .arg("COUNT")
        .arg(1_000_000)
        .query_async(&mut redis)
        .await
        .unwrap();
    assert_eq!((left, meta.len()), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn nine_thousand_jobs_that_fall_due_in_one_second_are_each_done_once() {
    const JOBS: usize = 9_000;
    let queue = queue();
    let notebook = Notebook::new(Duration::ZERO);
    let workers = runners(&queue, &notebook);
    let due = SystemClock.now() + TimeDelta::seconds(4);
    let jobs: Vec<Job> = (0..JOBS).map(|n| job(n, Some(due))).collect();
    queue.push(&jobs).await.unwrap();
    notebook.until(JOBS).await;
    end(workers).await;
    each_was_done_once(&queue, &notebook, JOBS).await;
    let runs = notebook.runs();
    let first = runs.values().map(|times| times[0]).min().unwrap();
    assert!(first >= due - TimeDelta::seconds(1), "they fell due while the workers were at it");
}

/// A job id whose data was deleted by hand must not end the runner that fetches it.
#[tokio::test(flavor = "multi_thread")]
async fn an_id_without_data_blocks_no_worker() {
    let queue = queue();
    let notebook = Notebook::new(Duration::ZERO);
    let active = queue.keys().config(QUEUE).active_jobs_list();
    let mut redis = queue.connection();
    let _: u32 =
        redis::cmd("RPUSH").arg(active).arg("ghost").query_async(&mut redis).await.unwrap();
    queue.push(&[job(1, None), job(2, None)]).await.unwrap();
    let workers = runners(&queue, &notebook);
    notebook.until(2).await;
    end(workers).await;
    assert_eq!(notebook.runs().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_waits_for_its_time_and_a_cancelled_one_never_runs() {
    let queue = queue();
    let notebook = Notebook::new(Duration::ZERO);
    let due = SystemClock.now() + TimeDelta::seconds(3);
    queue.push(&[job(1, Some(due)), job(2, Some(due)), job(3, None)]).await.unwrap();
    let (worker, stop) = work(&queue, &notebook);
    notebook.until(1).await;
    assert_eq!(queue.cancel(QUEUE, &[job(2, None).id, job(9, None).id]).await.unwrap(), 1);
    notebook.until(2).await;
    stop.cancel();
    worker.await.unwrap();
    let runs = notebook.runs();
    assert!(!runs.contains_key("j2"), "{runs:?}");
    // apalis counts in seconds: a job can start up to one early, and its handler waits.
    assert!(runs["j1"][0] >= due - TimeDelta::seconds(1), "{runs:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_pushed_again_while_it_waits_is_one_job() {
    let queue = queue();
    for _ in 0..3 {
        queue.push(&[job(1, None)]).await.unwrap();
    }
    let now = SystemClock.now();
    let depth = depth(&queue.connection(), queue.keys(), QUEUE, now).await.unwrap();
    assert_eq!(depth.active + depth.due, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_connection_is_survived() {
    let queue = queue();
    let notebook = Notebook::new(Duration::ZERO);
    let (worker, stop) = work(&queue, &notebook);
    queue.push(&[job(1, None)]).await.unwrap();
    notebook.until(1).await;
    let mut redis = queue.connection();
    let id: i64 = redis::cmd("CLIENT").arg("ID").query_async(&mut redis).await.unwrap();
    // The command closes its own connection.
    let _: Result<(), _> = redis::cmd("CLIENT")
        .arg("KILL")
        .arg("ID")
        .arg(id)
        .arg("SKIPME")
        .arg("no")
        .query_async(&mut redis)
        .await;
    // The connection is restored in the background. A push may still fail.
    while queue.push(&[job(2, None)]).await.is_err() {}
    notebook.until(2).await;
    stop.cancel();
    worker.await.unwrap();
    assert_eq!(notebook.runs().len(), 2);
}

/// apalis 1.0.0 stops acknowledging once it is to stop, and hangs after the fifth finished job. Those jobs would
/// run again.
#[tokio::test(flavor = "multi_thread")]
async fn jobs_in_flight_are_finished_and_acknowledged_at_a_stop_and_none_is_begun() {
    const JOBS: usize = 40;
    let queue = queue();
    let notebook = Notebook::new(Duration::from_secs(1));
    let (worker, stop) = work(&queue, &notebook);
    let jobs: Vec<Job> = (0..JOBS).map(|n| job(n, None)).collect();
    queue.push(&jobs).await.unwrap();
    // The jobs that left the queue are in flight.
    let taken = async { while waiting(&queue).await > JOBS - CONCURRENCY {} };
    tokio::time::timeout(Duration::from_secs(30), taken).await.unwrap();
    stop.cancel();
    let ended = tokio::time::timeout(Duration::from_secs(60), worker).await;
    ended.expect("the worker waits for a confirmation that never comes").unwrap();
    let runs = notebook.runs();
    assert!(runs.values().all(|times| times.len() == 1));
    // One more may have been fetched at the stop.
    assert!((CONCURRENCY..=CONCURRENCY + 1).contains(&runs.len()), "{}", runs.len());
    assert_eq!(waiting(&queue).await, JOBS - runs.len(), "what was not begun waits for others");
    let done = queue.keys().config(QUEUE).done_jobs_set();
    let mut redis = queue.connection();
    let confirmed: usize = redis::cmd("SCARD").arg(done).query_async(&mut redis).await.unwrap();
    assert_eq!(confirmed, runs.len());
}

async fn waiting(queue: &JobQueue) -> usize {
    let now = SystemClock.now() + TimeDelta::seconds(1);
    let depth = depth(&queue.connection(), queue.keys(), QUEUE, now).await.unwrap();
    usize::try_from(depth.active + depth.due).unwrap()
}

/// The runner's own turn to look would come after six hours.
#[tokio::test(flavor = "multi_thread")]
async fn a_push_wakes_an_idle_runner_of_its_own_process_and_of_others() {
    let prefix = format!("test{}", EventId::fresh());
    let (queue, ingest) = (queue_of(&prefix), queue_of(&prefix));
    let notebook = Notebook::new(Duration::ZERO);
    let (runner, stop) = work_in_turn(&queue, &notebook, 99_999, 100_000);
    let receiving = tokio::spawn(queue.clone().receive_pushes(stop.clone()));
    let publishing = tokio::spawn(ingest.clone().publish_pushes(stop.clone()));
    // A push before the runner is idle, or the subscription stands, would wake nobody.
    let pushed_until_done = |from: JobQueue, first: usize| {
        let notebook = Arc::clone(&notebook);
        async move {
            for n in first.. {
                from.push(&[job(n, None)]).await.unwrap();
                let done = notebook.until(first + 1);
                if tokio::time::timeout(Duration::from_secs(1), done).await.is_ok() {
                    return n + 1;
                }
            }
            unreachable!("the loop ends by the return")
        }
    };
    let next = pushed_until_done(queue.clone(), 0).await;
    notebook.until(next).await;
    let last = pushed_until_done(ingest, next).await;
    notebook.until(last).await;
    stop.cancel();
    runner.await.unwrap();
    receiving.await.unwrap();
    publishing.await.unwrap();
    assert!(notebook.runs().values().all(|times| times.len() == 1));
}

#[tokio::test]
async fn a_redis_that_is_emptied_while_it_is_filled_does_not_count_as_filled() {
    let queue = queue();
    assert!(!queue.is_complete().await.unwrap());
    queue.begin_fill().await.unwrap();
    assert!(!queue.is_complete().await.unwrap(), "it is filled only at the end");
    queue.mark_complete().await.unwrap();
    assert!(queue.is_complete().await.unwrap());
    for emptied_while_filling in [false, true] {
        if emptied_while_filling {
            queue.begin_fill().await.unwrap();
        }
        let gone = redis::cmd("DEL").arg(queue.keys().horizon()).clone();
        gone.exec_async(&mut queue.connection()).await.unwrap();
        if emptied_while_filling {
            queue.mark_complete().await.unwrap();
        }
        assert!(!queue.is_complete().await.unwrap());
    }
}
