//! Reads the number in a client's own contact. Telegram vouches for the owner, not for the text.

use shared::domain::phone::Phone;

use crate::texts::UnusableNumber;

/// Reads the number. Telegram writes the country code, with or without the plus, and nothing else.
///
/// A well-formed number that the numbering plan does not know is refused: Bukza's requests are read by the
/// same rules, so no booking could be found by it.
pub(super) fn read_number(text: &str) -> Result<Phone, UnusableNumber> {
    let digits = text.strip_prefix('+').unwrap_or(text);
    if digits.starts_with("888") {
        return Err(UnusableNumber::Anonymous);
    }
    if !(7..=15).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(UnusableNumber::NotANumber);
    }
    Phone::international(&format!("+{digits}")).ok_or(UnusableNumber::Unknown)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Result<String, UnusableNumber> {
        read_number(text).map(|phone| phone.as_e164().to_owned())
    }

    #[test]
    fn numbers_have_their_country_code_with_or_without_the_plus() {
        for (text, number) in [
            ("79991234567", "+79991234567"),
            ("+79991234567", "+79991234567"),
            ("375291234567", "+375291234567"),
            // Germany's, not a Russian one without its code.
            ("4930901820", "+4930901820"),
        ] {
            assert_eq!(read(text), Ok(number.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_of_a_booking_is_distinguished() {
        use UnusableNumber::{Anonymous, NotANumber, Unknown};
        for (text, why) in [
            ("88801234567", Anonymous),
            ("+88801234567", Anonymous),
            ("+888 0123 4567", Anonymous),
            ("8888123", Anonymous),
            ("", NotANumber),
            ("+", NotANumber),
            ("++79991234567", NotANumber),
            ("799912", NotANumber),
            ("7999123456789012", NotANumber),
            ("+7 999 123-45-67", NotANumber),
            ("79991234567,79990000000", NotANumber),
            ("79991234567 ", NotANumber),
            ("７９９９１２３４５６７", NotANumber),
            ("٧٩٩٩١٢٣٤٥٦٧", NotANumber),
            ("позвоните мне", NotANumber),
            // National form: Telegram never writes it.
            ("89991234567", Unknown),
            ("9991234567", Unknown),
            ("79991234", Unknown),
            ("+0009991234567", Unknown),
        ] {
            assert_eq!(read(text), Err(why), "{text}");
        }
    }

    proptest! {
        #[test]
        fn only_digits_are_read_and_what_is_read_is_read_again(
            text in prop_oneof!["\\PC{0,30}", "\\+?[0-9]{5,17}", "\\+?79[0-9]{9}"],
        ) {
            if let Ok(number) = read(&text) {
                let digits = text.strip_prefix('+').unwrap_or(&text);
                prop_assert!(digits.bytes().all(|byte| byte.is_ascii_digit()), "{}", text);
                prop_assert!((7..=15).contains(&digits.len()) && !digits.starts_with("888"));
                prop_assert_eq!(read(&number), Ok(number.clone()));
            }
        }

        #[test]
        fn a_mobile_number_is_read_as_it_is_written(rest in "[0-9]{9}", plus in "\\+?") {
            let text = format!("{plus}79{rest}");
            if let Ok(number) = read(&text) {
                prop_assert_eq!(number, format!("+79{rest}"));
            }
        }
    }
}
