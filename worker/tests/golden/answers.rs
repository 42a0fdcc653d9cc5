//! The bot's answers, as they wait in `messages.content`.

use shared::domain::{
    booking::Stars,
    ids::{BookingId, RequestId},
};
use worker::{
    bot::Reply,
    texts::{AskWhy, UnusableNumber},
};

use crate::held::{every_variant, hold_both_ways};

/// Every reason to request the phone, as an older build stores it.
fn reasons() -> Vec<(&'static str, Reply)> {
    let reasons = every_variant! {
        AskWhy::Typed => "ask for the phone: typed" = AskWhy::Typed;
        AskWhy::Foreign => "ask for the phone: foreign" = AskWhy::Foreign;
        AskWhy::Unreadable => "ask for the phone: unreadable" = AskWhy::Unreadable;
        AskWhy::First => "ask for the phone: first" = AskWhy::First;
    };
    let answer = |why| Reply::AskContact { why, number: None };
    reasons.into_iter().map(|(name, why)| (name, answer(why))).collect()
}

/// Every number that is of no use.
fn numbers() -> Vec<(&'static str, Reply)> {
    let numbers = every_variant! {
        UnusableNumber::Anonymous => "number: anonymous" = UnusableNumber::Anonymous;
        UnusableNumber::NotANumber => "number: none" = UnusableNumber::NotANumber;
        UnusableNumber::Unknown => "number: unknown" = UnusableNumber::Unknown;
    };
    let answer = |number| Reply::AskContact { why: AskWhy::Unreadable, number: Some(number) };
    numbers.into_iter().map(|(name, number)| (name, answer(number))).collect()
}

#[test]
fn answers_are_written_and_read_as_the_file_says() {
    let (registered, stars) = (true, Stars::try_from(4).unwrap());
    let (booking, request) = (BookingId(7), RequestId(3));
    let mut answers = every_variant! {
        Reply::Greeting => "greeting" = Reply::Greeting;
        Reply::Known => "known" = Reply::Known;
        Reply::AskContact { .. } => "ask for the phone" = Reply::ask_contact(AskWhy::First);
        Reply::Registered => "registered" = Reply::Registered;
        Reply::Bookings => "bookings" = Reply::Bookings;
        Reply::Help { .. } =>
            "help" = Reply::Help { registered },
            "help, to someone unknown" = Reply::Help { registered: false };
        Reply::Address { .. } => "address" = Reply::Address { registered };
        Reply::Contacts { .. } => "contacts" = Reply::Contacts { registered };
        Reply::UnknownText { .. } => "unknown text" = Reply::UnknownText { registered };
        Reply::ThanksRating { .. } =>
            "thanks for a rating" = Reply::ThanksRating { stars, booking: None },
            "thanks for a booking's rating" = Reply::ThanksRating { stars, booking: Some(booking) };
        Reply::AskRatingAgain { .. } =>
            "ask for the rating again" = Reply::AskRatingAgain { booking: BookingId(7) };
        Reply::StaleButton { .. } => "stale button" = Reply::StaleButton { registered };
        Reply::Calendar { .. } => "calendar" = Reply::Calendar { booking };
        Reply::BookingsPage { .. } =>
            "another page" = Reply::BookingsPage { page: 1, message: Some(5) };
        Reply::Booking { .. } =>
            "a booking" = Reply::Booking { booking, changed: false },
            "a booking that has changed" = Reply::Booking { booking, changed: true };
        Reply::VisitConfirmed { .. } =>
            "visit confirmed" = Reply::VisitConfirmed { booking, version: 2 };
        Reply::VisitKept => "visit kept" = Reply::VisitKept;
        Reply::SurelyCannot { .. } => "surely" = Reply::SurelyCannot { booking };
        Reply::WhichVisit { .. } =>
            "which visit" = Reply::WhichVisit { booking, version: 2, moves: true };
        Reply::AskReason { .. } => "ask for the reason" = Reply::AskReason { request };
        Reply::AskNewTime => "ask for another time" = Reply::AskNewTime;
        Reply::AskComplaint => "ask what went wrong" = Reply::AskComplaint;
        Reply::RequestDelivered { .. } =>
            "request delivered" = Reply::RequestDelivered { kind: "cancel".into() };
        Reply::RequestPending => "request pending" = Reply::RequestPending;
        Reply::RequestTaken { .. } =>
            "request taken" = Reply::RequestTaken { kind: "move".into() };
        Reply::CallVenue => "call the venue" = Reply::CallVenue;
        Reply::Settings { .. } => "settings" = Reply::Settings { message: Some(5) };
        Reply::AskForget { .. } =>
            "delete?" = Reply::AskForget { again: false, withdraws: false, message: Some(5) },
            "withdraw?" =
                Reply::AskForget { again: false, withdraws: true, message: Some(5) },
            "really delete?" = Reply::AskForget { again: true, withdraws: false, message: Some(5) };
        Reply::AskConsent { .. } => "consent?" = Reply::AskConsent { registered: false };
        Reply::Consented => "consented" = Reply::Consented;
        Reply::Forgotten { .. } => "deleted" = Reply::Forgotten { message: Some(5) };
        Reply::LanguageChosen { .. } => "language chosen" = Reply::LanguageChosen { registered };
        Reply::AskDigits => "ask for the digits" = Reply::AskDigits;
        Reply::WrongDigits => "wrong digits" = Reply::WrongDigits;
        Reply::JoinLocked => "too many wrong digits" = Reply::JoinLocked;
        Reply::DeadLink { .. } => "dead link" = Reply::DeadLink { registered };
        Reply::Joined => "joined" = Reply::Joined;
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
