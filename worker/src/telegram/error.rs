//! What a failed call means: the outcome of a send, and the metric label.

use shared::{domain::outcome::SendOutcome, telemetry::metrics::TelegramOutcome};

use super::answer::CallError;

/// What an error of a send means for the message.
pub(super) fn send_outcome(error: &CallError) -> SendOutcome {
    match error {
        CallError::TooManyRequests { retry_after } => {
            SendOutcome::TooManyRequests { retry_after: *retry_after }
        }
        CallError::Migrated { to } => SendOutcome::Migrated { to: *to },
        // A wrong or revoked token is not the message's fault. Nothing was sent.
        CallError::NotConnected | CallError::InvalidToken => SendOutcome::NotConnected,
        CallError::Timeout => SendOutcome::Unknown { reason: "timeout" },
        CallError::ConnectionLost => SendOutcome::Unknown { reason: "connection_lost" },
        CallError::Unreadable => SendOutcome::Unknown { reason: "unreadable_answer" },
        CallError::ServerError(_) => SendOutcome::Unknown { reason: "server_error" },
        CallError::Refused { code, description } => refused(*code, description),
    }
}

/// The signs of a chat that can't be written to, in descriptions, with the reason that is kept. Those of a group
/// pass by themselves: its administrator takes back what was closed or restricted.
const UNREACHABLE: &[(&str, &str)] = &[
    ("bot was blocked", "bot_blocked"),
    ("chat not found", "chat_not_found"),
    ("user is deactivated", "user_deactivated"),
    ("kicked", "bot_kicked"),
    ("not a member", "bot_kicked"),
    ("group chat was deactivated", "bot_kicked"),
    ("initiate conversation", "no_conversation"),
    ("can't send messages to bots", "no_conversation"),
    ("peer_id_invalid", "forbidden"),
    ("topic_closed", "chat_closed"),
    ("topic_deleted", "chat_closed"),
    ("message thread not found", "chat_closed"),
    ("administrator rights", "chat_closed"),
    ("chat_admin_required", "chat_closed"),
    ("chat_restricted", "chat_closed"),
    ("chat_write_forbidden", "chat_closed"),
    ("chat_send_plain_forbidden", "chat_closed"),
    ("enough rights", "chat_closed"),
    ("have no rights", "chat_closed"),
    ("forbidden", "forbidden"),
];

fn refused(code: u16, description: &str) -> SendOutcome {
    let lower = description.to_lowercase();
    let sign = UNREACHABLE.iter().find(|(sign, _)| lower.contains(sign));
    match (sign, code) {
        (Some((_, reason)), _) => SendOutcome::Unreachable { reason },
        (None, 403) => SendOutcome::Unreachable { reason: "forbidden" },
        (None, _) => SendOutcome::Refused { description: description.to_owned() },
    }
}

/// Whether Telegram refused a message for a button below it: its address, or its data.
pub(super) fn refuses_button(error: &CallError) -> bool {
    let CallError::Refused { code: 400, description } = error else { return false };
    let lower = description.to_lowercase();
    ["button", "http url", "keyboard", "reply markup", "reply_markup"]
        .iter()
        .any(|sign| lower.contains(sign))
}

/// The metric label of a send.
pub(super) fn send_label(outcome: &SendOutcome) -> TelegramOutcome {
    match outcome {
        SendOutcome::Sent { .. } | SendOutcome::Migrated { .. } => TelegramOutcome::Ok,
        SendOutcome::TooManyRequests { .. } => TelegramOutcome::TooManyRequests,
        SendOutcome::NotConnected => TelegramOutcome::NotConnected,
        SendOutcome::Unknown { reason: "timeout" } => TelegramOutcome::Timeout,
        SendOutcome::Unknown { reason: "unreadable_answer" } => TelegramOutcome::Unreadable,
        SendOutcome::Unknown { .. } => TelegramOutcome::ServerError,
        SendOutcome::Unreachable { .. } => TelegramOutcome::Forbidden,
        SendOutcome::Refused { .. } => TelegramOutcome::BadRequest,
    }
}

/// The metric label of a failed call of any other method.
pub(super) fn call_label(error: &CallError) -> TelegramOutcome {
    match error {
        CallError::TooManyRequests { .. } => TelegramOutcome::TooManyRequests,
        CallError::Timeout => TelegramOutcome::Timeout,
        CallError::NotConnected | CallError::ConnectionLost => TelegramOutcome::NotConnected,
        CallError::Unreadable => TelegramOutcome::Unreadable,
        CallError::ServerError(_) => TelegramOutcome::ServerError,
        CallError::Migrated { .. } | CallError::InvalidToken | CallError::Refused { .. } => {
            TelegramOutcome::BadRequest
        }
    }
}

/// Whether another poller, or a webhook that is still set, keeps `getUpdates` from working.
pub(super) fn is_conflict(error: &CallError) -> bool {
    matches!(error, CallError::Refused { code: 409, .. })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_chat_is_unreachable_and_what_is_our_fault_is_refused() {
        for (code, description, reason) in [
            (400, "Bad Request: TOPIC_CLOSED", Some("chat_closed")),
            (
                400,
                "Bad Request: need administrator rights in the channel chat",
                Some("chat_closed"),
            ),
            (
                400,
                "Bad Request: not enough rights to send text messages to the chat",
                Some("chat_closed"),
            ),
            (400, "Bad Request: have no rights to send a message", Some("chat_closed")),
            (400, "Bad Request: CHAT_RESTRICTED", Some("chat_closed")),
            (400, "Bad Request: chat not found", Some("chat_not_found")),
            (400, "Bad Request: group chat was deactivated", Some("bot_kicked")),
            (403, "Forbidden: bot was kicked from the supergroup chat", Some("bot_kicked")),
            (403, "Forbidden: bot is not a member of the channel chat", Some("bot_kicked")),
            (403, "Forbidden: something new", Some("forbidden")),
            (403, "", Some("forbidden")),
            (400, "Bad Request: can't parse entities: unsupported start tag", None),
            (400, "Bad Request: message is too long", None),
        ] {
            let outcome =
                send_outcome(&CallError::Refused { code, description: description.into() });
            let expected = match reason {
                Some(reason) => SendOutcome::Unreachable { reason },
                None => SendOutcome::Refused { description: description.into() },
            };
            assert_eq!(outcome, expected, "{description}");
        }
    }

    #[test]
    fn a_refused_button_is_known_by_the_words_for_it() {
        for (description, refuses) in [
            ("Bad Request: Wrong HTTP URL", true),
            ("Bad Request: inline keyboard button URL 'x' is invalid: Wrong HTTP URL", true),
            ("Bad Request: BUTTON_URL_INVALID", true),
            ("Bad Request: BUTTON_DATA_INVALID", true),
            ("Bad Request: can't parse inline keyboard button: Text buttons are unallowed", true),
            ("Bad Request: can't parse reply keyboard markup JSON object", true),
            ("Bad Request: message is too long", false),
        ] {
            let error = CallError::Refused { code: 400, description: description.to_owned() };
            assert_eq!(refuses_button(&error), refuses, "{description}");
        }
    }
}
