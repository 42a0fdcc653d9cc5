//! The messages that a visit's time brings with it; and their new times, after its instant changed and its wall-clock time
//! did not. Nobody hears of that: the messages stay, and are due when they would have been planned.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    event::VisitTime,
    message::{MessageKind, Planned},
    message_kind::VisitTimes,
    schedule::Timing,
    venue::Venue,
};

/// The messages that a booking's time brings with it: reminders and the feedback request. `announced_at`:
/// when the client hears of the booking, where they hear of it now.
#[must_use]
pub fn visit_messages(
    visit_time: VisitTime,
    venue: &Venue,
    now: DateTime<Utc>,
    announced_at: Option<DateTime<Utc>>,
) -> Vec<Planned> {
    let planned = |kind, dedup_key, Timing { due_at, expires_at, .. }: Timing| Planned {
        kind,
        dedup_key,
        due_at,
        expires_at: Some(expires_at),
        content: None,
    };
    let reminders = venue.reminders(visit_time.start(), now, announced_at);
    let question = venue.question(visit_time.end(), now);
    let reminders = reminders.into_iter().map(|timing| {
        planned(MessageKind::Reminder, format!("{}s", timing.offset.num_seconds()), timing)
    });
    let question = question.map(|timing| planned(MessageKind::Feedback, String::new(), timing));
    reminders.chain(question).collect()
}

/// A message that waits, or its new times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    pub kind: MessageKind,
    pub dedup_key: String,
    pub due_at: DateTime<Utc>,
    pub expires_at: Option<DateTime<Utc>>,
}

/// Gives the messages of one booking that wait the times that follow from its visit. One that would have been due
/// before now is due at once: its client has not read it.
pub fn retime<'a>(
    waiting: impl IntoIterator<Item = &'a mut Waiting>,
    visit_time: VisitTime,
    venue: &Venue,
) {
    let mut reminders = Vec::new();
    for message in waiting {
        match message.kind.properties().times {
            VisitTimes::None => {}
            VisitTimes::UntilEnd => message.expires_at = Some(visit_time.end()),
            VisitTimes::BeforeStart => {
                if let Some(before) = offset(&message.dedup_key) {
                    message.due_at = venue.reminder_due(visit_time.start(), before);
                    reminders.push(message);
                }
            }
            VisitTimes::AfterEnd => {
                // However late it is: it expires by its own time.
                let question = venue.question(visit_time.end(), DateTime::UNIX_EPOCH);
                if let Some(Timing { due_at, expires_at, .. }) = question {
                    (message.due_at, message.expires_at) = (due_at, Some(expires_at));
                }
            }
        }
    }
    // The next reminder replaces the one before.
    reminders.sort_unstable_by_key(|message| std::cmp::Reverse(message.due_at));
    let mut next = visit_time.start();
    for reminder in reminders {
        reminder.expires_at = Some(next);
        next = reminder.due_at;
    }
}

/// How long before the start a reminder is due, as its key says.
pub(super) fn offset(dedup_key: &str) -> Option<TimeDelta> {
    let seconds = dedup_key.strip_suffix('s')?.parse().ok()?;
    TimeDelta::try_seconds(seconds)
}

#[cfg(test)]
#[path = "retime_tests.rs"]
mod tests;
