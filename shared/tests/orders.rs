//! Reservations of one order on a real database: the order's total is named in the first message about
//! them, whichever reservation that is about.

#![allow(unused_must_use, clippy::unwrap_used, reason = "tests, and without a queue")]

mod common;

use chrono::{DateTime, TimeDelta, Utc};
use common::*;
use shared::{
    domain::{
        event::{BookingEvent, Details},
        ids::{BookingCode, MessageId},
        message::MessageKind,
        money::Money,
        outcome::Disposition,
    },
    store::{DatabaseConnection, bookings, outbox as store},
};

/// A reservation of the order.
fn reservation(code: &str, start: DateTime<Utc>) -> BookingEvent {
    let event = stands(noon(), start);
    let details = Details {
        order: Some("123456789".into()),
        total: Some(Money(900_000)),
        ..event.details.clone()
    };
    BookingEvent { code: BookingCode::parse(code).unwrap(), details, ..event }
}

/// The due messages to the client, each with its booking's code and whether it names the total.
async fn due(db: &DatabaseConnection, at: DateTime<Utc>) -> Vec<(MessageId, String, bool)> {
    let due = due_in(db, CLIENT, at, 20).await;
    let row = |message: store::DueMessage| {
        let code = message.booking.map(|booking| booking.code.to_string()).unwrap_or_default();
        (message.id, code, !message.total_shown_elsewhere)
    };
    due.into_iter().map(|message| message.map(row).unwrap()).collect()
}

async fn send_first(db: &DatabaseConnection, at: DateTime<Utc>) -> (String, bool) {
    let (id, code, names_total) = due(db, at).await.remove(0);
    let claim = claim_in(db, CLIENT, &[id], at).await.unwrap();
    let sent = Disposition::Sent { telegram_message_id: id.0 };
    settle(db, &claim, &sent, at).await;
    (code, names_total)
}

#[tokio::test]
async fn the_total_is_in_the_first_message_whatever_the_order_in_which_reservations_were_applied() {
    let db = database().await;
    register(&db, CLIENT, noon()).await;
    let second = TimeDelta::seconds(1);
    // The second one is stored first, and due last.
    for (code, now) in [("B2", noon() + second), ("A1", noon()), ("C3", noon() + second)] {
        apply(&db, &reservation(code, noon() + hours(72)), now).await;
    }
    let soon = noon() + second * 2;
    let shown: Vec<_> =
        due(&db, soon).await.into_iter().map(|(_, code, shown)| (code, shown)).collect();
    assert_eq!(shown, [("A1".into(), true), ("B2".into(), false), ("C3".into(), false)]);
    assert_eq!(send_first(&db, soon).await, ("A1".into(), true));
    // One that is stored late, and was due before: the total is shown by then.
    apply(&db, &reservation("D4", noon() + hours(72)), noon() - second).await;
    for code in ["D4", "B2", "C3"] {
        assert_eq!(send_first(&db, soon).await, (code.into(), false));
    }
    for code in ["A1", "C3"] {
        apply(&db, &reservation(code, noon() + hours(80)), soon).await;
        assert_eq!(send_first(&db, soon).await, (code.into(), false), "moved");
    }
}

#[tokio::test]
async fn where_the_first_message_is_void_the_next_one_names_the_total() {
    let db = database().await;
    register(&db, CLIENT, noon()).await;
    for code in ["A1", "B2"] {
        apply(&db, &reservation(code, noon() + hours(72)), noon()).await;
    }
    let cancelled =
        BookingEvent { code: BookingCode::parse("A1").unwrap(), ..cancels(noon() + hours(1)) };
    apply(&db, &cancelled, noon() + hours(1)).await;
    assert_eq!(send_first(&db, noon() + hours(1)).await, ("B2".into(), true));
    // What is left to pay is in the first reminder of each round.
    let reminded: Vec<_> = due(&db, noon() + hours(70)).await;
    assert!(reminded.iter().all(|(_, code, names_total)| code == "B2" && *names_total));
}

#[tokio::test]
async fn a_question_about_two_visits_is_about_both_before_it_is_recorded_as_sent() {
    let db = database().await;
    register(&db, CLIENT, noon()).await;
    for code in ["A1", "B2"] {
        apply(&db, &reservation(code, noon() + hours(2)), noon()).await;
    }
    let at = noon() + hours(8);
    let due = due_in(&db, CLIENT, at, 20).await.into_iter().map(Result::unwrap);
    let questions: Vec<_> = due.filter(|it| it.kind == MessageKind::Feedback).collect();
    let ids: Vec<MessageId> = questions.iter().map(|question| question.id).collect();
    let visits: Vec<_> = questions.iter().filter_map(|it| Some(it.booking.as_ref()?.id)).collect();
    let [one, other] = visits[..] else { panic!("{visits:?}") };
    assert_eq!(bookings::questioned_with(&db, one, at).await.unwrap(), []);
    let claim = claim_in(&db, CLIENT, &ids, at).await.unwrap();
    assert_eq!(bookings::questioned_with(&db, one, at).await.unwrap(), [other]);
    settle(&db, &claim, &Disposition::Sent { telegram_message_id: 7 }, at).await;
    assert_eq!(bookings::questioned_with(&db, one, at).await.unwrap(), [other]);
}
