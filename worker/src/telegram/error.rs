//! What a `RequestError` means: the outcome of a send, the metric label, and a text for logs. The
//! error's own text is never shown: it may hold the token.

use std::time::Duration;

use shared::{
    domain::{ids::ChatId, outcome::SendOutcome},
    telemetry::metrics::TelegramOutcome,
};
use teloxide::{ApiError, RequestError};

/// What an error of a `SendMessage` call means for the message.
pub(super) fn send_outcome(error: &RequestError) -> SendOutcome {
    match error {
        RequestError::RetryAfter(after) => {
            SendOutcome::TooManyRequests { retry_after: after.duration() }
        }
        RequestError::MigrateToChatId(to) => SendOutcome::Migrated { to: ChatId(to.0) },
        RequestError::Network(error) if error.is_connect() => SendOutcome::NotConnected,
        RequestError::Network(error) if error.is_timeout() => {
            SendOutcome::Unknown { reason: "timeout" }
        }
        RequestError::Network(_) | RequestError::Io(_) => {
            SendOutcome::Unknown { reason: "connection_lost" }
        }
        RequestError::InvalidJson { .. } => SendOutcome::Unknown { reason: "unreadable_answer" },
        RequestError::Api(error) => outcome_of_api(error),
    }
}

fn outcome_of_api(error: &ApiError) -> SendOutcome {
    match error {
        ApiError::BotBlocked => SendOutcome::Unreachable { reason: "bot_blocked" },
        ApiError::ChatNotFound => SendOutcome::Unreachable { reason: "chat_not_found" },
        ApiError::UserDeactivated => SendOutcome::Unreachable { reason: "user_deactivated" },
        ApiError::BotKicked
        | ApiError::BotKickedFromSupergroup
        | ApiError::BotKickedFromChannel
        | ApiError::GroupDeactivated => SendOutcome::Unreachable { reason: "bot_kicked" },
        ApiError::CantInitiateConversation | ApiError::CantTalkWithBots => {
            SendOutcome::Unreachable { reason: "no_conversation" }
        }
        // A wrong or revoked token is not the message's fault. Nothing was sent.
        ApiError::InvalidToken => SendOutcome::NotConnected,
        other => outcome_of_description(&other.to_string()),
    }
}

/// Errors that teloxide has no variant for, by Telegram's description.
fn outcome_of_description(description: &str) -> SendOutcome {
    let lower = description.to_lowercase();
    let contains = |signs: &[&str]| signs.iter().any(|sign| lower.contains(sign));
    if contains(&[
        "internal server error",
        "bad gateway",
        "gateway time",
        "service unavailable",
        "restart",
    ]) {
        return SendOutcome::Unknown { reason: "server_error" };
    }
    if contains(&["unauthorized"]) {
        return SendOutcome::NotConnected;
    }
    if contains(&[
        "forbidden",
        "chat_write_forbidden",
        "not enough rights",
        "have no rights",
        "peer_id_invalid",
    ]) {
        return SendOutcome::Unreachable { reason: "forbidden" };
    }
    SendOutcome::Refused { description: description.chars().take(200).collect() }
}

/// The metric label of a `SendMessage` call.
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
pub(super) fn call_label(error: &RequestError) -> TelegramOutcome {
    match error {
        RequestError::RetryAfter(_) => TelegramOutcome::TooManyRequests,
        RequestError::Network(error) if error.is_timeout() => TelegramOutcome::Timeout,
        RequestError::Network(_) | RequestError::Io(_) => TelegramOutcome::NotConnected,
        RequestError::InvalidJson { .. } => TelegramOutcome::Unreadable,
        RequestError::Api(_) | RequestError::MigrateToChatId(_) => TelegramOutcome::BadRequest,
    }
}

/// Whether another poller, or a webhook that is still set, keeps `getUpdates` from working.
pub(super) fn is_conflict(error: &RequestError) -> bool {
    matches!(
        error,
        RequestError::Api(ApiError::TerminatedByOtherGetUpdates | ApiError::CantGetUpdates)
    )
}

/// How long Telegram asks to be left alone.
pub(super) fn retry_after(error: &RequestError) -> Option<Duration> {
    match error {
        RequestError::RetryAfter(after) => Some(after.duration()),
        RequestError::MigrateToChatId(_)
        | RequestError::Network(_)
        | RequestError::Io(_)
        | RequestError::InvalidJson { .. }
        | RequestError::Api(_) => None,
    }
}

/// An error as text for logs and the terminal: without the token, and without a client's words.
pub(super) fn reason(error: &RequestError) -> String {
    match error {
        RequestError::Api(error) => error.to_string().chars().take(200).collect(),
        RequestError::RetryAfter(after) => format!("too many requests, wait {after}"),
        RequestError::Network(error) if error.is_timeout() => "no answer in time".to_owned(),
        RequestError::Network(error) if error.is_connect() => "cannot connect".to_owned(),
        RequestError::Network(_) | RequestError::Io(_) => "connection lost".to_owned(),
        RequestError::InvalidJson { .. } => "unreadable answer".to_owned(),
        RequestError::MigrateToChatId(_) => "the chat has another id".to_owned(),
    }
}
