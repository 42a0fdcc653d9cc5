//! The data of buttons. Old messages keep their buttons for ever, so what was sent once is understood for ever.

use shared::domain::{
    booking::Stars,
    ids::{BookingId, RequestId},
    venue::Locale,
};
use worker::bot::keyboard::{CallbackData, SettingsAction, VisitAction};

use crate::held::{every_variant, hold_both_ways};

/// A rating's button.
fn rating(booking: i64, stars: u8) -> CallbackData {
    let stars = Stars::try_from(stars).unwrap();
    CallbackData::Rating { booking: BookingId(booking), stars }
}

#[test]
fn callback_data_is_written_and_read_as_the_file_says() {
    let (booking, request) = (BookingId(7), RequestId(3));
    let visit = |action| CallbackData::Visit { action, booking, version: 2 };
    let mut presses = every_variant! {
        CallbackData::Rating { .. } =>
            "the worst rating" = rating(7, 1),
            "the best rating" = rating(7, 5),
            "the longest data" = rating(i64::MAX, 5);
        CallbackData::Calendar { .. } => "the calendar" = CallbackData::Calendar { booking };
        CallbackData::NoReason { .. } => "no reason" = CallbackData::NoReason { request };
        CallbackData::Page { .. } => "another page" = CallbackData::Page { page: 1 };
        CallbackData::Taken { .. } => "taken" = CallbackData::Taken { request };
        CallbackData::Invite { .. } => "invite" = CallbackData::Invite { booking };
        CallbackData::Replay { .. } =>
            "replay one" = CallbackData::Replay { first: 7, last: 7 },
            "replay all" = CallbackData::Replay { first: 7, last: i64::MAX };
        CallbackData::Table { .. } => "apply a difference" = CallbackData::Table { difference: 7 };
        CallbackData::TableAll { .. } => "apply a card's differences" = CallbackData::TableAll { card: 4 };
        CallbackData::Settings { .. } =>
            "settings" = CallbackData::Settings { action: SettingsAction::Open };
        CallbackData::Language { .. } =>
            "in Russian" = CallbackData::Language { language: Locale::Ru },
            "in English" = CallbackData::Language { language: Locale::En };
        CallbackData::Visit { .. } => "a visit" = visit(VisitAction::Comes);
    };
    let actions = every_variant! {
        VisitAction::Comes => "comes" = VisitAction::Comes;
        VisitAction::Move => "another time" = VisitAction::Move;
        VisitAction::MoveOne => "another time for this one" = VisitAction::MoveOne;
        VisitAction::CannotCome => "can't come" = VisitAction::CannotCome;
        VisitAction::CannotComeOne => "can't come to this one" = VisitAction::CannotComeOne;
        VisitAction::Sure => "surely can't come" = VisitAction::Sure;
        VisitAction::Keep => "the booking stays" = VisitAction::Keep;
        VisitAction::Open => "open" = VisitAction::Open;
    };
    presses.extend(actions.into_iter().map(|(name, action)| (name, visit(action))));
    let settings = every_variant! {
        SettingsAction::Open => "open the settings" = SettingsAction::Open;
        SettingsAction::RemindersOn => "reminders on" = SettingsAction::RemindersOn;
        SettingsAction::RemindersOff => "reminders off" = SettingsAction::RemindersOff;
        SettingsAction::QuestionsOn => "questions on" = SettingsAction::QuestionsOn;
        SettingsAction::QuestionsOff => "questions off" = SettingsAction::QuestionsOff;
        SettingsAction::Forget => "delete" = SettingsAction::Forget;
        SettingsAction::ForgetSure => "surely delete" = SettingsAction::ForgetSure;
        SettingsAction::ForgetNow => "delete now" = SettingsAction::ForgetNow;
        SettingsAction::Consent => "consent" = SettingsAction::Consent;
        SettingsAction::Withdraw => "withdraw" = SettingsAction::Withdraw;
    };
    let data = |(name, action)| (name, CallbackData::Settings { action });
    presses.extend(settings.into_iter().map(data));
    hold_both_ways(
        "callbacks.txt",
        &presses,
        |data| data.encode(),
        |data| CallbackData::parse(data).unwrap(),
    );
}
