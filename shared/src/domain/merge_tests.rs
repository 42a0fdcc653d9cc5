//! Requests in any order: cancellations with two triggers, restorations, details that come late.

use chrono::{DateTime, TimeDelta, Utc};
use proptest::prelude::*;

use super::*;
use crate::domain::{
    event::{Change, RequestStatus},
    ids::{BookingCode, BookingId, EventId},
    money::Money,
    phone::{Phone, PhoneRegion},
};

fn at(second: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(1_800_000_000 + second, 0).unwrap()
}

/// C: a cancellation; R: says that the booking stands again; P: waits; anything else stands.
fn request(second: i64, sort: char) -> BookingEvent {
    let start = at(86_400 + second);
    let visit_time = VisitTime::new(start, start + TimeDelta::hours(1)).unwrap();
    let meaning = match sort {
        'C' => Meaning::Cancelled,
        'P' => Meaning::Pending,
        _ => Meaning::Stands,
    };
    BookingEvent {
        id: EventId(format!("{sort}{second:05}")),
        received_at: at(second),
        code: BookingCode::parse("A1").unwrap(),
        change: if sort == 'C' { Change::Cancelled(None) } else { Change::Stands(visit_time) },
        status: RequestStatus {
            meaning,
            words: Some(format!("{sort}{second}")),
            restores: sort == 'R',
            held_back: false,
        },
        details: Details::default(),
        reading: None,
        wall_clock: None,
    }
}

fn stored(merged: Merged) -> Booking {
    let meaning = merged.history.standing().meaning;
    let cancelled = meaning == Meaning::Cancelled;
    Booking {
        id: BookingId(1),
        code: BookingCode::parse("A1").unwrap(),
        user: None,
        details: merged.details,
        visit_time: merged.visit_time,
        clock: merged.clock,
        status: if cancelled { BookingStatus::Cancelled } else { BookingStatus::Active },
        meaning,
        status_words: None,
        version: 1,
        rating: None,
        rated_at: None,
        // Through the column and back.
        history: Some(
            serde_json::from_value(serde_json::to_value(&merged.history).unwrap()).unwrap(),
        ),
        last_event: merged.newest,
        created_at: at(0),
    }
}

fn apply<'a>(events: impl IntoIterator<Item = &'a BookingEvent>) -> Booking {
    let mut booking = None;
    for event in events {
        booking = Some(stored(History::merge(booking.as_ref(), event)));
    }
    booking.unwrap()
}

#[test]
fn a_cancellation_outlasts_its_second_trigger_in_either_order() {
    for (requests, meaning) in [
        (&[(0, 'W'), (10, 'C'), (12, 'W')][..], Meaning::Cancelled),
        (&[(0, 'W'), (10, 'C'), (39, 'W')], Meaning::Cancelled),
        (&[(0, 'W'), (10, 'C'), (40, 'W')], Meaning::Stands),
        (&[(0, 'W'), (10, 'C'), (12, 'R')], Meaning::Stands),
        (&[(0, 'W'), (10, 'C'), (12, 'R'), (13, 'W')], Meaning::Stands),
        (&[(0, 'W'), (10, 'R'), (12, 'C')], Meaning::Cancelled),
        (&[(10, 'C'), (50, 'P')], Meaning::Pending),
        (&[(0, 'P'), (5, 'W')], Meaning::Stands),
        (&[(10, 'C'), (50, 'W'), (60, 'C'), (70, 'W')], Meaning::Cancelled),
    ] {
        let events: Vec<_> =
            requests.iter().map(|(second, sort)| request(*second, *sort)).collect();
        assert_eq!(apply(&events).meaning, meaning, "{requests:?}");
        assert_eq!(apply(events.iter().rev()).meaning, meaning, "{requests:?} backwards");
    }
}

#[test]
fn a_request_that_contradicts_a_cancellation_is_seen_whichever_is_applied_first() {
    let (cancel, second) = (request(10, 'C'), request(12, 'W'));
    for order in [[&cancel, &second], [&second, &cancel]] {
        let standing = History::of(&apply(order)).standing();
        assert_eq!(standing.words.as_deref(), Some("C10"));
        assert_eq!(standing.contradicted.map(|mark| mark.1), Some(cancel.id.clone()));
    }
    let earlier = request(5, 'W');
    assert_eq!(History::of(&apply([&earlier, &cancel])).standing().contradicted, None);
}

#[test]
fn what_a_build_before_has_written_counts_as_one_request() {
    let mut booking = apply([&request(0, 'W'), &request(10, 'C')]);
    booking.status = BookingStatus::Active;
    booking.last_event = (at(60), EventId("old".into()));
    assert_eq!(History::of(&booking).standing().meaning, Meaning::Stands);
    booking.history = None;
    booking.status = BookingStatus::Cancelled;
    assert_eq!(History::of(&booking).standing().meaning, Meaning::Cancelled);
}

fn phone(n: u8) -> Phone {
    Phone::parse(&format!("+799912345{n:02}"), PhoneRegion::parse("RU").unwrap()).unwrap()
}

fn any_requests() -> impl Strategy<Value = Vec<BookingEvent>> {
    let sort = prop::sample::select(vec!['C', 'R', 'P', 'W', 'W']);
    let details = (prop::option::of(0u8..3), prop::option::of(0i64..3), prop::option::of("[ab]"));
    prop::collection::vec((0i64..90, sort, details), 1..9).prop_map(|requests| {
        let requests = requests.into_iter().enumerate();
        requests
            .map(|(n, (second, sort, (number, paid, name)))| {
                let mut event = request(second, sort);
                event.id = EventId(format!("{n:02}"));
                event.details.phone = number.map(phone);
                event.details.paid = paid.map(Money);
                event.details.client_name = name;
                event
            })
            .collect()
    })
}

proptest! {
    /// Whatever the order in which requests are applied, and however often, the booking is the same.
    #[test]
    fn the_order_of_applying_changes_nothing(
        (events, shuffled) in any_requests()
            .prop_flat_map(|events| (Just(events.clone()), Just(events).prop_shuffle())),
        again in prop::collection::vec(any::<prop::sample::Index>(), 0..5),
    ) {
        let straight = apply(&events);
        let repeated = again.iter().map(|index| &shuffled[index.index(shuffled.len())]);
        let other = apply(shuffled.iter().chain(repeated));
        prop_assert_eq!(straight, other);
    }

    /// Each detail is that of the newest request that gave it.
    #[test]
    fn the_newest_that_gives_a_detail_wins(events in any_requests()) {
        let booking = apply(&events);
        let newest = events.iter().filter(|event| event.details.phone.is_some())
            .max_by_key(|event| (event.received_at, &event.id));
        prop_assert_eq!(booking.details.phone, newest.and_then(|event| event.details.phone.clone()));
    }
}
