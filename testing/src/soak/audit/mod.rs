//! The audit: what the clients did against what is stored and what Telegram saw. Pure, and without
//! any code of the product: it knows the promises alone.

mod attempts;
mod bookings;
mod deliveries;
mod expected_messages;
mod knowledge;
mod messages;
mod unwanted;

use std::fmt;

use chrono::{DateTime, TimeDelta, Utc};

use self::attempts::{Attempt, AttemptResult};
use super::{
    observed::{MessageRow, Observed},
    plan::Plan,
    record::Record,
};

/// From a claim, by which a worker may speak, to Telegram: a busy machine takes its time.
const CLAIM_TO_CALL: TimeDelta = TimeDelta::seconds(5);
/// How late a message may be after one outage.
const LATE: TimeDelta = TimeDelta::seconds(60);
/// How long a call that ends in doubt may hold its chat: the client's patience, and the pause after.
const DOUBT: TimeDelta = TimeDelta::seconds(30);
/// The longest silence that a 429 asks for, and the wait for a turn after it.
const SILENCE: TimeDelta = TimeDelta::seconds(5);

/// A promise that was not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The booking's code, or another name of what it is about.
    pub about: String,
    pub what: String,
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.about, self.what)
    }
}

/// Both sides, and what was found so far.
struct Audit<'a> {
    plan: &'a Plan,
    record: &'a Record,
    observed: &'a Observed,
    attempts: Vec<Attempt>,
    found: Vec<Violation>,
}

/// Compares; returns every promise that was not kept.
#[must_use]
pub fn check(plan: &Plan, record: &Record, observed: &Observed) -> Vec<Violation> {
    let attempts = attempts::of(&observed.calls);
    let mut audit = Audit { plan, record, observed, attempts, found: Vec::new() };
    for problem in &record.problems {
        audit.violation("actors", problem.clone());
    }
    bookings::check(&mut audit);
    messages::check(&mut audit);
    expected_messages::check(&mut audit);
    unwanted::check(&mut audit);
    deliveries::check(&mut audit);
    audit.sundries();
    audit.found
}

impl<'a> Audit<'a> {
    fn violation(&mut self, about: &str, what: impl Into<String>) {
        self.found.push(Violation { about: about.to_owned(), what: what.into() });
    }

    /// Updates, refused requests, dead letters.
    fn sundries(&mut self) {
        for update in &self.record.updates {
            if !self.observed.processed.contains(update) {
                self.violation("updates", format!("update {update} was never applied"));
            }
        }
        for mark in &self.record.refused {
            if !self.observed.kept.iter().any(|body| body.contains(&format!("\"{mark}\""))) {
                self.violation(mark, "was refused and not kept");
            }
        }
        // A message that Telegram refused is set aside for people to see; nothing else is.
        let refused = |job: &str| {
            let failed = |row: &&MessageRow| row.job_id == job && row.status == "failed";
            self.observed.messages.iter().any(|row| failed(&row))
        };
        let dead: Vec<_> =
            self.observed.dead_letters.iter().filter(|(job, _)| !refused(job)).collect();
        for (job, reason) in dead {
            self.violation("worker", format!("{job} was set aside: {reason}"));
        }
        if self.observed.inbox != 0 {
            let what = format!("{} entries are left in the inbox", self.observed.inbox);
            self.violation("worker", what);
        }
    }

    /// The messages of a booking to its client, or to the staff.
    fn rows(&self, code: &str, recipient: &str) -> Vec<&'a MessageRow> {
        let of = |row: &&MessageRow| {
            row.code.as_deref() == Some(code) && row.recipient == recipient && row.kind != "answer"
        };
        self.observed.messages.iter().filter(of).collect()
    }

    /// How late a message to these chats may be that waited between two instants: a minute, as long
    /// as things were broken, and as long as Telegram held the bot or the chat up.
    fn allowance(&self, chats: &[i64], from: DateTime<Utc>, to: DateTime<Utc>) -> TimeDelta {
        let near = |t: &&Attempt| from - DOUBT <= t.at && t.at <= to;
        let held_up: TimeDelta = self
            .attempts
            .iter()
            .filter(near)
            .map(|t| match t.ended {
                AttemptResult::Silenced => SILENCE,
                AttemptResult::Perhaps if chats.contains(&t.chat) => DOUBT,
                _ => TimeDelta::zero(),
            })
            .sum();
        LATE + self.record.broken_for(from, to) + held_up
    }
}

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod rules_tests;
#[cfg(test)]
mod tests;
