//! Checks what clients turned off: nothing of it reaches them, and it is a reason for a message that was left out.

use chrono::{DateTime, Utc};

use super::{
    attempts::AttemptResult,
    comparison::{Audit, CLAIM_TO_CALL},
};
use crate::soak::{observed::MessageRow, preferences::Turned, record::Record};

pub(super) fn check(audit: &mut Audit<'_>) {
    let sent = audit.attempts.iter().filter(|this| this.ended != AttemptResult::Refused);
    let unwanted = sent.filter(|this| is_off(audit.record, this.chat, this.kind, this.at));
    let unwanted: Vec<String> =
        unwanted.map(|this| format!("{this}: the client had turned it off")).collect();
    for violation in unwanted {
        audit.violation("settings", violation);
    }
}

/// Whether the client of this chat had surely turned messages of this kind off.
fn is_off(record: &Record, chat: i64, kind: &str, at: DateTime<Utc>) -> bool {
    let turned = of(record, chat, kind);
    let before = turned.iter().rposition(|it| it.applied + CLAIM_TO_CALL <= at);
    let Some(before) = before.filter(|last| !turned[*last].on) else { return false };
    // The next press may have been applied at once.
    turned.get(before + 1).is_none_or(|next| next.pressed > at)
}

/// Whether the client may have turned messages of this kind off when this one was left out.
pub(super) fn may_be_off(record: &Record, row: &MessageRow) -> bool {
    let Some(chat) = row.chat else { return false };
    let turned = of(record, chat, &row.kind);
    let last = turned.iter().rposition(|it| it.applied <= row.updated_at);
    // Since the last press that was surely applied before, some may have been.
    let possible = &turned[last.unwrap_or(0)..];
    possible.iter().any(|it| !it.on && it.pressed <= row.updated_at)
}

/// What the client of a chat pressed about messages of this kind, in order.
fn of(record: &Record, chat: i64, kind: &str) -> Vec<Turned> {
    let is_reminder = match kind {
        "reminder" => true,
        "feedback" => false,
        _ => return Vec::new(),
    };
    let clients = record.clients.values().filter_map(|client| client.turned.get(&chat));
    clients.flatten().filter(|it| it.reminders == is_reminder).copied().collect()
}

#[cfg(test)]
mod tests {
    use crate::soak::{
        audit::fixture::{CHAT, accepts, at, objects},
        preferences::Turned,
    };

    fn turned(on: bool, second: i64) -> Turned {
        Turned { reminders: true, on, pressed: at(second), applied: at(second + 1) }
    }

    #[test]
    fn what_was_turned_off_and_comes_is_found_and_what_was_turned_on_again_is_right() {
        let turn = |case: &mut crate::soak::audit::fixture::Case, presses: &[Turned]| {
            case.record.clients.get_mut(&1).unwrap().turned.insert(CHAT, presses.to_vec());
        };
        objects("had turned it off", |l| turn(l, &[turned(false, 20)]));
        objects("had turned it off", |l| turn(l, &[turned(true, 10), turned(false, 20)]));
        accepts(|l| turn(l, &[turned(false, 20), turned(true, 100)]));
        accepts(|l| turn(l, &[turned(false, 124)]));
    }

    #[test]
    fn a_reminder_that_was_left_out_needs_its_client_s_press() {
        let leave_out = |l: &mut crate::soak::audit::fixture::Case| {
            l.observed.calls.retain(|call| call.at != at(126));
            let row = l.row("reminder", 2);
            (row.status, row.reason) = ("cancelled".into(), "turned_off".into());
            (row.sent_at, row.telegram_message_id) = (None, None);
            row.updated_at = at(126);
        };
        objects("cancelled without a reason", leave_out);
        accepts(|l| {
            leave_out(l);
            let client = l.record.clients.get_mut(&1).unwrap();
            client.turned.insert(CHAT, vec![turned(false, 20)]);
        });
    }
}
