//! The state of the simulated Bukza: one account, one table, its sessions, and the calls that it got.

use std::collections::BTreeMap;

use chrono::{DateTime, FixedOffset, Offset, Utc};

use super::{
    faults::BukzaFaults,
    model::{BukzaCall, BukzaSetup, PASSWORD, Reservation},
};

/// Most rows of an answer.
const ROWS_MAX: usize = 5_000;
/// The forms of a time, without seconds and with them.
const TIME_FORMATS: [&str; 2] = ["%d.%m.%Y %H:%M", "%d.%m.%Y %H:%M:%S"];
/// The offset of the recorded account's venue, in minutes.
const UTC_OFFSET: i32 = 300;

#[derive(Debug)]
pub(crate) struct Bukza {
    pub password: String,
    pub rows_max: usize,
    pub zone: FixedOffset,
    pub time_format: &'static str,
    /// By their codes.
    reservations: BTreeMap<String, Reservation>,
    /// The tokens that are valid.
    sessions: Vec<String>,
    sessions_made: u32,
    pub faults: BukzaFaults,
    pub calls: Vec<BukzaCall>,
}

impl Default for Bukza {
    fn default() -> Self {
        Self {
            password: PASSWORD.to_owned(),
            rows_max: ROWS_MAX,
            zone: zone(UTC_OFFSET),
            time_format: TIME_FORMATS[0],
            reservations: BTreeMap::new(),
            sessions: Vec::new(),
            sessions_made: 0,
            faults: BukzaFaults::default(),
            calls: Vec::new(),
        }
    }
}

fn zone(minutes: i32) -> FixedOffset {
    FixedOffset::east_opt(minutes * 60).unwrap_or_else(|| Utc.fix())
}

impl Bukza {
    pub(crate) fn set_up(&mut self, setup: BukzaSetup) {
        let BukzaSetup { password, rows_max, utc_offset_minutes, shows_seconds } = setup;
        self.password = password.unwrap_or_else(|| std::mem::take(&mut self.password));
        self.rows_max = rows_max.unwrap_or(self.rows_max);
        self.zone = utc_offset_minutes.map_or(self.zone, zone);
        let format = |seconds: bool| TIME_FORMATS[usize::from(seconds)];
        self.time_format = shows_seconds.map_or(self.time_format, format);
    }

    /// Makes these all reservations there are.
    pub(crate) fn set(&mut self, reservations: Vec<Reservation>) {
        self.reservations.clear();
        self.put(reservations);
    }

    /// Adds these, or changes those of the same codes.
    pub(crate) fn put(&mut self, reservations: Vec<Reservation>) {
        self.reservations.extend(reservations.into_iter().map(|it| (it.code.clone(), it)));
    }

    /// Removes one, as Bukza does with a deleted order's. Whether it was there.
    pub(crate) fn vanish(&mut self, code: &str) -> bool {
        self.reservations.remove(code).is_some()
    }

    /// The reservations that start in the period, the earliest first.
    pub(crate) fn rows(&self, from: DateTime<Utc>, till: DateTime<Utc>) -> Vec<&Reservation> {
        let starts_in = |it: &&Reservation| (from..till).contains(&it.start);
        let mut rows: Vec<_> = self.reservations.values().filter(starts_in).collect();
        rows.sort_by_key(|it| it.start);
        rows
    }

    /// A new session's token.
    pub(crate) fn sign_in(&mut self) -> String {
        self.sessions_made += 1;
        let token = format!("session-{}-of-the-simulated-bukza", self.sessions_made);
        self.sessions.push(token.clone());
        token
    }

    pub(crate) fn knows(&self, token: &str) -> bool {
        self.sessions.iter().any(|known| known == token)
    }

    /// Ends all sessions.
    pub(crate) fn revoke_sessions(&mut self) {
        self.sessions.clear();
    }
}
