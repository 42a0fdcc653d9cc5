//! Money in minor units (kopecks, cents): sums are never rounded.
//! Bukza sends sums as text in the account's own format.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An amount in minor units: 8990 roubles are `Money(899_000)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Money(pub i64);

/// The text is not an amount of a booking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not an amount of money")]
pub struct NotMoney;

impl Money {
    /// Reads an amount as Bukza's templates give it: digits, with a decimal point or comma and at
    /// most two decimals, spaces between thousands, a currency word or sign after it.
    ///
    /// # Errors
    /// When the text is anything else, or over 10^12 major units.
    pub fn parse(text: &str) -> Result<Self, NotMoney> {
        let text = text.trim().trim_end_matches(|c: char| {
            c.is_alphabetic() || c.is_whitespace() || matches!(c, '₽' | '€' | '$' | '₸' | '.')
        });
        let compact: String = text
            .chars()
            .filter(|c| !c.is_whitespace())
            .map(|c| if c == ',' { '.' } else { c })
            .collect();
        let (major, minor) = compact.split_once('.').unwrap_or((&compact, ""));
        let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if major.is_empty()
            || major.len() > 12
            || minor.len() > 2
            || !digits(major)
            || !digits(minor)
        {
            return Err(NotMoney);
        }
        let major: i64 = major.parse().map_err(|_| NotMoney)?;
        let minor: i64 = format!("{minor:0<2}").parse().map_err(|_| NotMoney)?;
        Ok(Self(major * 100 + minor))
    }
}

impl fmt::Display for Money {
    /// Groups of three with no-break spaces, decimals only where there are any: `8 990`, `990,50`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (major, minor) = (self.0 / 100, self.0 % 100);
        let digits = major.to_string();
        let mut grouped = String::new();
        for (i, c) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i) % 3 == 0 {
                grouped.push('\u{a0}');
            }
            grouped.push(c);
        }
        if minor == 0 { f.write_str(&grouped) } else { write!(f, "{grouped},{minor:02}") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_accounts_send() {
        for (text, minor) in [
            ("8990", 899_000),
            ("8 990,50", 899_050),
            ("8\u{a0}990.5", 899_050),
            ("990 руб.", 99_000),
            ("1990₽", 199_000),
            ("0", 0),
        ] {
            assert_eq!(Money::parse(text), Ok(Money(minor)), "{text}");
        }
        for text in ["", "-", "-5", "1.234", "12,5,0", "много", "9999999999999"] {
            assert_eq!(Money::parse(text), Err(NotMoney), "{text}");
        }
    }

    #[test]
    fn shows_groups_and_only_needed_decimals() {
        assert_eq!(Money(899_000).to_string(), "8\u{a0}990");
        assert_eq!(Money(123_456_789).to_string(), "1\u{a0}234\u{a0}567,89");
        assert_eq!(Money(99_000).to_string(), "990");
    }
}
