//! What was posted and sent, compared with what was applied and shown.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use anyhow::{Context, ensure};

use crate::common::{Outcome, World, phrases};

/// A dead worker's jobs go to another after a minute. The rest is for what follows.
pub(super) const RECOVERY: Duration = Duration::from_secs(120);

/// What was posted about one booking, oldest first: the event's id where it was accepted.
pub(super) type Posted = BTreeMap<String, Vec<Option<String>>>;

/// Waits until the last accepted event of each booking is applied. A later event without an answer may
/// be applied too.
pub(super) async fn all_applied(world: &World, posted: &Posted) -> Outcome {
    for (code, ids) in posted {
        let Some(last) = ids.iter().rposition(Option::is_some) else { continue };
        let sql = if last + 1 == ids.len() {
            let id = ids[last].as_deref().unwrap_or_default();
            format!("SELECT last_event_id = '{id}' FROM bookings WHERE bukza_booking_id = '{code}'")
        } else {
            format!("SELECT true FROM bookings WHERE bukza_booking_id = '{code}'")
        };
        world.until(&sql, true, RECOVERY).await?;
    }
    world.until("SELECT count(*) FROM inbox", 0_i64, RECOVERY).await
}

/// Compares the rows with what Telegram has shown. A sent message was shown under its id, and each message
/// shown is an attempt of its row.
pub(super) async fn accounted_for(world: &World) -> Outcome {
    let calls = world.telegram.journal(0, Some("sendMessage")).await?;
    let shown: Vec<(i64, String, i64)> = calls
        .iter()
        .filter(|call| call.delivered)
        .filter_map(|call| {
            let text = call.body["text"].as_str()?.to_owned();
            Some((call.chat_id?, text, call.message_id?))
        })
        .collect();
    let rows = world
        .database
        .rows(
            "SELECT m.kind, m.status, m.attempts, m.chat_id, m.telegram_message_id, \
             coalesce(b.bukza_booking_id, '') FROM messages m \
             LEFT JOIN bookings b ON b.id = m.booking_id \
             WHERE m.recipient = 'client' AND m.due_at <= now() AND m.chat_id IS NOT NULL",
        )
        .await?;
    let mut attempts: BTreeMap<(i64, String, Option<&str>), i32> = BTreeMap::new();
    let mut ids = BTreeSet::new();
    for row in &rows {
        let (kind, status, made): (&str, &str, i32) = (row.get(0), row.get(1), row.get(2));
        let (chat, id, code): (i64, Option<i64>, String) = (row.get(3), row.get(4), row.get(5));
        let most = if matches!(kind, "feedback" | "answer") { 1 } else { 2 };
        ensure!((0..=most).contains(&made), "{kind} of {code}: {made} attempts");
        match status {
            // Another keyboard shows nothing, whatever became of the edit.
            _ if kind == "client_buttons" => continue,
            "sent" => {
                let id = id.context("a message that was sent has Telegram's id")?;
                // One message may be a list of several bookings.
                let is_first = ids.insert(id);
                ensure!(is_first || kind == "confirmation", "two rows are {kind} {id} ({code})");
                let there = shown.iter().any(|(at, _, shown)| (*at, *shown) == (chat, id));
                ensure!(there, "{kind} of {code} was not shown");
            }
            "unknown" => ensure!(made == most, "{kind} of {code}: unknown after {made}"),
            "cancelled" => {}
            other => anyhow::bail!("{kind} of {code} is {other}"),
        }
        *attempts.entry((chat, code, words_of(kind))).or_default() += made;
    }
    for (key, attempts) in &attempts {
        let (chat, code, words) = key;
        let matches = |text: &str| match words {
            Some(words) => text.contains(words) && text.contains(code),
            // A text without a booking code is a reply.
            None => !text.contains("Код записи") && !text.contains(phrases::CONFIRMED),
        };
        let sent = shown.iter().filter(|(at, text, _)| at == chat && matches(text)).count();
        ensure!(
            i32::try_from(sent)? <= *attempts,
            "{key:?}: sent {sent} times in {attempts} attempts"
        );
    }
    Ok(())
}

/// Words that distinguish the messages of a kind; `None`: a reply.
fn words_of(kind: &str) -> Option<&'static str> {
    match kind {
        "answer" => None,
        "confirmation" => Some(phrases::CONFIRMED),
        "cancelled" => Some(phrases::CANCELLED),
        // All moves here are to another time.
        _ => Some(phrases::MOVED),
    }
}
