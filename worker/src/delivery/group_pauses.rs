//! Until when a group's limit keeps this worker from sending there. Thousands of cards each wake their group; without this
//! each would read what is due there, to learn that nothing may be sent yet.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use shared::domain::{ids::ChatId, message::Priority};
use tokio::time::Instant;

/// The pauses of groups, by priority: an answer may go where a card may not yet.
#[derive(Debug, Default)]
pub struct GroupPauses(Mutex<HashMap<(ChatId, Priority), Instant>>);

impl GroupPauses {
    /// How long nothing of this priority goes to the chat. `None`: the limiter decides.
    pub(super) fn left(&self, chat: ChatId, priority: Priority) -> Option<Duration> {
        let pauses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let left = pauses.get(&(chat, priority))?.saturating_duration_since(Instant::now());
        (!left.is_zero()).then_some(left)
    }

    /// Records what the limiter answered. Private chats are too many to remember, and each has few messages.
    pub(super) fn record(&self, chat: ChatId, priority: Priority, pause: Duration) {
        if chat.0 < 0 {
            let mut pauses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
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

    #[tokio::test(start_paused = true)]
    async fn private_chats_are_not_remembered() {
        let pauses = GroupPauses::default();
        pauses.record(ChatId(7), Priority::Bulk, Duration::from_secs(3));
        assert_eq!(pauses.left(ChatId(7), Priority::Bulk), None);
    }
}
