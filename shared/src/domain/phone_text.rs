//! Finds the phone number in a text. People add words, extensions and second numbers; templates put a country
//! code before a number that has one.

use phonenumber::country;

use super::{
    phone::{NotAPhone, Phone, PhoneRegion},
    phone_metadata::RULES,
};

/// A phone must be within the first so many characters; a longer text is prose.
const TEXT_MAX_CHARS: usize = 300;
/// Number of digits, with the country code.
const DIGITS: std::ops::RangeInclusive<usize> = 7..=15;
/// Fewest digits of an international number without `+` among other text.
const INTERNATIONAL_DIGITS: usize = 11;
/// Most digits of a country code.
const CODE_MAX: usize = 3;

impl Phone {
    /// Reads the first number in a text, as people and templates write it: spaces and dashes of any kind,
    /// brackets, `8 999 …`, ten digits, a country code twice or without `+`, words around it, an extension or
    /// another number behind it. A space before eleven digits or more is a `+` lost by form decoding.
    ///
    /// # Errors
    /// When no reading of it is a valid number.
    pub fn parse(text: &str, region: PhoneRegion) -> Result<Self, NotAPhone> {
        first_in(text, region).ok_or(NotAPhone)
    }
}

fn first_in(text: &str, region: PhoneRegion) -> Option<Phone> {
    let find = |slash| stretches(text, slash).iter().find_map(|it| it.number(region.0));
    find(Slash::Parts).or_else(|| text.contains('/').then(|| find(Slash::Joins)).flatten())
}

/// The role of a slash: it separates two numbers or, in some countries, parts of one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Slash {
    Parts,
    Joins,
}

/// A run of digits with only a number's separators between them.
#[derive(Debug, Default)]
struct Stretch {
    digits: String,
    /// After how many digits a separator stood.
    cuts: Vec<usize>,
    plus: bool,
    /// The text contains nothing else.
    alone: bool,
}

/// The role of a character in a text with a number.
enum Kind {
    Digit,
    Plus,
    /// A separator within a number: a space, dash, dot or bracket.
    Within,
    /// Invisible.
    Nothing,
    /// Ends the number.
    End,
}

fn kind(c: char, slash: Slash) -> Kind {
    match c {
        '0'..='9' => Kind::Digit,
        '+' | '＋' => Kind::Plus,
        '-'
        | '.'
        | '('
        | ')'
        | '\u{2010}'..='\u{2015}'
        | '\u{2212}'
        | '\u{fe58}'
        | '\u{fe63}'
        | '\u{ff0d}' => Kind::Within,
        '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}'
        | '\u{feff}'
        | '\u{ad}' => Kind::Nothing,
        '\n' | '\r' => Kind::End,
        '/' if slash == Slash::Joins => Kind::Within,
        _ if c.is_whitespace() => Kind::Within,
        _ => Kind::End,
    }
}

fn stretches(text: &str, slash: Slash) -> Vec<Stretch> {
    let mut all = Vec::new();
    let mut open = Stretch::default();
    let mut alone = true;
    for c in text.chars().take(TEXT_MAX_CHARS) {
        match kind(c, slash) {
            Kind::Digit => open.digits.push(c),
            Kind::Plus => {
                all.push(std::mem::replace(
                    &mut open,
                    Stretch { plus: true, ..Stretch::default() },
                ));
            }
            // A bracket behind a whole number opens a remark.
            Kind::Within if c == '(' && open.digits.len() >= *DIGITS.start() => {
                all.push(std::mem::take(&mut open));
            }
            Kind::Within if open.cuts.last() != Some(&open.digits.len()) => {
                open.cuts.push(open.digits.len());
            }
            Kind::Within | Kind::Nothing => {}
            Kind::End => {
                alone = false;
                all.push(std::mem::take(&mut open));
            }
        }
    }
    all.push(open);
    all.retain(|stretch| !stretch.digits.is_empty());
    alone &= all.len() == 1;
    if let Some(first) = all.first_mut() {
        let lost =
            text.starts_with(' ') && text.trim_start().starts_with(|c: char| c.is_ascii_digit());
        first.plus |= lost && first.digits.len() >= INTERNATIONAL_DIGITS;
        first.alone = alone;
    }
    all
}

impl Stretch {
    /// The number in the whole run, or in its beginning.
    fn number(&self, region: country::Id) -> Option<Phone> {
        let read = |digits| self.read(digits, region);
        let ends = self.cuts.iter().rev().filter(|end| (1..self.digits.len()).contains(*end));
        read(&self.digits).or_else(|| ends.filter_map(|end| self.digits.get(..*end)).find_map(read))
    }

    fn read(&self, digits: &str, region: country::Id) -> Option<Phone> {
        if !DIGITS.contains(&digits.len()) {
            return None;
        }
        let international = format!("+{digits}");
        if self.plus {
            return Phone::international(&international)
                .or_else(|| code_twice(digits))
                // `+8 999 …`: not a country code.
                .or_else(|| {
                    countries(digits).is_none().then(|| Phone::national(region, digits))?
                });
        }
        let is_international = self.alone || digits.len() >= INTERNATIONAL_DIGITS;
        Phone::national(region, digits)
            .or_else(|| is_international.then(|| Phone::international(&international))?)
            .or_else(|| code_twice(digits).filter(|phone| is_of(phone, region)))
    }
}

/// `+7 (8 999) …`, `+7 (7 999) …`: a template's country code before a whole number.
fn code_twice(digits: &str) -> Option<Phone> {
    let (code, country) = countries(digits)?;
    let number = &digits[code.len()..];
    let start = format!("+{code}");
    Phone::national(country, number).or_else(|| Phone::international(&format!("+{number}"))).filter(
        |phone| phone.as_e164().starts_with(&start) && phone.as_e164().len() < digits.len() + 1,
    )
}

/// The country code at the start of the digits, and its first country.
fn countries(digits: &str) -> Option<(&str, country::Id)> {
    (1..=CODE_MAX).find_map(|length| {
        let code = digits.get(..length)?;
        let country = RULES.by_code(&code.parse().ok()?)?.first().copied()?;
        Some((code, country.id().parse().ok()?))
    })
}

/// Whether the number has the country code of a region.
fn is_of(phone: &Phone, region: country::Id) -> bool {
    let code = RULES.by_id(region.as_ref()).map(|country| format!("+{}", country.country_code()));
    code.is_some_and(|code| phone.as_e164().starts_with(&code))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RU: PhoneRegion = PhoneRegion(country::RU);

    fn read(text: &str) -> Option<String> {
        first_in(text, RU).map(String::from)
    }

    #[test]
    fn the_first_number_of_a_text_counts_however_it_is_written() {
        for text in [
            "+7 (+7999) 123-45-67",
            "+7 (+7 999 123-45-67)",
            "+7 (8 999) 123-45-67",
            "+7 (8 (999) 123-45-67)",
            "+7 (79991234567)",
            "+7 (9991234567)",
            "+789991234567",
            "7 (8 999) 123-45-67",
            " 7 ( 7999 123-45-67)",
            " 7 (8 999) 123-45-67",
            "+8 999 123 45 67",
            "8 999 123-45-67 доб. 5",
            "8 999 123-45-67 доб 1234",
            "8 (999) 123-45-67, 5",
            "8 999 123-45-67 (5)",
            "8 999 123-45-67 (Алина)",
            "89991234567;ext=5",
            "89991234567#5",
            "89991234567 x5",
            "8 999 123 45 67 5",
            "8 999 123-45-67, 8 999 765-43-21",
            "8 999 123-45-67/8 999 765-43-21",
            "8 999 123-45-67 или 8 999 765-43-21",
            "8 999 123-45-67 8 999 765-43-21",
            "8 999 123-45-67\n8 999 765-43-21",
            "+7 999 123-45-67 +7 999 765-43-21",
            "+79991234567+79997654321",
            "tel:+7-999-123-45-67",
            "tel:89991234567;phone-context=+7",
            "тел. 8-999-123-45-67",
            "тел.: 8(999)1234567",
            "Алина, 8 999 123 45 67, звонить после 18:00",
            "WhatsApp +7 999 123 45 67",
            "кв. 5, 8 999 123 45 67",
            "8\u{a0}999\u{a0}123\u{2011}45\u{2011}67",
            "8\u{2009}999\u{202f}123\u{2012}45\u{2013}67",
            "+7\u{2212}999\u{2014}123\u{ff0d}45\u{2015}67",
            "\u{202a}+7 999 123-45-67\u{202c}",
            "＋7 999 123 45 67",
            "8.999.123.45.67",
            "%2B79991234567",
            "  8 999 123-45-67",
        ] {
            assert_eq!(read(text).as_deref(), Some("+79991234567"), "{text}");
        }
    }

    #[test]
    fn a_plus_that_became_a_space_keeps_the_country() {
        for (text, number) in [
            (" 84 912 345 678", Some("+84912345678")),
            (" 84912345678", Some("+84912345678")),
            ("+84 912 345 678", Some("+84912345678")),
            (" 49 30 90182000", Some("+493090182000")),
            (" 375 29 123-45-67", Some("+375291234567")),
            // Ten digits have no country before them.
            (" 9991234567", Some("+79991234567")),
            (" 495 123 45 67", Some("+74951234567")),
            // Too long for Vietnam, and never Russia.
            (" 84 912 345 67 89", None),
        ] {
            assert_eq!(read(text).as_deref(), number, "{text}");
        }
    }

    #[test]
    fn other_countries_and_their_ways() {
        for (text, number) in [
            ("+49 30/901820", "+4930901820"),
            ("+375 (8 029) 123-45-67", "+375291234567"),
            ("+375 (29) 123-45-67, доб. 12", "+375291234567"),
            ("+1 (212) 555-0123 x4567", "+12125550123"),
            ("8 495 123-45-67 доб. 12", "+74951234567"),
        ] {
            assert_eq!(read(text).as_deref(), Some(number), "{text}");
        }
    }

    #[test]
    fn what_holds_no_number_is_none() {
        for text in [
            "",
            " ",
            "нет",
            "+",
            "+7",
            "+7 (",
            "2 взрослых и 3 ребёнка",
            "27.12.2025 12:00",
            "заказ 9831520",
            "8 999 123-45-678",
            "8 999 123-45",
            "111111111111111111111111111111",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn comes_to_an_end_soon_on_hostile_texts() {
        for piece in ["1 ", "+1", "7 ", "8(", "12345678 ", "+7 (", "8 999 123-45-6 ", "/1"] {
            let number = read(&piece.repeat(64 * 1024 / piece.len()));
            assert!(number.is_none_or(|number| number.len() <= "+".len() + 15), "{piece}");
        }
    }

    proptest! {
        #[test]
        fn words_and_a_second_number_around_a_number_change_nothing(
            before in "[а-яa-z:.,]{0,12} ?", after in "( [а-я]{1,12}[ .]{0,2}[0-9]{0,5}|,[0-9]{0,12}|/[0-9]{0,5}| ?\\([а-я0-9]{0,6}\\))?",
        ) {
            let text = format!("{before}+7 999 123-45-67{after}");
            let number = read(&text);
            prop_assert_eq!(number.as_deref(), Some("+79991234567"), "{}", text);
        }
    }
}
