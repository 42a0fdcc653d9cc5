//! What all clients and fault injectors of a soak share: ingest's and Telegram's addresses, a
//! database connection that reconnects, the record and the phase.

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use chrono::{DateTime, Utc};
use rand::{Rng, rngs::StdRng};
use serde_json::Value;
use tokio::sync::{RwLock, watch};

use super::{plan::Plan, record::Record};
use crate::harness::{
    bukza::{Request, now},
    fleet::{Database, System},
};

/// Longer than ingest's own time-out.
const ANSWER_WITHIN: Duration = Duration::from_secs(15);

/// Longest wait for an update to be applied. It covers outages and the return of a dead worker's job.
pub const APPLIED_WITHIN: Duration = Duration::from_secs(240);

/// In place of a client's number: whoever has rated a visit.
pub const WHO_RATED: u32 = u32::MAX;

/// What clients and fault injectors do at present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Clients act and faults are injected.
    FaultBurst,
    /// The last fault is repaired. Clients finish their current action.
    Mending,
    /// No faults any more. Clients only react.
    Calm,
    Over,
}

/// A response, with the times of request and response.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
    pub sent: DateTime<Utc>,
    pub at: DateTime<Utc>,
}

/// The shared state.
#[derive(Debug)]
pub struct SoakContext {
    pub plan: Plan,
    pub telegram: simulator::Client,
    /// Read lock: held during each request to the system. Write lock: held while Redis is emptied,
    /// because accepted and not yet applied requests would be lost.
    pub gate: RwLock<()>,
    ingests: Vec<String>,
    http: reqwest::Client,
    database: tokio::sync::Mutex<Database>,
    record: Mutex<Record>,
    phase: watch::Sender<Phase>,
    /// Clients that only react from now on.
    done: AtomicU32,
    /// The client who is to press and write a hundred times; 0: nobody.
    hurried: AtomicU32,
    /// Telegram answers every call with 502.
    out: AtomicBool,
}

impl SoakContext {
    /// The context of a running system.
    ///
    /// # Errors
    /// When its database can't be reached.
    pub async fn of<H>(system: &System<H>, plan: Plan) -> anyhow::Result<Self> {
        let database = Database::open(&system.database.name, &system.database.url).await?;
        Ok(Self {
            plan,
            telegram: system.telegram.clone(),
            gate: RwLock::new(()),
            ingests: system.ingests.iter().map(|ingest| ingest.url()).collect(),
            http: reqwest::Client::builder().timeout(ANSWER_WITHIN).build()?,
            database: tokio::sync::Mutex::new(database),
            record: Mutex::default(),
            phase: watch::Sender::new(Phase::FaultBurst),
            done: AtomicU32::new(0),
            hurried: AtomicU32::new(0),
            out: AtomicBool::new(false),
        })
    }

    /// The record, locked. The guard must not be held across an await.
    pub fn record(&self) -> MutexGuard<'_, Record> {
        self.record.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn phase(&self) -> Phase {
        *self.phase.borrow()
    }

    pub fn enter(&self, phase: Phase) {
        self.phase.send_replace(phase);
    }

    /// Waits until faults have ended.
    pub async fn calm(&self) {
        let mut phase = self.phase.subscribe();
        let _ = phase.wait_for(|phase| matches!(phase, Phase::Calm | Phase::Over)).await;
    }

    /// Counts one more client that only reacts.
    pub fn client_is_done(&self) {
        self.done.fetch_add(1, Ordering::Relaxed);
    }

    /// Clients that still act.
    pub fn busy_clients(&self) -> u32 {
        (self.plan.clients + self.plan.departing + self.plan.guests)
            .saturating_sub(self.done.load(Ordering::Relaxed))
    }

    /// Lets this client press and write a hundred times.
    pub fn hurry(&self, number: u32) {
        self.hurried.store(number, Ordering::Relaxed);
    }

    /// Whether this client is to do so now: once.
    pub fn takes_hurry(&self, number: u32) -> bool {
        let (relaxed, nobody) = (Ordering::Relaxed, 0);
        self.hurried.compare_exchange(number, nobody, relaxed, relaxed).is_ok()
    }

    /// Notes that Telegram answers nothing well, or does again.
    pub fn set_outage(&self, out: bool) {
        self.out.store(out, Ordering::Relaxed);
    }

    pub fn is_outage(&self) -> bool {
        self.out.load(Ordering::Relaxed)
    }

    /// Sleeps, at most until the fault burst ends.
    pub async fn pause(&self, pause: Duration) {
        let mut phase = self.phase.subscribe();
        let over = phase.wait_for(|phase| *phase != Phase::FaultBurst);
        let _ = tokio::time::timeout(pause, over).await;
    }

    pub fn report_problem(&self, problem: String) {
        println!("   ! {problem}");
        self.record().problems.push(problem);
    }

    /// Posts to randomly chosen ingests until one answers with anything but 503.
    ///
    /// # Errors
    /// When no answer comes before the soak is over.
    pub async fn post(&self, dice: &mut StdRng, request: &Request) -> anyhow::Result<Answer> {
        loop {
            let url = &self.ingests[dice.random_range(0..self.ingests.len())];
            let gate = self.gate.read().await;
            let sent = now();
            let answer = request.post(&self.http, url).await;
            drop(gate);
            match answer {
                Ok((503, _)) => self.record().not_stored += 1,
                Ok((status, body)) if status < 500 => {
                    return Ok(Answer { status, body, sent, at: now() });
                }
                Ok((status, body)) => {
                    self.report_problem(format!("a post was answered {status}: {body}"))
                }
                Err(_) => self.record().unanswered += 1,
            }
            anyhow::ensure!(self.phase() != Phase::Over, "a post was never answered");
            tokio::time::sleep(Duration::from_millis(dice.random_range(200..1000))).await;
        }
    }

    /// A press of a person, without the message above the button. Returns the update's id.
    ///
    /// # Errors
    /// When the simulator fails.
    pub async fn inject_press(&self, chat: i64, id: &str, data: &str) -> anyhow::Result<i64> {
        let press = serde_json::json!({"callback_query": {
            "id": id, "chat_instance": "1", "data": data,
            "from": {"id": chat, "is_bot": false, "first_name": "Client"},
        }});
        let _gate = self.gate.read().await;
        Ok(self.telegram.inject(&press, 1, false).await?.update_id)
    }

    /// Posts what must be accepted.
    ///
    /// # Errors
    /// When it is never answered.
    pub async fn book(&self, dice: &mut StdRng, request: &Request) -> anyhow::Result<()> {
        let Answer { status, body, .. } = self.post(dice, request).await?;
        if status != 200 {
            self.report_problem(format!("a sound request was answered {status}: {body}"));
        }
        Ok(())
    }

    /// Writes to the bot. Returns once that is applied.
    ///
    /// # Errors
    /// When the simulator fails.
    pub async fn say(&self, chat: i64, words: &str) -> anyhow::Result<()> {
        let gate = self.gate.read().await;
        let made = self.telegram.say(chat, words).await?;
        drop(gate);
        self.applied(made.update_id).await;
        Ok(())
    }

    /// Records an update, and waits until it is applied. In the calm, too: nothing may be left undone.
    pub async fn applied(&self, update: i64) {
        self.record().updates.push(update);
        let sql =
            format!("SELECT EXISTS (SELECT 1 FROM processed_updates WHERE update_id = {update})");
        if let Err(error) = self.until(&sql, APPLIED_WITHIN).await
            && self.phase() != Phase::Over
        {
            self.report_problem(format!("an update: {error}"));
        }
    }

    /// The only value of a query; `None` while the database is away.
    pub async fn query<T: tokio_postgres::types::FromSqlOwned>(&self, sql: &str) -> Option<T> {
        let mut database = self.database.lock().await;
        match database.one(sql).await {
            Ok(value) => Some(value),
            Err(_) => {
                let _ = database.reconnect().await;
                None
            }
        }
    }

    /// Waits until a query returns `true`.
    ///
    /// # Errors
    /// When it still doesn't after `patience`.
    pub async fn until(&self, sql: &str, patience: Duration) -> anyhow::Result<()> {
        let started = Instant::now();
        while self.query::<bool>(sql).await != Some(true) {
            if started.elapsed() > patience {
                bail!("after {patience:?} still not: {sql}");
            }
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        Ok(())
    }

    /// The record, once the soak is over.
    ///
    /// # Errors
    /// When the context is still in use.
    pub fn into_record(context: std::sync::Arc<Self>) -> anyhow::Result<Record> {
        let context = std::sync::Arc::into_inner(context).context("the context is still in use")?;
        Ok(context.record.into_inner().unwrap_or_else(PoisonError::into_inner))
    }
}
