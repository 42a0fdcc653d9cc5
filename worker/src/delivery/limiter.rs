//! Waiting for one's turn at Telegram: the limits hold for the fleet, so they live in Redis.

use std::{sync::LazyLock, time::Duration};

use redis::Script;
use shared::{
    domain::{ids::ChatId, message::Lane},
    queue::{JobQueue, QueueError},
};
use tokio::{
    sync::Mutex,
    time::{Instant, sleep},
};

static RESERVE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("limiter.lua")));

/// Telegram: 1 message a second in one chat, 20 a minute in a group.
const PRIVATE_INTERVAL: Duration = Duration::from_secs(1);
const GROUP_INTERVAL: Duration = Duration::from_secs(3);
/// Short bursts are allowed in a private chat: up to three answers at once to one who waits.
const ANSWER_BURST: Duration = Duration::from_secs(2);
/// Messages leave a little apart from the limit, since the way to Telegram can bunch them.
const MARGIN: f64 = 1.05;
/// How far ahead an answer may reserve its place. Bulk reserves none: it takes what is free.
const AHEAD: Duration = Duration::from_secs(2);
/// Longest wait inside a job; after it, the chat is woken later by another.
const PATIENCE: Duration = Duration::from_secs(5);

/// What came of asking for a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Now. `waited`: things may have changed meanwhile.
    Granted { waited: bool },
    /// Not within this job's patience: come again after this time.
    Later(Duration),
}

enum Reply {
    Granted(Duration),
    Frozen(Duration),
    ChatBusy(Duration),
    BotBusy(Duration),
}

/// The limits of one bot.
#[derive(Debug)]
pub struct Limiter {
    queue: JobQueue,
    interval: Duration,
    /// Bulk jobs of this process ask one after the other, first come, first served: a crowd asking
    /// Redis at once would only be told to wait.
    turnstile: Mutex<()>,
}

impl Limiter {
    /// Limits of `per_second` messages (setting `TELEGRAM_RATE`).
    #[must_use]
    pub fn new(queue: JobQueue, per_second: u32) -> Self {
        let interval = Duration::from_secs_f64(MARGIN / f64::from(per_second.max(1)));
        Self { queue, interval, turnstile: Mutex::new(()) }
    }

    /// Waits for a turn to write into `chat`.
    ///
    /// # Errors
    /// When Redis does not answer: nothing may be sent then.
    pub async fn turn(&self, chat: ChatId, lane: Lane) -> Result<Turn, QueueError> {
        let asked = Instant::now();
        let _place = match lane {
            Lane::Interactive => None,
            Lane::Bulk => match tokio::time::timeout(PATIENCE, self.turnstile.lock()).await {
                Ok(place) => Some(place),
                Err(_) => return Ok(Turn::Later(Duration::from_secs(1))),
            },
        };
        loop {
            let left = PATIENCE.saturating_sub(asked.elapsed());
            match self.reserve(chat, lane).await? {
                Reply::Granted(wait) => {
                    sleep(wait).await;
                    return Ok(Turn::Granted {
                        waited: asked.elapsed() > Duration::from_millis(20),
                    });
                }
                Reply::ChatBusy(wait) => return Ok(Turn::Later(wait)),
                Reply::Frozen(wait) | Reply::BotBusy(wait) if wait > left => {
                    return Ok(Turn::Later(wait));
                }
                Reply::Frozen(wait) | Reply::BotBusy(wait) => sleep(wait).await,
            }
        }
    }

    /// Silences the fleet: Telegram said to come back after `wait`.
    ///
    /// # Errors
    /// When Redis does not answer.
    pub async fn freeze(&self, wait: Duration) -> Result<(), QueueError> {
        let mut connection = self.queue.connection();
        let (seconds, micros): (u64, u64) = redis::cmd("TIME").query_async(&mut connection).await?;
        let until = u128::from(seconds) * 1_000_000 + u128::from(micros) + wait.as_micros();
        let ttl = u64::try_from(wait.as_millis()).unwrap_or(u64::MAX).saturating_add(1000);
        redis::cmd("SET")
            .arg(self.key("freeze"))
            .arg(until.to_string())
            .arg("PX")
            .arg(ttl)
            .query_async::<()>(&mut connection)
            .await?;
        Ok(())
    }

    /// How long the fleet still has to be silent.
    ///
    /// # Errors
    /// When Redis does not answer.
    pub async fn frozen_for(&self) -> Result<Duration, QueueError> {
        let ((seconds, micros), until): ((u64, u64), Option<u64>) = redis::pipe()
            .cmd("TIME")
            .cmd("GET")
            .arg(self.key("freeze"))
            .query_async(&mut self.queue.connection())
            .await?;
        let now = seconds.saturating_mul(1_000_000).saturating_add(micros);
        Ok(Duration::from_micros(until.unwrap_or(0).saturating_sub(now)))
    }

    async fn reserve(&self, chat: ChatId, lane: Lane) -> Result<Reply, QueueError> {
        let chat_interval = if chat.0 < 0 { GROUP_INTERVAL } else { PRIVATE_INTERVAL };
        let (burst, ahead) = match lane {
            Lane::Interactive if chat.0 > 0 => (ANSWER_BURST, AHEAD),
            Lane::Interactive => (Duration::ZERO, AHEAD),
            Lane::Bulk => (Duration::ZERO, Duration::ZERO),
        };
        let (verdict, wait): (u8, u64) = RESERVE
            .key(self.key("bot"))
            .key(self.key("freeze"))
            .key(self.key(&format!("chat:{chat}")))
            .arg(micros(self.interval))
            .arg(micros(chat_interval))
            .arg(micros(burst))
            .arg(micros(ahead))
            .invoke_async(&mut self.queue.connection())
            .await?;
        let wait = Duration::from_micros(wait);
        Ok(match verdict {
            0 => Reply::Granted(wait),
            1 => Reply::Frozen(wait),
            2 => Reply::ChatBusy(wait),
            _ => Reply::BotBusy(wait),
        })
    }

    fn key(&self, name: &str) -> String {
        self.queue.keys().key("telegram", name)
    }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
