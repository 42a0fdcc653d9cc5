//! Checks each of two ways to Telegram by itself: while one works, a broken one is not noticed otherwise.

use std::time::Duration;

use futures::future;
use shared::{settings::TelegramWay, telemetry::metrics::WhichWay};

use super::{Finding, say};
use crate::telegram::{CallError, Client};

/// Longest call by one way or both, with the attempts to connect.
pub(super) const TIMEOUT: Duration = Duration::from_secs(15);

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
    let shown = way.shown();
    let remedy = || say(if way.proxy.is_some() { "way-mend-proxy" } else { "way-mend-route" });
    match tried {
        Tried::Answers => Finding::ok(about, say("way-answers").with("way", shown)),
        Tried::Away(reason) if another_works => {
            let other = match other {
                WhichWay::First => say("way-first-is-used"),
                WhichWay::Second => say("way-second-is-used"),
            };
            let away = say("way-away-other").with("way", shown).with("error", reason.as_str());
            Finding::warn(about, away.with("other", other), remedy())
        }
        Tried::Away(reason) => {
            let away = say("way-away").with("way", shown).with("error", reason.as_str());
            Finding::fail(about, away, remedy())
        }
        Tried::Wrong(reason) => {
            let wrong = say("way-wrong").with("way", shown).with("error", reason.as_str());
            Finding::fail(about, wrong, say("way-mend-server"))
        }
    }
}
