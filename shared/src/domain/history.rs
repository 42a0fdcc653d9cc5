//! The requests of one booking, as far as they decide what it is: the newest of each sort, and the
//! newest that gave each detail. What follows never depends on the order in which they are applied.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::{Deserialize, Serialize};

use super::{event::EventMark, status::Meaning, wall_clock::ClockSource};

/// How long after a cancellation another request does not undo it. A cancellation has two triggers
/// ("cancelled" and "order changed"), and the second may still carry the reservation's old status.
const SECOND_TRIGGER: TimeDelta = TimeDelta::seconds(30);

/// The newest requests of each sort.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct History {
    #[serde(skip_serializing_if = "Option::is_none")]
    cancelled: Option<PastRequest>,
    /// Says in so many words that the booking stands again.
    #[serde(skip_serializing_if = "Option::is_none")]
    restored: Option<PastRequest>,
    #[serde(skip_serializing_if = "Option::is_none")]
    other: Option<PastRequest>,
    /// Details that are older than the newest request, with the request that gave them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) details: BTreeMap<Detail, EventMark>,
    /// Where the booking's wall-clock time is from. A build before drops this mark as it writes other instants.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub clock: Option<ClockSource>,
    /// The version at which the booking was new to its client: only what was sent since counts as announced.
    pub new_since: i32,
}

/// A request that was applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct PastRequest {
    pub(super) mark: EventMark,
    pub(super) meaning: Meaning,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) words: Option<String>,
}

/// What the requests come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub meaning: Meaning,
    /// The words of the request that decided.
    pub words: Option<String>,
    /// The cancellation that a later request did not undo, as it came within [`SECOND_TRIGGER`].
    pub contradicted: Option<EventMark>,
}

/// The parts of a request that can be given or left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Detail {
    Times,
    Service,
    Zone,
    ClientName,
    LastName,
    Phone,
    People,
    Total,
    Paid,
    Prepayment,
    Order,
    OrderPage,
    Comment,
    Fields,
}

impl History {
    /// What the requests come to. The booking is cancelled where the newest cancellation is newer than
    /// the newest restoring request, and no other came 30 s after it or later. Else the newest request
    /// counts.
    #[must_use]
    pub fn standing(&self) -> Standing {
        let standing = |request: &PastRequest, contradicted| Standing {
            meaning: request.meaning,
            words: request.words.clone(),
            contradicted,
        };
        let lasting = self.restored.iter().chain(&self.other).max_by_key(|request| &request.mark);
        match (&self.cancelled, lasting) {
            (Some(cancelled), other) if self.outlasts(cancelled) => {
                let later = other.filter(|other| {
                    other.mark > cancelled.mark
                        && matches!(other.meaning, Meaning::Stands | Meaning::Pending)
                });
                standing(cancelled, later.map(|_| cancelled.mark.clone()))
            }
            (_, Some(other)) => standing(other, None),
            (Some(cancelled), None) => standing(cancelled, None),
            (None, None) => Standing { meaning: Meaning::Stands, words: None, contradicted: None },
        }
    }

    fn outlasts(&self, cancelled: &PastRequest) -> bool {
        let restored = self.restored.as_ref().is_some_and(|it| it.mark > cancelled.mark);
        let until = cancelled.mark.0 + SECOND_TRIGGER;
        let revived = self.other.as_ref().is_some_and(|it| it.mark.0 >= until);
        !restored && !revived
    }

    pub(crate) fn newest(&self) -> Option<&EventMark> {
        let requests = [&self.cancelled, &self.restored, &self.other];
        requests.into_iter().flatten().map(|request| &request.mark).max()
    }

    pub(super) fn keep(&mut self, request: PastRequest, restores: bool) {
        let kept = match request.meaning {
            Meaning::Cancelled => &mut self.cancelled,
            Meaning::Ignored | Meaning::NoShow | Meaning::Pending | Meaning::Stands => {
                if restores {
                    &mut self.restored
                } else {
                    &mut self.other
                }
            }
        };
        if kept.as_ref().is_none_or(|known| known.mark < request.mark) {
            *kept = Some(request);
        }
    }
}
