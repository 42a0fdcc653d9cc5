//! The tutor: the first requests of an installation are shown to the staff field by field, so that the owner sees whether
//! the template is right.

use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};

use super::event::BookingEvent;

/// How many requests are shown.
pub const TUTOR_CARDS: u8 = 10;

/// A request as it is shown to the staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TutorCard {
    /// From 1 to [`TUTOR_CARDS`].
    pub number: u8,
    pub request: BookingEvent,
}

/// Whether all first requests were shown. Each worker learns it once; PostgreSQL has it for all.
#[derive(Debug, Default)]
pub struct Tutor {
    over: AtomicBool,
}

impl Tutor {
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }

    /// Nothing makes it begin again.
    pub fn end(&self) {
        self.over.store(true, Ordering::Relaxed);
    }
}
