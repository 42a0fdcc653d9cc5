//! The meanings of a status, and how the readings of one request combine.

use serde::{Deserialize, Serialize};

/// The meaning of a status for its booking. Ordered by rank within one request: strictest first.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    /// The booking is cancelled.
    Cancelled,
    /// The time is blocked for the venue itself. It has no client.
    Ignored,
    /// The client did not come.
    NoShow,
    /// A payment or a confirmation is still awaited.
    Pending,
    /// The booking stands. The default of every word without another meaning.
    #[default]
    Stands,
}

impl Meaning {
    /// All meanings, strictest first.
    pub const ALL: &[Self] =
        &[Self::Cancelled, Self::Ignored, Self::NoShow, Self::Pending, Self::Stands];

    /// The value in the database, in payloads and in metric labels.
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

    /// Reads the value of [`Meaning::as_str`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|meaning| meaning.as_str() == text)
    }
}

/// The reading of one wording of a status, or of all wordings of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct StatusReading {
    pub meaning: Meaning,
    /// The wording confirms the booking or its payment, without a negation.
    pub confirms: bool,
    /// The wording restores a cancelled booking.
    pub restores: bool,
    /// The wording has a word for cancelling that was blocked: negated, wished, a term of the tariff, or about
    /// something other than the booking. The staff should check it.
    pub held_back: bool,
}

/// Combines the readings of one request: the strictest meaning counts. A wording that confirms
/// lifts [`Meaning::Pending`] and no other meaning. Without readings the booking stands.
pub fn combine(readings: impl IntoIterator<Item = StatusReading>) -> StatusReading {
    let all = readings.into_iter().fold(StatusReading::default(), |all, one| StatusReading {
        meaning: all.meaning.min(one.meaning),
        confirms: all.confirms | one.confirms,
        restores: all.restores | one.restores,
        held_back: all.held_back | one.held_back,
    });
    let lifted = all.meaning == Meaning::Pending && all.confirms;
    let cancelled = all.meaning == Meaning::Cancelled;
    StatusReading {
        meaning: if lifted { Meaning::Stands } else { all.meaning },
        restores: all.restores && !cancelled,
        held_back: all.held_back && !cancelled,
        ..all
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn reading() -> impl Strategy<Value = StatusReading> {
        let flags = any::<(bool, bool, bool)>();
        (prop::sample::select(Meaning::ALL), flags).prop_map(
            |(meaning, (confirms, restores, held_back))| StatusReading {
                meaning,
                confirms,
                restores,
                held_back,
            },
        )
    }

    #[test]
    fn every_meaning_has_one_name_everywhere() {
        for (meaning, name) in
            Meaning::ALL.iter().zip(["cancelled", "ignored", "no_show", "pending", "stands"])
        {
            assert_eq!(meaning.as_str(), name);
            assert_eq!(Meaning::parse(name), Some(*meaning));
            assert_eq!(serde_json::to_string(meaning).unwrap(), format!("\"{name}\""));
        }
        assert_eq!(Meaning::parse("noshow"), None);
        assert!(Meaning::ALL.is_sorted());
    }

    #[test]
    fn a_confirmation_lifts_pending_alone() {
        let confirmed = StatusReading { confirms: true, ..StatusReading::default() };
        for (meaning, expected) in [
            (Meaning::Cancelled, Meaning::Cancelled),
            (Meaning::Ignored, Meaning::Ignored),
            (Meaning::NoShow, Meaning::NoShow),
            (Meaning::Pending, Meaning::Stands),
            (Meaning::Stands, Meaning::Stands),
        ] {
            let reading = StatusReading { meaning, ..StatusReading::default() };
            assert_eq!(combine([reading, confirmed]).meaning, expected);
            assert_eq!(combine([reading]), reading);
        }
        assert_eq!(combine([]), StatusReading::default());
    }

    proptest! {
        #[test]
        fn the_strictest_counts_in_any_order(readings in prop::collection::vec(reading(), 0..6)) {
            let all = combine(readings.iter().copied());
            prop_assert_eq!(combine(readings.iter().rev().copied()), all);
            let strictest = readings.iter().map(|one| one.meaning).min().unwrap_or_default();
            if strictest == Meaning::Pending && all.confirms {
                prop_assert_eq!(all.meaning, Meaning::Stands);
            } else {
                prop_assert_eq!(all.meaning, strictest);
            }
            if all.meaning == Meaning::Cancelled {
                prop_assert!(!all.restores && !all.held_back);
            }
        }
    }
}
