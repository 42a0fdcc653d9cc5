//! Checks what Telegram saw: no repetition beyond the table of outcomes, no outdated, early or
//! misaddressed message, and none without a row.

use std::collections::{BTreeMap, HashMap, HashSet};

use chrono::TimeDelta;
use simulator::model::Call;

use super::{
    attempts::{Attempt, AttemptResult},
    comparison::{Audit, CLAIM_TO_CALL},
};
use crate::soak::{expected_status, observed::MessageRow, record::Booking, text};

/// The longest hang of a call that is answered in the end.
const LONGEST_HANG: TimeDelta = TimeDelta::seconds(20);

pub(super) fn check(audit: &mut Audit<'_>) {
    let mut things: BTreeMap<(String, &'static str), Vec<Attempt>> = BTreeMap::new();
    for this in &audit.attempts {
        let of_a_state = this.kind != "answer" && !this.kind.starts_with("staff");
        if let Some(tag) = this.tag.clone().filter(|_| of_a_state) {
            things.entry((tag, this.kind)).or_default().push(this.clone());
        }
    }
    for ((tag, kind), attempts) in things {
        let booking = audit.record.bookings.iter().find(|b| b.code == text::code(&tag));
        let times = 1 + booking.map_or(0, |b| expected_status::revivals(&b.events, &tag));
        let mut violations = repeated(audit, kind, &attempts, times);
        if booking.is_some_and(|booking| times == 1 && audit.planned_once(booking, &tag, kind)) {
            violations.extend(hasty(audit, &attempts));
        }
        for violation in violations {
            audit.violation(text::code(&tag), format!("{tag}: {violation}"));
        }
        match booking.filter(|booking| booking.events.iter().any(|event| event.tag == tag)) {
            None => audit.violation(text::code(&tag), format!("{tag} was sent for no such event")),
            Some(booking) => {
                let misplaced = |this: &Attempt| misplaced(audit, booking, &tag, this);
                let violations: Vec<String> = attempts.iter().filter_map(misplaced).collect();
                for violation in violations {
                    audit.violation(text::code(&tag), violation);
                }
            }
        }
    }
    cards_repeated(audit);
    known_to_the_ledger(audit);
}

/// At most two attempts of unknown result, one for feedback requests, and none after a delivery. A
/// booking that may have been revived with the same tag may repeat this `times` times.
fn repeated(audit: &Audit<'_>, kind: &str, attempts: &[Attempt], times: usize) -> Vec<String> {
    let allowed = times * if kind == "feedback" { 1 } else { 2 };
    let mut violations = Vec::new();
    let mut possible = 0;
    let mut delivered: Vec<&Attempt> = Vec::new();
    for this in attempts {
        if let Some(before) = delivered.last().filter(|_| delivered.len() >= times) {
            violations
                .push(format!("{this}: was delivered already at {}", before.at.format("%T%.3f")));
        }
        match this.ended {
            AttemptResult::RateLimited | AttemptResult::Refused => continue,
            AttemptResult::Perhaps => {}
            AttemptResult::Delivered if audit.record.unsettled(this.at) => {}
            AttemptResult::Delivered => delivered.push(this),
        }
        possible += 1;
        if possible > allowed {
            violations
                .push(format!("{this}: the {possible}. attempt that may have been a delivery"));
        }
    }
    violations
}

/// A second attempt after one of unknown result waits until Telegram has answered any call well.
fn hasty(audit: &Audit<'_>, attempts: &[Attempt]) -> Vec<String> {
    let mut violations = Vec::new();
    for pair in attempts.windows(2) {
        let [first, second] = pair else { continue };
        let answered_well = |call: &Call| {
            let (least, most) = match call.outcome.as_str() {
                // It was answered seconds later.
                "hang" => (first.at - LONGEST_HANG, second.at),
                _ => (first.at - CLAIM_TO_CALL, second.at),
            };
            let well = matches!(call.status, 200..500) && call.status != 429;
            well && call.outcome != "garbage" && least <= call.at && call.at < most
        };
        let ends_in_doubt = first.ended == AttemptResult::Perhaps;
        if ends_in_doubt && !audit.observed.calls.iter().any(answered_well) {
            violations
                .push(format!("{second}: Telegram had answered nothing well since the first"));
        }
    }
    violations
}

/// A card shows its booking at the time of sending, so its version is unknown. There are at most as
/// many cards of a kind as planned, or twice as many of unknown result.
fn cards_repeated(audit: &mut Audit<'_>) {
    let mut cards: BTreeMap<(String, &'static str), (usize, usize)> = BTreeMap::new();
    for this in audit.attempts.iter().filter(|this| this.kind.starts_with("staff")) {
        let Some(code) = this.tag.as_deref().map(text::code) else { continue };
        let (certain, possible) = cards.entry((code.to_owned(), this.kind)).or_default();
        let is_certain = this.ended == AttemptResult::Delivered && !audit.record.unsettled(this.at);
        *certain += usize::from(is_certain);
        *possible +=
            usize::from(matches!(this.ended, AttemptResult::Delivered | AttemptResult::Perhaps));
    }
    for ((code, kind), (certain, possible)) in cards {
        let rows = audit.rows(&code, "staff");
        let planned = rows.iter().filter(|row| row.kind == kind).count();
        if certain > planned || possible > 2 * planned {
            let what = format!("{planned} {kind} were planned, {certain} to {possible} were shown");
            audit.violation(&code, what);
        }
    }
}

/// Finds a message in the wrong chat, too early, too late, or outdated.
fn misplaced(audit: &Audit<'_>, booking: &Booking, tag: &str, this: &Attempt) -> Option<String> {
    let client = audit.record.clients.get(&booking.client)?;
    if !client.chats.contains(&this.chat) {
        return Some(format!("{this}: is not its client's chat"));
    }
    // A corrected visit: any of its times may have been known.
    let start = || booking.of_tag(tag).map(|event| event.start);
    let end = || booking.of_tag(tag).map(|event| event.end);
    let due = match this.kind {
        "reminder" => start().min().map(|start| start - audit.plan.remind_before),
        "feedback" => end().min().map(|end| end + audit.plan.feedback_after),
        _ => None,
    };
    if due.is_some_and(|due| this.at < due) && !taken_along(audit, booking, this) {
        return Some(format!("{this}: is early"));
    }
    if this.kind == "reminder" && start().max().is_some_and(|start| this.at > start + CLAIM_TO_CALL)
    {
        return Some(format!("{this}: the visit had begun"));
    }
    if this.kind != "feedback" && end().max().is_some_and(|end| this.at > end + CLAIM_TO_CALL) {
        return Some(format!("{this}: the visit was over"));
    }
    let version = audit.version_of(booking, tag, this.kind)?;
    let superseded = audit.superseded_at(booking, version)?;
    (this.at > superseded + CLAIM_TO_CALL)
        .then(|| format!("{this}: a later state was applied at {}", superseded.format("%T%.3f")))
}

/// Whether the reminder was listed with one of the same order that was due.
fn taken_along(audit: &Audit<'_>, booking: &Booking, this: &Attempt) -> bool {
    let beside = |other: &&Attempt| {
        other.kind == "reminder" && other.at == this.at && other.chat == this.chat
    };
    this.kind == "reminder"
        && audit.attempts.iter().filter(beside).filter_map(|other| other.tag.as_deref()).any(
            |tag| {
                audit.of_order(booking).filter(|it| it.code == text::code(tag)).any(|other| {
                    let due = other.of_tag(tag).map(|event| event.start - audit.plan.remind_before);
                    due.min().is_some_and(|due| due <= this.at)
                })
            },
        )
}

/// Each sent row is a message that Telegram showed. Each message shown has a row, unless its worker
/// could not record it.
fn known_to_the_ledger(audit: &mut Audit<'_>) {
    let mut violations = Vec::new();
    let mut rows: HashMap<i64, Vec<&MessageRow>> = HashMap::new();
    // What changes or copies a message has no text of its own.
    let without_text =
        ["client_buttons", "staff_buttons", "staff_copy", "staff_receipt", "staff_reply"];
    let is_text =
        |row: &&MessageRow| !without_text.contains(&row.kind.as_str()) && !audit.is_guests(row);
    let sent = audit.observed.messages.iter().filter(|row| row.status == "sent");
    for row in sent.filter(is_text) {
        match row.telegram_message_id {
            Some(id) => rows.entry(id).or_default().push(row),
            None => {
                let what = format!("message {} was sent and has no id of Telegram's", row.id);
                violations.push((row.kind.clone(), what));
            }
        }
    }
    let mut shown: HashMap<i64, Vec<&Attempt>> = HashMap::new();
    for this in audit.attempts.iter().filter(|this| this.shown) {
        shown.entry(this.message_id.unwrap_or_default()).or_default().push(this);
    }
    for (id, rows) in &rows {
        for row in rows {
            let cards = shown.get(id).into_iter().flatten();
            let words = cards.filter(|this| {
                let tag = this.tag.as_deref().map(text::code);
                this.kind == row.kind
                    && Some(this.chat) == row.chat
                    && (tag == row.code.as_deref() || row.kind == "answer")
            });
            if words.count() == 0 {
                let what =
                    format!("message {} was sent as {id}, which Telegram never showed", row.id);
                violations.push((row.code.clone().unwrap_or_else(|| row.kind.clone()), what));
            }
        }
    }
    let others = audit.observed.messages.iter().filter(|row| !is_text(row));
    let others: HashSet<i64> = others.filter_map(|row| row.telegram_message_id).collect();
    for (id, attempts) in shown.iter().filter(|(id, _)| !others.contains(id)) {
        let unknown = attempts.iter().find(|this| {
            this.ended == AttemptResult::Delivered && !audit.record.unsettled(this.at)
        });
        if let Some(this) = unknown.filter(|_| !rows.contains_key(id)) {
            let about = this.tag.as_deref().map_or("telegram", text::code);
            violations.push((about.to_owned(), format!("{this}: no row knows of it")));
        }
    }
    for (about, what) in violations {
        audit.violation(&about, what);
    }
    answered_once(audit);
}

/// A chat shows at most as many replies as were sent or are unknown.
fn answered_once(audit: &mut Audit<'_>) {
    let mut balance: HashMap<i64, i64> = HashMap::new();
    for this in audit.attempts.iter().filter(|this| this.kind == "answer" && this.shown) {
        *balance.entry(this.chat).or_default() += 1;
    }
    let possible = |row: &&MessageRow| {
        row.kind == "answer" && matches!(row.status.as_str(), "sent" | "unknown")
    };
    for row in audit.observed.messages.iter().filter(possible) {
        *balance.entry(row.chat.unwrap_or_default()).or_default() -= 1;
    }
    for (chat, more) in balance.into_iter().filter(|(_, more)| *more > 0) {
        audit.violation("answers", format!("chat {chat} was given {more} answers too many"));
    }
}
