//! Waiting for one's turn at Telegram: the limits hold for the fleet, so they live in Redis. They are
//! kept as Telegram stats, by arrival, however long a message is on its way (`docs/queue.md`).

use std::{
    sync::{
        LazyLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use redis::Script;
use shared::{
    domain::{
        ids::{ChatId, EventId},
        message::Priority,
    },
    queue::{JobQueue, QueueError},
};
use tokio::{
    sync::Mutex,
    time::{Instant, sleep},
};

static RESERVE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("limiter.lua")));
static ANSWERED: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("answered.lua")));

/// Telegram: 1 message a second in one chat, 20 a minute in a group.
const PRIVATE_INTERVAL: Duration = Duration::from_secs(1);
const GROUP_INTERVAL: Duration = Duration::from_secs(3);
/// Short bursts are allowed in a private chat: up to three answers at once to one who waits.
const ANSWER_BURST: Duration = Duration::from_secs(2);
/// The bot's limit counts what arrives in any second.
const SECOND: Duration = Duration::from_secs(1);
/// A message that is not answered for so long after its turn counts as arrived by then: a Telegram
/// that hangs, or a worker that was lost, must not hold places for long.
const UNANSWERED: Duration = Duration::from_secs(2);
/// Longest wait for Redis to note an answer. What is not noted costs the fleet a little time.
const NOTE_TIMEOUT: Duration = Duration::from_secs(1);
/// A turn that was this far off may have met a freeze meanwhile.
const FAR: Duration = Duration::from_millis(100);
/// How far ahead an answer may reserve its place. Bulk reserves none: it takes what is free.
const AHEAD: Duration = Duration::from_secs(2);
/// Longest wait inside a job; after it, the chat is woken later by another.
const PATIENCE: Duration = Duration::from_secs(5);

/// What came of asking for a turn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Turn {
    /// Now. `waited`: things may have changed meanwhile. The place is given back to
    /// [`Limiter::answered`].
    Granted { waited: bool, place: Place },
    /// Not within this job's patience: come again after this time.
    Later(Duration),
}

/// A message's place among those that Telegram counts in one second.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    chat: ChatId,
    name: String,
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
    /// Messages a second.
    rate: u32,
    /// While the bot's limit is reached, bulk jobs of this process ask one after the other, first
    /// come, first served: a crowd asking Redis at once would only be told to wait.
    turnstile: Mutex<()>,
    /// How many stand at the turnstile. While nobody does, jobs ask side by side.
    queued: AtomicUsize,
}

/// A stand at the turnstile; left when it is dropped.
struct Queued<'a>(&'a AtomicUsize);

impl<'a> Queued<'a> {
    fn join(count: &'a AtomicUsize) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count)
    }
}

impl Drop for Queued<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Limiter {
    /// Limits of `per_second` messages (setting `TELEGRAM_RATE`).
    #[must_use]
    pub fn new(queue: JobQueue, per_second: u32) -> Self {
        Self {
            queue,
            rate: per_second.max(1),
            turnstile: Mutex::new(()),
            queued: AtomicUsize::new(0),
        }
    }

    /// Waits for a turn to write into `chat`.
    ///
    /// # Errors
    /// When Redis does not answer: nothing may be sent then.
    pub async fn turn(&self, chat: ChatId, lane: Priority) -> Result<Turn, QueueError> {
        let asked = Instant::now();
        let place = Place { chat, name: EventId::fresh().0 };
        if lane == Priority::Interactive {
            return self.wait_for_turn(place, lane, asked).await;
        }
        if self.queued.load(Ordering::Relaxed) == 0 {
            match self.reserve(&place, lane).await? {
                Reply::Granted(wait) => return self.granted(place, wait, asked).await,
                Reply::ChatBusy(wait) => return Ok(Turn::Later(wait)),
                Reply::Frozen(_) | Reply::BotBusy(_) => {}
            }
        }
        let _queued = Queued::join(&self.queued);
        let Ok(_turnstile) = tokio::time::timeout(PATIENCE, self.turnstile.lock()).await else {
            return Ok(Turn::Later(Duration::from_secs(1)));
        };
        self.wait_for_turn(place, lane, asked).await
    }

    async fn wait_for_turn(
        &self,
        place: Place,
        lane: Priority,
        asked: Instant,
    ) -> Result<Turn, QueueError> {
        loop {
            let left = PATIENCE.saturating_sub(asked.elapsed());
            match self.reserve(&place, lane).await? {
                Reply::Granted(wait) => return self.granted(place, wait, asked).await,
                Reply::ChatBusy(wait) => return Ok(Turn::Later(wait)),
                Reply::Frozen(wait) | Reply::BotBusy(wait) if wait > left => {
                    return Ok(Turn::Later(wait));
                }
                Reply::Frozen(wait) | Reply::BotBusy(wait) => sleep(wait).await,
            }
        }
    }

    async fn granted(
        &self,
        place: Place,
        wait: Duration,
        asked: Instant,
    ) -> Result<Turn, QueueError> {
        sleep(wait).await;
        if wait > FAR {
            let frozen = self.frozen_for().await?;
            if !frozen.is_zero() {
                return Ok(Turn::Later(frozen));
            }
        }
        let waited = asked.elapsed() > Duration::from_millis(20);
        Ok(Turn::Granted { waited, place })
    }

    /// Notes that the message was answered, or not sent after all. Nothing depends on its success: the
    /// place ends by itself.
    pub async fn answered(&self, place: Place) {
        let mut connection = self.queue.connection();
        let mut note = ANSWERED.prepare_invoke();
        note.key(self.key("places"))
            .key(self.key(&format!("chat:{}", place.chat)))
            .arg(place.name)
            .arg(micros(SECOND))
            .arg(micros(chat_interval(place.chat)));
        let noted = tokio::time::timeout(NOTE_TIMEOUT, note.invoke_async::<u8>(&mut connection));
        if !matches!(noted.await, Ok(Ok(_))) {
            tracing::debug!(chat_id = place.chat.0, "could not note that a message was answered");
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

    async fn reserve(&self, place: &Place, lane: Priority) -> Result<Reply, QueueError> {
        let chat = place.chat;
        let burst = if chat.0 > 0 { ANSWER_BURST } else { Duration::ZERO };
        let (burst, ahead, places) = match lane {
            Priority::Interactive => (burst, AHEAD, self.rate),
            // One place is left to answers: the next that is free is theirs.
            Priority::Bulk => (Duration::ZERO, Duration::ZERO, self.rate.saturating_sub(1).max(1)),
        };
        let (verdict, wait): (u8, u64) = RESERVE
            .key(self.key("bot"))
            .key(self.key("freeze"))
            .key(self.key(&format!("chat:{chat}")))
            .key(self.key("places"))
            .arg(micros(SECOND / self.rate))
            .arg(micros(chat_interval(chat)))
            .arg(micros(burst))
            .arg(micros(ahead))
            .arg(places)
            .arg(&place.name)
            .arg(micros(SECOND + UNANSWERED))
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

fn chat_interval(chat: ChatId) -> Duration {
    if chat.0 < 0 { GROUP_INTERVAL } else { PRIVATE_INTERVAL }
}

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}
