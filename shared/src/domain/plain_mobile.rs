//! Fast path for plain mobile numbers, which nearly all clients have: checks a few of the crate's patterns. The
//! crate itself matches some twenty, each behind one lock.

use std::sync::OnceLock;

use phonenumber::metadata::Descriptor;
use regex::{Regex, RegexBuilder};

use super::phone_metadata::RULES;

/// Most digits of a country code.
const CODE_MAX: usize = 3;

/// By country code.
static COUNTRIES: [OnceLock<Option<Mobile>>; 1000] = [const { OnceLock::new() }; 1000];

/// Whether an international number (`+` and digits) is a mobile number of the first country with its
/// code, written in full.
pub(super) fn is_plain_mobile(international: &str) -> bool {
    let Some(digits) = international.strip_prefix('+').filter(|digits| !digits.starts_with('0'))
    else {
        return false;
    };
    (1..=CODE_MAX)
        .find_map(|length| {
            let (code, national) = digits.split_at_checked(length)?;
            let code = code.parse().ok()?;
            let country = COUNTRIES.get(usize::from(code))?;
            let mobile = country.get_or_init(|| Mobile::of(code)).as_ref()?;
            Some(mobile.is_match(national))
        })
        .unwrap_or(false)
}

/// The mobile numbers of a country.
struct Mobile {
    national_prefix: Option<&'static str>,
    kinds: [&'static Descriptor; 2],
    /// Each matches at the start of such a number.
    all_of: Vec<Regex>,
    /// The national prefix, which must not match.
    not: Option<Regex>,
}

impl Mobile {
    /// Those of the first country with this code. `None`: there is no such country, or it is ambiguous.
    fn of(code: u16) -> Option<Self> {
        let country = RULES.by_code(&code)?.first().copied()?;
        let kinds = country.descriptors();
        let kinds = [kinds.general(), kinds.mobile()?];
        let patterns = kinds.map(|kind| kind.national_number().as_str());
        let leading = country.leading_digits().map(|pattern| pattern.as_str());
        let all_of = patterns.into_iter().chain(leading).map(at_start).collect::<Option<_>>()?;
        let not = match country.national_prefix_for_parsing() {
            Some(pattern) => Some(at_start(pattern.as_str())?),
            None => None,
        };
        Some(Self { national_prefix: country.national_prefix(), kinds, all_of, not })
    }

    fn is_match(&self, national: &str) -> bool {
        let fits = |kind: &Descriptor| {
            let lengths = kind.possible_length();
            lengths.is_empty()
                || lengths.iter().any(|length| usize::from(*length) == national.len())
        };
        !national.starts_with('0')
            && !self.national_prefix.is_some_and(|prefix| national.starts_with(prefix))
            && self.kinds.into_iter().all(fits)
            && self.all_of.iter().all(|pattern| pattern.is_match(national))
            && !self.not.as_ref().is_some_and(|pattern| pattern.is_match(national))
    }
}

/// A pattern of Google's metadata that is to match at the start. A digit of theirs is any of Unicode by default,
/// which makes them large; here all are ASCII.
fn at_start(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(&format!("^(?:{pattern}\n)"))
        .ignore_whitespace(true)
        .unicode(false)
        .build()
        .ok()
}
