//! The calls that the simulator saw, parsed into attempts to send a message or a card.

use std::{collections::HashSet, fmt};

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

/// All attempts of these calls, in order. A call to the staff chat is one attempt for each card, a list one for each
/// booking. An edit is one for each booking that its message did not show before:
/// repeating an edit shows nothing twice, so that one without effect is none.
pub(super) fn of(calls: &[Call]) -> Vec<Attempt> {
    let mut shown: HashSet<(i64, i64, String)> = HashSet::new();
    let mut attempts = Vec::new();
    for call in calls {
        let is_edit = match call.method.as_str() {
            "sendMessage" => false,
            "editMessageText" if call.delivered => true,
            _ => continue,
        };
        for attempt in read(call) {
            let code = attempt.tag.as_deref().map(text::code).unwrap_or_default().to_owned();
            let message = attempt.message_id.unwrap_or_default();
            let is_new = !call.delivered || shown.insert((attempt.chat, message, code));
            if !is_edit || is_new {
                attempts.push(attempt);
            }
        }
    }
    attempts
}

fn read(call: &Call) -> Vec<Attempt> {
    let chat = call.chat_id.unwrap_or_default();
    let words = call.body["text"].as_str().unwrap_or_default();
    let tagged = |kind, tag| Attempt {
        at: call.at,
        chat,
        kind,
        tag,
        ended: ended(call),
        shown: call.delivered,
        message_id: call.message_id,
    };
    let of = |kind: &'static str, words| {
        let listed = match kind {
            // Agendas, found bookings and differences are no messages about them.
            "answer" | "staff_answer" | "staff_table" => Vec::new(),
            "feedback" => text::tags(words),
            _ => text::listed(words),
        };
        if listed.is_empty() {
            let lists = matches!(kind, "staff_answer" | "staff_table");
            let tag = text::tag(words).filter(|_| !lists);
            return vec![tagged(kind, tag)];
        }
        listed.into_iter().map(|tag| tagged(kind, Some(tag))).collect()
    };
    if chat < 0 {
        return text::cards(words).flat_map(|card| of(text::card_kind(card), card)).collect();
    }
    of(text::kind(words), words)
}

fn ended(call: &Call) -> AttemptResult {
    match (call.status, call.outcome.as_str()) {
        (429, _) => AttemptResult::RateLimited,
        (400..500, _) => AttemptResult::Refused,
        (200, "ok") => AttemptResult::Delivered,
        _ => AttemptResult::Perhaps,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn call(seq: u64, method: &str, text: &str, (status, delivered): (u16, bool)) -> Call {
        Call {
            seq,
            at_ms: seq,
            at: DateTime::UNIX_EPOCH,
            method: method.to_owned(),
            chat_id: Some(5),
            body: json!({ "text": text }),
            status,
            outcome: if status == 200 { "ok".to_owned() } else { "cut".to_owned() },
            delivered,
            message_id: delivered.then_some(7),
        }
    }

    #[test]
    fn an_edit_is_an_attempt_for_what_its_message_did_not_show() {
        let list = "✅ <b>Вы записаны</b>\n\n• <b>SK1-1</b>\n• <b>SK2-1</b>";
        let attempts = of(&[
            call(1, "sendMessage", "✅ <b>Вы записаны</b>\n\n<b>SK1-1</b>", (200, true)),
            call(2, "editMessageText", list, (0, false)),
            call(3, "editMessageText", list, (0, true)),
            call(4, "editMessageText", &list.replace("SK1-1", "SK1-2"), (200, true)),
        ]);
        let seen: Vec<_> =
            attempts.iter().map(|it| (it.tag.as_deref().unwrap(), it.ended)).collect();
        assert_eq!(seen, [("SK1-1", AttemptResult::Delivered), ("SK2-1", AttemptResult::Perhaps)]);
    }
}
