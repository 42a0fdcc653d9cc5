//! The statements by which the staff look things up, over a million bookings.

use chrono::{DateTime, Utc};
use sea_orm::DatabaseConnection;
use shared::{
    domain::{
        agenda::{DueAgenda, day_span, month_span, week_span},
        search::SearchTerms,
        staff_answer::StaffAnswer,
        time::VenueZone,
    },
    store::{TransactionTrait, agenda, outbox, rejected, search, venue_stats},
};

use super::{common::STAFF, phone};

/// What the staff look up in their chat, and the agenda that comes by itself.
pub async fn look_up(db: &DatabaseConnection, round: i64, now: DateTime<Utc>) {
    let (zone, day) = (VenueZone(chrono_tz::Asia::Yekaterinburg), now.date_naive());
    let span = day_span(zone, day).unwrap();
    assert!(agenda::count_in(db, span).await.unwrap() > 1_000);
    assert_eq!(agenda::visits_in(db, span, 30, 60).await.unwrap().len(), 30);
    for (text, least) in [
        (format!("c{}", 500_000 + round), 1),
        (format!("{:04}", 4_000 + round), 10),
        (phone(700 + round).as_e164().to_owned(), 10),
        (format!("клиентов{}", 600 + round), 1),
        ("Пётр7".to_owned(), 10),
        ("кли мария3".to_owned(), 10),
        ("Никого такого".to_owned(), 0),
    ] {
        let terms = SearchTerms::parse(&text).unwrap();
        let found = search::find(db, &terms, now, 10).await.unwrap();
        assert!(found.bookings.len() >= least, "{text}: {found:?}");
    }
    for span in [week_span(zone, day), month_span(zone, day)] {
        let counts = venue_stats::count(db, span.unwrap()).await.unwrap();
        assert!(counts.bookings > 5_000 && counts.in_bot > 5_000, "{counts:?}");
        venue_stats::stars(db, span.unwrap(), 10).await.unwrap();
    }
    let tx = db.begin().await.unwrap();
    let due = DueAgenda { due_at: now, day };
    let planned = agenda::plan(&tx, due, span, STAFF, now).await.unwrap();
    assert_eq!(planned.unwrap().push.len(), 10);
    assert!(agenda::plan(&tx, due, span, STAFF, now).await.unwrap().is_none());
    let _ =
        outbox::cancel_replaced_staff_answers(&tx, STAFF, &[StaffAnswer::Help], now).await.unwrap();
    assert!(rejected::cards_in(&tx, STAFF, round).await.unwrap().is_empty());
    tx.commit().await.unwrap();
}
