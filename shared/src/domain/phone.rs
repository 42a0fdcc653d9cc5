//! Phone numbers in one form (E.164). Clients, Bukza and Telegram write many forms.
//! The rules come from the crate `phonenumber` (Google's metadata).

use std::fmt;

use phonenumber::country;
use serde::{Deserialize, Serialize};

use super::{phone_metadata::RULES, plain_mobile::is_plain_mobile};

/// A valid phone number in E.164 (`+79991234567`). Logs use
/// [`Phone::masked`]. `Debug` masks as well: no log line contains a whole number by accident.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Phone(String);

/// The text is not a valid phone number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not a valid phone number")]
pub struct NotAPhone;

/// The region of national numbers without a country code (ISO 3166, `RU`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PhoneRegion(pub country::Id);

impl Default for PhoneRegion {
    fn default() -> Self {
        Self::RUSSIA
    }
}

impl PhoneRegion {
    pub const RUSSIA: Self = Self(country::RU);

    /// Reads a two-letter region code.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.trim().to_ascii_uppercase().parse().ok().map(Self)
    }
}

impl Phone {
    /// Parses the international form (`+` and digits).
    #[must_use]
    pub fn international(text: &str) -> Option<Self> {
        if is_plain_mobile(text) { Some(Self(text.to_owned())) } else { Self::valid(None, text) }
    }

    /// Parses digits as dialled within a region.
    pub(super) fn national(region: country::Id, digits: &str) -> Option<Self> {
        Self::valid(Some(region), digits)
    }

    fn valid(region: Option<country::Id>, text: &str) -> Option<Self> {
        let number = phonenumber::parse_with(&RULES, region, text).ok()?;
        // Not the crate's formatter: it first selects a national format by regex.
        number
            .is_valid_with(&RULES)
            .then(|| Self(format!("+{}{}", number.code().value(), number.national())))
    }

    /// The number in E.164, for the database and for staff. Not for logs.
    #[must_use]
    pub fn as_e164(&self) -> &str {
        &self.0
    }

    /// The number with all but its first two and last two digits hidden, for logs.
    #[must_use]
    pub fn masked(&self) -> String {
        let shown = self.0.len().saturating_sub(2);
        self.0.char_indices().map(|(i, c)| if i < 3 || i >= shown { c } else { '*' }).collect()
    }
}

impl fmt::Debug for Phone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Phone({})", self.masked())
    }
}

impl TryFrom<String> for Phone {
    type Error = NotAPhone;
    /// Accepts stored E.164 without validation: the metadata may change between versions.
    fn try_from(text: String) -> Result<Self, Self::Error> {
        let digits = text.strip_prefix('+').ok_or(NotAPhone)?;
        if (7..=15).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) {
            Ok(Self(text))
        } else {
            Err(NotAPhone)
        }
    }
}

impl From<Phone> for String {
    fn from(phone: Phone) -> Self {
        phone.0
    }
}

#[cfg(test)]
mod tests {
    use phonenumber::metadata::DATABASE;

    use super::*;
    use proptest::prelude::*;

    const RU: PhoneRegion = PhoneRegion(country::RU);

    #[test]
    fn one_number_in_every_spelling() {
        for text in [
            "+7 (999) 123-45-67",
            "+79991234567",
            " 79991234567",
            "79991234567",
            "8 999 123 45 67",
            "8(999)123-45-67",
            "9991234567",
            "999 123-45-67",
        ] {
            assert_eq!(Phone::parse(text, RU).map(|p| p.0), Ok("+79991234567".into()), "{text}");
        }
    }

    #[test]
    fn foreign_numbers_keep_their_country() {
        assert_eq!(Phone::parse("+49 30 901820", RU).map(|p| p.0), Ok("+4930901820".into()));
        assert_eq!(Phone::parse("375291234567", RU).map(|p| p.0), Ok("+375291234567".into()));
    }

    #[test]
    fn refuses_what_is_no_number() {
        for text in ["", "-", "[bukza_phone]", "{phone}", "12", "+7999", "0000000000", "abc"] {
            assert_eq!(Phone::parse(text, RU), Err(NotAPhone), "{text}");
        }
    }

    #[test]
    fn never_prints_whole() {
        let phone = Phone::parse("+79991234567", RU).unwrap();
        assert_eq!(phone.masked(), "+79*******67");
        assert_eq!(format!("{phone:?}"), "Phone(+79*******67)");
    }

    /// A number of any country that Google's metadata give as an example, with one digit changed.
    fn numbers_of_any_country() -> impl Strategy<Value = String> {
        let examples: Vec<String> = DATABASE
            .iter()
            .flat_map(|country| {
                let kinds = country.descriptors();
                let kinds = [kinds.mobile(), kinds.fixed_line(), kinds.toll_free(), kinds.voip()];
                let code = country.country_code();
                kinds.into_iter().flatten().filter_map(move |kind| {
                    kind.example().map(|national| format!("+{code}{national}"))
                })
            })
            .collect();
        assert!(examples.len() > 500, "{}", examples.len());
        let digit = (any::<prop::sample::Index>(), 0..10u8);
        (prop::sample::select(examples), digit).prop_map(|(example, (at, digit))| {
            let mut number = example.into_bytes();
            let at = 1 + at.index(number.len() - 1);
            number[at] = b'0' + digit;
            String::from_utf8(number).unwrap()
        })
    }

    #[test]
    fn most_mobile_numbers_are_found_to_be() {
        let (mut found, mut all) = (0, 0);
        for country in RULES.iter().filter(|it| it.is_main_country_for_code()) {
            let Some(mobile) = country.descriptors().mobile().and_then(|kind| kind.example())
            else {
                continue;
            };
            all += 1;
            found += u32::from(is_plain_mobile(&format!("+{}{mobile}", country.country_code())));
        }
        assert!(is_plain_mobile("+79991234567") && !is_plain_mobile("+74951234567"));
        assert!(found * 4 > all * 3, "{found} of {all}");
    }

    proptest! {
        #[test]
        fn what_is_found_to_be_mobile_is_what_the_crate_reads(number in numbers_of_any_country()) {
            if is_plain_mobile(&number) {
                let read = Phone::valid(None, &number);
                prop_assert_eq!(read, Some(Phone(number.clone())), "{}", number);
            }
        }

        #[test]
        fn parsing_is_total_and_idempotent(
            // Arbitrary text, and text that resembles a number.
            text in prop_oneof!["(?s).{0,60}", "[+0-9 ()\\-.;,xext#*/]{0,40}", "[78]?9[0-9]{9,12}"],
        ) {
            if let Ok(phone) = Phone::parse(&text, RU) {
                prop_assert_eq!(Phone::parse(phone.as_e164(), RU), Ok(phone.clone()));
            }
        }
    }
}
