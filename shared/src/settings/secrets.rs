//! Secrets a caller proves itself by: one or several at once, so that one can be rotated without
//! a gap. Compared in constant time.

use secrecy::{ExposeSecret, SecretString};
use subtle::{Choice, ConstantTimeEq};

use super::values::is_token_char;

/// Longest secret, in bytes: both sides are compared in frames of this size.
const FRAME: usize = 256;

/// The secrets of which a caller must know one.
#[derive(Debug, Clone)]
pub struct Secrets(Vec<SecretString>);

impl Secrets {
    /// Reads a comma-separated list. `None` if it is empty or one of them is shorter than
    /// `min_len` or longer than 256 bytes, or holds spaces or control characters.
    #[must_use]
    pub fn parse(text: &str, min_len: usize) -> Option<Self> {
        let allowed = |c: char| !c.is_whitespace() && !c.is_control() && c != '\u{fffd}';
        Self::parse_list(text, min_len, allowed)
    }

    /// The same for secret tokens of Telegram's webhook, which allows A-Z, a-z, 0-9, `_` and `-`.
    #[must_use]
    pub fn parse_tokens(text: &str, min_len: usize) -> Option<Self> {
        Self::parse_list(text, min_len, is_token_char)
    }

    fn parse_list(text: &str, min_len: usize, allowed: impl Fn(char) -> bool) -> Option<Self> {
        let sound = |secret: &str| {
            (min_len..=FRAME).contains(&secret.len()) && secret.chars().all(&allowed)
        };
        let secrets = text.split(',').map(str::trim).filter(|secret| !secret.is_empty());
        let secrets: Option<Vec<_>> =
            secrets.map(|secret| sound(secret).then(|| SecretString::from(secret))).collect();
        secrets.filter(|secrets| !secrets.is_empty()).map(Self)
    }

    /// The one to register where only one can be: the first of the list.
    #[must_use]
    pub fn first(&self) -> SecretString {
        self.0.first().cloned().unwrap_or_default()
    }

    /// Whether `candidate` is one of the secrets. The time taken depends on neither's content nor
    /// length, nor on which of the secrets it is.
    #[must_use]
    pub fn contain(&self, candidate: &[u8]) -> bool {
        let framed = frame(candidate);
        let fits = Choice::from(u8::from(candidate.len() <= FRAME));
        let found = self.0.iter().fold(Choice::from(0), |found, secret| {
            let secret = secret.expose_secret().as_bytes();
            let equal = frame(secret).ct_eq(&framed) & secret.len().ct_eq(&candidate.len());
            found | equal
        });
        (found & fits).into()
    }
}

/// The text's first 256 bytes, filled up with zeros.
fn frame(text: &[u8]) -> [u8; FRAME] {
    let mut frame = [0; FRAME];
    let length = text.len().min(FRAME);
    frame[..length].copy_from_slice(&text[..length]);
    frame
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_one_or_several() {
        assert_eq!(Secrets::parse("0123456789abcdef", 16).unwrap().0.len(), 1);
        assert_eq!(Secrets::parse("0123456789abcdef, fedcba9876543210,", 16).unwrap().0.len(), 2);
        for text in
            ["", ",", "short", "0123456789abcdef,short", "0123456789 abcdef", &"a".repeat(257)]
        {
            assert!(Secrets::parse(text, 16).is_none(), "{text}");
        }
    }

    #[test]
    fn a_token_has_telegrams_characters_and_the_first_is_registered() {
        let (new, old) = ("n".repeat(32), "o".repeat(32));
        let secrets = Secrets::parse_tokens(&format!("{new},{old}"), 32).unwrap();
        assert!(secrets.contain(new.as_bytes()) && secrets.contain(old.as_bytes()));
        assert_eq!(secrets.first().expose_secret(), new);
        for text in [&new[1..], &format!("{new},short"), &format!("{new}!"), &"a".repeat(257)] {
            assert!(Secrets::parse_tokens(text, 32).is_none(), "{text}");
        }
    }

    #[test]
    fn never_prints_itself() {
        let secrets = Secrets::parse("0123456789abcdef", 16).unwrap();
        assert!(!format!("{secrets:?}").contains("0123"));
    }

    proptest! {
        #[test]
        fn contains_exactly_the_configured_ones(
            secrets in prop::collection::vec("[!-+\\--~]{16,256}", 1..4),
            other in "\\PC{0,300}",
            cut in 1usize..16,
        ) {
            let configured = Secrets::parse(&secrets.join(","), 16).unwrap();
            for secret in &secrets {
                prop_assert!(configured.contain(secret.as_bytes()));
                let part = &secret[..secret.len() - cut];
                prop_assert_eq!(configured.contain(part.as_bytes()), secrets.iter().any(|s| s == part));
                let longer = format!("{secret}\0");
                prop_assert!(!configured.contain(longer.as_bytes()));
            }
            prop_assert_eq!(configured.contain(other.as_bytes()), secrets.contains(&other));
        }
    }
}
