//! The handler of Bukza's web requests: checks the secret, reads the body, stores its events, answers.

use std::{sync::Arc, time::Instant};

use axum::{
    Json,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use shared::{
    bukza::{self, Refusal, RefusalKind},
    domain::ids::EventId,
    telemetry::metrics::{self, Source, WebhookOutcome},
};

use super::authorized_request::{AuthorizedRequest, BODY_MAX, content_type};
use crate::{
    http::{
        body::{self, BodyError},
        problem::{Problem, Proof},
        query::Query,
    },
    state::App,
};

const SECRET_HEADER: &str = "x-webhook-secret";

/// The response to a stored request.
#[derive(Serialize)]
struct Accepted {
    status: &'static str,
    ids: Vec<EventId>,
}

/// The methods that carry a booking, and OPTIONS.
const ALLOWED: HeaderValue = HeaderValue::from_static("GET, POST, PUT, PATCH, OPTIONS");
/// A GET stores a booking as well: its response must not be served from a cache.
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// `{WEBHOOK_PATH}`, by any method.
pub(crate) async fn receive(State(app): State<Arc<App>>, request: Request) -> Response {
    let started = Instant::now();
    let (head, body) = request.into_parts();
    let result = accept(&app, &head, body, started).await;
    let outcome = result.as_ref().map_or_else(Problem::outcome, |_| WebhookOutcome::Accepted);
    metrics::webhook(Source::Bukza, outcome, started.elapsed());
    let mut response = match result {
        Ok(ids) => Json(Accepted { status: "accepted", ids }).into_response(),
        Err(Problem::MethodNotAllowed(faults))
            if head.method == Method::OPTIONS && faults.is_empty() =>
        {
            StatusCode::NO_CONTENT.into_response()
        }
        Err(problem) => problem.response(app.locale),
    };
    if matches!(response.status(), StatusCode::METHOD_NOT_ALLOWED | StatusCode::NO_CONTENT) {
        response.headers_mut().insert(header::ALLOW, ALLOWED);
    }
    response.headers_mut().insert(header::CACHE_CONTROL, NO_STORE);
    response
}

/// Whether the method carries a booking. DELETE does not: the method alone does not say that a booking is
/// cancelled.
fn carries_booking(method: &Method) -> bool {
    [Method::GET, Method::POST, Method::PUT, Method::PATCH].contains(method)
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
        if head.method == Method::OPTIONS {
            return Err(Problem::MethodNotAllowed(Vec::new()));
        }
        app.bukza_refusals.refused();
        return Err(Problem::Unauthorized(Proof::Bukza));
    }
    let received_at = app.receive_times.of(&head.headers);
    let request = AuthorizedRequest { app, head, query, received_at, started };
    let body = match body::read(body, BODY_MAX).await {
        Ok(body) => body,
        Err(BodyError::TooLarge(start)) => {
            let limit = BODY_MAX;
            return Err(request.refuse(&start, Problem::TooLarge { limit }).await);
        }
        Err(BodyError::Broken) => return Err(Problem::Broken),
        Err(BodyError::Slow) => return Err(Problem::Slow),
    };
    let is_empty = request.query.parameters.is_empty() && body.is_empty();
    if !carries_booking(&head.method) || (is_empty && head.method == Method::GET) {
        return Err(request.refuse_method(&body, is_empty).await);
    }
    let content = bukza::Request {
        query: &request.query.parameters,
        content_type: content_type(&head.headers),
        body: &body,
    };
    match bukza::read(&content, &app.rules, received_at) {
        Ok(events) => request.store(events).await,
        Err(Refusal { kind: RefusalKind::NotJson, faults }) => {
            Err(request.refuse(&body, Problem::NotJson(faults)).await)
        }
        Err(Refusal { kind: RefusalKind::InvalidFields, faults }) => {
            Err(request.refuse(&body, Problem::InvalidFields(faults)).await)
        }
    }
}

/// Checks the header or, when it is missing, the URL's parameter.
fn is_authorized(app: &App, headers: &HeaderMap, query: &Query<'_>) -> bool {
    match headers.get(SECRET_HEADER) {
        Some(secret) => app.bukza_secrets.contain(secret.as_bytes()),
        None => query.secrets().any(|secret| app.bukza_secrets.contain(secret)),
    }
}
