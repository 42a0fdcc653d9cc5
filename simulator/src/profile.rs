//! What the bot has set about itself.

use std::collections::HashMap;

use serde_json::Value;

/// Who sees a list of commands (Bot API, `BotCommandScope`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Scope {
    Default,
    AllPrivateChats,
    AllGroupChats,
    AllChatAdministrators,
    Chat { chat_id: i64 },
    ChatAdministrators { chat_id: i64 },
    ChatMember { chat_id: i64, user_id: i64 },
}

/// By language, where `""` stands for all others.
#[derive(Debug, Default)]
pub(crate) struct BotProfile {
    /// The commands of the last setMyCommands.
    pub last_commands: Value,
    pub commands: HashMap<(Scope, String), Vec<Value>>,
    pub descriptions: HashMap<String, String>,
    pub short_descriptions: HashMap<String, String>,
    /// By private chat; `None` is the button of all others.
    pub menu_buttons: HashMap<Option<i64>, Value>,
}
