//! Checks the bookings against Bukza's own table: each is as its row, whether its requests arrived or were lost, and no
//! difference is left open.

use super::comparison::Audit;
use crate::soak::{observed::BookingRow, record::Booking};

pub(super) fn check(audit: &mut Audit<'_>) {
    audit.each_booking(violations);
    for (code, kind) in &audit.observed.differences {
        audit.violation(code, format!("Bukza's table still shows it otherwise: {kind}"));
    }
}

/// Whether the last event of a booking is a row of the table: no request of its own has that id.
pub(super) fn is_of_row(booking: &Booking, row: &BookingRow) -> bool {
    let ids = booking.events.iter().filter_map(|event| event.accepted.as_ref());
    booking.row.is_some() && ids.into_iter().all(|id| *id != row.last_event_id)
}

fn violations(audit: &Audit<'_>, booking: &Booking) -> Vec<String> {
    let Some(shown) = &booking.row else { return Vec::new() };
    let Some(row) = audit.observed.bookings.get(&booking.code) else {
        return vec!["is in Bukza's table and not there".to_owned()];
    };
    let mut violations = Vec::new();
    let mut differs = |what: &str, of_table: String, of_booking: String| {
        if of_table != of_booking {
            violations
                .push(format!("has the {what} {of_booking}, and {of_table} in Bukza's table"));
        }
    };
    let times = (Some(shown.start), Some(shown.end));
    differs("times", format!("{times:?}"), format!("{:?}", (row.starts_at, row.ends_at)));
    differs("service", shown.resource.clone(), row.service.clone().unwrap_or_default());
    let is_cancelled = row.meaning == "cancelled";
    differs("cancellation", booking.is_cancelled_in_table().to_string(), is_cancelled.to_string());
    violations
}

#[cfg(test)]
mod tests {
    use simulator::bukza::model::Reservation;

    use crate::soak::{
        audit::fixture::{CODE, Case, accepts, at, event, objects},
        record::Word,
    };

    fn shows(case: &mut Case) {
        let resource = format!("{CODE}-2");
        let end = at(210);
        let row = Reservation { resource, end, ..Reservation::new(CODE, "", at(200)) };
        case.record.bookings[0].row = Some(row);
    }

    /// The move was lost on the way, and a row brought it.
    fn lost(case: &mut Case) {
        shows(case);
        let event = &mut case.record.bookings[0].events[1];
        (event.accepted, event.lost) = (None, true);
        case.booking().last_event_id = "row".into();
    }

    #[test]
    fn a_lost_request_is_known_by_its_row() {
        accepts(shows);
        accepts(lost);
        objects("the last applied one e1", |l| {
            lost(l);
            l.booking().last_event_id = "e1".into();
        });
        objects("in Bukza's table", |l| {
            lost(l);
            (l.booking().starts_at, l.booking().ends_at) = (Some(at(100)), Some(at(110)));
        });
        objects("still shows it otherwise: moved", |l| {
            l.observed.differences.push((CODE.into(), "moved".into()));
        });
    }

    #[test]
    fn what_the_table_shows_as_cancelled_is_cancelled() {
        let cancelled = |l: &mut Case| {
            shows(l);
            let row = l.record.bookings[0].row.take();
            l.record.bookings[0].row = row.map(|row| row.with_status("Отменено"));
        };
        objects("has the cancellation false, and true", cancelled);
        objects("means [\"cancelled\"] by its requests, and is stands", cancelled);
    }

    #[test]
    fn a_row_that_cancels_after_a_second_trigger_needs_no_note() {
        let contradicts = |by_table: bool| {
            let mut case = Case::right();
            shows(&mut case);
            case.posts(event(2, Word::ByClient, 50), "cancelled");
            case.posts(event(2, Word::New, 53), "cancelled");
            if by_table {
                case.booking().last_event_id = "row".into();
            }
            case.found().iter().any(|line| line.contains("a request contradicts its cancellation"))
        };
        assert!(contradicts(false) && !contradicts(true));
    }
}
