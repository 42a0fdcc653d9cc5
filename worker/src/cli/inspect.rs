//! Prints a message, or a booking with all its messages.

use anyhow::{Context, bail};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use shared::{
    domain::ids::BookingCode,
    store::{
        bookings,
        entity::message::{self, Model},
    },
};

use super::{Tools, print_line};

/// Prints one message.
pub(super) async fn message(tools: &Tools, id: i64) -> anyhow::Result<()> {
    let row = message::Entity::find_by_id(id).one(&tools.db).await?;
    let Some(row) = row else { bail!("there is no message {id}") };
    print(tools, &row)
}

/// Prints a booking and its messages, oldest first.
pub(super) async fn booking(tools: &Tools, code: &str) -> anyhow::Result<()> {
    let code = BookingCode::parse(code).context("the code")?;
    let Some(booking) = bookings::by_code(&tools.db, &code).await? else {
        bail!("there is no booking {code}")
    };
    let local = |at| tools.common.rules.zone.local(at).format("%Y-%m-%d %H:%M:%S %:z").to_string();
    print_line(format_args!(
        "booking {code}: {}, version {}",
        booking.status.as_str(),
        booking.version
    ))?;
    let words = booking.status_words.as_deref().unwrap_or("none");
    print_line(format_args!("  means {}, by the words: {words}", booking.meaning.as_str()))?;
    if let Some(visit_time) = booking.visit_time {
        print_line(format_args!(
            "  from {} to {}",
            local(visit_time.start()),
            local(visit_time.end())
        ))?;
    }
    let phone = booking.details.phone.as_ref().map(|p| p.masked());
    print_line(format_args!(
        "  client {}, {}",
        phone.as_deref().unwrap_or("without a phone"),
        match booking.user {
            Some(_) => "in the bot",
            None => "not in the bot",
        }
    ))?;
    if let Some(stars) = booking.rating {
        print_line(format_args!("  rated {}", stars.get()))?;
    }
    let (at, event) = &booking.last_event;
    print_line(format_args!("  last event {event}, received {}", local(*at)))?;
    let rows = message::Entity::find()
        .filter(message::Column::BookingId.eq(booking.id.0))
        .order_by_asc(message::Column::Id)
        .all(&tools.db)
        .await?;
    for row in rows {
        print(tools, &row)?;
    }
    Ok(())
}

fn print(tools: &Tools, row: &Model) -> anyhow::Result<()> {
    let local =
        |at| tools.common.rules.zone.local(at).format("%Y-%m-%d %H:%M:%S%.3f %:z").to_string();
    print_line(format_args!(
        "message {}: {} to {}, {}",
        row.id, row.kind, row.recipient, row.status
    ))?;
    let mut lines: Vec<(&str, Option<String>)> = vec![
        ("reason", row.reason.clone()),
        ("slot", Some(row.slot.clone()).filter(|slot| !slot.is_empty())),
        ("booking version", row.booking_version.map(|v| v.to_string())),
        ("planned", Some(local(row.created_at))),
        ("due", Some(local(row.due_at))),
        ("expires", row.expires_at.map(local)),
        ("sent", row.sent_at.map(local)),
        ("job", Some(format!("{}, pushed {}", row.job_id, local(row.pushed_at)))),
        ("tries that may have been a delivery", Some(row.attempts.to_string())),
        ("lease until", row.lease_until.map(local)),
        ("joined to message", row.joined_to.map(|id| id.to_string())),
        ("Telegram's message", row.telegram_message_id.map(|id| id.to_string())),
        ("caused by", row.event_id.clone()),
    ];
    if row.chat_id.is_none() {
        lines.push(("chat", Some("none: the client is not in the bot".into())));
    }
    for (name, value) in lines {
        if let Some(value) = value {
            print_line(format_args!("  {name}: {value}"))?;
        }
    }
    Ok(())
}
