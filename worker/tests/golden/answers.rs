//! The bot's answers, as they wait in `messages.content`.

use shared::domain::{booking::Stars, ids::BookingId};
use worker::{
    bot::Answer,
    texts::{AskWhy, UnusableNumber},
};

use crate::held::{every_variant, hold_both_ways};

/// Every reason to ask for the phone, as a build before stores it.
fn reasons() -> Vec<(&'static str, Answer)> {
    let reasons = every_variant! {
        AskWhy::Typed => "ask for the phone: typed" = AskWhy::Typed;
        AskWhy::Foreign => "ask for the phone: foreign" = AskWhy::Foreign;
        AskWhy::Unreadable => "ask for the phone: unreadable" = AskWhy::Unreadable;
        AskWhy::First => "ask for the phone: first" = AskWhy::First;
    };
    let answer = |why| Answer::AskContact { why, number: None };
    reasons.into_iter().map(|(name, why)| (name, answer(why))).collect()
}

/// Every number that is of no use.
fn numbers() -> Vec<(&'static str, Answer)> {
    let numbers = every_variant! {
        UnusableNumber::Anonymous => "number: anonymous" = UnusableNumber::Anonymous;
        UnusableNumber::NotANumber => "number: none" = UnusableNumber::NotANumber;
        UnusableNumber::Unknown => "number: unknown" = UnusableNumber::Unknown;
    };
    let answer = |number| Answer::AskContact { why: AskWhy::Unreadable, number: Some(number) };
    numbers.into_iter().map(|(name, number)| (name, answer(number))).collect()
}

#[test]
fn answers_are_written_and_read_as_the_file_says() {
    let (registered, stars) = (true, Stars::try_from(4).unwrap());
    let mut answers = every_variant! {
        Answer::Greeting => "greeting" = Answer::Greeting;
        Answer::Known => "known" = Answer::Known;
        Answer::AskContact { .. } => "ask for the phone" = Answer::ask_contact(AskWhy::First);
        Answer::Registered => "registered" = Answer::Registered;
        Answer::Bookings => "bookings" = Answer::Bookings;
        Answer::Help { .. } =>
            "help" = Answer::Help { registered },
            "help, to someone unknown" = Answer::Help { registered: false };
        Answer::Address { .. } => "address" = Answer::Address { registered };
        Answer::Contacts { .. } => "contacts" = Answer::Contacts { registered };
        Answer::UnknownText { .. } => "unknown text" = Answer::UnknownText { registered };
        Answer::ThanksRating { .. } => "thanks for a rating" = Answer::ThanksRating { stars };
        Answer::AskRatingAgain { .. } =>
            "ask for the rating again" = Answer::AskRatingAgain { booking: BookingId(7) };
        Answer::StaleButton { .. } => "stale button" = Answer::StaleButton { registered };
    };
    answers.extend(reasons());
    answers.extend(numbers());
    hold_both_ways(
        "answers.txt",
        &answers,
        |answer| serde_json::to_string(answer).unwrap(),
        |line| serde_json::from_str(line).unwrap(),
    );
}
