use super::*;
use crate::domain::{
    booking::BookingStatus,
    event::{Details, VisitTime},
    ids::{BookingCode, BookingId, EventId},
    message::MessageKind,
    phone::{Phone, PhoneRegion},
    status::Meaning,
};

/// A booking number `id` of this client and order, with a visit of an hour from `start` on.
fn booking(id: i64, client: &str, order: Option<&str>, start: &str) -> Booking {
    let start: DateTime<Utc> = start.parse().unwrap();
    Booking {
        id: BookingId(id),
        code: BookingCode::parse(&format!("CODE{id}")).unwrap(),
        user: None,
        details: Details {
            phone: Phone::parse(client, PhoneRegion::default()).ok(),
            order: order.map(str::to_owned),
            ..Details::default()
        },
        visit_time: VisitTime::new(start, start + TimeDelta::hours(1)).ok(),
        clock: None,
        status: BookingStatus::Active,
        meaning: Meaning::Stands,
        status_words: None,
        version: 1,
        rating: None,
        rated_at: None,
        history: None,
        last_event: (start, EventId("e".into())),
        created_at: start,
    }
}

const ALL: [Listing; 6] = [
    Listing::Confirmations,
    Listing::Cancellations,
    Listing::Reminders,
    Listing::Questions,
    Listing::CreatedCards,
    Listing::CancelledCards,
];

#[test]
fn each_list_holds_messages_of_one_kind() {
    let listed = |listing| {
        let kinds = MessageKind::ALL.iter().filter(|kind| kind.listing() == Some(listing));
        kinds.count()
    };
    for listing in ALL {
        assert_eq!(listed(listing), 1, "{listing:?}");
    }
}

#[test]
fn a_list_is_of_one_client_and_some_are_of_one_order() {
    const DAY: &str = "2026-03-01T12:00:00Z";
    let of = |id, client, order| booking(id, client, order, DAY);
    let first = of(1, "+79991234567", Some("A"));
    for (other, of_client, of_order) in [
        (of(1, "+79991234567", Some("A")), false, false),
        (of(2, "+79991234567", Some("A")), true, true),
        (of(2, "+79991234567", Some("B")), true, false),
        (of(2, "+79991234567", None), true, false),
        (of(2, "+79990000000", Some("A")), false, false),
        (of(2, "", Some("A")), false, false),
    ] {
        for listing in ALL {
            let expected = match listing.rule().by {
                ListedBy::Client => of_client,
                ListedBy::Order => of_order,
            };
            assert_eq!(listing.joins(&first, &other), expected, "{listing:?} {other:?}");
        }
    }
    let nobody = |id| of(id, "", Some("A"));
    assert!(!Listing::CreatedCards.joins(&nobody(1), &nobody(2)), "two unknown clients");
    let no_order = |id| of(id, "+79991234567", None);
    assert!(!Listing::Reminders.joins(&no_order(1), &no_order(2)), "two unknown orders");
}

#[test]
fn a_message_is_added_to_its_orders_list_else_to_the_latest_of_its_client() {
    let recent = |lists: &[(i64, Option<&str>)]| -> Vec<Recent> {
        let one = |(id, order): &(i64, Option<&str>)| Recent {
            telegram_message_id: *id,
            order: order.map(str::to_owned),
        };
        lists.iter().map(one).collect()
    };
    for (order, before, of_client, of_order) in [
        (None, &[][..], None, None),
        (Some("A"), &[], None, None),
        (Some("A"), &[(1, Some("A"))], Some(1), Some(1)),
        (Some("A"), &[(1, Some("A")), (2, Some("B"))], Some(1), Some(1)),
        (Some("A"), &[(1, Some("B"))], Some(1), None),
        (None, &[(1, None), (2, Some("A"))], Some(2), None),
    ] {
        for (by, expected) in [(ListedBy::Client, of_client), (ListedBy::Order, of_order)] {
            assert_eq!(added_to(by, order, &recent(before)), expected, "{order:?} to {before:?}");
        }
    }
}

#[test]
fn a_message_is_added_to_a_list_that_is_new_when_it_is_due_and_when_it_is_sent() {
    let sent: DateTime<Utc> = "2026-03-01T12:00:00Z".parse().unwrap();
    let after = |seconds| sent + TimeDelta::seconds(seconds);
    for (due, now, is_added) in [
        (0, 0, true),
        (59, 59, true),
        (60, 60, false),
        // Sent late.
        (59, 299, true),
        (59, 300, false),
        (59, 3600, false),
        // Due before the list was sent.
        (-3600, 299, true),
        (-3600, 300, false),
    ] {
        let added_after = Listing::CreatedCards.rule().added_after(after(due), after(now));
        assert_eq!(sent > added_after, is_added, "due {due} s after it, sent {now} s after it");
    }
}

#[test]
fn a_question_waits_for_the_last_visit_of_its_order_on_that_day() {
    let venue = Venue::default();
    let of = |id, order, start| booking(id, "+79991234567", Some(order), start);
    let first = of(1, "A", "2026-03-01T10:00:00Z");
    let same_day = [of(2, "A", "2026-03-01T12:00:00Z"), of(3, "A", "2026-03-01T17:00:00Z")];
    let next_day = of(4, "A", "2026-03-02T10:00:00Z");
    let other_order = of(5, "B", "2026-03-01T18:00:00Z");
    let due = |booking: &Booking| booking.visit_time.unwrap().end();
    let waits = |others: &[&Booking]| {
        let others: Vec<_> = others.iter().map(|other| (due(other), *other)).collect();
        last_of_the_day(&first, &others, &venue)
    };
    assert_eq!(waits(&[]), None);
    assert_eq!(waits(&[&next_day, &other_order]), None);
    let [second, third] = &same_day;
    assert_eq!(waits(&[second]), Some(due(second)));
    assert_eq!(waits(&[third, second, &next_day, &other_order]), Some(due(third)));
}

#[test]
fn the_document_shows_the_table() {
    let document = include_str!("../../../docs/meanings.md");
    let named = [
        (Listing::Confirmations, "confirmations"),
        (Listing::Cancellations, "cancellations"),
        (Listing::Reminders, "reminders"),
        (Listing::Questions, "questions"),
        (Listing::CreatedCards, "cards of new bookings"),
        (Listing::CancelledCards, "cards of cancelled bookings"),
    ];
    let span = |time: TimeDelta| match time.num_seconds() {
        0 => "–".to_owned(),
        60 => "1 minute".to_owned(),
        3600 => "1 hour".to_owned(),
        seconds => format!("{seconds} s"),
    };
    for (listing, name) in named {
        let Rule { by, ahead, added_within } = listing.rule();
        let by = match by {
            ListedBy::Client => "client",
            ListedBy::Order => "order",
        };
        let ahead = match listing {
            Listing::Questions => "waits for the last visit of the day".to_owned(),
            _ => span(ahead),
        };
        let row = format!("| {name} | {by} | {ahead} | {} |", span(added_within));
        assert!(document.contains(&row), "docs/meanings.md lacks {row}");
    }
}
