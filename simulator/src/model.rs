//! The types of the control API: journal of calls, messages of a chat, faults, limits, statistics.
//! The server and [`crate::Client`] share these types.

mod message;
mod page;
mod people;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use message::{Button, ChatMessage, File, Key, Media, MessageRef};
pub use page::{Account, PageSettings};
pub use people::{ChatKind, Member, Profile, UserMessage};

/// One call of a Bot API method, as it was answered.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Call {
    /// Rising by one with each journaled call, from 1.
    pub seq: u64,
    /// Milliseconds since the simulator started, by a clock that never jumps.
    pub at_ms: u64,
    /// The wall clock, to the microsecond.
    pub at: DateTime<Utc>,
    /// As Telegram's documentation spells it: `sendMessage`.
    pub method: String,
    pub chat_id: Option<i64>,
    pub body: Value,
    /// HTTP status of the answer; 0 when the connection was cut instead.
    pub status: u16,
    /// `ok`, the description of Telegram's error, or the name of the scripted fault.
    pub outcome: String,
    /// The call took effect: its chat shows the message, whatever the response.
    pub delivered: bool,
    /// Id of the message the call made.
    pub message_id: Option<i64>,
}

/// A scripted fault of the next `times` matching calls.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Method it applies to, in any letter case; every method if left out.
    #[serde(default)]
    pub method: Option<String>,
    /// Chat it applies to; every chat if left out.
    #[serde(default)]
    pub chat_id: Option<i64>,
    #[serde(default = "once")]
    pub times: u32,
    /// It applies to every matching call, before all others, until it is ended; `times` is not counted.
    #[serde(default)]
    pub lasting: bool,
    /// Whether the call takes effect nevertheless. Default: only for `cut_after_accept`.
    #[serde(default)]
    pub accepted: Option<bool>,
    #[serde(flatten)]
    pub kind: FaultKind,
}

fn once() -> u32 {
    1
}

impl Fault {
    /// `kind` for the next `times` calls of sendMessage in any chat.
    #[must_use]
    pub fn sending(kind: FaultKind, times: u32) -> Self {
        let method = Some("sendMessage".into());
        Self { method, chat_id: None, times, lasting: false, accepted: None, kind }
    }

    /// `kind` for every call of any method, until it is ended.
    #[must_use]
    pub fn outage(kind: FaultKind) -> Self {
        Self { method: None, ..Self::sending(kind, 1) }.lasting()
    }

    /// The next call of sendMessage is refused with this description.
    #[must_use]
    pub fn refused(description: &str) -> Self {
        let description = format!("Bad Request: {description}");
        Self::sending(FaultKind::Refused { description }, 1)
    }

    /// The same, for one chat only.
    #[must_use]
    pub fn in_chat(mut self, chat_id: i64) -> Self {
        self.chat_id = Some(chat_id);
        self
    }

    /// The same, for every matching call until it is ended.
    #[must_use]
    pub fn lasting(mut self) -> Self {
        self.lasting = true;
        self
    }

    /// The same, but the call takes effect before it goes wrong.
    #[must_use]
    pub fn accepted(mut self) -> Self {
        self.accepted = Some(true);
        self
    }
}

/// How a call goes wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FaultKind {
    /// 429; `retry_after` in seconds.
    TooManyRequests { retry_after: u32 },
    /// 401, the token is wrong or was revoked.
    Unauthorized,
    /// 403, the bot was blocked by the user.
    Forbidden,
    /// 400, chat not found.
    ChatNotFound,
    /// 403, user is deactivated.
    UserDeactivated,
    /// 400 of no particular kind.
    BadRequest,
    /// 400 with this description.
    Refused { description: String },
    /// 500 in Telegram's form.
    ServerError,
    /// 502 with an HTML body.
    BadGatewayHtml,
    /// Silence for `ms`, then a normal answer if the call took effect, else a cut connection.
    Hang { ms: u64 },
    /// Connection closed before the call took effect.
    CutBeforeAccept,
    /// The call took effect, the connection is closed without an answer.
    CutAfterAccept,
    /// 400: the group became the supergroup `to`.
    Migrate { to: i64 },
    /// 200 with a body that is not JSON.
    Garbage,
}

impl FaultKind {
    /// The name it has in the control API and in the journal.
    #[must_use]
    pub fn name(&self) -> String {
        let json = serde_json::to_value(self).unwrap_or_default();
        json["kind"].as_str().unwrap_or_default().to_owned()
    }
}

/// What getChat and getChatMember say of a chat and of the bot in it, in Telegram's form.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct BotInChat {
    pub chat: Value,
    pub member: Value,
}

/// Telegram's limits on sendMessage, counted in sliding windows. `None` is no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Messages a second for the whole bot.
    pub per_second: Option<u32>,
    /// Messages a second in one chat.
    pub per_chat_per_second: Option<u32>,
    /// Messages a minute in one group.
    pub group_per_minute: Option<u32>,
}

/// How much the simulator remembers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JournalMode {
    /// The latest calls (bounded) and what the chats show (bounded).
    On,
    /// Counters only: memory stays flat whatever is sent.
    Off,
}

/// Counters since the start or the last reset.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Stats {
    /// Messages shown in chats.
    pub sent: u64,
    /// Messages that repeat the chat and text of an earlier one.
    pub duplicates: u64,
    /// Calls that were not answered with ok.
    pub failed: u64,
    /// Updates not yet taken by the bot.
    pub pending_updates: u64,
    /// When the first and the last message were shown, in ms since the simulator started.
    pub first_sent_ms: Option<u64>,
    pub last_sent_ms: Option<u64>,
}

/// What a press showed: nothing if the text is empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PressAnswer {
    pub callback_query_id: String,
    pub text: String,
    /// As a window to close, not as a line on top of the chat.
    pub alert: bool,
}

/// The update a user's action made.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Made {
    pub update_id: i64,
    /// Of a press: the id that answerCallbackQuery must carry.
    #[serde(default)]
    pub callback_query_id: Option<String>,
    /// Of a message: its id in the chat.
    #[serde(default)]
    pub message_id: Option<i64>,
    /// The bot gets an update of it. A group's privacy mode withholds most messages; `update_id` is 0 then.
    #[serde(default)]
    pub delivered: bool,
}
