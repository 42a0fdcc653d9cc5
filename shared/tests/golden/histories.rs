//! `bookings.history`: the requests that decide what a booking is.

use chrono::TimeDelta;
use shared::domain::{
    booking::{Booking, BookingStatus},
    event::{BookingEvent, Change, Details, RequestStatus},
    history::History,
    ids::{BookingId, EventId},
    merge::Merged,
    status::Meaning,
};

use crate::{
    held::hold_both_ways,
    samples::{event, every_detail, visit_time},
};

/// The history of a booking after these requests, each an hour after the one before.
fn after(requests: &[(RequestStatus, Details)]) -> History {
    let mut booking = None;
    for (hour, (status, details)) in requests.iter().enumerate() {
        let cancelled = status.meaning == Meaning::Cancelled;
        let change = if cancelled { Change::Cancelled(None) } else { Change::Stands(visit_time()) };
        let request = event(change, status.meaning, details.clone());
        let request = BookingEvent {
            id: EventId(format!("e{hour}")),
            received_at: request.received_at + TimeDelta::hours(hour.try_into().unwrap()),
            status: status.clone(),
            ..request
        };
        let merged = History::merge(booking.as_ref(), &request);
        booking = Some(stored(&request, merged));
    }
    booking.unwrap().history.unwrap()
}

fn stored(request: &BookingEvent, merged: Merged) -> Booking {
    Booking {
        id: BookingId(1),
        code: request.code.clone(),
        user: None,
        details: merged.details,
        visit_time: merged.visit_time,
        clock: merged.clock,
        status: BookingStatus::Active,
        meaning: Meaning::Stands,
        status_words: None,
        version: 1,
        rating: None,
        rated_at: None,
        history: Some(merged.history),
        last_event: merged.newest,
        created_at: request.received_at,
    }
}

fn says(meaning: Meaning, words: Option<&str>) -> RequestStatus {
    RequestStatus { meaning, words: words.map(str::to_owned), restores: false, held_back: false }
}

#[test]
fn histories_are_written_and_read_as_the_file_says() {
    let none = Details::default;
    let stands = || says(Meaning::Stands, None);
    let cancelled = says(Meaning::Cancelled, Some("Отменён"));
    let pending = says(Meaning::Pending, Some("Ждёт оплаты"));
    let restores =
        RequestStatus { restores: true, ..says(Meaning::Stands, Some("Восстановлен")) };
    let histories = [
        ("one request", after(&[(stands(), every_detail())])),
        ("pending, with its words", after(&[(pending, none())])),
        (
            "every detail is older than the newest request",
            after(&[(stands(), every_detail()), (cancelled.clone(), none())]),
        ),
        (
            "cancelled and restored",
            after(&[(stands(), none()), (cancelled, none()), (restores, none())]),
        ),
    ];
    hold_both_ways(
        "histories.txt",
        &histories,
        |history| serde_json::to_string(history).unwrap(),
        |line| serde_json::from_str(line).unwrap(),
    );
}
