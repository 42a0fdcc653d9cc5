//! What a status means. Statuses in Bukza are the owner's own words; the rules know five meanings.

use serde::{Deserialize, Serialize};

/// What a request says of a booking, strictest first.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    /// The booking is off.
    Cancelled,
    /// No client's booking: a technical break, maintenance.
    Ignored,
    /// The client did not come.
    NoShow,
    /// It waits for a payment or a confirmation.
    Pending,
    /// The booking stands. So does every status that says nothing else.
    #[default]
    Stands,
}

impl Meaning {
    pub const ALL: &[Self] =
        &[Self::Cancelled, Self::Ignored, Self::NoShow, Self::Pending, Self::Stands];

    /// The value in `bookings.meaning`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::Ignored => "ignored",
            Self::NoShow => "no_show",
            Self::Pending => "pending",
            Self::Stands => "stands",
        }
    }

    /// Reads the value of `bookings.meaning`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|meaning| meaning.as_str() == text)
    }
}
