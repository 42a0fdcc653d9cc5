//! Each message that should have been planned was, and each that was planned has its end, with a
//! reason that the other side confirms.

use chrono::{DateTime, Utc};

use super::{Audit, CLAIM_TO_CALL, Ended};
use crate::soak::{
    evidence::MessageRow,
    record::{Booking, Said},
    text,
};

/// The kind of a message, and when it was planned.
type Told = (String, DateTime<Utc>);

pub(super) fn check(audit: &mut Audit<'_>) {
    for booking in &audit.record.bookings {
        for fault in planned(audit, booking) {
            audit.violation(&booking.code, fault);
        }
        let rows = audit.rows(&booking.code, "client").into_iter();
        for row in rows.chain(audit.rows(&booking.code, "staff")) {
            if let Some(fault) = unaccounted(audit, booking, row) {
                let what = format!("message {} ({}, version {:?})", row.id, row.kind, row.version);
                audit.violation(&booking.code, format!("{what}: {fault}"));
            }
        }
    }
    for row in audit.evidence.messages.iter().filter(|row| row.code.is_none()) {
        if matches!(row.status.as_str(), "scheduled" | "sending" | "cancelled") {
            let what = format!("message {} is {} at the end", row.id, row.status);
            audit.violation(&row.kind, what);
        }
    }
}

/// What the booking's last state should have been told by, and was not planned, or more than once.
fn planned(audit: &Audit<'_>, booking: &Booking) -> Vec<String> {
    let Some(row) = audit.evidence.bookings.get(&booking.code) else { return Vec::new() };
    let Some(last) = booking.last_accepted() else { return Vec::new() };
    let of_last = |rows: Vec<&MessageRow>| -> Vec<Told> {
        let rows = rows.into_iter().filter(|message| message.version == Some(row.version));
        rows.map(|message| (message.kind.clone(), message.created_at)).collect()
    };
    let client = of_last(audit.rows(&booking.code, "client"));
    let staff = of_last(audit.rows(&booking.code, "staff"));
    let count = |rows: &[Told], kinds: &[&str]| {
        rows.iter().filter(|(kind, _)| kinds.contains(&kind.as_str())).count()
    };
    let tells = ["staff_created", "staff_moved", "staff_cancelled"];
    let Some((_, applied)) = staff.iter().find(|(kind, _)| tells.contains(&kind.as_str())) else {
        return vec!["its last state was not told to the staff".to_owned()];
    };
    let expected: Vec<(&[Told], &[&str], usize)> = match last.said {
        Said::Stands { start, .. } => {
            let reminders = usize::from(start - audit.plan.remind_before > *applied);
            vec![
                (&client, &["confirmation", "moved"], 1),
                (&client, &["reminder"], reminders),
                (&client, &["feedback"], 1),
                (&client, &["cancelled"], 0),
                (&staff, &["staff_created", "staff_moved"], 1),
            ]
        }
        Said::Cancelled => {
            // That a visit which is over is cancelled is no news, unless it was entered afterwards.
            let over = booking.times_of(&last.tag).is_some_and(|(_, end)| end <= *applied);
            let told = if over { count(&client, &["cancelled"]).min(1) } else { 1 };
            vec![
                (&client, &["cancelled"], told),
                (&client, &["confirmation", "moved", "reminder", "feedback"], 0),
                (&staff, &["staff_cancelled"], 1),
            ]
        }
    };
    expected
        .into_iter()
        .map(|(rows, kinds, wanted)| (kinds, count(rows, kinds), wanted))
        .filter(|(_, there, wanted)| there != wanted)
        .map(|(kinds, there, wanted)| format!("has {there} of {kinds:?} instead of {wanted}"))
        .collect()
}

/// Why a message's end can't be right.
fn unaccounted(audit: &Audit<'_>, booking: &Booking, row: &MessageRow) -> Option<String> {
    let version = audit.evidence.bookings.get(&booking.code)?.version;
    let current = row.version == Some(version);
    let tried = |ended: Ended| {
        let mine = |t: &&super::Try| {
            t.kind == row.kind
                && t.tag.as_deref().is_some_and(|tag| text::code(tag) == booking.code)
        };
        audit.tries.iter().filter(mine).any(|t| t.ended == ended)
    };
    let chats = chats(audit, booking);
    let why = match row.status.as_str() {
        "sent" => return late(audit, &chats, row),
        // Staff cards tell of what happened, and are never taken back.
        "cancelled" if !current && row.recipient == "client" => None,
        "cancelled" => Some("was cancelled without a reason"),
        "scheduled" if row.due_at > audit.evidence.at && row.chat.is_some() && current => None,
        "scheduled" => Some("was never sent"),
        "sending" => Some("is still being sent"),
        "unknown" if tried(Ended::Perhaps) || audit.record.lost_before(row.updated_at) => None,
        "unknown" => Some("is unknown, but no call ended in doubt"),
        "failed" if tried(Ended::Refused) => None,
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

/// A message comes within a minute of its time, and of what held it up.
fn late(audit: &Audit<'_>, chats: &[i64], row: &MessageRow) -> Option<String> {
    let sent = row.sent_at?;
    let (late, most) = (sent - row.due_at, audit.allowance(chats, row.due_at, sent));
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
    let client = audit.record.clients.get(&booking.client);
    let away = client.is_some_and(|client| {
        let overlaps = |(since, until): &(DateTime<Utc>, DateTime<Utc>)| {
            *since <= end && from <= *until + CLAIM_TO_CALL
        };
        client.absences.iter().any(overlaps)
    });
    // Whom Telegram calls gone is left alone until they write again.
    let gone = audit
        .tries
        .iter()
        .any(|t| t.ended == Ended::Refused && chats.contains(&t.chat) && t.at <= end);
    let short = end - from < audit.allowance(chats, from, end);
    away || gone || (short && row.reason != "client_not_in_bot")
}
