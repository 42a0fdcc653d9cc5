//! Responses of refused requests: RFC 9457 `application/problem+json`, every fault by field.

use std::sync::Arc;

use axum::{
    Json,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;
use shared::{
    bukza::{self, Fault},
    domain::venue::Locale,
    telemetry::metrics::WebhookOutcome,
};

use crate::{http::body, state::App};

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

    fn detail(self, locale: Locale) -> &'static str {
        match (self, locale) {
            (Self::Bukza, Locale::Ru) => {
                "Пришлите его в заголовке X-Webhook-Secret или параметром secret."
            }
            (Self::Bukza, Locale::En) => {
                "Send it in the header X-Webhook-Secret, or as the parameter secret."
            }
            (Self::Telegram, Locale::Ru) => {
                "Пришлите его в заголовке X-Telegram-Bot-Api-Secret-Token."
            }
            (Self::Telegram, Locale::En) => {
                "Send it in the header X-Telegram-Bot-Api-Secret-Token."
            }
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

/// The faults in a language.
fn worded(faults: &[Fault], locale: Locale) -> Vec<Fault> {
    faults.iter().map(|fault| Fault::new(fault.field.as_str(), fault.text(locale))).collect()
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

    /// The type of the problem, which stays the same in each language.
    fn kind(&self) -> &'static str {
        match self {
            Self::Unauthorized(_) => "urn:problem:unauthorized",
            Self::NotFound => "urn:problem:not-found",
            Self::MethodNotAllowed(_) => "urn:problem:method-not-allowed",
            Self::Broken => "urn:problem:broken-body",
            Self::Slow => "urn:problem:slow-body",
            Self::TooLarge { .. } => "urn:problem:too-large",
            Self::NotJson(_) => "urn:problem:not-json",
            Self::InvalidFields(_) => "urn:problem:invalid-fields",
            Self::NotStored => "urn:problem:not-stored",
        }
    }

    fn title(&self, locale: Locale) -> &'static str {
        let (russian, english) = match self {
            Self::Unauthorized(_) => {
                ("Нет секрета, или он неверный", "The secret is missing or wrong")
            }
            Self::NotFound => ("По этому пути ничего нет", "There is nothing at this path"),
            Self::MethodNotAllowed(_) => {
                ("Этот метод здесь не подходит", "This method is not understood here")
            }
            Self::Broken => ("Тело запроса пришло не целиком", "The body did not arrive whole"),
            Self::Slow => ("Тело запроса не пришло вовремя", "The body did not arrive in time"),
            Self::TooLarge { .. } => ("Тело запроса слишком велико", "The body is too large"),
            Self::NotJson(_) => ("Тело запроса не читается", "The body cannot be read"),
            Self::InvalidFields(_) => {
                ("Полей не хватает, или они неверны", "Fields are missing or impossible")
            }
            Self::NotStored => {
                ("Запрос сейчас негде сохранить", "The request cannot be stored now")
            }
        };
        match locale {
            Locale::Ru => russian,
            Locale::En => english,
        }
    }

    fn detail(&self, locale: Locale) -> String {
        match (self, locale) {
            (Self::Unauthorized(proof), _) => proof.detail(locale).to_owned(),
            (Self::TooLarge { limit }, Locale::Ru) => {
                format!("Принимается не больше {} КиБ.", limit / 1024)
            }
            (Self::TooLarge { limit }, Locale::En) => {
                format!("At most {} KiB are taken.", limit / 1024)
            }
            (Self::NotJson(_) | Self::InvalidFields(_) | Self::MethodNotAllowed(_), _) => {
                bukza::lines(self.faults(), locale)
            }
            (Self::NotStored, Locale::Ru) => "Ничего не принято. Пришлите ещё раз.".to_owned(),
            (Self::NotStored, Locale::En) => "Nothing was accepted. Send it again.".to_owned(),
            (Self::NotFound | Self::Broken | Self::Slow, _) => String::new(),
        }
    }

    /// The response, with its words in the venue's language.
    pub(crate) fn response(self, locale: Locale) -> Response {
        let status = self.status();
        let document = Document {
            r#type: self.kind(),
            title: self.title(locale),
            status: status.as_u16(),
            detail: &self.detail(locale),
            errors: &worded(self.faults(), locale),
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
pub(crate) async fn not_found(State(app): State<Arc<App>>, request: Request) -> Response {
    body::discard(request.into_body()).await;
    Problem::NotFound.response(app.locale)
}

#[cfg(test)]
#[path = "problem_tests.rs"]
mod tests;
