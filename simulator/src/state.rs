//! The simulator's state behind one lock, never held across an await, and the change signal for waiting readers.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant, SystemTime},
};

use chrono::{DateTime, SubsecRound, Utc};
use tokio::sync::watch;

use crate::{
    bukza::table::Bukza, chats::Chats, faults::Faults, groups::Groups, journal::Journal,
    limits::Limiter, model::PressAnswer, page::PageState, people::People, profile::BotProfile,
    stats::Counters, updates::Updates,
};

#[derive(Debug, Default)]
pub(crate) struct State {
    pub journal: Journal,
    pub chats: Chats,
    pub people: People,
    pub groups: Groups,
    /// The bot's own user id, known from the token of its calls; 0 before the first.
    pub bot_id: i64,
    pub faults: Faults,
    pub limiter: Limiter,
    pub updates: Updates,
    pub counters: Counters,
    /// Callback queries that were pressed and not answered yet.
    pub open_callbacks: Vec<String>,
    /// What the latest answered presses showed.
    pub press_answers: VecDeque<PressAnswer>,
    pub profile: BotProfile,
    pub bukza: Bukza,
    /// What the page shows, where it was set up.
    pub page: Option<PageState>,
}

#[derive(Debug)]
pub(crate) struct Simulator {
    state: Mutex<State>,
    changed: watch::Sender<u64>,
    started: Instant,
    /// Pushes updates to the webhook.
    pub http: reqwest::Client,
}

pub(crate) type Shared = Arc<Simulator>;

impl Simulator {
    pub(crate) fn new() -> Self {
        Self {
            state: Mutex::default(),
            changed: watch::Sender::new(0),
            started: Instant::now(),
            http: reqwest::Client::new(),
        }
    }

    /// The state, to read.
    pub(crate) fn look(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state and wakes those who wait for a change.
    pub(crate) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.look());
        self.changed.send_modify(|version| *version += 1);
        result
    }

    /// Waits until `look` finds something, but at most `patience`; then whatever it finds.
    pub(crate) async fn wait<T>(
        &self,
        patience: Duration,
        mut look: impl FnMut(&State) -> T,
        enough: impl Fn(&T) -> bool,
    ) -> T {
        let mut changed = self.changed.subscribe();
        let deadline = tokio::time::Instant::now() + patience;
        loop {
            changed.borrow_and_update();
            let found = look(&self.look());
            if enough(&found) {
                return found;
            }
            if tokio::time::timeout_at(deadline, changed.changed()).await.is_err() {
                return look(&self.look());
            }
        }
    }

    /// Wakes at each change of the state.
    pub(crate) fn changes(&self) -> watch::Receiver<u64> {
        self.changed.subscribe()
    }

    /// Time since the start, by a clock that never jumps.
    pub(crate) fn uptime(&self) -> Duration {
        self.started.elapsed()
    }
}

/// The wall clock. The simulator has its own, as Telegram's servers do.
pub(crate) fn wall_clock() -> DateTime<Utc> {
    DateTime::<Utc>::from(SystemTime::now()).trunc_subsecs(6)
}
