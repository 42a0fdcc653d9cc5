//! The two requests of Bukza's API, and what the status of an answer means. Addresses and tokens are in no error.

use std::time::Duration;

use chrono::{DateTime, SecondsFormat, Utc};
use reqwest::{
    StatusCode,
    header::{HeaderMap, RETRY_AFTER},
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use shared::{
    settings::{BukzaAccess, BukzaApi},
    telemetry::metrics::{self, TableCall},
};
use tokio::time::Instant;
use url::Url;

use super::{
    error::{FormFault, TableError},
    limits::{Limits, RETRY_AFTER_MAX},
    wire::{self, WireRow},
};

/// Largest answer that is read, in bytes. Five thousand rows of thirty columns take half of it.
const BODY_MAX: usize = 24 * 1024 * 1024;
/// Longest cause that an error repeats, in characters.
const CAUSE_MAX: usize = 120;
/// The pause after a 429 that demands none.
const LIMITED: Duration = Duration::from_secs(60);

/// A session.
#[derive(Debug, Clone)]
pub(super) struct Session {
    token: SecretString,
    server: Url,
}

impl Session {
    /// The session that was handed in by hand. `None`: an account signs in.
    pub(super) fn by_hand(settings: &BukzaApi) -> Option<Self> {
        match &settings.access {
            BukzaAccess::Token(token) => {
                Some(Self { token: token.clone(), server: settings.url.clone() })
            }
            BukzaAccess::Account { .. } => None,
        }
    }
}

/// What came of a request.
#[derive(Debug)]
pub(super) enum Failed {
    /// The session is over, or never was.
    SessionOver {
        status: u16,
    },
    /// The answer is too large to be read.
    TooLarge,
    Other(TableError),
}

impl Failed {
    /// The error, where a session can't be renewed and the answer can't be smaller.
    pub(super) fn into_error(self) -> TableError {
        match self {
            Self::SessionOver { status } => TableError::CredentialsRefused { status },
            Self::TooLarge => TableError::NotUnderstood(FormFault::TooLarge),
            Self::Other(error) => error,
        }
    }
}

/// The HTTP client.
pub(super) fn http(limits: &Limits) -> Result<reqwest::Client, TableError> {
    let http = reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(10).min(limits.timeout))
        .timeout(limits.timeout)
        // A redirect could lead the password and the token elsewhere.
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .build();
    http.map_err(|error| TableError::Unreachable { reason: error.without_url().to_string() })
}

/// Signs an account in.
pub(super) async fn sign_in(
    http: &reqwest::Client,
    settings: &BukzaApi,
    now: DateTime<Utc>,
) -> Result<Session, Failed> {
    let BukzaAccess::Account { email, password } = &settings.access else {
        return Err(Failed::SessionOver { status: 401 });
    };
    let request = http
        .post(address(&settings.url, "api/account/signin"))
        .json(&json!({ "email": email, "password": password.expose_secret() }));
    let body = match send(request, TableCall::SignIn, now).await {
        // Another form of the request would be refused so, too; a wrong password is likelier.
        Err(Failed::Other(TableError::NotUnderstood(FormFault::Status(status @ (400 | 422))))) => {
            return Err(Failed::SessionOver { status });
        }
        answer => answer?,
    };
    let not_understood = |fault| Failed::Other(TableError::NotUnderstood(fault));
    let signed_in = wire::signed_in(&body).map_err(not_understood)?;
    let server = settings.server(&signed_in.server);
    let server = server.ok_or(not_understood(FormFault::Lacks("serverUrl")))?;
    Ok(Session { token: signed_in.token.into(), server })
}

/// The rows of the reservations that start in the period.
pub(super) async fn rows(
    http: &reqwest::Client,
    settings: &BukzaApi,
    session: &Session,
    (from, till): (DateTime<Utc>, DateTime<Utc>),
    now: DateTime<Utc>,
) -> Result<Vec<Option<WireRow>>, Failed> {
    let time = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::Millis, true);
    let body = json!({
        "reservationTableId": settings.table_id,
        "isLimited": false,
        "isTotalsLimited": false,
        "criteria": null,
        "from": time(from),
        "till": time(till),
        "sortColumn": "bukza_start_date",
        "isDescending": false,
    });
    let request = http
        .post(address(&session.server, "api/reservation-tables/data"))
        .bearer_auth(session.token.expose_secret())
        .json(&body);
    let body = send(request, TableCall::Rows, now).await?;
    wire::rows(&body).map_err(|fault| Failed::Other(TableError::NotUnderstood(fault)))
}

fn address(server: &Url, path: &str) -> String {
    format!("{}/{path}", server.as_str().trim_end_matches('/'))
}

/// The body of a good answer.
async fn send(
    request: reqwest::RequestBuilder,
    call: TableCall,
    now: DateTime<Utc>,
) -> Result<Vec<u8>, Failed> {
    let started = Instant::now();
    let answer = receive(request, now).await;
    metrics::table_request(call, started.elapsed());
    answer
}

async fn receive(request: reqwest::RequestBuilder, now: DateTime<Utc>) -> Result<Vec<u8>, Failed> {
    let mut response = request.send().await.map_err(|error| unreachable(&error))?;
    let status = response.status();
    if !status.is_success() {
        return Err(refused(status, response.headers(), now));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| unreachable(&error))? {
        if body.len() + chunk.len() > BODY_MAX {
            return Err(Failed::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// What a status other than success means.
fn refused(status: StatusCode, headers: &HeaderMap, now: DateTime<Utc>) -> Failed {
    let retry_after = retry_after(headers, now);
    match status.as_u16() {
        status @ (401 | 403) => Failed::SessionOver { status },
        429 => Failed::Other(TableError::Limited { retry_after: retry_after.unwrap_or(LIMITED) }),
        503 if retry_after.is_some() => {
            Failed::Other(TableError::Limited { retry_after: retry_after.unwrap_or(LIMITED) })
        }
        status @ (408 | 500..) => {
            Failed::Other(TableError::Unreachable { reason: format!("HTTP {status}") })
        }
        status => Failed::Other(TableError::NotUnderstood(FormFault::Status(status))),
    }
}

/// `Retry-After`: seconds, or a date.
fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let pause = match text.parse() {
        Ok(seconds) => Duration::from_secs(seconds),
        Err(_) => {
            let at = DateTime::parse_from_rfc2822(text).ok()?;
            (at.to_utc() - now).to_std().unwrap_or_default()
        }
    };
    Some(pause.min(RETRY_AFTER_MAX))
}

fn unreachable(error: &reqwest::Error) -> Failed {
    let reason = if error.is_timeout() {
        "no answer in time".to_owned()
    } else if error.is_connect() {
        format!("can't connect: {}", cause(error))
    } else {
        format!("the connection broke: {}", cause(error))
    };
    Failed::Other(TableError::Unreachable { reason })
}

/// The innermost cause.
fn cause(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string().chars().filter(|c| !c.is_control()).take(CAUSE_MAX).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_demanded_pause_is_seconds_or_a_date_and_bounded() {
        let now = "2026-11-28T12:00:00Z".parse().unwrap();
        for (text, seconds) in [
            ("7", Some(7)),
            (" 0 ", Some(0)),
            ("Sat, 28 Nov 2026 12:01:30 GMT", Some(90)),
            ("Sat, 28 Nov 2026 11:00:00 GMT", Some(0)),
            ("999999999", Some(3600)),
            ("soon", None),
            ("-1", None),
        ] {
            let headers = [(RETRY_AFTER, text.parse().unwrap())].into_iter().collect();
            assert_eq!(retry_after(&headers, now).map(|pause| pause.as_secs()), seconds, "{text}");
        }
        assert_eq!(retry_after(&HeaderMap::new(), now), None);
    }
}
