//! What the staff type after `/find`: a code, the last digits of a phone, the beginning of a name.

/// Most characters that are looked at.
const TEXT_MAX: usize = 100;
/// Fewest digits of a phone. Three would find half of the clients.
const DIGITS_MIN: usize = 4;
/// The last digits by which a phone is found, however its country's code is written.
const DIGITS_MAX: usize = 10;
/// Fewest letters of the longest word of a name, and most words.
const LETTERS_MIN: usize = 2;
const WORDS_MAX: usize = 4;

/// What to look for. At least one of the three is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchTerms {
    /// A code as it is typed, and in capital and small letters.
    pub codes: Vec<String>,
    /// A phone's last digits: 4 to 10.
    pub digits: Option<String>,
    /// Beginnings of words of a name, in small letters and without `ё`: letters and digits only.
    pub words: Vec<String>,
}

impl SearchTerms {
    /// Reads what was typed. `None`: too little of it.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text: String = text.trim().chars().take(TEXT_MAX).collect();
        let terms = Self { codes: codes(&text), digits: digits(&text), words: words(&text) };
        let is_empty = terms.codes.is_empty() && terms.digits.is_none() && terms.words.is_empty();
        (!is_empty).then_some(terms)
    }
}

/// A code is one word of three characters at least.
fn codes(text: &str) -> Vec<String> {
    let is_code =
        text.chars().count() >= 3 && !text.chars().any(|c| c.is_whitespace() || c.is_control());
    if !is_code {
        return Vec::new();
    }
    let mut codes = vec![text.to_owned(), text.to_uppercase(), text.to_lowercase()];
    codes.sort_unstable();
    codes.dedup();
    codes
}

fn digits(text: &str) -> Option<String> {
    let is_phone = text.chars().all(|c| c.is_ascii_digit() || " \u{a0}+-–().".contains(c));
    let digits: Vec<char> = text.chars().filter(char::is_ascii_digit).collect();
    let from = digits.len().saturating_sub(DIGITS_MAX);
    (is_phone && digits.len() >= DIGITS_MIN).then(|| digits[from..].iter().collect())
}

fn words(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let words: Vec<String> = words
        .map(|word| word.to_lowercase().replace('ё', "е"))
        .map(|word| word.chars().filter(|c| c.is_alphanumeric()).collect())
        .filter(|word: &String| word.chars().any(char::is_alphabetic))
        .take(WORDS_MAX)
        .collect();
    let longest = words.iter().map(|word| word.chars().count()).max();
    if longest.is_some_and(|letters| letters >= LETTERS_MIN) { words } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_code_digits_or_a_name() {
        for (text, codes, digits, words) in [
            ("c6uds3", &["C6UDS3", "c6uds3"][..], None, &["c6uds3"][..]),
            ("4567", &["4567"], Some("4567"), &[]),
            ("+7 (999) 123-45-67", &[], Some("9991234567"), &[]),
            ("8 999 123 45 67", &[], Some("9991234567"), &[]),
            ("Алёна", &["АЛЁНА", "Алёна", "алёна"], None, &["алена"]),
            ("ИВАНОВА Анна-Мария", &[], None, &["иванова", "анна", "мария"]),
            ("Ян", &[], None, &["ян"]),
            ("о'нил & | :* <->", &[], None, &["о", "нил"]),
        ] {
            let terms = SearchTerms::parse(text).unwrap();
            assert_eq!(terms.codes, codes, "{text}");
            assert_eq!(terms.digits.as_deref(), digits, "{text}");
            assert_eq!(terms.words, words, "{text}");
        }
        for text in ["", "  ", "12", "я", "+7", "а б", "!?", "%_"] {
            assert_eq!(SearchTerms::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn whatever_is_typed_words_are_letters_and_digits_and_few(text in "\\PC{0,300}") {
            let Some(terms) = SearchTerms::parse(&text) else { return Ok(()) };
            prop_assert!(terms.words.len() <= WORDS_MAX && terms.codes.len() <= 3);
            for word in &terms.words {
                prop_assert!(!word.is_empty() && word.chars().all(char::is_alphanumeric), "{}", word);
            }
            if let Some(digits) = &terms.digits {
                prop_assert!((DIGITS_MIN..=DIGITS_MAX).contains(&digits.len()), "{}", digits);
            }
        }
    }
}
