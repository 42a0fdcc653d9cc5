//! What happens to one booking: random, but such that each state of it can be told from the others
//! by the texts that the client gets.

use chrono::{DateTime, DurationRound, TimeDelta, Utc};
use rand::{Rng, rngs::StdRng};

use super::{
    plan::Plan,
    record::{Booking, Event, Said},
};
use crate::bukza::{self, Request, now};

/// What Bukza may tell of a booking next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// New, moved, or standing again after a cancellation: other times, another service.
    Stand,
    /// The same again.
    Repeat,
    Cancel,
}

impl Booking {
    /// A booking of which nothing was told yet.
    #[must_use]
    pub fn new(client: u32, number: u32, phone: &str) -> Self {
        Self {
            code: format!("SK{client}{number:03}"),
            client,
            phone: phone.to_owned(),
            events: Vec::new(),
            rated: None,
        }
    }

    /// The times that were told last.
    #[must_use]
    pub fn times(&self) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
        self.events.iter().rev().find_map(|event| match event.said {
            Said::Stands { start, end } => Some((start, end)),
            Said::Cancelled => None,
        })
    }

    #[must_use]
    pub fn cancelled(&self) -> bool {
        self.events.last().is_some_and(|event| event.said == Said::Cancelled)
    }

    /// Whether the visit is not over for some seconds, so that there is still something to change.
    #[must_use]
    pub fn open(&self) -> bool {
        self.times().is_none_or(|(_, end)| end > now() + TimeDelta::seconds(2))
    }

    /// The next event, not accepted yet, and its request.
    pub fn next(&self, step: Step, plan: &Plan, dice: &mut StdRng) -> (Event, Request) {
        let last = self.events.last();
        let mut said = last.map_or(Said::Cancelled, |event| event.said);
        let mut tag = last.map(|event| event.tag.clone()).unwrap_or_default();
        match step {
            Step::Stand => {
                let (start, end) = self.other_times(plan, dice);
                said = Said::Stands { start, end };
                tag = format!("{}-{}", self.code, self.events.len() + 1);
            }
            Step::Cancel => said = Said::Cancelled,
            Step::Repeat => {}
        }
        let (start, end) = match said {
            Said::Stands { start, end } => (start, end),
            Said::Cancelled => self.times().unwrap_or((now(), now() + TimeDelta::hours(1))),
        };
        let template = bukza::Booking {
            code: self.code.clone(),
            phone: self.phone.clone(),
            name: "Алина".to_owned(),
            service: tag.clone(),
            start,
            end,
        };
        let request =
            if said == Said::Cancelled { template.cancelled() } else { template.created() };
        (Event { tag, said, accepted: None }, request)
    }

    /// Times that this booking never had: mostly a visit within the soak, else one in some days.
    fn other_times(&self, plan: &Plan, dice: &mut StdRng) -> (DateTime<Utc>, DateTime<Utc>) {
        loop {
            let ahead = match dice.random_range(0..10) {
                // Too late to be reminded of.
                0 => TimeDelta::seconds(dice.random_range(3..8)),
                1..8 => plan.remind_before + TimeDelta::seconds(dice.random_range(5..20)),
                _ => TimeDelta::hours(dice.random_range(72..720)),
            };
            let start = now() + ahead;
            let start = start.duration_trunc(TimeDelta::seconds(1)).unwrap_or(start);
            let end = start + TimeDelta::seconds(dice.random_range(3..10));
            let had = self.events.iter().any(|event| match event.said {
                Said::Stands { start: s, end: e } => s == start || e == end,
                Said::Cancelled => false,
            });
            if !had {
                return (start, end);
            }
        }
    }
}
