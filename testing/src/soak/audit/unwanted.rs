//! Checks that no unwanted message was planned: of unannounced or ignored bookings, of visits that
//! were over, and of corrections.

use super::{comparison::Audit, table};
use crate::soak::{
    expected_status,
    observed::MessageRow,
    record::{Booking, Meaning},
};

pub(super) fn violations(audit: &Audit<'_>, booking: &Booking) -> Vec<String> {
    let rows = audit.rows(&booking.code, "client");
    let planned = rows.iter().filter_map(|row| {
        let what = format!("message {} ({}, version {:?})", row.id, row.kind, row.version);
        Some(format!("{what}: {}", unheard(audit, booking, row)?))
    });
    planned.chain(cards(audit, booking)).collect()
}

/// Why this message should not have been planned.
fn unheard(audit: &Audit<'_>, booking: &Booking, row: &MessageRow) -> Option<String> {
    let Some(event) = audit.planned_for(booking, row) else {
        return Some(format!("is for no times that it had, and lasts until {:?}", row.expires_at));
    };
    let stood = |tag: Option<&str>| {
        booking.events.iter().any(|event| {
            event.meaning() == Meaning::Stands && tag.is_none_or(|tag| event.tag == tag)
        })
    };
    let version = row.version.unwrap_or_default();
    let knew = audit.may_have_known(booking, version, row.created_at);
    let first = booking.events.first().map(|event| event.tag.as_str());
    let why = if booking.over_at_first().is_some() && first == Some(event.tag.as_str()) {
        "the visit was over at its first request"
    } else if !stood(None) {
        "the booking never stood"
    } else if event.corrected && row.kind != "feedback" && row.kind != "cancelled" {
        "is of a correction after the visit"
    } else {
        match row.kind.as_str() {
            "confirmation" if !stood(Some(&event.tag)) => "the booking never stood so",
            "moved" if !knew => "what was moved was never announced",
            "cancelled" if !audit.may_have_relied(booking, version, row.created_at) => {
                "what was cancelled was never announced"
            }
            _ => return None,
        }
    };
    Some(why.to_owned())
}

/// Unwanted cards, and wrong or missing notes.
fn cards(audit: &Audit<'_>, booking: &Booking) -> Vec<String> {
    let mut violations = Vec::new();
    let mut staff = audit.rows(&booking.code, "staff");
    // Cards about unreachable clients, and those that clients cause, are checked elsewhere.
    let checked = ["staff_unreachable", "staff_undelivered", "staff_rated", "staff_request"];
    staff.retain(|row| !checked.contains(&row.kind.as_str()));
    let noted = |note: &str| staff.iter().any(|row| row.note.as_deref() == Some(note));
    let ignored = |event: &crate::soak::record::Event| event.meaning() == Meaning::Ignored;
    if booking.events.iter().all(ignored) && !staff.is_empty() {
        violations.push("was ignored from the first, and the staff have a card".to_owned());
    }
    let long_over = booking.over_at_first().is_some_and(|over| over.num_hours() > 24);
    let of_first = |kind: &str| {
        let rows = audit.observed.messages.iter();
        let of = rows.filter(|row| row.code.as_deref() == Some(&booking.code));
        of.filter(|row| row.version == Some(1)).any(|row| row.kind == kind)
    };
    if long_over && of_first("staff_created") && !of_first("confirmation") {
        violations.push("had been over for more than a day, and the staff have a card".to_owned());
    }
    if noted("phone_added") && booking.events.iter().all(|event| event.with_phone) {
        violations.push("its phone was there from the first, and is noted as added".to_owned());
    }
    if noted("stands_after_cancel") && !expected_status::may_be_contradicted(&booking.events) {
        violations
            .push("nothing contradicted its cancellation, and the staff have a note".to_owned());
    }
    // The table's own cancellation may be newer than the request that contradicts the first one.
    let row = audit.observed.bookings.get(&booking.code);
    let by_table = row.is_some_and(|row| table::is_of_row(booking, row));
    let must_be_noted = expected_status::is_contradicted(&booking.events) && !by_table;
    if must_be_noted && !noted("stands_after_cancel") {
        violations
            .push("a request contradicts its cancellation, and the staff have no note".to_owned());
    }
    violations
}
