//! Counters that stay cheap over hundreds of thousands of messages, and the count of repeated ones.

use std::{
    collections::{HashSet, hash_map::RandomState},
    hash::BuildHasher,
};

use crate::model::Stats;

#[derive(Debug, Default)]
pub(crate) struct Counters {
    stats: Stats,
    /// Hashes of (chat, text): eight bytes a message, however long its text.
    seen: HashSet<u64>,
    hasher: RandomState,
}

impl Counters {
    /// A message was shown in a chat, `at_ms` after the start.
    pub(crate) fn sent(&mut self, chat_id: i64, text: &str, at_ms: u64) {
        self.stats.sent += 1;
        self.stats.first_sent_ms.get_or_insert(at_ms);
        self.stats.last_sent_ms = Some(at_ms);
        if !self.seen.insert(self.hasher.hash_one((chat_id, text))) {
            self.stats.duplicates += 1;
        }
    }

    pub(crate) fn failed(&mut self) {
        self.stats.failed += 1;
    }

    pub(crate) fn read(&self, pending_updates: usize) -> Stats {
        Stats {
            pending_updates: u64::try_from(pending_updates).unwrap_or(u64::MAX),
            ..self.stats.clone()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_text_in_the_same_chat_is_a_duplicate() {
        let mut counters = Counters::default();
        counters.sent(1, "a", 5);
        counters.sent(2, "a", 6);
        counters.sent(1, "b", 7);
        counters.sent(1, "a", 8);
        let stats = counters.read(3);
        assert_eq!((stats.sent, stats.duplicates, stats.pending_updates), (4, 1, 3));
        assert_eq!((stats.first_sent_ms, stats.last_sent_ms), (Some(5), Some(8)));
    }
}
