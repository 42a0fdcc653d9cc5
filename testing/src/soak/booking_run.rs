//! A booking's random sequence of requests. Each state can be distinguished by the texts that the
//! client receives.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use rand::{Rng, rngs::StdRng};

use super::{
    expected_status,
    plan::Plan,
    record::{Booking, Event, Meaning, Word},
};
use crate::harness::bukza::now;

/// What the next request of a booking may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// New, moved, or restored after a cancellation: with other times and another service.
    Stand(Word),
    /// A visit that ended this long ago.
    Late(TimeDelta),
    /// The same booking with another status, or cancelled.
    Status(Word),
    /// The last request repeated.
    Repeat,
    /// Earlier times for a visit that is over.
    Correct,
}

impl Booking {
    /// A booking without a request.
    #[must_use]
    pub fn new(client: u32, number: u32, phone: &str, order: Option<&str>) -> Self {
        Self {
            code: format!("SK{client}{number:03}"),
            client,
            phone: phone.to_owned(),
            order: order.map(str::to_owned),
            events: Vec::new(),
            row: None,
            rated: None,
        }
    }

    /// The times of the last request.
    #[must_use]
    pub fn times(&self) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        self.events.last().map(|event| (event.start, event.end))
    }

    /// Its meaning; `None` when that depends on when requests arrived, or on when Bukza's table was read.
    #[must_use]
    pub fn meaning(&self) -> Option<Meaning> {
        let possible = expected_status::possible(&self.events);
        let meaning = possible.first().copied().filter(|_| possible.len() == 1);
        meaning.filter(|meaning| *meaning == Meaning::Cancelled || !self.is_cancelled_in_table())
    }

    /// Whether the visit lasts for at least two seconds more, so that it can still be changed.
    #[must_use]
    pub fn open(&self) -> bool {
        self.times().is_none_or(|(_, end)| end > now() + TimeDelta::seconds(2))
    }

    #[must_use]
    pub fn begun(&self) -> bool {
        self.times().is_some_and(|(start, _)| start < now())
    }

    #[must_use]
    pub fn over(&self) -> bool {
        self.times().is_some_and(|(_, end)| end < now() - TimeDelta::seconds(2))
    }

    /// Whether the client may be expected to rate the visit with this tag.
    #[must_use]
    pub fn to_be_rated(&self, tag: &str) -> bool {
        let came = self
            .of_tag(tag)
            .all(|event| matches!(event.meaning(), Meaning::Stands | Meaning::Pending));
        let last = self.events.last().is_some_and(|event| event.tag == tag);
        came && last && self.meaning() == Some(Meaning::Stands) && self.rated.is_none()
    }

    /// The next event, not yet posted.
    pub fn next(&self, step: Step, plan: &Plan, dice: &mut StdRng) -> Event {
        let last = self.events.last();
        let (start, end) = match step {
            Step::Stand(_) => self.other_times(|| soon_or_later(plan, dice)),
            Step::Late(over) => self.other_times(|| times(now() - over, -dice.random_range(3..10))),
            Step::Correct => {
                let (start, end) = self.times().unwrap_or((now(), now()));
                self.other_times(|| {
                    let less = TimeDelta::seconds(dice.random_range(2..600));
                    (start - less - TimeDelta::minutes(dice.random_range(0..30)), end - less)
                })
            }
            Step::Status(_) | Step::Repeat => self.times().unwrap_or_else(|| times(now(), 3600)),
        };
        let word = match step {
            Step::Stand(word) | Step::Status(word) => word,
            Step::Late(_) => Word::New,
            Step::Repeat | Step::Correct => last.map_or(Word::None, |event| event.word),
        };
        let tag = match (step, last) {
            (Step::Status(_) | Step::Repeat | Step::Correct, Some(last)) => last.tag.clone(),
            _ => format!("{}-{}", self.code, self.events.len() + 1),
        };
        let corrected = match step {
            Step::Correct => true,
            Step::Status(_) | Step::Repeat => last.is_some_and(|event| event.corrected),
            Step::Stand(_) | Step::Late(_) => false,
        };
        let sent = now();
        Event {
            tag,
            word,
            start,
            end,
            with_phone: true,
            corrected,
            begun: sent,
            sent,
            answered: sent,
            accepted: None,
            lost: false,
        }
    }

    /// Times that this booking never had.
    fn other_times(
        &self,
        mut some: impl FnMut() -> (DateTime<Utc>, DateTime<Utc>),
    ) -> (DateTime<Utc>, DateTime<Utc>) {
        loop {
            let (start, end) = some();
            if !self.events.iter().any(|event| event.start == start || event.end == end) {
                return (start, end);
            }
        }
    }
}

/// Mostly a visit within the soak, sometimes one in some days.
fn soon_or_later(plan: &Plan, dice: &mut StdRng) -> (DateTime<Utc>, DateTime<Utc>) {
    let ahead = match dice.random_range(0..10) {
        // Too soon for a reminder.
        0 => TimeDelta::seconds(dice.random_range(3..8)),
        1..8 => plan.remind_before + TimeDelta::seconds(dice.random_range(5..20)),
        _ => TimeDelta::hours(dice.random_range(72..720)),
    };
    times(now() + ahead, dice.random_range(3..10))
}

/// The span in whole seconds between an instant and another `seconds` later (earlier if negative).
fn times(at: DateTime<Utc>, seconds: i64) -> (DateTime<Utc>, DateTime<Utc>) {
    let at = at.duration_trunc(TimeDelta::seconds(1)).unwrap_or(at);
    let other = at + TimeDelta::seconds(seconds);
    (at.min(other), at.max(other))
}
