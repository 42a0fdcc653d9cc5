//! Until when a group's limit keeps this worker from sending there, and which job looks into a chat of cards. Thousands of
//! cards each wake their chat; without this each would read what is due there, to learn that nothing may be sent yet.

use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use shared::domain::{ids::ChatId, message::Priority};
use tokio::time::Instant;

/// The pauses of groups, by priority: an answer may go where a card may not yet.
#[derive(Debug, Default)]
pub struct GroupPauses {
    pauses: Mutex<HashMap<(ChatId, Priority), Instant>>,
    turns: Mutex<HashSet<(ChatId, Priority)>>,
}

/// A job's turn to look into a chat, until it is dropped.
#[derive(Debug)]
pub(super) struct Turn<'a> {
    pauses: &'a GroupPauses,
    of: (ChatId, Priority),
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.pauses.turns().remove(&self.of);
    }
}

impl GroupPauses {
    /// The job's turn to look into the chat. `None`: another job of this worker and priority is there.
    pub(super) fn turn(&self, chat: ChatId, priority: Priority) -> Option<Turn<'_>> {
        let of = (chat, priority);
        self.turns().insert(of).then(|| Turn { pauses: self, of })
    }

    fn turns(&self) -> MutexGuard<'_, HashSet<(ChatId, Priority)>> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How long nothing of this priority goes to the chat. `None`: the limiter decides.
    pub(super) fn left(&self, chat: ChatId, priority: Priority) -> Option<Duration> {
        let pauses = self.pauses.lock().unwrap_or_else(PoisonError::into_inner);
        let left = pauses.get(&(chat, priority))?.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }

    /// Records what the limiter answered. Private chats are too many to remember, and each has few messages.
    pub(super) fn record(&self, chat: ChatId, priority: Priority, pause: Duration) {
        if chat.0 < 0 {
            let mut pauses = self.pauses.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            pauses.retain(|_, until| *until > now);
            pauses.insert((chat, priority), now + pause);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_groups_pause_ends_by_itself_and_holds_for_its_priority_alone() {
        let pauses = GroupPauses::default();
        let (group, second) = (ChatId(-100), Duration::from_secs(1));
        pauses.record(group, Priority::Bulk, 3 * second);
        tokio::time::advance(second).await;
        assert_eq!(pauses.left(group, Priority::Bulk), Some(2 * second));
        assert_eq!(pauses.left(group, Priority::Interactive), None);
        assert_eq!(pauses.left(ChatId(-101), Priority::Bulk), None);
        tokio::time::advance(2 * second).await;
        assert_eq!(pauses.left(group, Priority::Bulk), None);
    }

    #[test]
    fn one_job_of_a_priority_looks_into_a_chat_at_a_time() {
        let (pauses, group) = (GroupPauses::default(), ChatId(-100));
        let turn = pauses.turn(group, Priority::Bulk);
        assert!(turn.is_some() && pauses.turn(group, Priority::Bulk).is_none());
        assert!(pauses.turn(group, Priority::Interactive).is_some());
        assert!(pauses.turn(ChatId(-101), Priority::Bulk).is_some());
        drop(turn);
        assert!(pauses.turn(group, Priority::Bulk).is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn private_chats_are_not_remembered() {
        let pauses = GroupPauses::default();
        pauses.record(ChatId(7), Priority::Bulk, Duration::from_secs(3));
        assert_eq!(pauses.left(ChatId(7), Priority::Bulk), None);
    }
}
