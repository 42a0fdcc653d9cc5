//! Handlers of Bukza's events: bookings with their messages, refused requests with the staff's card.

use shared::{
    domain::{event::BookingEvent, plan::Effect},
    queue::RejectedRequest,
    store::{events, rejected},
    telemetry::{
        metrics::{self, BookingChange},
        milliseconds,
    },
};
use tokio::time::Instant;

use super::WorkError;
use crate::app::App;

/// Applies a booking event.
pub(crate) async fn booking(app: &App, event: &BookingEvent) -> Result<(), WorkError> {
    let (now, started) = (app.clock.now(), Instant::now());
    let (effect, work) = events::apply(&app.db, event, &app.venue, now).await?;
    let change = match effect {
        Effect::Stale => BookingChange::Stale,
        Effect::Noted | Effect::Restated => BookingChange::Updated,
        Effect::Created => BookingChange::Created,
        Effect::Moved => BookingChange::Moved,
        Effect::Cancelled => BookingChange::Cancelled,
    };
    let late = (now - event.received_at).to_std().unwrap_or_default();
    metrics::booking(change, late);
    tracing::info!(
        event_id = %event.id,
        booking_code = %event.code,
        change = ?change,
        planned = work.push.len(),
        cancelled = work.cancel.len(),
        late_ms = milliseconds(late),
        duration_ms = milliseconds(started.elapsed()),
        "booking event applied"
    );
    app.carry_out(work).await;
    Ok(())
}

/// Stores a refused request and plans the staff's card.
pub(super) async fn rejected(app: &App, request: &RejectedRequest) -> Result<(), WorkError> {
    let started = Instant::now();
    let work =
        rejected::keep(&app.db, request, app.venue.staff_chat.get(), app.clock.now()).await?;
    let duration_ms = milliseconds(started.elapsed());
    let status = request.status;
    tracing::warn!(event_id = %request.id, status, duration_ms, "refused request kept");
    app.carry_out(work).await;
    Ok(())
}
