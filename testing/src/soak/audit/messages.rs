//! Each message that was planned has its end, with a reason that the other side confirms.

use chrono::{DateTime, Utc};

use super::{AttemptResult, Audit, CLAIM_TO_CALL};
use crate::soak::{observed::MessageRow, record::Booking, text};

pub(super) fn check(audit: &mut Audit<'_>) {
    for booking in &audit.record.bookings {
        let rows = audit.rows(&booking.code, "client").into_iter();
        for row in rows.chain(audit.rows(&booking.code, "staff")) {
            if let Some(violation) = unaccounted(audit, booking, row) {
                let what = format!("message {} ({}, version {:?})", row.id, row.kind, row.version);
                audit.violation(&booking.code, format!("{what}: {violation}"));
            }
        }
    }
    for row in audit.observed.messages.iter().filter(|row| row.code.is_none()) {
        if matches!(row.status.as_str(), "scheduled" | "sending" | "cancelled") {
            let what = format!("message {} is {} at the end", row.id, row.status);
            audit.violation(&row.kind, what);
        }
    }
}

/// Why a message's end can't be right.
fn unaccounted(audit: &Audit<'_>, booking: &Booking, row: &MessageRow) -> Option<String> {
    let version = audit.observed.bookings.get(&booking.code)?.version;
    let current = row.version == Some(version);
    let tried = |ended: AttemptResult| {
        let mine = |t: &&super::Attempt| {
            t.kind == row.kind
                && t.tag.as_deref().is_some_and(|tag| text::code(tag) == booking.code)
        };
        audit.attempts.iter().filter(mine).any(|t| t.ended == ended)
    };
    let chats = chats(audit, booking);
    let why = match row.status.as_str() {
        "sent" => return late(audit, booking, &chats, row),
        // Staff cards tell of what happened, and are never taken back.
        "cancelled" if !current && row.recipient == "client" => None,
        "cancelled" if row.recipient == "client" && is_left_out(audit, booking, row) => None,
        "cancelled" => Some("was cancelled without a reason"),
        "scheduled" if row.due_at > audit.observed.at && row.chat.is_some() && current => None,
        "scheduled" => Some("was never sent"),
        "sending" => Some("is still being sent"),
        "unknown" if tried(AttemptResult::Perhaps) || audit.record.lost_before(row.updated_at) => {
            None
        }
        "unknown" => Some("is unknown, but no call ended in doubt"),
        "failed" if tried(AttemptResult::Refused) => None,
        "failed" => Some("failed, but Telegram refused nothing"),
        "expired" if may_expire(audit, booking, &chats, row) => None,
        "expired" => Some("expired, and nothing was in its way"),
        _ => Some("is in no known state"),
    };
    why.map(|why| format!("{why} ({}, {}, due {})", row.status, row.reason, row.due_at))
}

fn chats(audit: &Audit<'_>, booking: &Booking) -> Vec<i64> {
    audit.record.clients.get(&booking.client).map(|client| client.chats.clone()).unwrap_or_default()
}

/// What the booking's present state has left out for a reason.
fn is_left_out(audit: &Audit<'_>, booking: &Booking, row: &MessageRow) -> bool {
    let client = audit.record.clients.get(&booking.client);
    let changed_account = client.is_some_and(|client| client.chats.len() > 1);
    let over = audit.planned_for(booking, row).is_some_and(|event| event.end <= row.updated_at);
    let announced_later = || {
        let rows = audit.rows(&booking.code, "client").into_iter();
        let mut announced =
            rows.filter(|row| matches!(row.kind.as_str(), "confirmation" | "moved"));
        announced.any(|it| it.sent_at.is_some_and(|sent| sent > row.due_at))
    };
    match row.reason.as_str() {
        // A visit that was the number's former owner's.
        "another_owner" => changed_account && over,
        // Its confirmation waited for the client, or for the phone.
        "its_time_passed" => {
            let late = row.kind == "reminder" && row.due_at <= row.updated_at;
            let waited = is_away(audit, booking, row.due_at, row.updated_at)
                || is_gone(audit, booking, row.updated_at);
            late && (changed_account || waited)
        }
        "told_recently" => row.kind == "reminder" && announced_later(),
        _ => false,
    }
}

/// Whether the client could not be written to at some time between: not there, or the phone unknown.
fn is_away(audit: &Audit<'_>, booking: &Booking, from: DateTime<Utc>, to: DateTime<Utc>) -> bool {
    let client = audit.record.clients.get(&booking.client);
    let absences = client.map(|client| client.absences.clone()).unwrap_or_default();
    absences
        .into_iter()
        .chain(phoneless(audit, booking))
        .any(|(since, until)| since <= to && from <= until + CLAIM_TO_CALL)
}

/// Whether Telegram called the client gone before. Whom it calls so is left alone until they write again.
fn is_gone(audit: &Audit<'_>, booking: &Booking, at: DateTime<Utc>) -> bool {
    let chats = chats(audit, booking);
    let refused = |t: &super::Attempt| t.ended == AttemptResult::Refused && chats.contains(&t.chat);
    audit.attempts.iter().any(|t| refused(t) && t.at <= at)
}

/// How long the booking may have been without its phone.
fn phoneless(audit: &Audit<'_>, booking: &Booking) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let late = booking.events.iter().position(|event| !event.with_phone)?;
    let known = booking.events.iter().find(|event| event.with_phone)?;
    let since = booking.events[late].begun;
    Some((since, known.answered + audit.allowance(&[], since, known.answered)))
}

/// A message comes within a minute of its time, and of what held it up.
fn late(audit: &Audit<'_>, booking: &Booking, chats: &[i64], row: &MessageRow) -> Option<String> {
    let sent = row.sent_at?;
    let mut due = row.due_at.max(row.created_at);
    if let Some((_, known)) = phoneless(audit, booking).filter(|(since, _)| *since <= due) {
        due = due.max(known);
    }
    let (late, most) = (sent - due, audit.allowance(chats, due, sent));
    // The staff's chat takes twenty messages a minute: its cards have no such promise.
    (late > most && row.recipient == "client").then(|| {
        format!("was {} s late, {} s may be excused", late.num_seconds(), most.num_seconds())
    })
}

/// A message may run out of its time while its client is away, or when it has less of it than it may
/// be late.
fn may_expire(audit: &Audit<'_>, booking: &Booking, chats: &[i64], row: &MessageRow) -> bool {
    let Some(end) = row.expires_at else { return false };
    let from = row.due_at.min(end);
    let away = is_away(audit, booking, from, end);
    let gone = is_gone(audit, booking, end);
    let short = end - from < audit.allowance(chats, from, end);
    away || gone || (short && row.reason != "client_not_in_bot")
}
