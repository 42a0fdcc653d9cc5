//! What all checks share: both sides of the comparison, and the violations found.

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};

use super::attempts::{self, Attempt, AttemptResult};
use crate::soak::{
    guest::Joined,
    observed::{MessageRow, Observed},
    plan::Plan,
    record::{Booking, Record},
};

/// Longest time from a claim to the call of Telegram on a busy machine.
pub(super) const CLAIM_TO_CALL: TimeDelta = TimeDelta::seconds(5);
/// How late a message may be after one outage.
const LATE: TimeDelta = TimeDelta::seconds(60);
/// How long a call of unknown result may block its chat: the time-out, and the pause after it.
const UNKNOWN_RESULT_PAUSE: TimeDelta = TimeDelta::seconds(30);
/// Longest pause after a 429, and the wait for a permit after it.
const RATE_LIMIT_PAUSE: TimeDelta = TimeDelta::seconds(5);

/// A broken promise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The booking's code, or another subject.
    pub about: String,
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.about, self.what)
    }
}

/// The record, what was observed, and the violations found so far.
pub(super) struct Audit<'a> {
    pub plan: &'a Plan,
    pub record: &'a Record,
    pub observed: &'a Observed,
    pub attempts: Vec<Attempt>,
    found: Vec<Violation>,
}

impl<'a> Audit<'a> {
    pub(super) fn of(plan: &'a Plan, record: &'a Record, observed: &'a Observed) -> Self {
        // Who left is known to no row any more, and guests are checked by themselves.
        let mut attempts = attempts::of(&observed.calls);
        attempts.retain(|this| record.departed.iter().all(|departed| departed.chat != this.chat));
        attempts.retain(|this| record.joined.iter().all(|guest| guest.chat != this.chat));
        Self { plan, record, observed, attempts, found: Vec::new() }
    }

    pub(super) fn into_violations(self) -> Vec<Violation> {
        self.found
    }

    pub(super) fn violation(&mut self, about: &str, what: impl Into<String>) {
        self.found.push(Violation { about: about.to_owned(), what: what.into() });
    }

    /// Whether a message is about a guest's booking, or to a guest: these are checked by themselves.
    pub(super) fn is_guests(&self, row: &MessageRow) -> bool {
        let of =
            |guest: &Joined| row.code.as_ref() == Some(&guest.code) || row.chat == Some(guest.chat);
        self.record.joined.iter().any(of)
    }

    /// Adds the violations of each booking.
    pub(super) fn each_booking(&mut self, violations: impl Fn(&Self, &Booking) -> Vec<String>) {
        for booking in &self.record.bookings {
            for violation in violations(self, booking) {
                self.violation(&booking.code, violation);
            }
        }
    }

    /// The messages of a booking to its client, or to the staff.
    pub(super) fn rows(&self, code: &str, recipient: &str) -> Vec<&'a MessageRow> {
        let of = |row: &&MessageRow| {
            row.code.as_deref() == Some(code) && row.recipient == recipient && row.kind != "answer"
        };
        self.observed.messages.iter().filter(of).collect()
    }

    /// How late a message to these chats may be that waited between two instants: a minute, plus
    /// the duration of faults, plus Telegram's pauses.
    pub(super) fn allowance(
        &self,
        chats: &[i64],
        from: DateTime<Utc>,
        to: DateTime<Utc>,
    ) -> TimeDelta {
        let near = |t: &&Attempt| from - UNKNOWN_RESULT_PAUSE <= t.at && t.at <= to;
        let held_up: TimeDelta = self
            .attempts
            .iter()
            .filter(near)
            .map(|t| match t.ended {
                AttemptResult::RateLimited => RATE_LIMIT_PAUSE,
                AttemptResult::Perhaps if chats.contains(&t.chat) => UNKNOWN_RESULT_PAUSE,
                AttemptResult::Perhaps | AttemptResult::Delivered | AttemptResult::Refused => {
                    TimeDelta::zero()
                }
            })
            .sum();
        LATE + self.record.broken_for(from, to) + held_up
    }
}
