//! A soak's duration, size and seed.

use std::time::Duration;

use chrono::TimeDelta;
use rand::{Rng, SeedableRng, rngs::StdRng};

/// The parameters of a soak. The seed decides what each client does and the order of faults, but
/// not their interleaving.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    pub seed: u64,
    /// How long clients act and faults are injected.
    pub fault_burst: Duration,
    /// Longest wait for quiescence afterwards.
    pub patience: Duration,
    pub clients: u32,
    /// Clients who have their data deleted.
    pub departing: u32,
    /// Bookings that somebody opens without their phone.
    pub guests: u32,
    /// Clients consent to a document first.
    pub consent: bool,
    pub ingests: usize,
    pub workers: usize,
    /// `REMINDER_BEFORE`.
    pub remind_before: TimeDelta,
    /// `FEEDBACK_AFTER`.
    pub feedback_after: TimeDelta,
    /// Shortest and longest pause between two faults.
    pub between_faults: (Duration, Duration),
    /// Unregistered accounts of a flood, and how long one lasts.
    pub strangers: u32,
    pub flood: (Duration, Duration),
    /// How long the staff's chat is closed.
    pub closed: (Duration, Duration),
    /// How long Telegram answers every call with 502.
    pub outage: (Duration, Duration),
}

impl Plan {
    /// A soak of so many minutes.
    #[must_use]
    pub fn minutes(minutes: u64, seed: u64) -> Self {
        Self {
            seed,
            fault_burst: Duration::from_secs(minutes * 60),
            // Cards that the staff's chat could not take while it was closed, or Telegram out, wait for the
            // end. It takes fifteen messages a minute, each request is one, and comes again.
            patience: Duration::from_secs(480 + minutes * 90),
            // As many as the staff's chat can follow.
            clients: 12,
            departing: 3,
            guests: 4,
            consent: seed % 2 == 1,
            ingests: 2,
            workers: 3,
            // A reminder that is a minute late still comes before its visit.
            remind_before: TimeDelta::seconds(75),
            feedback_after: TimeDelta::seconds(1),
            between_faults: seconds(3, 12),
            strangers: 40,
            flood: seconds(5, 10),
            closed: seconds(10, 20),
            outage: seconds(20, 40),
        }
    }

    /// A small soak for the suite.
    #[must_use]
    pub fn short(fault_burst: Duration, seed: u64) -> Self {
        Self {
            fault_burst,
            clients: 10,
            workers: 2,
            remind_before: TimeDelta::seconds(10),
            between_faults: seconds(1, 4),
            strangers: 24,
            flood: seconds(3, 5),
            closed: seconds(4, 8),
            outage: seconds(5, 8),
            ..Self::minutes(0, seed)
        }
    }

    /// The settings of the programs.
    #[must_use]
    pub fn settings(&self) -> Vec<(&'static str, String)> {
        let mut settings = vec![
            ("REMINDER_BEFORE", format!("{}s", self.remind_before.num_seconds())),
            ("FEEDBACK_AFTER", format!("{}s", self.feedback_after.num_seconds())),
            ("LOCALE", "ru".to_owned()),
            ("DATABASE_POOL", "5".to_owned()),
            // What nobody takes comes again.
            ("OPENING_HOURS", "00:00-24:00".to_owned()),
        ];
        if self.consent {
            settings.push(("CONSENT_URL", "https://venue.example/consent".to_owned()));
        }
        settings
    }

    /// The random generator of one client or fault injector.
    #[must_use]
    pub fn dice(&self, actor: u64) -> StdRng {
        StdRng::seed_from_u64(self.seed ^ actor.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }
}

fn seconds(least: u64, most: u64) -> (Duration, Duration) {
    (Duration::from_secs(least), Duration::from_secs(most))
}

/// A random duration between two.
pub fn span(dice: &mut StdRng, (least, most): (Duration, Duration)) -> Duration {
    Duration::from_millis(dice.random_range(
        u64::try_from(least.as_millis()).unwrap_or(0)
            ..=u64::try_from(most.as_millis()).unwrap_or(u64::MAX),
    ))
}
