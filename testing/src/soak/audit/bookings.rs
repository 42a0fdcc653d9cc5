//! Checks each booking against its accepted events and its client's last rating.

use std::collections::HashSet;

use super::{comparison::Audit, table};
use crate::soak::{
    expected_status,
    observed::BookingRow,
    record::{Booking, Event, Meaning},
};

pub(super) fn check(audit: &mut Audit<'_>) {
    audit.each_booking(violations);
    for code in audit.observed.bookings.keys() {
        let of_departed = audit.record.departed.iter().any(|it| it.codes.contains(code));
        let of_guest = audit.record.joined.iter().any(|it| it.code == *code);
        if !of_departed
            && !of_guest
            && !audit.record.bookings.iter().any(|booking| booking.code == *code)
        {
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

fn violations(audit: &Audit<'_>, booking: &Booking) -> Vec<String> {
    let mut violations = Vec::new();
    let Some(last) = booking.last_known() else { return violations };
    let Some(row) = audit.observed.bookings.get(&booking.code) else {
        return vec![format!("was accepted ({:?}) and is not there", last.accepted)];
    };
    if Some(&row.last_event_id) != last.accepted.as_ref() && !table::is_of_row(booking, row) {
        violations.push(format!(
            "its last accepted event is {:?}, the last applied one {}",
            last.accepted, row.last_event_id
        ));
    }
    if row.service.as_ref() != Some(&last.tag) {
        violations.push(format!("is for {:?} instead of {}", row.service, last.tag));
    }
    if row.phone.as_ref() != Some(&booking.phone) {
        violations.push(format!("has the phone {:?} instead of {}", row.phone, booking.phone));
    }
    violations.extend(state(audit, booking, last, row));
    let rating = row.rating.and_then(|stars| u8::try_from(stars).ok());
    // No event takes a rating away.
    if rating != booking.rated && !rated_with(audit, booking).contains(&rating) {
        violations.push(format!("was rated {:?} by its client, and has {rating:?}", booking.rated));
    }
    violations
}

/// The ratings of other visits that a question about this one named, too: each counts for all of them.
fn rated_with(audit: &Audit<'_>, booking: &Booking) -> Vec<Option<u8>> {
    // A question of unknown result has no message in the chat that is known: its rows name the first of them.
    let questions = |code: &str| -> HashSet<_> {
        let rows = audit.observed.messages.iter();
        let rows = rows.filter(|row| row.kind == "feedback" && row.code.as_deref() == Some(code));
        rows.filter_map(|row| {
            let unknown =
                (row.status == "unknown").then(|| (None, row.joined_to.unwrap_or(row.id)));
            let shown = row.chat.zip(row.telegram_message_id);
            shown.map(|(chat, id)| (Some(chat), id)).or(unknown)
        })
        .collect()
    };
    let own = questions(&booking.code);
    let others = audit.record.bookings.iter().filter(|other| other.rated.is_some());
    let others = others.filter(|other| !questions(&other.code).is_disjoint(&own));
    others.map(|other| other.rated).collect()
}

fn state(audit: &Audit<'_>, booking: &Booking, last: &Event, row: &BookingRow) -> Vec<String> {
    let mut violations = Vec::new();
    let possible = match booking.is_cancelled_in_table() {
        true => vec![Meaning::Cancelled],
        false => expected_status::possible(&booking.events),
    };
    let possible: Vec<_> = possible.into_iter().map(name).collect();
    if !possible.contains(&row.meaning.as_str()) {
        violations.push(format!("means {possible:?} by its requests, and is {}", row.meaning));
    }
    let over = last.end <= audit.observed.at;
    let right = match row.status.as_str() {
        "cancelled" => row.meaning == "cancelled",
        "active" => row.meaning != "cancelled",
        "completed" => row.meaning != "cancelled" && over,
        _ => false,
    };
    if !right {
        violations.push(format!("means {}, and its status is {}", row.meaning, row.status));
    }
    let times = (row.starts_at, row.ends_at);
    if times != (Some(last.start), Some(last.end)) {
        violations.push(format!("is from {} to {}, and has {times:?}", last.start, last.end));
    }
    violations
}
