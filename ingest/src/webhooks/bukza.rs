//! The handler of Bukza's web requests: secret, body, events, storage, answer. What has a valid
//! secret and cannot be used is kept, too, for the owner to see.

use std::{sync::Arc, time::Instant};

use axum::{
    Json,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use serde::Serialize;
use shared::{
    bukza::{self, Fault, Refusal, RefusalKind},
    domain::{
        event::{BookingEvent, Change},
        ids::EventId,
    },
    queue::{IngestJob, RejectedRequest},
    telemetry::{
        metrics::{self, Source, WebhookOutcome},
        milliseconds,
    },
};

use crate::{
    enqueue::NotStored,
    http::{
        body::{self, BodyError},
        problem::{Problem, Proof},
        query::Query,
    },
    state::App,
};

/// Largest body, in bytes.
const BODY_MAX: usize = 64 * 1024;
const SECRET_HEADER: &str = "x-webhook-secret";

/// The answer to what was stored.
#[derive(Serialize)]
struct Accepted {
    status: &'static str,
    ids: Vec<EventId>,
}

/// The methods by which a booking may come, and the one that asks for them.
const ALLOWED: HeaderValue = HeaderValue::from_static("GET, POST, PUT, PATCH, OPTIONS");
/// A GET changes what is stored: no answer of it stands for another.
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// `{WEBHOOK_PATH}`, by any method.
pub(crate) async fn receive(State(app): State<Arc<App>>, request: Request) -> Response {
    let started = Instant::now();
    let (head, body) = request.into_parts();
    let answer = accept(&app, &head, body, started).await;
    let outcome = answer.as_ref().map_or_else(Problem::outcome, |_| WebhookOutcome::Accepted);
    metrics::webhook(Source::Bukza, outcome, started.elapsed());
    let mut response = match answer {
        Ok(ids) => Json(Accepted { status: "accepted", ids }).into_response(),
        Err(Problem::MethodNotAllowed(faults)) if asks(&head.method) && faults.is_empty() => {
            StatusCode::NO_CONTENT.into_response()
        }
        Err(problem) => problem.into_response(),
    };
    if matches!(response.status(), StatusCode::METHOD_NOT_ALLOWED | StatusCode::NO_CONTENT) {
        response.headers_mut().insert(header::ALLOW, ALLOWED);
    }
    response.headers_mut().insert(header::CACHE_CONTROL, NO_STORE);
    response
}

/// Whether bookings come by the method. A DELETE would have to mean a cancellation, and says so nowhere.
fn brings(method: &Method) -> bool {
    [Method::GET, Method::POST, Method::PUT, Method::PATCH].contains(method)
}

/// Whether the method only asks for others.
fn asks(method: &Method) -> bool {
    method == Method::OPTIONS
}

async fn accept(
    app: &App,
    head: &Parts,
    body: Body,
    started: Instant,
) -> Result<Vec<EventId>, Problem> {
    let query = Query::read(head.uri.query());
    if !is_authorized(app, &head.headers, &query) {
        body::discard(body).await;
        if asks(&head.method) {
            return Err(Problem::MethodNotAllowed(Vec::new()));
        }
        tracing::warn!(source = "bukza", "webhook refused: no or wrong secret");
        return Err(Problem::Unauthorized(Proof::Bukza));
    }
    let received_at = app.receive_times.of(&head.headers);
    let arrived = Arrived { app, head, query, received_at, started };
    let body = match body::read(body, BODY_MAX).await {
        Ok(body) => body,
        Err(BodyError::TooLarge(start)) => {
            let limit = BODY_MAX;
            return Err(arrived.refuse(&start, Problem::TooLarge { limit }).await);
        }
        Err(BodyError::Broken) => return Err(Problem::Broken),
        Err(BodyError::Slow) => return Err(Problem::Slow),
    };
    let is_empty = arrived.query.parameters.is_empty() && body.is_empty();
    if !brings(&head.method) || (is_empty && head.method == Method::GET) {
        return Err(arrived.refuse_method(&body, is_empty).await);
    }
    let request = bukza::Request {
        query: &arrived.query.parameters,
        content_type: content_type(&head.headers),
        body: &body,
    };
    match bukza::read(&request, &app.rules, received_at) {
        Ok(events) => arrived.store(events).await,
        Err(Refusal { kind: RefusalKind::NotJson, faults }) => {
            Err(arrived.refuse(&body, Problem::NotJson(faults)).await)
        }
        Err(Refusal { kind: RefusalKind::InvalidFields, faults }) => {
            Err(arrived.refuse(&body, Problem::InvalidFields(faults)).await)
        }
    }
}

/// The header proves the caller; where it is not sent, the URL's parameter does.
fn is_authorized(app: &App, headers: &HeaderMap, query: &Query<'_>) -> bool {
    match headers.get(SECRET_HEADER) {
        Some(secret) => app.bukza_secrets.contain(secret.as_bytes()),
        None => query.secrets().any(|secret| app.bukza_secrets.contain(secret)),
    }
}

fn content_type(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::CONTENT_TYPE)?.to_str().ok()
}

/// A request with a valid secret.
struct Arrived<'a> {
    app: &'a App,
    head: &'a Parts,
    query: Query<'a>,
    received_at: DateTime<Utc>,
    started: Instant,
}

impl Arrived<'_> {
    async fn store(self, events: Vec<BookingEvent>) -> Result<Vec<EventId>, Problem> {
        let ids: Vec<EventId> = events.iter().map(|event| event.id.clone()).collect();
        let told: Vec<_> =
            events.iter().map(|it| (it.id.clone(), it.code.clone(), word(it))).collect();
        let jobs = events.into_iter().map(|event| IngestJob::Booking(Box::new(event))).collect();
        let (started, received_at) = (self.started, self.received_at);
        let tell = move |stored: Result<(), NotStored>| {
            let duration_ms = milliseconds(started.elapsed());
            if stored.is_ok() {
                metrics::last_webhook(Source::Bukza, received_at);
            }
            for (id, code, change) in &told {
                let (event_id, booking_code) = (id.0.as_str(), code.as_str());
                match stored {
                    Ok(()) => {
                        tracing::info!(
                            event_id,
                            booking_code,
                            change,
                            duration_ms,
                            "webhook accepted"
                        )
                    }
                    Err(NotStored) => {
                        tracing::error!(
                            event_id,
                            booking_code,
                            change,
                            duration_ms,
                            "webhook not stored"
                        )
                    }
                }
            }
        };
        match self.app.enqueuer.store(jobs, tell).await {
            Ok(()) => Ok(ids),
            Err(NotStored) => Err(Problem::NotStored),
        }
    }

    /// What the method cannot bring is kept, where the request brought something.
    async fn refuse_method(self, body: &[u8], is_empty: bool) -> Problem {
        if is_empty {
            return Problem::MethodNotAllowed(Vec::new());
        }
        let fault = Fault::new("method", "is not understood: send POST, PUT, PATCH or GET");
        self.refuse(body, Problem::MethodNotAllowed(vec![fault])).await
    }

    /// Keeps the request for the owner. A sender whose refused request could not even be kept is
    /// asked to come again.
    async fn refuse(self, body: &[u8], problem: Problem) -> Problem {
        let id = EventId::fresh();
        let faults = match problem.faults() {
            [] => vec![Fault::new("body", "is too large")],
            faults => faults.to_vec(),
        };
        let fields = faults.iter().map(|fault| fault.field.as_str()).collect::<Vec<_>>().join(",");
        let rejected = RejectedRequest {
            id: id.clone(),
            received_at: self.received_at,
            query: self.query.raw(),
            content_type: content_type(&self.head.headers).map(str::to_owned),
            body: lossy(body),
            status: problem.status().as_u16(),
            faults,
        };
        let (started, status) = (self.started, rejected.status);
        let tell = move |kept: Result<(), NotStored>| {
            let duration_ms = milliseconds(started.elapsed());
            match kept {
                Ok(()) => {
                    tracing::warn!(event_id = %id, status, fields, duration_ms, "webhook refused, kept")
                }
                Err(NotStored) => {
                    tracing::error!(event_id = %id, status, fields, duration_ms, "webhook refused, lost")
                }
            }
        };
        match self.app.enqueuer.store(vec![IngestJob::Rejected(rejected)], tell).await {
            Ok(()) => problem,
            Err(NotStored) => Problem::NotStored,
        }
    }
}

fn word(event: &BookingEvent) -> &'static str {
    match event.change {
        Change::Stands(_) => "stands",
        Change::Cancelled(_) => "cancelled",
    }
}

/// The body as text, at most 64 KiB of it. PostgreSQL's texts take no NUL.
fn lossy(body: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(body).replace('\0', "\u{fffd}");
    let mut end = text.len().min(BODY_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_body_is_bounded_text_without_nul() {
        assert_eq!(lossy(b"a\0b\xff"), "a\u{fffd}b\u{fffd}");
        let kept = lossy(&[0xff; BODY_MAX]);
        assert!(kept.len() <= BODY_MAX && kept.len() > BODY_MAX - 3);
    }
}
