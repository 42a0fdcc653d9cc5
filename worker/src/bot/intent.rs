//! What an update means.

use std::fmt;

use shared::domain::{
    booking::Stars,
    ids::{BookingId, ChatId, RequestId},
    join::JoinKey,
    staff_chat::StaffPlace,
    venue::Locale,
};

use super::{
    command::Command,
    keyboard::{CallbackData, SettingsAction, VisitAction},
    staff_command::AddressedCommand,
};

/// Longest first name that is kept, in characters.
pub const NAME_MAX: usize = 60;

/// The user of a private chat. The user's id is the chat's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    pub chat: ChatId,
    /// The first name, at most [`NAME_MAX`] characters.
    pub name: String,
    /// IETF tag of the client's Telegram, if known.
    pub language: Option<String>,
}

/// An update, parsed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedUpdate {
    pub update_id: i64,
    /// What the update is, whatever its id: Telegram's own id of the message or press, and its time. Short.
    pub identity: String,
    /// `None`: the update is not of a client.
    pub sender: Option<Sender>,
    pub intent: Intent,
    /// What it is besides, where the sender's private chat is the staff's.
    pub as_staff: Option<StaffIntent>,
    /// The update is of a kind, or in a form, that this version can't read. It is ignored.
    pub unreadable: bool,
}

/// What a member of a group does, or the owner of a private chat. Whether the chat is the staff's is for [`super::apply`] to find out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StaffIntent {
    /// A press: takes a request. `message`: its card.
    Take { chat: ChatId, request: RequestId, by: String, message: i64, callback: String },
    /// A press: wants a text that invites the client of a booking. `message`: its card.
    Invite { chat: ChatId, booking: BookingId, message: i64, callback: String },
    /// The message `message`, which replies to the message `to`.
    Reply { chat: ChatId, to: i64, message: i64 },
    /// The message `message` is a command, given in a chat or in a topic of it.
    Command { place: StaffPlace, message: i64, command: AddressedCommand },
    /// A press: replays the refused requests between these numbers. `message`: their card.
    Replay { chat: ChatId, numbers: (i64, i64), message: i64, callback: String },
    /// A press: applies what Bukza's table shows. `message`: the card.
    ApplyTable { chat: ChatId, pressed: TableButton, message: i64, callback: String },
}

/// Which button of a card of differences was pressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TableButton {
    /// That of one difference.
    One(i64),
    /// That of all of a card.
    All(i64),
}

/// A link was opened that makes a group the staff's. Whether its secret is one is for [`super::binding`] to find out.
#[derive(Clone, PartialEq, Eq)]
pub struct BindIntent {
    pub place: StaffPlace,
    /// The group's title.
    pub title: String,
    pub secret: String,
}

impl fmt::Debug for BindIntent {
    /// Without the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BindIntent").field("place", &self.place).finish_non_exhaustive()
    }
}

/// What an update means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intent {
    /// A typed command, or a label of the menu.
    Command(Command),
    /// A link with a booking's token or code.
    Join(JoinKey),
    /// A shared contact. `own`: Telegram itself vouches that the number is the sender's.
    Contact { phone: String, own: bool },
    /// A press on one of the five buttons.
    Rate { booking: BookingId, stars: Stars, callback: String },
    /// A press on the button that puts a booking into the calendar.
    Calendar { booking: BookingId, callback: String },
    /// A client's decision about a version of a booking. `message`: the one above the pressed button.
    Visit {
        action: VisitAction,
        booking: BookingId,
        version: i32,
        message: Option<i64>,
        callback: String,
    },
    /// A press: the request goes to the staff without a reason.
    NoReason { request: RequestId, callback: String },
    /// A press: another page of the bookings.
    Page { page: u16, message: Option<i64>, callback: String },
    /// A press in the settings. `message`: the one above the pressed button.
    Settings { action: SettingsAction, message: Option<i64>, callback: String },
    /// A press: the client chooses the language of the bot.
    Language { language: Locale, callback: String },
    /// Any other text.
    Text(String),
    /// A photo, a voice message, a sticker or another message without text, with its caption.
    Attachment { message: i64, caption: String },
    /// What one of the staff does in a group.
    Staff(StaffIntent),
    /// A link was opened in a group.
    Bind(BindIntent),
    /// The client blocked the bot.
    BotBlocked,
    /// The client unblocked it.
    BotUnblocked,
    /// A press on a button that this version doesn't know.
    StaleCallback { callback: String },
    /// Does not concern the bot.
    Ignore,
}

impl Intent {
    /// The callback query that waits for an answer, if the intent came as one.
    #[must_use]
    pub fn callback(&self) -> Option<&str> {
        match self {
            Self::Rate { callback, .. }
            | Self::Calendar { callback, .. }
            | Self::Visit { callback, .. }
            | Self::NoReason { callback, .. }
            | Self::Page { callback, .. }
            | Self::Settings { callback, .. }
            | Self::Language { callback, .. }
            | Self::Staff(
                StaffIntent::Take { callback, .. }
                | StaffIntent::Invite { callback, .. }
                | StaffIntent::Replay { callback, .. }
                | StaffIntent::ApplyTable { callback, .. },
            )
            | Self::StaleCallback { callback } => Some(callback),
            Self::Command(_)
            | Self::Join(_)
            | Self::Contact { .. }
            | Self::Text(_)
            | Self::Attachment { .. }
            | Self::Staff(StaffIntent::Reply { .. } | StaffIntent::Command { .. })
            | Self::Bind(_)
            | Self::BotBlocked
            | Self::BotUnblocked
            | Self::Ignore => None,
        }
    }

    /// What a text means: a command, a menu label (looked up by `menu`), or plain text.
    #[must_use]
    pub fn of_text(text: &str, menu: impl FnOnce(&str) -> Option<Command>) -> Self {
        // A text with a slash is a command or none: labels are compared without their signs.
        let is_label = !text.trim_start().starts_with('/');
        let command = Command::parse(text);
        let payload = Command::payload(text).filter(|_| command == Some(Command::Start));
        if let Some(key) = payload.and_then(JoinKey::of_link) {
            return Self::Join(key);
        }
        command
            .or_else(|| menu(text).filter(|_| is_label))
            .map_or_else(|| Self::Text(text.to_owned()), Self::Command)
    }

    /// What a client's press means, from the button's data alone. Of the message above the button only the id is read: it
    /// may be of a form that can't be parsed.
    #[must_use]
    pub fn of_callback(data: Option<&str>, message: Option<i64>, callback: String) -> Self {
        match data.and_then(CallbackData::parse) {
            Some(CallbackData::Visit { action, booking, version }) => {
                Self::Visit { action, booking, version, message, callback }
            }
            Some(CallbackData::NoReason { request }) => Self::NoReason { request, callback },
            Some(CallbackData::Page { page }) => Self::Page { page, message, callback },
            Some(CallbackData::Rating { booking, stars }) => {
                Self::Rate { booking, stars, callback }
            }
            Some(CallbackData::Calendar { booking }) => Self::Calendar { booking, callback },
            Some(CallbackData::Settings { action }) => Self::Settings { action, message, callback },
            Some(CallbackData::Language { language }) => Self::Language { language, callback },
            // A staff's button does nothing elsewhere.
            Some(
                CallbackData::Taken { .. }
                | CallbackData::Invite { .. }
                | CallbackData::Replay { .. }
                | CallbackData::Table { .. }
                | CallbackData::TableAll { .. },
            )
            | None => Self::StaleCallback { callback },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_unknown_command_is_no_label_of_the_menu() {
        let unknown = Intent::of_text("/помощь", |_| Some(Command::Help));
        assert_eq!(unknown, Intent::Text("/помощь".into()));
    }

    #[test]
    fn commands_with_a_bots_name_and_arguments() {
        let none = |_: &str| None;
        for (text, intent) in [
            ("/start", Intent::Command(Command::Start)),
            ("/start ref_42", Intent::Command(Command::Start)),
            ("/start C6UDS3 please", Intent::Command(Command::Start)),
            ("/help C6UDS3", Intent::Command(Command::Help)),
            ("/start@BukzaBot ref_42", Intent::Command(Command::Start)),
            (" /Help ", Intent::Command(Command::Help)),
            ("/bookings@bot", Intent::Command(Command::Bookings)),
            ("/address\nnow", Intent::Command(Command::Address)),
            ("/contacts", Intent::Command(Command::Contacts)),
            ("/settings", Intent::Command(Command::Settings)),
            ("/starting", Intent::Text("/starting".into())),
            ("/", Intent::Text("/".into())),
            ("start", Intent::Text("start".into())),
        ] {
            assert_eq!(Intent::of_text(text, none), intent, "{text}");
        }
        assert_eq!(Intent::of_text("x", |_| Some(Command::Help)), Intent::Command(Command::Help));
    }

    #[test]
    fn a_start_link_with_a_token_or_a_code_is_no_plain_start() {
        for payload in ["C6UDS3", "aZ09aZ09aZ09aZ09"] {
            let key = JoinKey::of_link(payload).unwrap();
            for text in [format!("/start {payload}"), format!(" /START@bot  {payload}\n")] {
                assert_eq!(Intent::of_text(&text, |_| None), Intent::Join(key.clone()), "{text}");
            }
        }
    }

    #[test]
    fn foreign_callback_data_is_stale() {
        for data in [
            "",
            "rate",
            "rate:7",
            "rate:7:0",
            "rate:7:6",
            "rate:7:05",
            "rate:7:+5",
            "rate: 7:5",
            "rate:7:5:1",
            "rate:x:5",
            "rate:99999999999999999999:5",
            "vote:7:5",
            "calendar",
            "calendar:",
            "calendar:07",
            "calendar:7:1",
            "come:7",
            "come:7:x",
            "sure:07:1",
            "page:-1",
            "page:70000",
            "noreason:",
            "settings:",
            "settings:reminders",
            "lang:",
            "lang:de",
            "lang:RU",
            "invite:07",
            // Buttons of the staff's, in a client's chat.
            "taken:7",
            "invite:7",
            "replay:7:7",
            "table:7",
            "table_all:7",
        ] {
            let intent = Intent::of_callback(Some(data), None, "q".into());
            assert_eq!(intent, Intent::StaleCallback { callback: "q".into() }, "{data}");
        }
        assert_eq!(Intent::of_callback(None, None, "q".into()).callback(), Some("q"));
    }

    proptest! {
        #[test]
        fn any_text_and_any_data_has_a_meaning(text in "\\PC{0,80}") {
            let intent = Intent::of_text(&text, |_| None);
            prop_assert!(matches!(intent, Intent::Text(_) | Intent::Command(_) | Intent::Join(_)), "{:?}", intent);
            let press = Intent::of_callback(Some(&text), None, "q".into());
            prop_assert_eq!(press.callback(), Some("q"));
        }
    }
}
