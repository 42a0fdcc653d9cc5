//! Checks each of two ways to Telegram by itself: while one works, a broken one is not noticed otherwise.

use std::time::Duration;

use futures::future;
use shared::{
    settings::TelegramWay,
    telemetry::metrics::{Label, WhichWay},
};

use super::Finding;
use crate::telegram::{CallError, Client};

/// Longest call by one way or both, with the attempts to connect.
pub(super) const TIMEOUT: Duration = Duration::from_secs(15);
const MEND_ROUTE: &str = "see that this server may connect to it (firewall, DNS, a block by the provider); or name \
                          another way in TELEGRAM_API_URL, then `deploy/bridge restart`";
const MEND_PROXY: &str = "see that the proxy runs, lets this server in (user, password) and reaches Telegram; or name \
                          another way in TELEGRAM_API_URL, then `deploy/bridge restart`";
const MEND_SERVER: &str = "mend what answers there, or take it out of TELEGRAM_API_URL, then `deploy/bridge restart`: \
                           what may have arrived by this way is not sent by the other one";

/// What came of a call by one way.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Tried {
    Answers,
    /// With the reason. The other way is used.
    Away(String),
    /// With the reason. It is connected to, so the other way is not used.
    Wrong(String),
}

/// A finding for each of two ways; none where there is one.
pub(super) async fn check(ways: &[TelegramWay], client: &Client) -> Vec<Finding> {
    if client.ways().len() < 2 {
        return Vec::new();
    }
    let calls = client.ways().iter().map(async |way| {
        let answer = tokio::time::timeout(TIMEOUT, client.get_me_by(*way)).await;
        answer.unwrap_or_else(|_| Err((CallError::Timeout, CallError::Timeout.to_string())))
    });
    let answers = future::join_all(calls).await;
    let errors = answers.into_iter().map(Result::err).collect::<Vec<_>>();
    // A token that no way takes is the bot's fault, not a way's.
    let token_is_wrong = errors.iter().all(|error| is(error.as_ref(), &CallError::InvalidToken));
    let tried: Vec<Tried> =
        errors.into_iter().map(|error| judge(error.filter(|_| !token_is_wrong))).collect();
    let each = ways.iter().zip(client.ways()).zip(&tried);
    each.map(|((way, which), tried_way)| {
        let another_works =
            client.ways().iter().zip(&tried).any(|(w, t)| w != which && *t == Tried::Answers);
        finding(*which, way, tried_way, another_works)
    })
    .collect()
}

fn is(error: Option<&(CallError, String)>, expected: &CallError) -> bool {
    error.is_some_and(|(error, _)| error == expected)
}

fn judge(error: Option<(CallError, String)>) -> Tried {
    match error {
        None | Some((CallError::TooManyRequests { .. }, _)) => Tried::Answers,
        Some((CallError::NotConnected, reason)) => Tried::Away(reason),
        Some((
            CallError::Timeout
            | CallError::ConnectionLost
            | CallError::Unreadable
            | CallError::ServerError(_)
            | CallError::Migrated { .. }
            | CallError::InvalidToken
            | CallError::Refused { .. },
            reason,
        )) => Tried::Wrong(reason),
    }
}

fn finding(which: WhichWay, way: &TelegramWay, tried: &Tried, another_works: bool) -> Finding {
    let (about, other) = match which {
        WhichWay::First => ("first way", WhichWay::Second),
        WhichWay::Second => ("second way", WhichWay::First),
    };
    let (shown, other) = (way.shown(), other.label());
    let remedy = if way.proxy.is_some() { MEND_PROXY } else { MEND_ROUTE };
    match tried {
        Tried::Answers => Finding::ok(about, format!("{shown} answers")),
        Tried::Away(reason) if another_works => {
            Finding::warn(about, format!("{shown}: {reason}; the {other} way is used"), remedy)
        }
        Tried::Away(reason) => Finding::fail(about, format!("{shown}: {reason}"), remedy),
        Tried::Wrong(reason) => {
            let found = format!("{shown} can be connected to, but does not answer well: {reason}");
            Finding::fail(about, found, MEND_SERVER)
        }
    }
}
