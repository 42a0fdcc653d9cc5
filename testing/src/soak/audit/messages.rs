//! Checks that each planned message has a final status, with a reason that record and calls
//! confirm.

use std::collections::HashSet;

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    attempts::{Attempt, AttemptResult},
    comparison::{Audit, CLAIM_TO_CALL},
    preferences,
};
use crate::soak::{observed::MessageRow, record::Booking, text};

/// A second attempt comes so long after one of unknown result, at least.
const SECOND_ATTEMPT: TimeDelta = TimeDelta::seconds(15);

pub(super) fn check(audit: &mut Audit<'_>) {
    audit.each_booking(|audit, booking| {
        let rows = audit.rows(&booking.code, "client").into_iter();
        let unaccounted = rows.chain(audit.rows(&booking.code, "staff")).filter_map(|row| {
            let what = format!("message {} ({}, version {:?})", row.id, row.kind, row.version);
            Some(format!("{what}: {}", unaccounted(audit, booking, row)?))
        });
        unaccounted.collect()
    });
    for row in audit.observed.messages.iter().filter(|row| row.code.is_none()) {
        let wrong = match row.status.as_str() {
            "scheduled" | "sending" | "cancelled" => !is_replaced(row),
            "failed" => row.recipient == "staff",
            _ => false,
        };
        if wrong {
            let what = format!("message {} is {} at the end", row.id, row.status);
            audit.violation(&row.kind, what);
        }
    }
    answers_late(audit);
}

/// Clients' answers beyond their allowance, whoever floods the bot. Strangers' have no deadline.
fn answers_late(audit: &mut Audit<'_>) {
    let clients = audit.record.clients.values().filter(|client| client.registered);
    let chats: HashSet<i64> = clients.flat_map(|client| client.chats.iter().copied()).collect();
    for row in audit.observed.messages.iter().filter(|row| row.kind == "answer") {
        let (Some(sent), Some(chat)) = (row.sent_at, row.chat) else { continue };
        let due = row.due_at.max(row.created_at);
        if let Some(late) =
            beyond_allowance(audit, &[chat], due, sent).filter(|_| chats.contains(&chat))
        {
            audit.violation("answers", format!("message {} in chat {chat} {late}", row.id));
        }
    }
}

/// Why a message's final status is wrong.
fn unaccounted(audit: &Audit<'_>, booking: &Booking, row: &MessageRow) -> Option<String> {
    let version = audit.observed.bookings.get(&booking.code)?.version;
    let current = row.version == Some(version);
    let tried = |ended: AttemptResult| attempts(audit, booking, row, ended) > 0;
    let chats = chats(audit, booking);
    let why = match row.status.as_str() {
        "sent" => return late(audit, booking, &chats, row),
        "cancelled" if is_replaced(row) => None,
        // Other staff cards are never cancelled.
        "cancelled" if !current && row.recipient == "client" => None,
        "cancelled" if row.recipient == "client" && is_left_out(audit, booking, row) => None,
        "cancelled" => Some("was cancelled without a reason"),
        "scheduled" if row.due_at > audit.observed.at && row.chat.is_some() && current => None,
        // It waits for the return of a client who blocked the bot.
        "scheduled" if row.chat.is_none() && is_gone(audit, booking, row.updated_at) => None,
        "scheduled" => Some("was never sent"),
        "sending" => Some("is still being sent"),
        "unknown"
            if !tried(AttemptResult::Perhaps) && !audit.record.lost_before(row.updated_at) =>
        {
            Some("is unknown, but no call ended in doubt")
        }
        "unknown" if is_given_up(audit, booking, row) => {
            Some("is unknown after one attempt, and was still news")
        }
        "unknown" => None,
        // The staff's chat is closed for a while. Its cards wait.
        "failed" if row.recipient == "staff" => Some("failed, and the staff's chat was open again"),
        "failed" if tried(AttemptResult::Refused) => None,
        "failed" => Some("failed, but Telegram refused nothing"),
        "expired" if may_expire(audit, booking, &chats, row) => None,
        "expired" => Some("expired, and nothing was in its way"),
        _ => Some("is in no known state"),
    };
    why.map(|why| format!("{why} ({}, {}, due {})", row.status, row.reason, row.due_at))
}

/// How many calls about the booking, of the message's kind, ended so.
fn attempts(audit: &Audit<'_>, booking: &Booking, row: &MessageRow, ended: AttemptResult) -> usize {
    let mine = |t: &&Attempt| {
        t.kind == row.kind
            && t.ended == ended
            && t.tag.as_deref().is_some_and(|tag| text::code(tag) == booking.code)
    };
    audit.attempts.iter().filter(mine).count()
}

/// Whether a message was not tried a second time, although nothing but one call of unknown result was
/// in its way. Feedback requests have one attempt.
fn is_given_up(audit: &Audit<'_>, booking: &Booking, row: &MessageRow) -> bool {
    let again = row.updated_at + SECOND_ATTEMPT + CLAIM_TO_CALL;
    row.kind != "feedback"
        && row.expires_at.is_none_or(|end| again < end)
        && attempts(audit, booking, row, AttemptResult::Perhaps) < 2
        && !audit.record.lost_between(row.created_at, row.updated_at)
}

/// A newer answer replaced this one, or a card of the same client, or its client was deleted, or nobody needs to see it again.
fn is_replaced(row: &MessageRow) -> bool {
    let replaceable = match row.reason.as_str() {
        "replaced" => matches!(row.kind.as_str(), "answer" | "staff_answer" | "staff_rated"),
        "forgotten" => row.recipient == "client" || row.kind.starts_with("staff_"),
        // Whether the request is settled is checked with the requests.
        "request_settled" => row.kind == "staff_request",
        // The request came before the card was sent. Whether a difference is left is checked with the table.
        "table_agrees" => row.kind == "staff_table",
        _ => false,
    };
    replaceable && row.status == "cancelled"
}

fn chats(audit: &Audit<'_>, booking: &Booking) -> Vec<i64> {
    audit.record.clients.get(&booking.client).map(|client| client.chats.clone()).unwrap_or_default()
}

/// Whether the booking's present state justifies the cancellation.
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
        // The visit belongs to the number's former owner.
        "another_owner" => changed_account && over,
        // Its confirmation waited for the client or the phone.
        "its_time_passed" => {
            let late = row.kind == "reminder" && row.due_at <= row.updated_at;
            let waited = is_away(audit, booking, row.due_at, row.updated_at)
                || is_gone(audit, booking, row.updated_at);
            late && (changed_account || waited)
        }
        "turned_off" => preferences::may_be_off(audit.record, row),
        "told_recently" => row.kind == "reminder" && announced_later(),
        _ => false,
    }
}

/// Whether the client was unreachable or the phone unknown at some time between.
fn is_away(audit: &Audit<'_>, booking: &Booking, from: DateTime<Utc>, to: DateTime<Utc>) -> bool {
    let client = audit.record.clients.get(&booking.client);
    let absences = client.map(|client| client.absences.clone()).unwrap_or_default();
    absences
        .into_iter()
        .chain(phoneless(audit, booking))
        .any(|(since, until)| since <= to && from <= until + CLAIM_TO_CALL)
}

/// Whether Telegram refused the client's chat before. Such a chat gets nothing until the client
/// writes again.
fn is_gone(audit: &Audit<'_>, booking: &Booking, at: DateTime<Utc>) -> bool {
    let chats = chats(audit, booking);
    let refused = |t: &Attempt| t.ended == AttemptResult::Refused && chats.contains(&t.chat);
    audit.attempts.iter().any(|t| refused(t) && t.at <= at)
}

/// How long the booking may have been without its phone.
fn phoneless(audit: &Audit<'_>, booking: &Booking) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let late = booking.events.iter().position(|event| !event.with_phone)?;
    let known = booking.events.iter().find(|event| event.with_phone)?;
    let since = booking.events[late].begun;
    Some((since, known.answered + audit.allowance(&[], since, known.answered)))
}

/// Lateness of a message beyond its allowance.
fn late(audit: &Audit<'_>, booking: &Booking, chats: &[i64], row: &MessageRow) -> Option<String> {
    let sent = row.sent_at?;
    let mut due = row.due_at.max(row.created_at);
    if let Some((_, known)) = phoneless(audit, booking).filter(|(since, _)| *since <= due) {
        due = due.max(known);
    }
    // The staff chat takes 20 messages a minute, so its cards have no deadline.
    beyond_allowance(audit, chats, due, sent).filter(|_| row.recipient == "client")
}

fn beyond_allowance(
    audit: &Audit<'_>,
    chats: &[i64],
    due: DateTime<Utc>,
    sent: DateTime<Utc>,
) -> Option<String> {
    let (late, most) = (sent - due, audit.allowance(chats, due, sent));
    (late > most).then(|| {
        format!("was {} s late, {} s may be excused", late.num_seconds(), most.num_seconds())
    })
}

/// Whether a message may have expired: its client was unreachable, or its lifetime is shorter than
/// the allowance. A client who left, or was refused by Telegram, after its end and before it was
/// marked is the reason that is kept.
fn may_expire(audit: &Audit<'_>, booking: &Booking, chats: &[i64], row: &MessageRow) -> bool {
    let Some(end) = row.expires_at else { return false };
    let from = row.due_at.min(end);
    let away = is_away(audit, booking, from, end);
    let gone = is_gone(audit, booking, end);
    let short = end - from < audit.allowance(chats, from, end);
    let left_later =
        || is_away(audit, booking, end, row.updated_at) || is_gone(audit, booking, row.updated_at);
    away || gone || (short && (row.reason != "client_not_in_bot" || left_later()))
}
