//! What a status word means. Statuses in Bukza are the owner's own words, so they are read by
//! rules: words by their beginning, with what stands around them. Pure.
//!
//! A status is split into words ([`words`]); each word has classes ([`class`], [`lists`]); one file
//! for each meaning says which words have it and what holds them back ([`context`]).

mod cancelled;
mod class;
mod context;
mod ignored;
mod lists;
mod meaning;
mod no_show;
mod own_words;
mod pending;
mod script;
mod vocabulary;
mod words;

use std::sync::Arc;

pub use meaning::{Meaning, StatusReading, combine};
pub use own_words::OwnWords;
use words::Words;

/// What was found of one meaning in a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Finding {
    None,
    /// A word stood there, and something held it back.
    HeldBack,
    Found,
}

/// The owner's lists of words. A meaning without one has the built-in words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OwnLists {
    pub cancelled: Option<OwnWords>,
    pub ignored: Option<OwnWords>,
    pub no_show: Option<OwnWords>,
    pub pending: Option<OwnWords>,
}

/// The words of the four meanings: the built-in ones, or the owner's. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StatusRules {
    own: Arc<OwnLists>,
}

impl From<OwnLists> for StatusRules {
    fn from(own: OwnLists) -> Self {
        Self { own: Arc::new(own) }
    }
}

impl StatusRules {
    /// Reads one wording of a status. An owner's entry that equals the whole status decides alone;
    /// otherwise the strictest meaning counts that a word of the status has.
    #[must_use]
    pub fn read(&self, status: &str) -> StatusReading {
        let words = Words::of(status);
        if let Some(meaning) = self.equal(&words) {
            return StatusReading { meaning, ..StatusReading::default() };
        }
        let own = |list: &Option<OwnWords>| list.as_ref().map(|list| list.find(&words));
        let found = |own: Option<(Finding, _)>, built_in: fn(&Words) -> bool| {
            own.map_or_else(|| built_in(&words), |(finding, _)| finding == Finding::Found)
        };
        let cancelled = own(&self.own.cancelled)
            .map_or_else(|| cancelled::find(&words), |(finding, _)| finding);
        let waits = own(&self.own.pending);
        let taken = waits.as_ref().map_or(0..0, |(_, taken)| taken.clone());
        let confirms = pending::confirms(&words, &taken);
        let meaning = if cancelled == Finding::Found {
            Meaning::Cancelled
        } else if found(own(&self.own.ignored), ignored::find) {
            Meaning::Ignored
        } else if found(own(&self.own.no_show), no_show::find) {
            Meaning::NoShow
        } else if !confirms && found(waits, pending::find) {
            Meaning::Pending
        } else {
            Meaning::Stands
        };
        StatusReading {
            meaning,
            confirms,
            restores: meaning != Meaning::Cancelled && cancelled::restores(&words),
            held_back: cancelled == Finding::HeldBack,
        }
    }

    /// The meaning of which an owner's entry equals the whole status.
    fn equal(&self, words: &Words) -> Option<Meaning> {
        let OwnLists { cancelled, ignored, no_show, pending } = &*self.own;
        [
            (Meaning::Cancelled, cancelled),
            (Meaning::Ignored, ignored),
            (Meaning::NoShow, no_show),
            (Meaning::Pending, pending),
        ]
        .into_iter()
        .find(|(_, list)| list.as_ref().is_some_and(|list| list.equals(words)))
        .map(|(meaning, _)| meaning)
    }
}

#[cfg(test)]
mod cancelled_tests;
#[cfg(test)]
mod tests;
