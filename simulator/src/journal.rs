//! The journal of calls: the latest ones, in order, bounded; off for benches.

use std::collections::VecDeque;

use serde::Deserialize;

use crate::model::{Call, JournalMode};

/// Most calls kept.
const CAPACITY: usize = 50_000;

#[derive(Debug)]
pub(crate) struct Journal {
    calls: VecDeque<Call>,
    last_seq: u64,
    mode: JournalMode,
}

impl Default for Journal {
    fn default() -> Self {
        Self { calls: VecDeque::new(), last_seq: 0, mode: JournalMode::On }
    }
}

/// A reader's filter.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Wanted {
    pub after_seq: u64,
    pub method: Option<String>,
}

impl Journal {
    pub(crate) fn set_mode(&mut self, mode: JournalMode) {
        self.mode = mode;
        if mode == JournalMode::Off {
            self.calls = VecDeque::new();
        }
    }

    pub(crate) fn mode(&self) -> JournalMode {
        self.mode
    }

    /// Adds a call made by `make` from its number, unless the journal is off.
    pub(crate) fn add(&mut self, make: impl FnOnce(u64) -> Call) {
        self.last_seq += 1;
        if self.mode == JournalMode::On {
            if self.calls.len() == CAPACITY {
                self.calls.pop_front();
            }
            self.calls.push_back(make(self.last_seq));
        }
    }

    /// The wanted calls that are still kept, in order.
    pub(crate) fn read(&self, wanted: &Wanted) -> Vec<Call> {
        let begin = self.calls.partition_point(|call| call.seq <= wanted.after_seq);
        let method = wanted.method.as_deref();
        let of_method =
            |call: &&Call| method.is_none_or(|method| call.method.eq_ignore_ascii_case(method));
        self.calls.range(begin..).filter(of_method).cloned().collect()
    }
}
