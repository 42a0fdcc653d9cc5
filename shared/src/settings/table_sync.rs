//! How Bukza's own table is compared with the bookings, where it is read.

use std::time::Duration;

use chrono::TimeDelta;

use super::{durations::parse_duration, names, reader::Reader};

/// How often, and what follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableSync {
    /// Differences are applied by themselves. Otherwise the staff decide.
    pub applies: bool,
    pub every: Duration,
}

impl TableSync {
    pub(super) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let applies = reader.or(names::BUKZA_SYNC, false, |text| match text {
            "show" => Some(false),
            "apply" => Some(true),
            _ => None,
        });
        let every = reader.or(names::BUKZA_SYNC_EVERY, Duration::from_secs(600), |text| {
            let allowed = TimeDelta::minutes(1)..=TimeDelta::days(1);
            parse_duration(text).filter(|every| allowed.contains(every))?.to_std().ok()
        });
        Some(Self { applies: applies?, every: every? })
    }
}
