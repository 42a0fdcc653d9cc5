//! Telegram's sending limits, enforced in sliding windows when a test or the demo sets them.
//! A refused message is not counted.

use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

use crate::model::Limits;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

#[derive(Debug, Default)]
pub(crate) struct Limiter {
    limits: Limits,
    all: VecDeque<Duration>,
    chats: HashMap<i64, VecDeque<Duration>>,
}

impl Limiter {
    pub(crate) fn set(&mut self, limits: Limits) {
        *self = Self { limits, ..Self::default() };
    }

    /// Counts a message sent `now` (time since start) to `chat_id`.
    ///
    /// # Errors
    /// The seconds to wait, when a limit is reached.
    pub(crate) fn admit(&mut self, chat_id: i64, now: Duration) -> Result<(), u32> {
        if self.limits == Limits::default() {
            return Ok(());
        }
        let chat = self.chats.entry(chat_id).or_default();
        forget(&mut self.all, now, SECOND);
        // A group's window is the longer one; the one-second rule counts its recent part.
        forget(chat, now, if chat_id < 0 { MINUTE } else { SECOND });
        let group = (chat_id < 0).then_some(self.limits.group_per_minute).flatten();
        let wait = [
            (full(&self.all, now, SECOND, self.limits.per_second), SECOND),
            (full(chat, now, SECOND, self.limits.per_chat_per_second), SECOND),
            (full(chat, now, MINUTE, group), MINUTE),
        ]
        .into_iter()
        .filter_map(|(oldest, window)| Some(oldest? + window - now))
        .max();
        if let Some(wait) = wait {
            return Err(u32::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u32::MAX).max(1));
        }
        self.all.push_back(now);
        chat.push_back(now);
        Ok(())
    }
}

fn forget(times: &mut VecDeque<Duration>, now: Duration, window: Duration) {
    while times.front().is_some_and(|&at| at + window <= now) {
        times.pop_front();
    }
}

/// The oldest time in a full window of `limit` messages: when it leaves the window, another message fits.
fn full(
    times: &VecDeque<Duration>,
    now: Duration,
    window: Duration,
    limit: Option<u32>,
) -> Option<Duration> {
    let limit = usize::try_from(limit?).unwrap_or(usize::MAX);
    let begin = times.partition_point(|&at| at + window <= now);
    let inside = times.len() - begin;
    (inside >= limit).then(|| times.get(times.len() - limit).copied().unwrap_or(now))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn the_bot_and_each_chat_have_windows_of_a_second() {
        let mut limiter = Limiter::default();
        limiter.set(Limits {
            per_second: Some(2),
            per_chat_per_second: Some(1),
            ..Default::default()
        });
        assert_eq!(limiter.admit(1, at(0)), Ok(()));
        assert_eq!(limiter.admit(1, at(500)), Err(1), "one a second in a chat");
        assert_eq!(limiter.admit(2, at(500)), Ok(()));
        assert_eq!(limiter.admit(3, at(999)), Err(1), "two a second in all");
        assert_eq!(limiter.admit(1, at(1000)), Ok(()));
    }

    #[test]
    fn a_group_waits_until_its_minute_has_room() {
        let mut limiter = Limiter::default();
        limiter.set(Limits { group_per_minute: Some(2), ..Default::default() });
        assert_eq!(limiter.admit(-5, at(0)), Ok(()));
        assert_eq!(limiter.admit(-5, at(10_000)), Ok(()));
        assert_eq!(limiter.admit(-5, at(20_500)), Err(40));
        assert_eq!(limiter.admit(5, at(20_500)), Ok(()), "a private chat has no such limit");
        assert_eq!(limiter.admit(-5, at(60_000)), Ok(()));
    }

    #[test]
    fn no_limits_by_default() {
        let mut limiter = Limiter::default();
        assert!((0..1000).all(|_| limiter.admit(1, at(0)).is_ok()));
    }
}
