//! The URL's parameters. The secret is kept apart from them: it is only compared, never stored or logged.

use std::borrow::Cow;

use shared::bukza::Parameter;
use url::form_urlencoded;

/// The parameter that holds the secret where an account cannot set headers.
const SECRET: &str = "secret";

/// A URL's parameters.
#[derive(Default)]
pub(crate) struct Query<'a> {
    /// In order, without the secret.
    pub(crate) parameters: Vec<Parameter<'a>>,
    /// As received, in order, without the secret.
    raw: Vec<&'a str>,
    /// Each possible decoding of the secret.
    secrets: Vec<Cow<'a, str>>,
}

impl<'a> Query<'a> {
    /// Reads a query string: `+` is a space, bytes that are not UTF-8 are replaced.
    pub(crate) fn read(query: Option<&'a str>) -> Self {
        let mut read = Self::default();
        for part in query.unwrap_or_default().split('&').filter(|part| !part.is_empty()) {
            for (name, value) in form_urlencoded::parse(part.as_bytes()) {
                if name.eq_ignore_ascii_case(SECRET) {
                    read.secrets.extend(secrets(part));
                    read.secrets.push(value);
                } else {
                    read.raw.push(part);
                    read.parameters.push((name, value));
                }
            }
        }
        read
    }

    /// The query string as received, without the secret.
    pub(crate) fn raw(&self) -> String {
        self.raw.join("&")
    }

    pub(crate) fn secrets(&self) -> impl Iterator<Item = &[u8]> {
        self.secrets.iter().map(|secret| secret.as_bytes())
    }
}

/// The secret as an owner may have pasted it, not encoded: `+` stands for itself, or every character does.
fn secrets(part: &str) -> [Cow<'_, str>; 2] {
    let as_written = part.split_once('=').map_or("", |(_, value)| value);
    let escaped = format!("={}", as_written.replace('+', "%2B"));
    let plus = form_urlencoded::parse(escaped.as_bytes()).next();
    let plus = plus.map(|(_, value)| value.into_owned()).unwrap_or_default();
    [Cow::Owned(plus), Cow::Borrowed(as_written)]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn decodes_and_keeps_the_secret_apart() {
        let query =
            Query::read(Some("message=new+one&phone=%2B7%20999&&s%65cret=hu%73h&x=%ff&SECRET=2"));
        let pairs: Vec<_> =
            query.parameters.iter().map(|(n, v)| (n.as_ref(), v.as_ref())).collect();
        assert_eq!(pairs, [("message", "new one"), ("phone", "+7 999"), ("x", "\u{fffd}")]);
        assert_eq!(query.raw(), "message=new+one&phone=%2B7%20999&x=%ff");
        let secrets: Vec<_> = query.secrets().collect();
        assert!(secrets.contains(&b"hush".as_slice()) && secrets.contains(&b"2".as_slice()));
    }

    #[test]
    fn a_secret_is_found_pasted_or_encoded() {
        for (secret, query) in [
            ("ab+/c==", "secret=ab+/c=="),
            ("ab+/c==", "secret=ab%2B%2Fc%3D%3D"),
            ("ab+/c==", "secret=ab%2b/c=="),
            ("a%41", "secret=a%41"),
            ("a b", "secret=a+b"),
        ] {
            let query = Query::read(Some(query));
            assert!(query.secrets().any(|found| found == secret.as_bytes()), "{secret}");
            assert!(query.raw().is_empty() && query.parameters.is_empty());
        }
    }

    proptest! {
        #[test]
        fn reading_is_total_and_leaks_no_secret(before in "[a-z=&%+]{0,20}", after in "\\PC{0,20}") {
            let text = format!("{before}&secret=0123456789abcdef&{after}");
            let query = Query::read(Some(&text));
            prop_assert!(!query.raw().contains("0123456789abcdef"));
            prop_assert!(query.parameters.iter().all(|(_, value)| value != "0123456789abcdef"));
            prop_assert!(query.secrets().any(|secret| secret == b"0123456789abcdef"));
        }
    }
}
