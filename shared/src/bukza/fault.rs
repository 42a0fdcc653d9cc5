//! The faults of refused requests: which kind each is, how it is worded, and the cause that refusals share.

use std::collections::BTreeSet;

use super::fault_kind::{FaultKind, Recognized};
pub use crate::domain::request_fault::Fault;
use crate::domain::venue::Locale;

impl Fault {
    /// The kind and number that the message has. `None` for a message of another version.
    #[must_use]
    pub fn recognized(&self) -> Option<Recognized> {
        FaultKind::recognize(&self.message)
    }

    /// The message in a language. A message of another version stays as it is, and an English one has all that the parser
    /// found.
    #[must_use]
    pub fn text(&self, locale: Locale) -> String {
        match (locale, self.recognized()) {
            (Locale::Ru, Some(recognized)) => recognized.text(locale),
            (Locale::Ru, None) | (Locale::En, _) => self.message.clone(),
        }
    }

    fn line(&self, locale: Locale) -> String {
        let text = self.text(locale);
        match locale {
            Locale::Ru => format!("{}: {text}", self.field),
            Locale::En => format!("{} {text}", self.field),
        }
    }
}

/// All faults in a language, as one line.
#[must_use]
pub fn lines(faults: &[Fault], locale: Locale) -> String {
    faults.iter().map(|fault| fault.line(locale)).collect::<Vec<_>>().join("; ")
}

/// Fields that a cause names. Any other is `other`: names of a request's own would make the causes unbounded.
const FIELDS: &[&str] =
    &["body", "reservations", "code", "start", "end", "phone", "paid", "reservation_status"];
/// Most parts of a cause.
const CAUSE_FAULTS: usize = 6;

/// The cause of a refusal: the kinds of faults by field, sorted, without the position in the request. Equal
/// refusals have equal causes. At most 300 characters; the number of causes is bounded.
#[must_use]
pub fn cause(faults: &[Fault]) -> String {
    let parts: BTreeSet<String> = faults.iter().map(part).collect();
    let more = if parts.len() > CAUSE_FAULTS { " …" } else { "" };
    let first: Vec<String> = parts.into_iter().take(CAUSE_FAULTS).collect();
    format!("{}{more}", first.join(" "))
}

/// `start:missing`, for `start` and for `reservations[3].start`.
fn part(fault: &Fault) -> String {
    let name = fault.field.rsplit('.').next().unwrap_or_default();
    let name = name.split('[').next().unwrap_or_default();
    let name = FIELDS.iter().find(|field| field.eq_ignore_ascii_case(name)).unwrap_or(&"other");
    let kind = fault.recognized().map_or("other", |recognized| recognized.kind.as_str());
    format!("{name}:{kind}")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cause_of(faults: &[(&str, &str)]) -> String {
        let faults: Vec<_> = faults.iter().map(|(field, what)| Fault::new(*field, what)).collect();
        cause(&faults)
    }

    #[test]
    fn a_cause_is_which_fields_have_which_sorts_of_faults() {
        for (faults, expected) in [
            (&[("start", "is missing"), ("code", "is empty")][..], "code:empty start:missing"),
            (&[("code", "is empty"), ("start", "is missing")], "code:empty start:missing"),
            (
                &[("reservations[0].start", "is missing"), ("reservations[7].start", "is missing")],
                "start:missing",
            ),
            (&[("reservations[2]", "is not an object")], "reservations:not-an-object"),
            (&[("body", "is not JSON: expected value at line 1 column 1")], "body:not-json"),
            (&[("body", "is not JSON: EOF while parsing at line 9 column 3")], "body:not-json"),
            (&[("code", "is longer than 100 characters")], "code:too-long"),
            (&[("invented", "is given twice")], "other:given-twice"),
            (&[("code", "of a later version")], "code:other"),
            (&[], ""),
        ] {
            assert_eq!(cause_of(faults), expected);
        }
    }

    #[test]
    fn a_stored_fault_is_read_as_before() {
        let stored = r#"{"field":"code","message":"is missing"}"#;
        let fault: Fault = serde_json::from_str(stored).unwrap();
        assert_eq!(fault.recognized().unwrap().kind, FaultKind::Missing);
        assert_eq!(serde_json::to_string(&fault).unwrap(), stored);
    }

    #[test]
    fn faults_are_one_line_in_each_language() {
        let faults = [
            Fault::new("code", "is missing"),
            Fault::new("body", "is not JSON: expected value at line 1 column 2"),
            Fault::new("end", "of a later version"),
        ];
        assert_eq!(
            lines(&faults, Locale::Ru),
            "code: не указано; body: не читается как JSON (строка 1, столбец 2); end: of a later version"
        );
        assert_eq!(
            lines(&faults, Locale::En),
            "code is missing; body is not JSON: expected value at line 1 column 2; end of a later version"
        );
    }

    proptest! {
        #[test]
        fn whatever_the_fields_a_cause_is_one_short_line_without_them(
            fields in proptest::collection::vec(".{0,60}", 0..30),
            kinds in proptest::collection::vec(proptest::sample::select(FaultKind::ALL), 30),
        ) {
            let faults: Vec<Fault> = fields
                .iter()
                .zip(kinds)
                .map(|(field, kind)| Fault::new(field.as_str(), kind.message().replace("{}", "7")))
                .collect();
            let cause = cause(&faults);
            prop_assert!(cause.chars().count() <= 300, "{}", cause);
            for part in cause.trim_end_matches(" …").split(' ').filter(|part| !part.is_empty()) {
                let (name, kind) = part.split_once(':').unwrap();
                prop_assert!(name == "other" || FIELDS.contains(&name), "{}", part);
                prop_assert!(FaultKind::ALL.iter().any(|known| known.as_str() == kind), "{}", part);
            }
        }
    }
}
