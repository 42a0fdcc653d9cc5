//! A correct case, and ways to make it wrong.

use serde_json::json;
use simulator::model::Call;

use chrono::{DateTime, TimeDelta, Utc};

use crate::soak::{
    audit::*,
    observed::BookingRow,
    record::{Booking, Client, Event, Excuse, InjectedFault, Word},
};

pub(super) const CHAT: i64 = 10_002;
pub(super) const STAFF: i64 = -100;
pub(super) const CODE: &str = "SK1000";

pub(super) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
}

pub(super) fn plan() -> Plan {
    Plan::minutes(1, 1)
}

/// An event posted at this second. Its number decides the visit's times and its tag.
pub(super) fn event(number: i64, word: Word, second: i64) -> Event {
    Event {
        tag: format!("{CODE}-{number}"),
        word,
        start: at(100 * number),
        end: at(100 * number + 10),
        with_phone: true,
        corrected: false,
        begun: at(second),
        sent: at(second),
        answered: at(second),
        accepted: Some(format!("e{number}")),
        lost: false,
    }
}

/// A client's booking for 100 s to 110 s, confirmed at 1 s, moved to 200 s at 11 s, with a reminder
/// and a feedback request.
pub(super) struct Case {
    pub record: Record,
    pub observed: Observed,
}

impl Case {
    pub fn right() -> Self {
        let booking = Booking {
            code: CODE.into(),
            client: 1,
            phone: "+79990000001".into(),
            order: None,
            events: vec![event(1, Word::None, 1), event(2, Word::None, 11)],
            row: None,
            rated: Some(4),
        };
        let client = Client { chats: vec![CHAT], registered: true, ..Client::default() };
        let record = Record {
            bookings: vec![booking],
            clients: [(1, client)].into(),
            updates: vec![7],
            refused: vec!["BAD1-1".into()],
            ..Record::default()
        };
        let row = BookingRow {
            code: CODE.into(),
            status: "completed".into(),
            meaning: "stands".into(),
            phone: Some("+79990000001".into()),
            version: 2,
            service: Some("SK1000-2".into()),
            starts_at: Some(at(200)),
            ends_at: Some(at(210)),
            rating: Some(4),
            last_event_id: "e2".into(),
            updated_at: at(211),
        };
        let observed = Observed {
            at: at(400),
            bookings: [(CODE.to_owned(), row)].into(),
            processed: [7].into(),
            kept: vec![r#"{"code":"BAD1-1"}"#.into()],
            ..Observed::default()
        };
        let mut case = Self { record, observed };
        case.plans_and_sends("confirmation", 1, 1);
        case.plans_and_sends("staff_created", 1, 1);
        case.plans("reminder", 1, 25, 1, "cancelled");
        case.plans("feedback", 1, 111, 1, "cancelled");
        case.plans_and_sends("moved", 2, 11);
        case.plans_and_sends("staff_moved", 2, 11);
        case.plans("reminder", 2, 125, 11, "scheduled");
        case.plans("feedback", 2, 211, 11, "scheduled");
        case.sends("reminder", 2, 126);
        case.sends("feedback", 2, 212);
        case
    }

    /// Plans a message of version `version` for the event of that number.
    pub fn plans(&mut self, kind: &str, version: i32, due: i64, created: i64, status: &str) {
        self.plans_of(kind, (version, version), [due, created], status);
    }

    /// Plans a message of this version for the visit of event `number`.
    pub fn plans_of(
        &mut self,
        kind: &str,
        (number, version): (i32, i32),
        [due, created]: [i64; 2],
        status: &str,
    ) {
        let staff = kind.starts_with("staff");
        let end = i64::from(number) * 100 + 10;
        let row = MessageRow {
            id: self.observed.messages.len() as i64,
            kind: kind.into(),
            recipient: if staff { "staff" } else { "client" }.into(),
            chat: Some(if staff { STAFF } else { CHAT }),
            code: Some(CODE.into()),
            version: Some(version),
            update_id: None,
            due_at: at(due),
            expires_at: match kind {
                _ if staff => None,
                "feedback" => Some(at(end + 1) + TimeDelta::hours(24)),
                "reminder" => Some(at(end - 10)),
                _ => Some(at(end)),
            },
            status: status.into(),
            reason: String::new(),
            created_at: at(created),
            updated_at: at(created),
            sent_at: None,
            telegram_message_id: None,
            joined_to: None,
            job_id: format!("m{kind}{version}"),
            attempts: 0,
            note: None,
        };
        self.observed.messages.push(row);
    }

    /// Sends the message of this kind and version: row and call.
    pub fn sends(&mut self, kind: &str, version: i32, when: i64) {
        self.sends_of(kind, (version, version), when);
    }

    fn sends_of(&mut self, kind: &str, (number, version): (i32, i32), when: i64) {
        let id = self.calls(kind, number, when, 200, "ok");
        let row = self.row(kind, version);
        row.status = "sent".into();
        row.attempts = 1;
        row.sent_at = Some(at(when));
        row.telegram_message_id = Some(id);
    }

    pub fn plans_and_sends(&mut self, kind: &str, version: i32, when: i64) {
        self.plans_and_sends_of(kind, (version, version), when);
    }

    pub fn plans_and_sends_of(&mut self, kind: &str, of: (i32, i32), when: i64) {
        self.plans_of(kind, of, [when, when], "scheduled");
        self.sends_of(kind, of, when);
    }

    /// A note to the staff.
    pub fn notes(&mut self, note: &str, of: (i32, i32), when: i64) {
        self.plans_and_sends_of("staff_note", of, when);
        self.observed.messages.last_mut().unwrap().note = Some(note.into());
    }

    /// Adds a request after which the booking has this meaning.
    pub fn posts(&mut self, event: Event, meaning: &str) {
        let row = self.booking();
        row.meaning = meaning.into();
        row.status = if meaning == "cancelled" { "cancelled" } else { "completed" }.into();
        row.updated_at = event.sent;
        row.service = Some(event.tag.clone());
        (row.starts_at, row.ends_at) = (Some(event.start), Some(event.end));
        row.last_event_id.clone_from(event.accepted.as_ref().unwrap());
        self.record.bookings[0].events.push(event);
    }

    /// The booking gets this version at this second. Its waiting client messages are cancelled.
    pub fn voids(&mut self, version: i32, when: i64) {
        self.booking().version = version;
        self.booking().rating = None;
        self.record.bookings[0].rated = None;
        let later = |row: &&mut MessageRow| row.recipient == "client" && row.due_at > at(when);
        for row in self.observed.messages.iter_mut().filter(later) {
            (row.status, row.sent_at) = ("cancelled".into(), None);
            (row.attempts, row.telegram_message_id) = (0, None);
        }
        self.observed.calls.retain(|call| call.at <= at(when));
    }

    /// Starts anew: a booking with these events and no messages.
    pub fn starts_with(&mut self, event: Event, meaning: &str) {
        self.record.bookings[0].events.clear();
        self.observed.messages.clear();
        self.observed.calls.clear();
        self.voids(1, 0);
        self.posts(event, meaning);
    }

    /// Adds a call without a row; returns its message id.
    pub fn calls(
        &mut self,
        kind: &str,
        version: i32,
        when: i64,
        status: u16,
        outcome: &str,
    ) -> i64 {
        let title = match kind {
            "confirmation" => "✅ <b>Вы записаны</b>",
            "moved" => "🔁 <b>Запись перенесена</b>",
            "cancelled" | "staff_cancelled" => "❌ <b>Запись отменена</b>",
            "reminder" => "⏰ <b>Ждём вас</b>",
            "feedback" => "💬 <b>Как всё прошло?</b>",
            "staff_created" => "🆕 <b>Новая запись</b>",
            "staff_moved" => "🔁 <b>Запись изменена</b>",
            "staff_note" => "🚫 <b>Клиент не пришёл</b>",
            _ => "❓",
        };
        let seq = self.observed.calls.len() as u64 + 1;
        let id = 1000 + seq as i64;
        let delivered = outcome == "ok" || outcome.ends_with("after_accept");
        self.observed.calls.push(Call {
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

    /// An answer that was due and given in this chat at these seconds.
    pub fn answers(&mut self, chat: i64, due: i64, when: i64) {
        self.plans("answer", 0, due, due, "scheduled");
        self.sends("answer", 0, when);
        let row = self.row("answer", 0);
        (row.chat, row.code, row.expires_at) = (Some(chat), None, None);
        if let Some(call) = self.observed.calls.last_mut() {
            call.chat_id = Some(chat);
        }
    }

    /// A probe that was answered well.
    pub fn probe(&mut self, when: i64) {
        self.calls("probe", 0, when, 200, "ok");
        if let Some(call) = self.observed.calls.last_mut() {
            (call.method, call.chat_id, call.message_id) = ("getMe".into(), None, None);
        }
    }

    pub fn row(&mut self, kind: &str, version: i32) -> &mut MessageRow {
        let is = |row: &&mut MessageRow| row.kind == kind && row.version == Some(version);
        self.observed.messages.iter_mut().find(is).unwrap()
    }

    pub fn booking(&mut self) -> &mut BookingRow {
        self.observed.bookings.get_mut(CODE).unwrap()
    }

    pub fn fault(&mut self, excuse: Excuse, from: i64, to: i64) {
        let fault = InjectedFault { name: "some fault", excuse, from: at(from), to: at(to) };
        self.record.faults.push(fault);
    }

    pub fn found(&self) -> Vec<String> {
        check(&plan(), &self.record, &self.observed).iter().map(ToString::to_string).collect()
    }
}

/// Changes the case and expects a violation with these words.
pub(super) fn objects(words: &str, wrong: impl FnOnce(&mut Case)) {
    let mut audit = Case::right();
    wrong(&mut audit);
    let found = audit.found();
    assert!(found.iter().any(|line| line.contains(words)), "{words}: {found:?}");
}

pub(super) fn accepts(right: impl FnOnce(&mut Case)) {
    let mut audit = Case::right();
    right(&mut audit);
    assert_eq!(audit.found(), Vec::<String>::new());
}
