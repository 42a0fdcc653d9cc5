//! Reads the meaning of a status. Statuses in Bukza are the owner's own words: rules match words by their
//! beginning and check their context. Pure.
//!
//! A status is split into words ([`words`]); each word has classes ([`class`], [`lists`]); one file
//! for each meaning has the rules of its words; [`context`] has what blocks them.

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

/// The result of one meaning's rules for a status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Finding {
    None,
    /// A word was found, but its context blocks it.
    HeldBack,
    Found,
}

/// The owner's lists of words. A meaning without a list uses the built-in words.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OwnLists {
    pub cancelled: Option<OwnWords>,
    pub ignored: Option<OwnWords>,
    pub no_show: Option<OwnWords>,
    pub pending: Option<OwnWords>,
}

/// The rules of the four meanings, built-in or the owner's. Cheap to clone.
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
    /// Reads one wording of a status. An owner's entry that equals the whole status decides; otherwise the
    /// strictest meaning of any word does.
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

    /// The meaning with an owner's entry that equals the whole status.
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
mod status_tests;
