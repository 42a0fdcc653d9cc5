//! Changes of law: the rules of the venue's zone change, its clocks go on, and so do the visits.
//!
//! An older program's rules are played by rows: instants are set as that program would have computed them, and the times
//! on the venue's clocks stay.

mod data;
mod replan;
mod webhook;

pub use data::tzif;

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use testing::harness::{bukza::ZONE, fleet::STAFF_CHAT};

use crate::common::{
    Options, Outcome, Person, Request, World, expect_message, expect_staff_message, phrases,
    settled,
};

/// The production account's form of a time, with seconds.
fn local(at: DateTime<Utc>) -> String {
    at.with_timezone(&ZONE).format("%d.%m.%Y %H:%M:%S").to_string()
}

/// A visit of an hour, in the venue's local time.
fn local_request(code: &str, client: &Person, start: DateTime<Utc>) -> Request {
    let (start, end) = (local(start), local(start + chrono::TimeDelta::hours(1)));
    let body: Value =
        json!({"code": code, "start": start, "end": end, "resource": "VR Арена", "kolvo": "4"});
    Request::new("newrega", &client.phone, "Алина", &body)
}

/// Sends the request, and waits for the confirmation and the card.
async fn book(world: &World, code: &str, client: &Person, request: &Request) -> Outcome {
    world.accept(request).await?;
    expect_message(world, client, phrases::CONFIRMED).await?;
    expect_staff_message(world, &[phrases::STAFF_CREATED, code]).await?;
    settled(world).await
}

/// What an older program would have stored: the visit and what waits about it this many hours away from where they are.
async fn shift(world: &World, code: &str, hours: i64) -> Outcome {
    let hours = format!("interval '{hours} hours'");
    let visit = format!(
        "UPDATE bookings SET starts_at = starts_at + {hours}, ends_at = ends_at + {hours} \
         WHERE bukza_booking_id = '{code}'"
    );
    let messages = format!(
        "UPDATE messages m SET due_at = due_at + {hours}, expires_at = expires_at + {hours} \
         FROM bookings b WHERE b.id = m.booking_id AND b.bukza_booking_id = '{code}' \
         AND m.status = 'scheduled' AND m.recipient = 'client'"
    );
    assert_eq!(world.database.execute(&visit).await?, 1);
    world.database.execute(&messages).await.map(drop)
}

/// All of the bookings and messages that a client or the staff could notice.
async fn everything(world: &World) -> anyhow::Result<Vec<String>> {
    let bookings = "SELECT to_jsonb(b)::text FROM bookings b ORDER BY id";
    let messages = "SELECT to_jsonb(m)::text FROM messages m ORDER BY id";
    let mut all: Vec<String> = world.database.column(bookings).await?;
    all.extend(world.database.column::<String>(messages).await?);
    Ok(all)
}

/// How many messages the client and the staff have got, edits included.
async fn heard(world: &World, client: &Person) -> anyhow::Result<Vec<String>> {
    let mut texts = Vec::new();
    for chat in [client.chat, STAFF_CHAT] {
        texts.extend(world.telegram.chat(chat).await?.into_iter().map(|message| message.text));
    }
    Ok(texts)
}

/// The visit's start and version, and the due times of what waits about it.
async fn plan(world: &World, code: &str) -> anyhow::Result<Vec<String>> {
    let sql = format!(
        "SELECT 'visit ' || b.starts_at || ' ' || b.ends_at || ' v' || b.version FROM bookings b \
         WHERE b.bukza_booking_id = '{code}' UNION ALL \
         (SELECT m.kind || ' ' || m.status || ' ' || m.due_at || ' ' || m.expires_at || ' v' \
         || m.booking_version FROM messages m JOIN bookings b ON b.id = m.booking_id \
         WHERE b.bukza_booking_id = '{code}' AND m.recipient = 'client' ORDER BY m.id)"
    );
    world.database.column(&sql).await
}

fn options() -> Options {
    Options::default().set("REMINDER_BEFORE", "24h")
}
