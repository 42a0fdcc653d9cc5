//! How the bot presents itself in Telegram: descriptions, commands and the menu button, per language and kind of chat.
//! Each part is read first and set only where it differs.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use shared::domain::{
    ids::ChatId,
    venue::{Locale, Venue},
};
use url::Url;

use super::{
    answer::CallError,
    client::{Client, method},
};
use crate::texts::{Languages, Texts};

method!("GetMyDescription", GetMyDescription { language_code: &'static str } -> Description);
method!("SetMyDescription", SetMyDescription {
    description: String,
    language_code: &'static str,
} -> Value);
method!("GetMyShortDescription", GetMyShortDescription {
    language_code: &'static str,
} -> ShortDescription);
method!("SetMyShortDescription", SetMyShortDescription {
    short_description: String,
    language_code: &'static str,
} -> Value);
method!("GetMyCommands", GetMyCommands {
    scope: Scope,
    language_code: &'static str,
} -> Vec<BotCommand>);
method!("SetMyCommands", SetMyCommands {
    commands: Vec<BotCommand>,
    scope: Scope,
    language_code: &'static str,
} -> Value);
method!("GetChatMenuButton", GetChatMenuButton {} -> MenuButton);
method!("SetChatMenuButton", SetChatMenuButton { menu_button: MenuButton } -> Value);

#[derive(Debug, Deserialize)]
struct Description {
    #[serde(default)]
    description: String,
}

#[derive(Debug, Deserialize)]
struct ShortDescription {
    #[serde(default)]
    short_description: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct BotCommand {
    command: String,
    description: String,
}

/// In which chats a list of commands is shown. Telegram takes the narrowest that is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Scope {
    Default,
    AllPrivateChats,
    Chat { chat_id: i64 },
}

/// The button beside the field for messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum MenuButton {
    Commands,
    WebApp {
        text: String,
        web_app: WebApp,
    },
    /// Telegram's own choice, which is the commands.
    #[serde(other)]
    Default,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct WebApp {
    url: String,
}

/// A part of the presentation. An empty language stands for all without one of their own.
#[derive(Debug, Clone)]
pub(super) struct Part {
    what: What,
    language: &'static str,
}

#[derive(Debug, Clone)]
enum What {
    Description(String),
    ShortDescription(String),
    Commands(Scope, Vec<BotCommand>),
    Button(MenuButton),
}

/// Which part it is, and in which language. An empty one stands for all without one of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PartName {
    pub what: PartKind,
    pub language: &'static str,
}

/// The parts of the presentation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartKind {
    Description,
    ShortDescription,
    CommandsOfAllChats,
    Commands,
    CommandsOfStaff,
    MenuButton,
}

/// All parts, as they are to be.
pub(super) fn parts(texts: &Languages, venue: &Venue) -> Vec<Part> {
    let of_language = |language: &'static str, texts: &Texts| {
        [
            What::Description(texts.bot_description()),
            What::ShortDescription(texts.bot_short_description()),
            What::Commands(Scope::AllPrivateChats, commands(texts)),
        ]
        .map(|what| Part { what, language })
    };
    let mut parts: Vec<Part> = of_language("", texts.venue()).into();
    for locale in Locale::ALL.iter().copied() {
        parts.extend(of_language(locale.as_str(), texts.of(locale)));
    }
    // Builds before set the clients' commands for all chats, groups included.
    let empty = What::Commands(Scope::Default, Vec::new());
    let button = What::Button(menu_button(texts.venue(), venue));
    parts.push(Part { what: empty, language: "" });
    parts.extend(venue.staff_chat.get().map(|staff| staff_commands(texts, staff)));
    parts.push(Part { what: button, language: "" });
    parts
}

/// The commands of the staff's chat. In a private chat nobody gives them.
pub(super) fn staff_commands(texts: &Languages, staff: ChatId) -> Part {
    let is_group = staff.0 < 0;
    let commands = if is_group { listed(texts.venue().staff_command_list()) } else { Vec::new() };
    let scope = Scope::Chat { chat_id: staff.0 };
    Part { what: What::Commands(scope, commands), language: "" }
}

/// No commands in a chat that is not the staff's any more.
fn no_commands(chat: ChatId) -> Part {
    let scope = Scope::Chat { chat_id: chat.0 };
    Part { what: What::Commands(scope, Vec::new()), language: "" }
}

/// What differs when the staff's chat is another one: its commands are shown there, and not in the former one.
pub(super) fn parts_of_staff_chat(
    texts: &Languages,
    former: Option<ChatId>,
    staff: Option<ChatId>,
) -> Vec<Part> {
    let former = former.filter(|former| staff != Some(*former)).map(no_commands);
    former.into_iter().chain(staff.map(|staff| staff_commands(texts, staff))).collect()
}

fn commands(texts: &Texts) -> Vec<BotCommand> {
    listed(texts.command_list())
}

fn listed(commands: Vec<(&str, String)>) -> Vec<BotCommand> {
    let command =
        |(name, description): (&str, String)| BotCommand { command: name.to_owned(), description };
    commands.into_iter().map(command).collect()
}

/// Telegram opens only https addresses there.
fn menu_button(texts: &Texts, venue: &Venue) -> MenuButton {
    let url = venue.company.booking_url.as_deref().and_then(|url| Url::parse(url).ok());
    match url.filter(|url| url.scheme() == "https") {
        Some(url) => {
            let web_app = WebApp { url: url.to_string() };
            MenuButton::WebApp { text: texts.bot_menu_button(), web_app }
        }
        None => MenuButton::Commands,
    }
}

impl MenuButton {
    /// Telegram may write an address in another form.
    fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::WebApp { text, web_app }, Self::WebApp { text: other, web_app: app }) => {
                text == other && Url::parse(&web_app.url) == Url::parse(&app.url)
            }
            (Self::Commands | Self::Default, Self::Commands | Self::Default) => true,
            (Self::WebApp { .. }, _) | (_, Self::WebApp { .. }) => false,
        }
    }
}

impl Part {
    /// Which part it is.
    fn part_name(&self) -> PartName {
        let what = match &self.what {
            What::Description(_) => PartKind::Description,
            What::ShortDescription(_) => PartKind::ShortDescription,
            What::Commands(Scope::Default, _) => PartKind::CommandsOfAllChats,
            What::Commands(Scope::AllPrivateChats, _) => PartKind::Commands,
            What::Commands(Scope::Chat { .. }, _) => PartKind::CommandsOfStaff,
            What::Button(_) => PartKind::MenuButton,
        };
        PartName { what, language: self.language }
    }

    /// The part's name, for the log.
    pub(super) fn name(&self) -> String {
        let PartName { what, language } = self.part_name();
        let name = match what {
            PartKind::Description => "description",
            PartKind::ShortDescription => "short description",
            PartKind::CommandsOfAllChats => "commands of all chats",
            PartKind::Commands => "commands",
            PartKind::CommandsOfStaff => "commands of the staff's chat",
            PartKind::MenuButton => "menu button",
        };
        match language {
            "" => name.to_owned(),
            language => format!("{name} ({language})"),
        }
    }

    /// Whether Telegram shows it already.
    pub(super) async fn is_set(&self, client: &Client) -> Result<bool, CallError> {
        let language_code = self.language;
        Ok(match &self.what {
            What::Description(text) => {
                client.call(GetMyDescription { language_code }).await?.description == *text
            }
            What::ShortDescription(text) => {
                let found = client.call(GetMyShortDescription { language_code }).await?;
                found.short_description == *text
            }
            What::Commands(scope, commands) => {
                let shown = client.call(GetMyCommands { scope: *scope, language_code }).await?;
                shown == *commands
                    || matches!(scope, Scope::Chat { chat_id } if client.is_channel(*chat_id).await?)
            }
            What::Button(button) => client.call(GetChatMenuButton {}).await?.is_like(button),
        })
    }

    /// Sets it, unless Telegram shows it already.
    pub(super) async fn ensure(&self, client: &Client) -> Result<(), CallError> {
        if self.is_set(client).await? {
            return Ok(());
        }
        let language_code = self.language;
        match self.what.clone() {
            What::Description(description) => {
                client.call(SetMyDescription { description, language_code }).await
            }
            What::ShortDescription(short_description) => {
                client.call(SetMyShortDescription { short_description, language_code }).await
            }
            What::Commands(scope, commands) => {
                client.call(SetMyCommands { commands, scope, language_code }).await
            }
            What::Button(menu_button) => client.call(SetChatMenuButton { menu_button }).await,
        }
        .map(drop)
    }
}

/// The parts that Telegram shows differently, by their names.
///
/// # Errors
/// Why a call failed.
pub async fn differences(
    client: &Client,
    texts: &Languages,
    venue: &Venue,
) -> Result<Vec<PartName>, String> {
    let mut different = Vec::new();
    for part in parts(texts, venue) {
        if !part.is_set(client).await.map_err(|error| error.to_string())? {
            different.push(part.part_name());
        }
    }
    Ok(different)
}
