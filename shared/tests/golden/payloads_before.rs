//! Payloads of the build before statuses had meanings: it and this one work side by side during an update,
//! and each reads the jobs of the other.

use serde::Deserialize;
use shared::{
    domain::{
        event::{BookingEvent, Change, Details, RequestStatus, VisitTime},
        ids::{BookingCode, EventId},
        money::Money,
        phone::Phone,
        status::Meaning,
    },
    queue::IngestJob,
};

use crate::samples::{at, event, every_detail, visit_time};

/// The details that the build before knows.
fn details_before() -> Details {
    Details {
        last_name: None,
        prepayment: None,
        order_page: None,
        comment: None,
        fields: Vec::new(),
        ..every_detail()
    }
}

fn expected() -> Vec<BookingEvent> {
    let of = |change, details| BookingEvent {
        status: RequestStatus::default(),
        ..event(change, Meaning::Stands, details)
    };
    vec![
        of(Change::Stands(visit_time()), details_before()),
        of(Change::Cancelled(Some(visit_time())), Details::default()),
        of(Change::Cancelled(None), Details::default()),
    ]
}

#[test]
fn payloads_of_the_build_before_are_read() {
    let text = include_str!("../../golden/payloads_before.txt");
    let lines: Vec<_> = text.lines().filter(|line| !line.starts_with("# ")).collect();
    let read: Vec<_> =
        lines.iter().map(|line| IngestJob::decode(line.as_bytes()).unwrap()).collect();
    let expected: Vec<_> =
        expected().into_iter().map(|event| IngestJob::Booking(Box::new(event))).collect();
    assert_eq!(read, expected);
}

/// A booking event as the build before declares it.
#[derive(Debug, PartialEq, Deserialize)]
struct EventBefore {
    id: EventId,
    received_at: chrono::DateTime<chrono::Utc>,
    code: BookingCode,
    change: ChangeBefore,
    details: DetailsBefore,
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ChangeBefore {
    Stands(VisitTime),
    Cancelled(Option<VisitTime>),
}

#[derive(Debug, PartialEq, Default, Deserialize)]
#[serde(default)]
struct DetailsBefore {
    service: Option<String>,
    zone: Option<String>,
    client_name: Option<String>,
    phone: Option<Phone>,
    people: Option<u32>,
    total: Option<Money>,
    paid: Option<Money>,
    order: Option<String>,
}

#[derive(Debug, Deserialize)]
struct EnvelopeBefore {
    v: u32,
    booking: EventBefore,
}

#[test]
fn the_build_before_reads_payloads_of_this_one() {
    for (name, job) in crate::payloads::jobs() {
        let IngestJob::Booking(event) = &job else { continue };
        let read: EnvelopeBefore = serde_json::from_str(&job.encode()).unwrap();
        let change = match event.change {
            Change::Stands(visit_time) => ChangeBefore::Stands(visit_time),
            Change::Cancelled(visit_time) => ChangeBefore::Cancelled(visit_time),
        };
        let Details { service, zone, client_name, phone, people, total, paid, order, .. } =
            event.details.clone();
        let details =
            DetailsBefore { service, zone, client_name, phone, people, total, paid, order };
        let (id, code) = (event.id.clone(), event.code.clone());
        let received_at = at("2026-02-27T09:30:15.123456Z");
        let expected = EventBefore { id, received_at, code, change, details };
        assert_eq!((read.v, read.booking), (1, expected), "{name}");
    }
}
