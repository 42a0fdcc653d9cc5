//! The handler of Telegram's updates: checks the secret token, the size and the form. The update is stored
//! as it came: the worker interprets it.

use std::{fmt, sync::Arc, time::Instant};

use axum::{
    body::Body,
    extract::{Request, State},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use serde::{
    Deserialize, Deserializer,
    de::{self, MapAccess, Visitor},
};
use shared::{
    bukza::Fault,
    domain::ids::EventId,
    json,
    queue::{IngestJob, TelegramUpdate},
    settings::Secrets,
    telemetry::{
        metrics::{self, Source, WebhookOutcome},
        milliseconds,
    },
};

use super::json_depth::DepthChecked;
use crate::{
    enqueue::NotStored,
    http::{
        body::{self, BodyError},
        problem::{self, Problem, Proof},
    },
    state::App,
};

/// Largest update, in bytes.
const BODY_MAX: usize = 1024 * 1024;
const SECRET_HEADER: &str = "x-telegram-bot-api-secret-token";

/// `POST /webhook/telegram`.
pub(crate) async fn receive(State(app): State<Arc<App>>, request: Request) -> Response {
    let Some(secrets) = &app.telegram_secrets else {
        return problem::not_found(State(app), request).await;
    };
    let started = Instant::now();
    let (head, body) = request.into_parts();
    let result = accept(&app, secrets, &head, body, started).await;
    let outcome = result.as_ref().map_or_else(Problem::outcome, |()| WebhookOutcome::Accepted);
    metrics::webhook(Source::Telegram, outcome, started.elapsed());
    result.map_or_else(|problem| problem.response(app.locale), |()| StatusCode::OK.into_response())
}

async fn accept(
    app: &App,
    secrets: &Secrets,
    head: &Parts,
    body: Body,
    started: Instant,
) -> Result<(), Problem> {
    let token = head.headers.get(SECRET_HEADER).map(|value| value.as_bytes());
    if !token.is_some_and(|token| secrets.contain(token)) {
        app.telegram_refusals.refused();
        body::discard(body).await;
        return Err(Problem::Unauthorized(Proof::Telegram));
    }
    let received_at = app.receive_times.of(&head.headers);
    let body = body::read(body, BODY_MAX).await.map_err(|error| match error {
        BodyError::TooLarge(_) => Problem::TooLarge { limit: BODY_MAX },
        BodyError::Broken => Problem::Broken,
        BodyError::Slow => Problem::Slow,
    })?;
    let (update_id, raw) = parse_update(&body).map_err(|fault| {
        tracing::warn!(source = "telegram", fault = fault.message, "webhook refused: no update");
        Problem::NotJson(vec![fault])
    })?;
    let id = EventId::fresh();
    let update =
        TelegramUpdate { id: id.clone(), received_at, update_id, raw: raw.to_owned(), attempts: 0 };
    let on_stored = move |stored: Result<(), NotStored>| {
        let duration_ms = milliseconds(started.elapsed());
        match stored {
            Ok(()) => {
                metrics::last_webhook(Source::Telegram, received_at);
                tracing::info!(event_id = %id, update_id, duration_ms, "update accepted");
            }
            Err(NotStored) => {
                tracing::error!(event_id = %id, update_id, duration_ms, "update not stored");
            }
        }
    };
    let stored = app.enqueuer.store(vec![IngestJob::Update(update)], on_stored).await;
    stored.map_err(|NotStored| Problem::NotStored)
}

/// The `update_id` and the text of an update.
///
/// # Errors
/// When the body is no JSON object with an `update_id`, or is nested too deeply.
fn parse_update(body: &[u8]) -> Result<(i64, &str), Fault> {
    let text = std::str::from_utf8(body).map_err(|_| Fault::new("body", "is not UTF-8"))?;
    let head: Head = serde_json::from_str(text).map_err(|error| {
        Fault::new("body", format!("is no Telegram update: {}", json::fault(&error)))
    })?;
    Ok((head.update_id, text))
}

/// The part of an update that ingest reads.
struct Head {
    update_id: i64,
}

impl<'de> Deserialize<'de> for Head {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(HeadVisitor)
    }
}

struct HeadVisitor;

impl<'de> Visitor<'de> for HeadVisitor {
    type Value = Head;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Head, A::Error> {
        let mut update_id = None;
        while let Some(name) = entries.next_key::<String>()? {
            if name == "update_id" {
                update_id = Some(entries.next_value()?);
            } else {
                entries.next_value::<DepthChecked>()?;
            }
        }
        let update_id = update_id.ok_or_else(|| de::Error::missing_field("update_id"))?;
        Ok(Head { update_id })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_any_object_with_an_update_id() {
        let text = r#"{"message":{"text":"5","a":[1,-2,1.5,null,true,{}]},"update_id":7,"new":1}"#;
        assert_eq!(parse_update(text.as_bytes()), Ok((7, text)));
    }

    #[test]
    fn refuses_a_body_that_is_no_update() {
        let deep = format!(r#"{{"update_id":1,"a":{}{}}}"#, "[".repeat(200), "]".repeat(200));
        let unending = format!(r#"{{"update_id":1,"a":{}"#, "[".repeat(20_000));
        for body in [
            &b""[..],
            b"{}",
            b"[]",
            b"7",
            b"{\"update_id\":\"7\"}",
            b"{\"update_id\":7.5}",
            b"{\"update_id\":7",
            b"{\"update_id\":\xff}",
            deep.as_bytes(),
            unending.as_bytes(),
        ] {
            assert!(
                parse_update(body).is_err(),
                "{}",
                String::from_utf8_lossy(&body[..body.len().min(40)])
            );
        }
    }
}
