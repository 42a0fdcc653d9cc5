//! Callback data of inline buttons, in both directions. Its forms are stored in chats for months: they may be added,
//! not changed.

use shared::domain::{
    booking::Stars,
    ids::{BookingId, RequestId},
    venue::Locale,
};

/// What a button's data means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallbackData {
    /// Rates a booking: `rate:<booking id>:<1 to 5>`.
    Rating { booking: BookingId, stars: Stars },
    /// Requests the calendar entries of a booking and of those on its list: `calendar:<booking id>`.
    Calendar { booking: BookingId },
    /// A client's decision about a version of a booking: `<action>:<booking id>:<version>`.
    Visit { action: VisitAction, booking: BookingId, version: i32 },
    /// A request goes without a reason: `noreason:<request id>`.
    NoReason { request: RequestId },
    /// Another page of the list of bookings, from 0: `page:<number>`.
    Page { page: u16 },
    /// One of the staff takes a request: `taken:<request id>`.
    Taken { request: RequestId },
    /// One of the staff wants to invite the client of a booking: `invite:<booking id>`.
    Invite { booking: BookingId },
    /// Replays the refused requests of a card: `replay:<first number>:<last number>`.
    Replay { first: i64, last: i64 },
    /// Applies a difference of a card between Bukza's table and the bookings: `table:<number>`.
    Table { difference: i64 },
    /// Applies all differences of the card: `table_all:<card>`.
    TableAll { card: i64 },
    /// A client's press in the settings: `settings:<action>`.
    Settings { action: SettingsAction },
    /// A client chooses the language of the bot: `lang:ru` or `lang:en`.
    Language { language: Locale },
}

/// What a client does in the settings. Each names what is to be, so that a second press changes nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SettingsAction {
    /// Shows them.
    Open,
    RemindersOn,
    RemindersOff,
    QuestionsOn,
    QuestionsOff,
    /// Wants the own data deleted. The bot requests two more presses.
    Forget,
    ForgetSure,
    ForgetNow,
    /// Consents to the venue's document.
    Consent,
    /// Takes the consent back: everything is deleted.
    Withdraw,
}

impl SettingsAction {
    pub const ALL: &[Self] = &[
        Self::Open,
        Self::RemindersOn,
        Self::RemindersOff,
        Self::QuestionsOn,
        Self::QuestionsOff,
        Self::Forget,
        Self::ForgetSure,
        Self::ForgetNow,
        Self::Consent,
        Self::Withdraw,
    ];

    fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::RemindersOn => "reminders_on",
            Self::RemindersOff => "reminders_off",
            Self::QuestionsOn => "questions_on",
            Self::QuestionsOff => "questions_off",
            Self::Forget => "forget",
            Self::ForgetSure => "forget_sure",
            Self::ForgetNow => "forget_now",
            Self::Consent => "consent",
            Self::Withdraw => "withdraw",
        }
    }
}

/// What a client decides about a visit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum VisitAction {
    /// "I come": to all visits of the message.
    Comes,
    /// Another time, please. Of several visits the bot asks which.
    Move,
    /// The same, for this visit alone.
    MoveOne,
    /// "I can't come". Of several visits the bot asks which.
    CannotCome,
    /// The same, for this visit alone.
    CannotComeOne,
    /// "Yes, I can't come."
    Sure,
    /// "No, the booking stays."
    Keep,
    /// Shows the booking.
    Open,
}

impl VisitAction {
    pub const ALL: &[Self] = &[
        Self::Comes,
        Self::Move,
        Self::MoveOne,
        Self::CannotCome,
        Self::CannotComeOne,
        Self::Sure,
        Self::Keep,
        Self::Open,
    ];

    fn as_str(self) -> &'static str {
        match self {
            Self::Comes => "come",
            Self::Move => "move",
            Self::MoveOne => "move1",
            Self::CannotCome => "cannot",
            Self::CannotComeOne => "cannot1",
            Self::Sure => "sure",
            Self::Keep => "keep",
            Self::Open => "open",
        }
    }
}

impl CallbackData {
    /// The data as the button carries it: at most 64 bytes, Telegram's limit.
    #[must_use]
    pub fn encode(self) -> String {
        match self {
            Self::Rating { booking, stars } => format!("rate:{booking}:{}", stars.get()),
            Self::Calendar { booking } => format!("calendar:{booking}"),
            Self::Visit { action, booking, version } => {
                format!("{}:{booking}:{version}", action.as_str())
            }
            Self::NoReason { request } => format!("noreason:{request}"),
            Self::Page { page } => format!("page:{page}"),
            Self::Taken { request } => format!("taken:{request}"),
            Self::Invite { booking } => format!("invite:{booking}"),
            Self::Replay { first, last } => format!("replay:{first}:{last}"),
            Self::Table { difference } => format!("table:{difference}"),
            Self::TableAll { card } => format!("table_all:{card}"),
            Self::Settings { action } => format!("settings:{}", action.as_str()),
            Self::Language { language } => format!("lang:{}", language.as_str()),
        }
    }

    /// Reads a button's data. `None`: no form that this version writes.
    #[must_use]
    pub fn parse(data: &str) -> Option<Self> {
        let (form, parts) = data.split_once(':')?;
        let booking = |id: &str| Some(BookingId(id.parse().ok()?));
        let request = |id: &str| Some(RequestId(id.parse().ok()?));
        let read = match form {
            "rate" => {
                let (id, stars) = parts.split_once(':')?;
                let stars = Stars::try_from(stars.parse::<u8>().ok()?).ok()?;
                Self::Rating { booking: booking(id)?, stars }
            }
            "calendar" => Self::Calendar { booking: booking(parts)? },
            "noreason" => Self::NoReason { request: request(parts)? },
            "page" => Self::Page { page: parts.parse().ok()? },
            "taken" => Self::Taken { request: request(parts)? },
            "invite" => Self::Invite { booking: booking(parts)? },
            "replay" => {
                let (first, last) = parts.split_once(':')?;
                Self::Replay { first: first.parse().ok()?, last: last.parse().ok()? }
            }
            "table" => Self::Table { difference: parts.parse().ok()? },
            "table_all" => Self::TableAll { card: parts.parse().ok()? },
            "settings" => {
                let action = SettingsAction::ALL.iter().find(|it| it.as_str() == parts)?;
                Self::Settings { action: *action }
            }
            "lang" => Self::Language { language: Locale::parse(parts)? },
            action => {
                let action = VisitAction::ALL.iter().find(|it| it.as_str() == action)?;
                let (id, version) = parts.split_once(':')?;
                let (booking, version) = (booking(id)?, version.parse().ok()?);
                Self::Visit { action: *action, booking, version }
            }
        };
        // Only the exact form is accepted: no "+5", no "05".
        (read.encode() == data).then_some(read)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn any_data() -> impl Strategy<Value = CallbackData> {
        let numbers = (any::<i64>(), any::<i32>(), 1u8..=5, any::<u16>());
        let actions = proptest::sample::select(VisitAction::ALL);
        let settings = proptest::sample::select(SettingsAction::ALL);
        let language = proptest::sample::select(Locale::ALL);
        (numbers, (actions, settings), language, 0..11).prop_map(
            |((id, version, stars, page), (action, setting), language, form)| {
                let (booking, request) = (BookingId(id), RequestId(id));
                match form {
                    0 => {
                        let stars = Stars::try_from(stars).unwrap();
                        CallbackData::Rating { booking, stars }
                    }
                    1 => CallbackData::Calendar { booking },
                    2 => CallbackData::NoReason { request },
                    3 => CallbackData::Page { page },
                    4 => CallbackData::Taken { request },
                    5 => CallbackData::Settings { action: setting },
                    6 => CallbackData::Language { language },
                    7 => CallbackData::Invite { booking },
                    8 => CallbackData::Replay { first: id, last: i64::from(version) },
                    9 => CallbackData::Table { difference: id },
                    10 => CallbackData::TableAll { card: id },
                    _ => CallbackData::Visit { action, booking, version },
                }
            },
        )
    }

    proptest! {
        #[test]
        fn encoded_data_is_parsed_back_and_short_enough(data in any_data()) {
            prop_assert!(data.encode().len() <= 64);
            prop_assert_eq!(CallbackData::parse(&data.encode()), Some(data));
        }
    }
}
