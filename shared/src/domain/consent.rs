//! The consent to keep a client's data, as a document of its own.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};

use super::{forgotten::hex, time::VenueZone};

/// The documents that a client is shown before the own phone is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConsentDocuments {
    /// What is consented to (`CONSENT_URL`).
    pub consent: String,
    /// How data are handled (`POLICY_URL`).
    pub policy: Option<String>,
}

impl ConsentDocuments {
    /// What was consented to at `at`: a hash of the document's address and the day. A document that changes without
    /// another address is found by the day.
    #[must_use]
    pub fn version(&self, at: DateTime<Utc>, zone: VenueZone) -> String {
        let day = zone.local(at).date_naive();
        hex(&Sha256::digest(format!("{}\n{day}", self.consent)))
    }
}

/// Whether a client has consented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Consent {
    /// The venue has no such document.
    NotNeeded,
    Given,
    /// Not to the present document.
    Missing,
    /// The same, and the client was shown the question lately.
    Requested,
}

impl Consent {
    /// Whether the client's phone may be taken.
    #[must_use]
    pub fn allows(self) -> bool {
        match self {
            Self::NotNeeded | Self::Given => true,
            Self::Missing | Self::Requested => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_names_the_address_and_the_day_of_the_venue() {
        let of = |url: &str| ConsentDocuments { consent: url.to_owned(), policy: None };
        let zone = VenueZone(chrono_tz::Asia::Yekaterinburg);
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let first = of("https://a.example").version(at("2026-01-10T18:00:00Z"), zone);
        assert_eq!(first, of("https://a.example").version(at("2026-01-10T02:00:00Z"), zone));
        // The venue's next day.
        assert_ne!(first, of("https://a.example").version(at("2026-01-10T20:00:00Z"), zone));
        assert_ne!(first, of("https://b.example").version(at("2026-01-10T18:00:00Z"), zone));
        assert_eq!(first.len(), 64);
    }
}
