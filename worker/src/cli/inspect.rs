//! Prints a message, or a booking with all its messages.

use chrono::{DateTime, Utc};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use shared::{
    bukza::Fault,
    domain::{booking::Booking, ids::BookingCode, time::VenueZone},
    store::{
        bookings,
        entity::message::{self, Model},
    },
};

use super::{
    Tools,
    words::{Words, say},
};

/// Prints one message.
pub(super) async fn message(tools: &Tools, id: i64) -> anyhow::Result<()> {
    let row = message::Entity::find_by_id(id).one(&tools.db).await?;
    let row = row.ok_or_else(|| tools.failure(&say("message-none").with("id", id.to_string())))?;
    print(tools, &message_words(&row, tools.common.rules.zone))
}

/// Prints a booking and its messages, oldest first.
pub(super) async fn booking(tools: &Tools, code: &str) -> anyhow::Result<()> {
    let code = BookingCode::parse(code).map_err(|error| {
        let fault = Fault::new("code", error).text(tools.common.locale);
        tools.failure(&say("booking-code").with("fault", fault))
    })?;
    let Some(booking) = bookings::by_code(&tools.db, &code).await? else {
        return Err(tools.failure(&say("booking-none").with("code", code.as_str())));
    };
    let zone = tools.common.rules.zone;
    print(tools, &booking_words(&booking, zone))?;
    let rows = message::Entity::find()
        .filter(message::Column::BookingId.eq(booking.id.0))
        .order_by_asc(message::Column::Id)
        .all(&tools.db)
        .await?;
    for row in rows {
        print(tools, &message_words(&row, zone))?;
    }
    Ok(())
}

/// Prints the first words as a line, and the others below it.
fn print(tools: &Tools, words: &[Words]) -> anyhow::Result<()> {
    for (number, words) in words.iter().enumerate() {
        match number {
            0 => tools.print(words)?,
            _ => tools.print_below(words)?,
        }
    }
    Ok(())
}

fn booking_words(booking: &Booking, zone: VenueZone) -> Vec<Words> {
    let local = |at| zone.local(at).format("%Y-%m-%d %H:%M:%S %:z").to_string();
    let mut words = Vec::new();
    let status = say("booking-status").with("status", booking.status.as_str());
    let line = say("booking-line").with("code", booking.code.as_str()).with("status", status);
    words.push(line.with("version", booking.version.to_string()));
    let deciding = booking.status_words.as_deref().map_or_else(|| say("none"), Words::from);
    let meaning = say("meaning").with("meaning", booking.meaning.as_str());
    words.push(say("booking-means").with("meaning", meaning).with("words", deciding));
    if let Some(time) = booking.visit_time {
        let times = say("booking-times").with("from", local(time.start()));
        words.push(times.with("to", local(time.end())));
    }
    let client = match booking.user {
        Some(_) => say("booking-client-in-bot"),
        None => say("booking-client-not-in-bot"),
    };
    let phone = booking.details.phone.as_ref().map(|phone| phone.masked().into());
    words.push(client.with("phone", phone.unwrap_or_else(|| say("booking-no-phone"))));
    if let Some(stars) = booking.rating {
        words.push(say("booking-rated").with("stars", stars.get().to_string()));
    }
    let (at, event) = &booking.last_event;
    words.push(say("booking-event").with("event", event.to_string()).with("at", local(*at)));
    words
}

fn message_words(row: &Model, zone: VenueZone) -> Vec<Words> {
    let local = |at: DateTime<Utc>| zone.local(at).format("%Y-%m-%d %H:%M:%S%.3f %:z").to_string();
    let line = say("message-line").with("id", row.id.to_string()).with("kind", row.kind.as_str());
    let to = say("message-recipient").with("recipient", row.recipient.as_str());
    let status = say("message-status").with("status", row.status.as_str());
    let line = line.with("recipient", to).with("status", status);
    let value = |key, value: String| say(key).with("value", value);
    let job = value("message-job", row.job_id.clone()).with("at", local(row.pushed_at));
    let slot = Some(row.slot.clone()).filter(|slot| !slot.is_empty());
    let number = |id: i64| id.to_string();
    let known = [
        Some(line),
        row.reason.as_deref().map(|reason| say("reason").with("reason", reason)),
        slot.map(|slot| value("message-slot", slot)),
        row.booking_version.map(|version| value("message-version", version.to_string())),
        Some(value("message-planned", local(row.created_at))),
        Some(value("message-due", local(row.due_at))),
        row.expires_at.map(|at| value("message-expires", local(at))),
        row.sent_at.map(|at| value("message-sent", local(at))),
        Some(job),
        Some(value("message-attempts", row.attempts.to_string())),
        row.lease_until.map(|at| value("message-lease", local(at))),
        row.joined_to.map(|id| value("message-joined", number(id))),
        row.telegram_message_id.map(|id| value("message-telegram", number(id))),
        row.event_id.clone().map(|event| value("message-event", event)),
        row.chat_id.is_none().then(|| say("message-no-chat")),
    ];
    known.into_iter().flatten().collect()
}

#[cfg(test)]
#[path = "inspect_tests.rs"]
mod tests;
