//! The rate limiter of Telegram sends. The limits hold for the whole fleet, so they live in Redis, and
//! count messages as Telegram does: by arrival (`docs/queue.md`).

mod answered;
pub mod health;
mod share;
mod silence;

pub use answered::Answered;
pub use share::Share;

use std::{
    sync::{
        LazyLock,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use redis::Script;
use shared::{
    clock::sleep,
    domain::ids::{ChatId, EventId},
    queue::{JobQueue, QueueError},
};
use tokio::{sync::Mutex, time::Instant};

use self::answered::{ANSWERED, ERRORS_IN_A_ROW, SERVER_ERRORS};
use self::share::{PATIENCE, STRANGERS_TURN};

static RESERVE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("reserve.lua")));
static RELEASE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("release.lua")));

/// Telegram: 1 message a second in one chat, 20 a minute in a group.
const PRIVATE_INTERVAL: Duration = Duration::from_secs(1);
const GROUP_INTERVAL: Duration = Duration::from_secs(3);
/// Burst allowed in a private chat: up to three replies at once.
const REPLY_BURST: Duration = Duration::from_secs(2);
/// The window of the bot's limit.
const SECOND: Duration = Duration::from_secs(1);
/// A permit that is not released for this long after its turn expires: a hanging Telegram or a lost
/// worker must not hold permits for long.
const PERMIT_TIMEOUT: Duration = Duration::from_secs(2);
/// Longest wait for Redis to release a permit. One that is not released expires.
const RELEASE_TIMEOUT: Duration = Duration::from_secs(1);
/// After a longer wait, a freeze is checked again.
const RECHECK_FREEZE_AFTER: Duration = Duration::from_millis(100);
/// How far ahead a client's answer may reserve while no bulk waits. Others never reserve ahead.
const AHEAD: Duration = Duration::from_secs(2);

/// The result of [`Limiter::acquire`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Acquired {
    /// Send now, then [`Limiter::release`] the permit. `waited`: more than 20 ms passed, so the message's
    /// state must be read again.
    Granted { waited: bool, permit: Permit },
    /// Not within the share's patience. Try again after this time.
    Later(Duration),
    /// Telegram answered with server errors several times in a row: only a probe may be sent.
    Down,
}

/// The right to send one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permit {
    chat: ChatId,
    name: String,
}

enum Reservation {
    Granted(Duration),
    Frozen(Duration),
    ChatBusy(Duration),
    BotBusy(Duration),
    Down,
}

/// The limits of one bot.
#[derive(Debug)]
pub struct Limiter {
    queue: JobQueue,
    /// Messages a second.
    rate: u32,
    /// While the bot's limit is reached, the bulk jobs of this process call Redis one at a time, in
    /// order of arrival. Concurrent calls would only be refused.
    bulk_queue: Mutex<()>,
    /// How many bulk jobs wait for `bulk_queue`. At 0, jobs call Redis concurrently.
    queued: AtomicUsize,
}

/// Counts a waiting bulk job until it is dropped.
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
            bulk_queue: Mutex::new(()),
            queued: AtomicUsize::new(0),
        }
    }

    /// Waits for a permit to send to `chat`, at most for the patience of its share.
    ///
    /// # Errors
    /// When Redis does not answer: nothing may be sent then.
    pub async fn acquire(&self, chat: ChatId, share: Share) -> Result<Acquired, QueueError> {
        let started = Instant::now();
        let permit = Permit { chat, name: EventId::fresh().0 };
        if share != Share::Bulk {
            return self.wait_for_permit(permit, share, started).await;
        }
        if self.queued.load(Ordering::Relaxed) == 0 {
            match self.reserve(&permit, share).await? {
                Reservation::Granted(wait) => return self.granted(permit, wait, started).await,
                Reservation::ChatBusy(wait) => return Ok(Acquired::Later(wait)),
                Reservation::Down => return Ok(Acquired::Down),
                Reservation::Frozen(_) | Reservation::BotBusy(_) => {}
            }
        }
        let _queued = Queued::join(&self.queued);
        let Ok(_bulk_queue) = tokio::time::timeout(PATIENCE, self.bulk_queue.lock()).await else {
            return Ok(Acquired::Later(Duration::from_secs(1)));
        };
        self.wait_for_permit(permit, share, started).await
    }

    async fn wait_for_permit(
        &self,
        permit: Permit,
        share: Share,
        started: Instant,
    ) -> Result<Acquired, QueueError> {
        loop {
            let left = share.patience().saturating_sub(started.elapsed());
            match self.reserve(&permit, share).await? {
                Reservation::Granted(wait) => return self.granted(permit, wait, started).await,
                Reservation::ChatBusy(wait) => return Ok(Acquired::Later(wait)),
                Reservation::Down => return Ok(Acquired::Down),
                Reservation::Frozen(wait) | Reservation::BotBusy(wait) if wait > left => {
                    return Ok(Acquired::Later(wait));
                }
                Reservation::Frozen(wait) | Reservation::BotBusy(wait) => sleep(wait).await,
            }
        }
    }

    async fn granted(
        &self,
        permit: Permit,
        wait: Duration,
        started: Instant,
    ) -> Result<Acquired, QueueError> {
        sleep(wait).await;
        if wait > RECHECK_FREEZE_AFTER {
            let frozen = self.frozen_for().await?;
            if !frozen.is_zero() {
                return Ok(Acquired::Later(frozen));
            }
        }
        let waited = started.elapsed() > Duration::from_millis(20);
        Ok(Acquired::Granted { waited, permit })
    }

    /// Releases a permit: Telegram answered, or the message was not sent. A failure is only logged,
    /// because permits expire.
    pub async fn release(&self, permit: Permit, answered: Answered) {
        let mut connection = self.queue.connection();
        let mut release = RELEASE.prepare_invoke();
        release
            .key(self.key("places"))
            .key(self.key(&format!("chat:{}", permit.chat)))
            .key(self.key(SERVER_ERRORS))
            .key(self.key(ANSWERED))
            .arg(permit.name)
            .arg(micros(SECOND))
            .arg(micros(chat_interval(permit.chat)))
            .arg(answered.as_str());
        let released =
            tokio::time::timeout(RELEASE_TIMEOUT, release.invoke_async::<u8>(&mut connection));
        if !matches!(released.await, Ok(Ok(_))) {
            tracing::debug!(chat_id = permit.chat.0, "could not release a send permit");
        }
    }

    async fn reserve(&self, permit: &Permit, share: Share) -> Result<Reservation, QueueError> {
        let chat = permit.chat;
        let burst = if chat.0 > 0 { REPLY_BURST } else { Duration::ZERO };
        let (burst, ahead, permits) = match share {
            Share::Answers => (burst, AHEAD, self.rate),
            Share::Strangers => (burst, Duration::ZERO, self.rate),
            // One permit is reserved for answers.
            Share::Bulk => (Duration::ZERO, Duration::ZERO, self.rate.saturating_sub(1).max(1)),
        };
        let (code, wait): (u8, u64) = RESERVE
            .key(self.key("bot"))
            .key(self.key("freeze"))
            .key(self.key(&format!("chat:{chat}")))
            .key(self.key("places"))
            .key(self.key(&format!("silence:{chat}")))
            .key(self.key(SERVER_ERRORS))
            .key(self.key("bulk_share"))
            .key(self.key("strangers"))
            .key(self.key(&format!("turn:{chat}")))
            .arg(micros(SECOND / self.rate))
            .arg(micros(chat_interval(chat)))
            .arg(micros(burst))
            .arg(micros(ahead))
            .arg(permits)
            .arg(&permit.name)
            .arg(micros(SECOND + PERMIT_TIMEOUT))
            .arg(ERRORS_IN_A_ROW)
            .arg(share.as_str())
            .arg(micros(SECOND * STRANGERS_TURN / self.rate))
            .invoke_async(&mut self.queue.connection())
            .await?;
        let wait = Duration::from_micros(wait);
        Ok(match code {
            0 => Reservation::Granted(wait),
            1 => Reservation::Frozen(wait),
            2 => Reservation::ChatBusy(wait),
            3 => Reservation::BotBusy(wait),
            _ => Reservation::Down,
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
