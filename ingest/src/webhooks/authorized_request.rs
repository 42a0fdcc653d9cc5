//! A Bukza web request with a valid secret: stores its events, or the request itself as rejected.

use std::time::Instant;

use axum::http::{HeaderMap, header, request::Parts};
use chrono::{DateTime, Utc};
use shared::{
    bukza::Fault,
    domain::{
        event::{BookingEvent, Change},
        ids::EventId,
    },
    queue::{IngestJob, RejectedRequest},
    telemetry::{
        metrics::{self, Source},
        milliseconds,
    },
};

use crate::{
    enqueue::NotStored,
    http::{problem::Problem, query::Query},
    state::App,
};

/// Largest body, in bytes.
pub(super) const BODY_MAX: usize = 64 * 1024;

/// A request with a valid secret.
pub(super) struct AuthorizedRequest<'a> {
    pub(super) app: &'a App,
    pub(super) head: &'a Parts,
    pub(super) query: Query<'a>,
    pub(super) received_at: DateTime<Utc>,
    pub(super) started: Instant,
}

impl AuthorizedRequest<'_> {
    pub(super) async fn store(self, events: Vec<BookingEvent>) -> Result<Vec<EventId>, Problem> {
        let ids: Vec<EventId> = events.iter().map(|event| event.id.clone()).collect();
        let logged: Vec<_> =
            events.iter().map(|it| (it.id.clone(), it.code.clone(), change_label(it))).collect();
        let jobs = events.into_iter().map(|event| IngestJob::Booking(Box::new(event))).collect();
        let (started, received_at) = (self.started, self.received_at);
        let on_stored = move |stored: Result<(), NotStored>| {
            let duration_ms = milliseconds(started.elapsed());
            if stored.is_ok() {
                metrics::last_webhook(Source::Bukza, received_at);
            }
            for (id, code, change) in &logged {
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
        let stored = self.app.enqueuer.store(jobs, on_stored).await;
        stored.map(|()| ids).map_err(|NotStored| Problem::NotStored)
    }

    /// Refuses the method. A request that is not empty is stored as rejected.
    pub(super) async fn refuse_method(self, body: &[u8], is_empty: bool) -> Problem {
        if is_empty {
            return Problem::MethodNotAllowed(Vec::new());
        }
        let fault = Fault::new("method", "is not understood: send POST, PUT, PATCH or GET");
        self.refuse(body, Problem::MethodNotAllowed(vec![fault])).await
    }

    /// Stores the rejected request for the owner to inspect. Returns [`Problem::NotStored`] when that
    /// fails, so that the sender repeats it.
    pub(super) async fn refuse(self, body: &[u8], problem: Problem) -> Problem {
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
        let on_stored = move |stored: Result<(), NotStored>| {
            let duration_ms = milliseconds(started.elapsed());
            match stored {
                Ok(()) => {
                    tracing::warn!(event_id = %id, status, fields, duration_ms, "webhook refused, kept")
                }
                Err(NotStored) => {
                    tracing::error!(event_id = %id, status, fields, duration_ms, "webhook refused, lost")
                }
            }
        };
        match self.app.enqueuer.store(vec![IngestJob::Rejected(rejected)], on_stored).await {
            Ok(()) => problem,
            Err(NotStored) => Problem::NotStored,
        }
    }
}

/// The `change` field of a log line.
fn change_label(event: &BookingEvent) -> &'static str {
    match event.change {
        Change::Stands(_) => "stands",
        Change::Cancelled(_) => "cancelled",
    }
}

/// The body as text of at most [`BODY_MAX`] bytes. NUL is replaced: PostgreSQL's `text` cannot hold it.
fn lossy(body: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(body).replace('\0', "\u{fffd}");
    let mut end = text.len().min(BODY_MAX);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    text
}

pub(super) fn content_type(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::CONTENT_TYPE)?.to_str().ok()
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
