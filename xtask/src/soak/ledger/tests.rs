//! The checker checked: a right ledger passes, and each wrong one is objected to, by name.

use serde_json::json;
use simulator::model::Call;

use super::*;
use crate::soak::{
    evidence::BookingRow,
    record::{Blow, Client, Event, Said},
};

const CHAT: i64 = 10_002;
const STAFF: i64 = -100;
const CODE: &str = "SK1000";

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
}

fn plan() -> Plan {
    Plan::minutes(1, 1)
}

/// A client's booking for 100 s to 110 s, confirmed at 1 s, moved to 200 s at 11 s, reminded, and
/// asked about.
struct Ledger {
    record: Record,
    evidence: Evidence,
}

impl Ledger {
    fn right() -> Self {
        let stands = |number: i64| Event {
            tag: format!("{CODE}-{number}"),
            said: Said::Stands { start: at(100 * number), end: at(100 * number + 10) },
            accepted: Some(format!("e{number}")),
        };
        let booking = Booking {
            code: CODE.into(),
            client: 1,
            phone: "+79990000001".into(),
            events: vec![stands(1), stands(2)],
            rated: Some(4),
        };
        let client = Client { chats: vec![CHAT], absences: Vec::new() };
        let record = Record {
            bookings: vec![booking],
            clients: [(1, client)].into(),
            updates: vec![7],
            refused: vec!["BAD1-1".into()],
            ..Record::default()
        };
        let row = BookingRow {
            status: "completed".into(),
            version: 2,
            service: Some("SK1000-2".into()),
            starts_at: Some(at(200)),
            ends_at: Some(at(210)),
            rating: Some(4),
            last_event_id: "e2".into(),
        };
        let evidence = Evidence {
            at: at(400),
            bookings: [(CODE.to_owned(), row)].into(),
            processed: [7].into(),
            kept: vec![r#"{"code":"BAD1-1"}"#.into()],
            ..Evidence::default()
        };
        let mut ledger = Self { record, evidence };
        ledger.says("confirmation", 1, 1);
        ledger.says("staff_created", 1, 1);
        ledger.plans("reminder", 1, 25, 1, "cancelled");
        ledger.plans("feedback", 1, 111, 1, "cancelled");
        ledger.says("moved", 2, 11);
        ledger.says("staff_moved", 2, 11);
        ledger.plans("reminder", 2, 125, 11, "scheduled");
        ledger.plans("feedback", 2, 211, 11, "scheduled");
        ledger.sends("reminder", 2, 126);
        ledger.sends("feedback", 2, 212);
        ledger
    }

    /// Plans a message of version `version`.
    fn plans(&mut self, kind: &str, version: i32, due: i64, created: i64, status: &str) {
        let staff = kind.starts_with("staff");
        let end = i64::from(version) * 100 + 10;
        let row = MessageRow {
            id: self.evidence.messages.len() as i64,
            kind: kind.into(),
            recipient: if staff { "staff" } else { "client" }.into(),
            chat: Some(if staff { STAFF } else { CHAT }),
            code: Some(CODE.into()),
            version: Some(version),
            update_id: None,
            due_at: at(due),
            expires_at: (kind == "feedback").then(|| at(end + 1) + TimeDelta::hours(24)),
            status: status.into(),
            reason: String::new(),
            created_at: at(created),
            updated_at: at(created),
            sent_at: None,
            telegram_message_id: None,
            job_id: format!("m{kind}{version}"),
        };
        self.evidence.messages.push(row);
    }

    /// Sends the message of this kind and version, so that all sides know.
    fn sends(&mut self, kind: &str, version: i32, when: i64) {
        let id = self.calls(kind, version, when, 200, "ok");
        let row = self.row(kind, version);
        row.status = "sent".into();
        row.sent_at = Some(at(when));
        row.telegram_message_id = Some(id);
    }

    fn says(&mut self, kind: &str, version: i32, when: i64) {
        self.plans(kind, version, when, when, "scheduled");
        self.sends(kind, version, when);
    }

    /// A call of Telegram alone; the id of the message it made.
    fn calls(&mut self, kind: &str, version: i32, when: i64, status: u16, outcome: &str) -> i64 {
        let title = match kind {
            "confirmation" => "✅ <b>Вы записаны</b>",
            "moved" => "🔁 <b>Запись перенесена</b>",
            "cancelled" | "staff_cancelled" => "❌ <b>Запись отменена</b>",
            "reminder" => "⏰ <b>Ждём вас</b>",
            "feedback" => "💬 <b>Как всё прошло?</b>",
            "staff_created" => "🆕 <b>Новая запись</b>",
            "staff_moved" => "🔁 <b>Запись изменена</b>",
            _ => "❓",
        };
        let seq = self.evidence.calls.len() as u64 + 1;
        let id = 1000 + seq as i64;
        let delivered = outcome == "ok" || outcome.ends_with("after_accept");
        self.evidence.calls.push(Call {
            seq,
            at_ms: 0,
            at: at(when),
            method: "sendMessage".into(),
            chat_id: Some(if kind.starts_with("staff") { STAFF } else { CHAT }),
            body: json!({"text": format!("{title}\n<b>{CODE}-{version}</b> <code>{CODE}</code>")}),
            status,
            outcome: outcome.into(),
            delivered,
            message_id: delivered.then_some(id),
        });
        id
    }

    fn row(&mut self, kind: &str, version: i32) -> &mut MessageRow {
        let is = |row: &&mut MessageRow| row.kind == kind && row.version == Some(version);
        self.evidence.messages.iter_mut().find(is).unwrap()
    }

    fn booking(&mut self) -> &mut BookingRow {
        self.evidence.bookings.get_mut(CODE).unwrap()
    }

    fn blow(&mut self, unsettles: bool, from: i64, to: i64) {
        let blow = Blow { name: "worker killed", unsettles, from: at(from), to: at(to) };
        self.record.blows.push(blow);
    }

    fn found(&self) -> Vec<String> {
        check(&plan(), &self.record, &self.evidence).iter().map(ToString::to_string).collect()
    }
}

/// Makes one thing wrong, and expects that it is found and what it is called.
fn objects(words: &str, wrong: impl FnOnce(&mut Ledger)) {
    let mut ledger = Ledger::right();
    wrong(&mut ledger);
    let found = ledger.found();
    assert!(found.iter().any(|line| line.contains(words)), "{words}: {found:?}");
}

fn accepts(right: impl FnOnce(&mut Ledger)) {
    let mut ledger = Ledger::right();
    right(&mut ledger);
    assert_eq!(ledger.found(), Vec::<String>::new());
}

#[test]
fn a_right_ledger_passes() {
    accepts(|_| {});
}

#[test]
fn a_lost_event_or_rating_is_found() {
    objects("is not there", |l| l.evidence.bookings.clear());
    objects("the last applied one e1", |l| l.booking().last_event_id = "e1".into());
    objects("instead of SK1000-2", |l| l.booking().service = Some("SK1000-1".into()));
    objects("stands from", |l| l.booking().starts_at = Some(at(100)));
    objects("stands from", |l| l.booking().status = "cancelled".into());
    objects("was cancelled last", |l| {
        l.record.bookings[0].events.push(Event {
            tag: "SK1000-2".into(),
            said: Said::Cancelled,
            accepted: Some("e2".into()),
        });
    });
    objects("was rated Some(4)", |l| l.booking().rating = Some(3));
    objects("nobody has booked it", |l| {
        let row = l.booking().clone();
        l.evidence.bookings.insert("SK9".into(), row);
    });
    objects("update 7 was never applied", |l| l.evidence.processed.clear());
    objects("BAD1-1: was refused and not kept", |l| l.evidence.kept.clear());
    objects("e9 was set aside: panicked", |l| {
        l.evidence.dead_letters = vec![("e9".into(), "panicked".into())];
    });
    objects("left in the inbox", |l| l.evidence.inbox = 1);
}

#[test]
fn a_message_that_is_missing_or_has_no_reason_is_found() {
    objects("has 0 of [\"reminder\"]", |l| l.row("reminder", 2).version = Some(1));
    objects("has 2 of [\"feedback\"]", |l| l.plans("feedback", 2, 211, 11, "cancelled"));
    objects("was not told to the staff", |l| {
        l.evidence.messages.retain(|row| row.kind != "staff_moved");
    });
    for (status, words) in [
        ("scheduled", "was never sent"),
        ("sending", "is still being sent"),
        ("cancelled", "was cancelled without a reason"),
        ("unknown", "no call ended in doubt"),
        ("failed", "Telegram refused nothing"),
        ("expired", "nothing was in its way"),
    ] {
        objects(words, |l| l.row("reminder", 2).status = status.into());
    }
    objects("s late, 60 s may be excused", |l| l.row("feedback", 2).sent_at = Some(at(300)));
}

#[test]
fn ends_that_the_other_side_confirms_are_right() {
    let unsent = |l: &mut Ledger, status: &str| {
        l.evidence.calls.retain(|call| call.at != at(126));
        l.row("reminder", 2).status = status.into();
        l.row("reminder", 2).expires_at = Some(at(200));
    };
    accepts(|l| {
        unsent(l, "unknown");
        l.calls("reminder", 2, 126, 502, "bad_gateway_html");
    });
    accepts(|l| {
        unsent(l, "failed");
        l.calls("reminder", 2, 126, 400, "bad_request");
        l.evidence.dead_letters = vec![("mreminder2".into(), "refused".into())];
    });
    accepts(|l| {
        unsent(l, "expired");
        l.blow(false, 130, 146);
    });
    accepts(|l| {
        unsent(l, "expired");
        let client = l.record.clients.get_mut(&1).unwrap();
        client.absences.push((at(0), at(150)));
        l.row("reminder", 2).reason = "client_not_in_bot".into();
    });
    accepts(|l| {
        l.row("feedback", 2).sent_at = Some(at(300));
        l.blow(false, 215, 246);
    });
}

#[test]
fn what_is_said_twice_is_found_and_what_may_be_is_not() {
    objects("was delivered already", |l| {
        l.calls("reminder", 2, 130, 200, "ok");
    });
    objects("the 3. try", |l| {
        l.evidence.calls.retain(|call| call.at != at(126));
        l.calls("reminder", 2, 126, 0, "cut_after_accept");
        l.calls("reminder", 2, 132, 0, "cut_before_accept");
        l.calls("reminder", 2, 138, 200, "ok");
    });
    objects("the 2. try", |l| {
        l.evidence.calls.retain(|call| call.at != at(212));
        l.calls("feedback", 2, 211, 0, "cut_after_accept");
        let id = l.calls("feedback", 2, 212, 200, "ok");
        l.row("feedback", 2).telegram_message_id = Some(id);
    });
    accepts(|l| {
        l.evidence.calls.retain(|call| call.at != at(126));
        l.calls("reminder", 2, 125, 429, "too_many_requests");
        l.calls("reminder", 2, 126, 0, "cut_after_accept");
        let id = l.calls("reminder", 2, 132, 200, "ok");
        l.row("reminder", 2).telegram_message_id = Some(id);
    });
    objects("1 staff_moved were planned, 2 to 2 were shown", |l| {
        l.calls("staff_moved", 2, 30, 200, "ok");
    });
    // Delivered, but its worker was killed before it could write that down.
    accepts(|l| {
        let id = l.calls("reminder", 2, 170, 200, "ok");
        l.row("reminder", 2).telegram_message_id = Some(id);
        l.blow(true, 127, 128);
    });
}

#[test]
fn what_is_said_of_a_state_that_has_passed_is_found() {
    objects("a later state was applied", |l| {
        l.calls("confirmation", 1, 30, 200, "ok");
    });
    objects("a later state was applied", |l| {
        l.calls("reminder", 1, 26, 200, "ok");
    });
    objects("is early", |l| l.evidence.calls[4].at = at(120));
    objects("the visit had begun", |l| l.evidence.calls[4].at = at(206));
    objects("is not its client's chat", |l| l.evidence.calls[4].chat_id = Some(99));
    objects("is said and never was", |l| {
        l.calls("confirmation", 9, 30, 200, "ok");
    });
}

#[test]
fn both_sides_must_know_of_a_message() {
    objects("which Telegram never showed", |l| l.row("moved", 2).telegram_message_id = Some(5));
    objects("no row knows of it", |l| l.row("moved", 2).status = "cancelled".into());
    objects("1 answers too many", |l| {
        l.calls("answer", 1, 5, 200, "ok");
    });
}
