//! Each booking is as its accepted events said, and its client's last rating is on it.

use super::Audit;
use crate::soak::{
    evidence::BookingRow,
    record::{Booking, Event, Meaning},
    standing,
};

pub(super) fn check(audit: &mut Audit<'_>) {
    for booking in &audit.record.bookings {
        for fault in faults(audit, booking) {
            audit.violation(&booking.code, fault);
        }
    }
    for code in audit.evidence.bookings.keys() {
        if !audit.record.bookings.iter().any(|booking| booking.code == *code) {
            audit.violation(code, "nobody has booked it");
        }
    }
}

/// The meaning's name in the database.
pub(super) fn name(meaning: Meaning) -> &'static str {
    match meaning {
        Meaning::Stands => "stands",
        Meaning::Pending => "pending",
        Meaning::NoShow => "no_show",
        Meaning::Ignored => "ignored",
        Meaning::Cancelled => "cancelled",
    }
}

fn faults(audit: &Audit<'_>, booking: &Booking) -> Vec<String> {
    let mut faults = Vec::new();
    let Some(last) = booking.last_accepted() else { return faults };
    let Some(row) = audit.evidence.bookings.get(&booking.code) else {
        return vec![format!("was accepted ({:?}) and is not there", last.accepted)];
    };
    if Some(&row.last_event_id) != last.accepted.as_ref() {
        faults.push(format!(
            "its last accepted event is {:?}, the last applied one {}",
            last.accepted, row.last_event_id
        ));
    }
    if row.service.as_ref() != Some(&last.tag) {
        faults.push(format!("is for {:?} instead of {}", row.service, last.tag));
    }
    if row.phone.as_ref() != Some(&booking.phone) {
        faults.push(format!("has the phone {:?} instead of {}", row.phone, booking.phone));
    }
    faults.extend(state(audit, booking, last, row));
    let rating = row.rating.and_then(|stars| u8::try_from(stars).ok());
    // No event takes a rating away.
    if rating != booking.rated {
        faults.push(format!("was rated {:?} by its client, and has {rating:?}", booking.rated));
    }
    faults
}

fn state(audit: &Audit<'_>, booking: &Booking, last: &Event, row: &BookingRow) -> Vec<String> {
    let mut faults = Vec::new();
    let possible: Vec<_> = standing::possible(&booking.events).into_iter().map(name).collect();
    if !possible.contains(&row.meaning.as_str()) {
        faults.push(format!("means {possible:?} by its requests, and is {}", row.meaning));
    }
    let over = last.end <= audit.evidence.at;
    let right = match row.status.as_str() {
        "cancelled" => row.meaning == "cancelled",
        "active" => row.meaning != "cancelled",
        "completed" => row.meaning != "cancelled" && over,
        _ => false,
    };
    if !right {
        faults.push(format!("means {}, and its status is {}", row.meaning, row.status));
    }
    let times = (row.starts_at, row.ends_at);
    if times != (Some(last.start), Some(last.end)) {
        faults.push(format!("is from {} to {}, and has {times:?}", last.start, last.end));
    }
    faults
}
