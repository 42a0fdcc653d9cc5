//! Responses of refused requests: RFC 9457 `application/problem+json`, every fault by field.

use crate::http::body;
use axum::{
    Json,
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use shared::{bukza::Fault, telemetry::metrics::WebhookOutcome};

/// `Retry-After` of a 503, in seconds.
const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("5");
const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");

/// The secret that a caller has to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proof {
    Bukza,
    Telegram,
}

impl Proof {
    /// The challenge of a 401 (RFC 9110, 11.6.1). The scheme is our own: webhooks use no registered one,
    /// and an unknown scheme opens no password prompt in a browser.
    fn challenge(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Bukza => {
                r#"Webhook-Secret realm="bukza", header="X-Webhook-Secret", parameter="secret""#
            }
            Self::Telegram => {
                r#"Webhook-Secret realm="telegram", header="X-Telegram-Bot-Api-Secret-Token""#
            }
        })
    }

    fn detail(self) -> &'static str {
        match self {
            Self::Bukza => "Send it in the header X-Webhook-Secret, or as the parameter secret.",
            Self::Telegram => "Send it in the header X-Telegram-Bot-Api-Secret-Token.",
        }
    }
}

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Problem {
    Unauthorized(Proof),
    NotFound,
    /// With a fault, unless the request was empty.
    MethodNotAllowed(Vec<Fault>),
    /// The body did not arrive whole.
    Broken,
    /// The body did not arrive in time.
    Slow,
    TooLarge {
        /// In bytes.
        limit: usize,
    },
    NotJson(Vec<Fault>),
    InvalidFields(Vec<Fault>),
    NotStored,
}

#[derive(Serialize)]
struct Document<'a> {
    r#type: &'static str,
    title: &'static str,
    status: u16,
    #[serde(skip_serializing_if = "str::is_empty")]
    detail: &'a str,
    #[serde(skip_serializing_if = "<[Fault]>::is_empty")]
    errors: &'a [Fault],
}

impl Problem {
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::Unauthorized(_) => StatusCode::UNAUTHORIZED,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::Broken | Self::NotJson(_) => StatusCode::BAD_REQUEST,
            Self::Slow => StatusCode::REQUEST_TIMEOUT,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::InvalidFields(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::NotStored => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// The label of the metric.
    pub(crate) fn outcome(&self) -> WebhookOutcome {
        match self {
            Self::Unauthorized(_) => WebhookOutcome::Unauthorized,
            Self::TooLarge { .. } => WebhookOutcome::TooLarge,
            Self::NotJson(_) => WebhookOutcome::NotJson,
            Self::InvalidFields(_) => WebhookOutcome::InvalidFields,
            Self::NotStored => WebhookOutcome::NotStored,
            Self::Broken | Self::Slow | Self::NotFound | Self::MethodNotAllowed(_) => {
                WebhookOutcome::Broken
            }
        }
    }

    /// The faults by field; empty for a problem that is not about fields.
    pub(crate) fn faults(&self) -> &[Fault] {
        match self {
            Self::NotJson(faults)
            | Self::InvalidFields(faults)
            | Self::MethodNotAllowed(faults) => faults,
            Self::Unauthorized(_)
            | Self::NotFound
            | Self::Broken
            | Self::Slow
            | Self::TooLarge { .. }
            | Self::NotStored => &[],
        }
    }

    fn kind(&self) -> (&'static str, &'static str) {
        match self {
            Self::Unauthorized(_) => ("urn:problem:unauthorized", "The secret is missing or wrong"),
            Self::NotFound => ("urn:problem:not-found", "There is nothing at this path"),
            Self::MethodNotAllowed(_) => {
                ("urn:problem:method-not-allowed", "This method is not understood here")
            }
            Self::Broken => ("urn:problem:broken-body", "The body did not arrive whole"),
            Self::Slow => ("urn:problem:slow-body", "The body did not arrive in time"),
            Self::TooLarge { .. } => ("urn:problem:too-large", "The body is too large"),
            Self::NotJson(_) => ("urn:problem:not-json", "The body cannot be read"),
            Self::InvalidFields(_) => {
                ("urn:problem:invalid-fields", "Fields are missing or impossible")
            }
            Self::NotStored => ("urn:problem:not-stored", "The request cannot be stored now"),
        }
    }

    fn detail(&self) -> String {
        match self {
            Self::Unauthorized(proof) => proof.detail().to_owned(),
            Self::TooLarge { limit } => format!("At most {} KiB are taken.", limit / 1024),
            Self::NotJson(_) | Self::InvalidFields(_) | Self::MethodNotAllowed(_) => {
                let line = |fault: &Fault| format!("{} {}", fault.field, fault.message);
                self.faults().iter().map(line).collect::<Vec<_>>().join("; ")
            }
            Self::NotStored => "Nothing was accepted. Send it again.".to_owned(),
            Self::NotFound | Self::Broken | Self::Slow => String::new(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let (kind, title) = self.kind();
        let status = self.status();
        let document = Document {
            r#type: kind,
            title,
            status: status.as_u16(),
            detail: &self.detail(),
            errors: self.faults(),
        };
        let mut response = (status, Json(document)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, PROBLEM_JSON);
        match self {
            Self::NotStored => {
                response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER_SECONDS);
            }
            Self::Unauthorized(proof) => {
                response.headers_mut().insert(header::WWW_AUTHENTICATE, proof.challenge());
            }
            Self::NotFound
            | Self::MethodNotAllowed(_)
            | Self::Broken
            | Self::Slow
            | Self::TooLarge { .. }
            | Self::NotJson(_)
            | Self::InvalidFields(_) => {}
        }
        response
    }
}

/// Answers a request that has no route.
pub(crate) async fn not_found(request: Request) -> Response {
    body::discard(request.into_body()).await;
    Problem::NotFound.into_response()
}

#[cfg(test)]
#[path = "problem_tests.rs"]
mod tests;
