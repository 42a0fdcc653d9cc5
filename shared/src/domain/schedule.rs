//! When reminders and questions are due, and which messages make a telephone ring: the night, and the
//! distance between two messages.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    event::VisitTime, message::MessageKind, message_kind::QuietHoursRule, quiet::Night,
    venue::Venue,
};

/// A reminder that waits for the morning comes at least so long before the visit.
const MORNING_AHEAD: TimeDelta = TimeDelta::hours(2);
/// How long before quiet hours a reminder comes that can't wait for their end.
const BEFORE_NIGHT: TimeDelta = TimeDelta::minutes(15);
/// A move or cancellation of a visit that is so near rings also in quiet hours.
const URGENT: TimeDelta = TimeDelta::hours(12);
/// How long after it is due a question is still worth sending.
pub const QUESTION_LASTS: TimeDelta = TimeDelta::hours(24);

/// A message's time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// What tells two reminders of one visit apart; zero for the question.
    pub offset: TimeDelta,
    pub due_at: DateTime<Utc>,
    pub expires_at: DateTime<Utc>,
}

impl Venue {
    fn night_of(&self, at: DateTime<Utc>) -> Option<Night> {
        self.quiet_hours?.night_of(at, self.zone)
    }

    /// When to remind of a visit, so long before it: at the end of quiet hours where the visit is then
    /// far enough, else shortly before they begin.
    #[must_use]
    pub fn reminder_due(&self, start: DateTime<Utc>, before: TimeDelta) -> DateTime<Utc> {
        let due = start - before;
        match self.night_of(due) {
            None => due,
            Some(night) if start - night.ends >= MORNING_AHEAD => night.ends,
            Some(night) => night.begins - BEFORE_NIGHT,
        }
    }

    /// The reminders of a visit that are still to come, in order. `announced_at`: when the client hears of
    /// the booking, where they hear of it now.
    #[must_use]
    pub fn reminders(
        &self,
        start: DateTime<Utc>,
        now: DateTime<Utc>,
        announced_at: Option<DateTime<Utc>>,
    ) -> Vec<Timing> {
        let due = |before: &TimeDelta| (self.reminder_due(start, *before), *before);
        let mut due: Vec<_> = self.reminder_before.iter().map(due).collect();
        due.sort_unstable_by_key(|(at, before)| (*at, -*before));
        let mut kept: Vec<(DateTime<Utc>, TimeDelta)> = Vec::new();
        for (at, before) in due {
            let past = at <= now || at >= start;
            let near_another =
                kept.last().is_some_and(|(last, _)| at == *last || at - *last < self.reminder_gap);
            if !past && !near_another && !self.follows_too_soon(at, announced_at) {
                kept.push((at, before));
            }
        }
        let ends = kept.iter().skip(1).map(|(at, _)| *at).chain([start]);
        let ends: Vec<DateTime<Utc>> = ends.collect();
        let timed = kept.iter().zip(ends);
        timed
            .map(|((due_at, offset), expires_at)| Timing {
                offset: *offset,
                due_at: *due_at,
                // The next reminder replaces the one before.
                expires_at,
            })
            .collect()
    }

    /// When to ask how a visit was; `None` where it is too late.
    #[must_use]
    pub fn question(&self, end: DateTime<Utc>, now: DateTime<Utc>) -> Option<Timing> {
        let due = end + self.feedback_after;
        let due_at = self.night_of(due).map_or(due, |night| night.ends);
        let expires_at = due_at + QUESTION_LASTS;
        (expires_at > now).then_some(Timing { offset: TimeDelta::zero(), due_at, expires_at })
    }

    /// Whether a reminder that is due at `due_at` comes too soon after the announcement.
    #[must_use]
    pub fn follows_too_soon(
        &self,
        due_at: DateTime<Utc>,
        announced_at: Option<DateTime<Utc>>,
    ) -> bool {
        announced_at.is_some_and(|announced_at| due_at - announced_at < self.reminder_gap)
    }

    /// Whether a client who got a question at `last_question_at` gets none at `now`.
    #[must_use]
    pub fn questioned_too_recently(
        &self,
        last_question_at: Option<DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> bool {
        self.feedback_gap
            .zip(last_question_at)
            .is_some_and(|(gap, last_question_at)| now - last_question_at < gap)
    }

    /// Until when a message that was held up into quiet hours waits; `None`: it does not.
    #[must_use]
    pub fn held_until(
        &self,
        kind: MessageKind,
        visit: Option<VisitTime>,
        now: DateTime<Utc>,
    ) -> Option<DateTime<Utc>> {
        let night = self.night_of(now)?;
        match kind.properties().quiet_hours {
            QuietHoursRule::WaitsIfVisitIsFar => {
                let start = visit?.start();
                (start - night.ends >= MORNING_AHEAD).then_some(night.ends)
            }
            QuietHoursRule::Waits => Some(night.ends),
            QuietHoursRule::Rings | QuietHoursRule::Silent | QuietHoursRule::SilentUnlessNear => {
                None
            }
        }
    }

    /// Whether a message arrives without a sound at `now`. `starts`: the visit's start, and the one
    /// that the client knows.
    #[must_use]
    pub fn is_silent(
        &self,
        kind: MessageKind,
        starts: impl IntoIterator<Item = DateTime<Utc>>,
        now: DateTime<Utc>,
    ) -> bool {
        if self.night_of(now).is_none() {
            return false;
        }
        match kind.properties().quiet_hours {
            QuietHoursRule::Rings => false,
            QuietHoursRule::SilentUnlessNear => {
                !starts.into_iter().any(|start| start - now <= URGENT)
            }
            QuietHoursRule::Silent | QuietHoursRule::WaitsIfVisitIsFar | QuietHoursRule::Waits => {
                true
            }
        }
    }
}

#[cfg(test)]
#[path = "schedule_tests.rs"]
mod tests;
