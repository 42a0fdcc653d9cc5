//! Each booking is as its last accepted event said, and its client's last rating is on it.

use super::Audit;
use crate::soak::{
    evidence::BookingRow,
    record::{Booking, Said},
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
    faults.extend(state(audit, last.said, row));
    let rating = row.rating.and_then(|stars| u8::try_from(stars).ok());
    // A booking is rated only after its last event: nothing can have taken the rating away.
    if rating != booking.rated {
        faults.push(format!("was rated {:?} by its client, and has {rating:?}", booking.rated));
    }
    faults
}

fn state(audit: &Audit<'_>, said: Said, row: &BookingRow) -> Option<String> {
    match said {
        Said::Cancelled => (row.status != "cancelled")
            .then(|| format!("was cancelled last, and is {}", row.status)),
        Said::Stands { start, end } => {
            let over = end <= audit.evidence.at;
            let right = match row.status.as_str() {
                "active" => true,
                "completed" => over,
                _ => false,
            };
            let same = (row.starts_at, row.ends_at) == (Some(start), Some(end));
            (!right || !same).then(|| {
                let times = (row.starts_at, row.ends_at);
                format!("stands from {start} to {end}, and is {} {times:?}", row.status)
            })
        }
    }
}
