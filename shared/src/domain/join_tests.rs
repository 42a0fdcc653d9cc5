//! Which words are codes and digits, and when tries lock.

use proptest::prelude::*;

use super::*;
use crate::domain::phone::PhoneRegion;

fn at(minutes: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + TimeDelta::days(20_000) + TimeDelta::minutes(minutes)
}

#[test]
fn codes_of_bukza_are_read_and_words_are_not() {
    for code in ["C6UDS3", " c6uds3\n", "B7K2M9", "LOWRAT", "AB123", "9X8Y7Z6W"] {
        let read = typed_code(code).map(String::from);
        assert_eq!(read.as_deref(), Some(code.trim()), "{code}");
    }
    for word in [
        "",
        "привет",
        "Спасибо",
        "hello",
        "thanks",
        "Thanks",
        "HELLO",
        "WELCOME",
        "5",
        "5!",
        "1234",
        "12345",
        "123456",
        "12345678",
        "+79991234567",
        "10am",
        "C6UDS3 отменить",
        "C6-UDS3",
        "С6UDS3",
        "C6UDS3C6U",
        "VR2",
        "/C6UDS",
        "C6UDS3C6UDS3C6UD",
    ] {
        assert_eq!(typed_code(word), None, "{word}");
    }
}

#[test]
fn a_link_has_a_token_of_sixteen_characters_or_a_code() {
    let token = "aZ09aZ09aZ09aZ09";
    assert!(
        matches!(JoinKey::of_link(token), Some(JoinKey::Token(read)) if read.as_str() == token)
    );
    assert!(matches!(JoinKey::of_link("C6UDS3"), Some(JoinKey::Code(_))));
    for other in [
        "",
        "ref_42",
        "insta",
        "aZ09aZ09aZ09aZ0",
        "aZ09aZ09aZ09aZ09a",
        "aZ09aZ09aZ09aZ0_",
        "aZ09aZ09aZ09aZя",
    ] {
        assert_eq!(JoinKey::of_link(other), None, "{other}");
    }
    let shown = format!("{:?}", StartToken::parse(token));
    assert!(!shown.contains("aZ09"), "{shown}");
}

#[test]
fn four_digits_are_read_however_they_are_written() {
    let phone = Phone::parse("+79991234567", PhoneRegion::default()).unwrap();
    for text in ["4567", " 45 67 ", "45-67", "4 5 6 7"] {
        assert_eq!(LastDigits::typed(text), LastDigits::of(&phone), "{text}");
    }
    for text in ["", "456", "45678", "456a", "4567!", "٤٥٦٧", "45.67", "a4567"] {
        assert_eq!(LastDigits::typed(text), None, "{text}");
    }
    assert_ne!(LastDigits::typed("4568"), LastDigits::of(&phone));
}

#[test]
fn the_fifth_wrong_try_locks_and_old_ones_do_not_count() {
    let scopes = [(Scope::Booking(BookingId(1)), 24 * 60), (Scope::Chat, 60), (Scope::Token, 60)];
    for (scope, lock) in scopes {
        let mut tries = Tries::default();
        for minute in 0..4 {
            tries = tries.and_wrong(scope, at(minute));
            assert!(!tries.are_locked(at(minute)), "{scope:?}");
        }
        let fifth = tries.and_wrong(scope, at(4));
        assert!(fifth.are_locked(at(4)) && fifth.are_locked(at(3 + lock)), "{scope:?}");
        assert!(!fifth.are_locked(at(4 + lock)), "{scope:?}");
        // After the lock, and after a long pause, counting begins anew.
        assert_eq!(fifth.and_wrong(scope, at(4 + lock)).wrong, 1);
        assert_eq!(tries.and_wrong(scope, at(3 + lock)).wrong, 1);
    }
}

proptest! {
    #[test]
    fn within_the_time_of_a_lock_at_most_five_tries_are_judged(
        pauses in proptest::collection::vec(0i64..120, 1..80),
    ) {
        let (mut tries, mut minute, mut judged) = (Tries::default(), 0, Vec::new());
        for pause in pauses {
            minute += pause;
            if !tries.are_locked(at(minute)) {
                judged.push(minute);
                tries = tries.and_wrong(Scope::Chat, at(minute));
            }
        }
        // Five in a row are locked for an hour after the last one: of any six, the first and the last are that far apart.
        for six in judged.windows(6) {
            prop_assert!(six[5] - six[0] >= 60, "{:?}", six);
        }
    }

    #[test]
    fn any_text_is_read_without_a_panic(text in "\\PC{0,20}") {
        let _ = (typed_code(&text), LastDigits::typed(&text), JoinKey::of_link(&text));
    }
}
