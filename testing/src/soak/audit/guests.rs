//! Checks the bookings that somebody opened without their phone: each belongs to whoever opened it, was confirmed to them,
//! and nobody else read of it.

use simulator::model::Call;

use super::comparison::Audit;
use crate::{harness::phrases, soak::guest::Joined};

/// A confirmation whose first attempt had an unknown result is sent once more.
const CONFIRMATIONS_MAX: usize = 2;

pub(super) fn check(audit: &mut Audit<'_>) {
    for joined in &audit.record.joined {
        for what in violations(audit, joined) {
            audit.violation(&joined.code, what);
        }
    }
}

fn violations(audit: &Audit<'_>, joined: &Joined) -> Vec<String> {
    let mut found = Vec::new();
    if !joined.opened {
        found.push("its guest could not open it".to_owned());
        return found;
    }
    let owner = audit.observed.owners.get(&joined.code).copied();
    if owner != Some(joined.chat) {
        found.push(format!("belongs to {owner:?} instead of {}", joined.chat));
    }
    let shown: Vec<&Call> =
        audit.observed.calls.iter().filter(|call| call.delivered && names(call, joined)).collect();
    let to_guest = |call: &&&Call| call.chat_id == Some(joined.chat);
    let confirms = |call: &&&Call| to_guest(call) && has(call, phrases::CONFIRMED);
    // One that was cancelled before its confirmation was sent has none.
    match shown.iter().filter(confirms).count() {
        0 if !joined.cancelled => found.push("was never confirmed to its guest".to_owned()),
        many if many > CONFIRMATIONS_MAX => found.push(format!("was confirmed {many} times")),
        _ => {}
    }
    let private = |chat: &i64| *chat > 0 && *chat != joined.chat;
    let others = shown.iter().filter_map(|call| call.chat_id.filter(private));
    found.extend(others.map(|chat| format!("was shown to {chat}")));
    found
}

fn text(call: &Call) -> &str {
    call.body["text"].as_str().unwrap_or_default()
}

fn has(call: &Call, words: &str) -> bool {
    text(call).contains(words)
}

/// Whether a message names the guest's booking. The number ends the service's name.
fn names(call: &Call, joined: &Joined) -> bool {
    let mut rest = text(call);
    while let Some((_, after)) = rest.split_once(&joined.service) {
        if !after.starts_with(|next: char| next.is_ascii_digit()) {
            return true;
        }
        rest = after;
    }
    false
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::{
        harness::phrases,
        soak::{
            audit::fixture::{Case, accepts, at, objects},
            guest::Joined,
        },
    };

    const GUEST: i64 = 50;

    fn joins(case: &mut Case) {
        let (code, service) = ("GT1A".to_owned(), "Гостевой зал 1".to_owned());
        let joined =
            Joined { code, service, chat: GUEST, guesser: 51, opened: true, cancelled: false };
        case.observed.owners.insert(joined.code.clone(), GUEST);
        case.record.joined.push(joined);
        shows(case, GUEST, &format!("✅ <b>{}</b> Гостевой зал 1", phrases::CONFIRMED));
    }

    fn shows(case: &mut Case, chat: i64, text: &str) {
        let last = case.observed.calls.last().unwrap();
        let (seq, at) = (last.seq + 1, at(500));
        let body = json!({ "text": text });
        let call = simulator::model::Call { seq, at, chat_id: Some(chat), body, ..last.clone() };
        case.observed.calls.push(call);
    }

    #[test]
    fn a_booking_that_is_not_its_guests_alone_is_found() {
        accepts(joins);
        accepts(|l| {
            joins(l);
            shows(l, GUEST, "Гостевой зал 1");
        });
        objects("could not open it", |l| {
            joins(l);
            l.record.joined[0].opened = false;
        });
        objects("belongs to Some(51)", |l| {
            joins(l);
            l.observed.owners.insert("GT1A".into(), 51);
        });
        objects("was shown to 51", |l| {
            joins(l);
            shows(l, 51, "Гостевой зал 1, 12:00");
        });
        objects("was never confirmed", |l| {
            joins(l);
            l.observed.calls.pop();
        });
        objects("was confirmed 3 times", |l| {
            joins(l);
            for _ in 0..2 {
                shows(l, GUEST, &format!("{} Гостевой зал 1", phrases::CONFIRMED));
            }
        });
    }
}
