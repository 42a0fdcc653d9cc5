//! The calls that the simulator saw, parsed into attempts to send a message or a card.

use std::fmt;

use chrono::{DateTime, Utc};
use simulator::model::Call;

use crate::soak::text;

/// An attempt's result, as Telegram knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AttemptResult {
    /// Shown, and answered 200.
    Delivered,
    /// Unknown to the bot.
    Perhaps,
    /// 429: not shown, and the whole bot pauses.
    RateLimited,
    /// Not shown.
    Refused,
}

/// One attempt to send one message or card.
#[derive(Debug, Clone)]
pub(super) struct Attempt {
    pub at: DateTime<Utc>,
    pub chat: i64,
    pub kind: &'static str,
    pub tag: Option<String>,
    pub ended: AttemptResult,
    /// Whether it was shown, whatever the response.
    pub shown: bool,
    pub message_id: Option<i64>,
}

impl fmt::Display for Attempt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tag = self.tag.as_deref().unwrap_or("-");
        write!(f, "{} {tag} in {} at {}", self.kind, self.chat, self.at.format("%T%.3f"))
    }
}

/// All attempts of these calls, in order. A call to the staff chat is one attempt for each card.
pub(super) fn of(calls: &[Call]) -> Vec<Attempt> {
    calls.iter().filter(|call| call.method == "sendMessage").flat_map(read).collect()
}

fn read(call: &Call) -> Vec<Attempt> {
    let chat = call.chat_id.unwrap_or_default();
    let words = call.body["text"].as_str().unwrap_or_default();
    let one = |kind, words| Attempt {
        at: call.at,
        chat,
        kind,
        tag: text::tag(words),
        ended: ended(call),
        shown: call.delivered,
        message_id: call.message_id,
    };
    if chat < 0 {
        text::cards(words).map(|card| one(text::card_kind(card), card)).collect()
    } else {
        vec![one(text::kind(words), words)]
    }
}

fn ended(call: &Call) -> AttemptResult {
    match (call.status, call.outcome.as_str()) {
        (429, _) => AttemptResult::RateLimited,
        (400..500, _) => AttemptResult::Refused,
        (200, "ok") => AttemptResult::Delivered,
        _ => AttemptResult::Perhaps,
    }
}
