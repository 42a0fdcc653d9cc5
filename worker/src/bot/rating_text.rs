//! Reads a typed rating: one digit, possibly with stars or words for stars around it, or only stars.

use shared::domain::booking::Stars;

/// Words that may stand beside the digit.
const WORDS: [&str; 12] = [
    "звезда",
    "звезды",
    "звезд",
    "звездочка",
    "звездочки",
    "звездочек",
    "балл",
    "балла",
    "баллов",
    "star",
    "stars",
    "points",
];

/// Longest text that is read, in bytes.
const LONGEST: usize = 80;

/// Reads «5», «5!», «5 звёзд», «⭐️5», «5️⃣», «5/5», «5 из 5», «⭐⭐⭐⭐⭐»; anything else is `None`.
pub(super) fn read_stars(text: &str) -> Option<Stars> {
    if text.len() > LONGEST {
        return None;
    }
    let text = text.trim().to_lowercase().replace('ё', "е");
    let out_of_five = ["/5", "из 5", "out of 5"].iter().find_map(|end| text.strip_suffix(end));
    let text = out_of_five.unwrap_or(&text);
    let pictured = text.chars().filter(|c| is_star(*c)).count();
    let mut digits = None;
    for word in text.split(is_decoration).filter(|word| !word.is_empty()) {
        match word.parse::<u8>() {
            Ok(number) if digits.is_none() && word.len() == 1 => digits = Some(number),
            _ if WORDS.contains(&word) => {}
            _ => return None,
        }
    }
    let digit = digits.or_else(|| u8::try_from(pictured).ok())?;
    Stars::try_from(digit).ok()
}

fn is_star(c: char) -> bool {
    matches!(c, '⭐' | '★' | '🌟')
}

/// What may surround the digit without changing it: stars, spaces, an exclamation, a full stop, and
/// the invisible parts of emoji.
fn is_decoration(c: char) -> bool {
    is_star(c)
        || c.is_whitespace()
        || matches!(c, '!' | '.' | '\u{fe0f}' | '\u{20e3}' | '"' | '«' | '»')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_digit_alone_or_with_stars() {
        for (text, stars) in [
            ("1", 1),
            ("5", 5),
            (" 4 ", 4),
            ("5!", 5),
            ("5.", 5),
            ("«5»", 5),
            ("5️⃣", 5),
            ("⭐️5", 5),
            ("5⭐", 5),
            ("5 звезд", 5),
            ("5 звёзд!", 5),
            ("3 ЗВЕЗДЫ", 3),
            ("2 балла", 2),
            ("5/5", 5),
            ("4 из 5", 4),
            ("4 stars", 4),
            ("⭐⭐⭐", 3),
            ("⭐️⭐️⭐️⭐️⭐️", 5),
            ("5 из 5 ⭐".trim_end_matches('⭐'), 5),
        ] {
            assert_eq!(read_stars(text).map(Stars::get), Some(stars), "{text}");
        }
    }

    #[test]
    fn everything_else_repeats_the_question() {
        for text in [
            "",
            " ",
            "0",
            "6",
            "10",
            "55",
            "4-5",
            "4,5",
            "4.5",
            "-5",
            "+5",
            "05",
            "пять",
            "5 10",
            "5 минут",
            "номер 5",
            "⭐⭐⭐⭐⭐⭐",
            "звезда",
            "!",
            "5555555",
            "٥",
            "５",
            "/5",
            "5 из 10",
        ] {
            assert_eq!(read_stars(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn only_a_text_with_a_digit_or_a_star_is_a_rating(text in "\\PC{0,100}") {
            let holds_one = text.chars().any(|c| ('1'..='5').contains(&c) || is_star(c));
            prop_assert!(holds_one || read_stars(&text).is_none());
        }
    }
}
