//! Nobody who was deleted comes back by the table, and what waits for the staff's decision is deleted with its person.

use shared::{
    domain::forgotten::ForgetKey,
    store::{
        bookings, events,
        person::{self, By, Deletion, Person, Who},
    },
};

use super::*;

fn keyed() -> Venue {
    Venue { forget_key: ForgetKey::parse(&"k".repeat(32)), ..venue() }
}

async fn forget(db: &DatabaseConnection, at: DateTime<Utc>) {
    let venue = keyed();
    let tx = db.begin().await.unwrap();
    let deletion =
        Deletion { by: By::Operator, key: venue.forget_key.as_ref(), update_id: None, now: at };
    person::erase(&tx, Who::Phone(&phone()), deletion).await.unwrap();
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_deleted_person_comes_back_neither_by_a_known_booking_nor_by_one_that_was_missed() {
    let db = database().await;
    let venue = keyed();
    apply(&db, &stands(noon(), noon() + hours(30)), noon()).await;
    forget(&db, noon() + hours(1)).await;
    let at = noon() + hours(2);
    let rows = [row("A1", at, noon() + hours(31)), row("B2", at, noon() + hours(40))];
    let found = compare(&db, at, &rows, &venue).await.differences;
    let kinds: Vec<_> = found.iter().map(|it| (it.code.as_str(), it.kind.as_str())).collect();
    // Their bookings stay the venue's, without them.
    assert_eq!(kinds, [("A1", "moved"), ("B2", "missing")]);
    for difference in &found {
        let row = difference.row.as_ref().unwrap();
        assert_eq!(row.details.phone, None);
        events::apply(&db, row, &venue, at).await.unwrap();
        let booking = bookings::by_code(&db, &row.code).await.unwrap().unwrap();
        assert_eq!((booking.details.phone, booking.details.client_name), (None, None));
    }
    // What the table shows of them besides is no difference.
    let again: Vec<_> =
        rows.iter().map(|row| BookingEvent { received_at: at + hours(1), ..row.clone() }).collect();
    assert!(compare(&db, at + hours(1), &again, &venue).await.differences.is_empty());
}

#[tokio::test]
async fn what_waits_for_a_press_is_exported_and_deleted_with_its_person() {
    let db = database().await;
    let venue = keyed();
    let at = noon() + hours(1);
    let rows = [row("B2", at, noon() + hours(40))];
    round_of(&db, at, &rows, &venue).await;
    let digits = "SELECT count(*) FROM table_differences WHERE event LIKE '%9991234567%'";
    assert_eq!(one::<i64>(&db, digits).await, 1);
    let theirs = Person::find(&db, Who::Phone(&phone())).await.unwrap();
    let exported = person::export(&db, &theirs).await.unwrap();
    assert_eq!(exported["table_differences"].as_array().unwrap().len(), 1);
    // A snapshot that was compared before the deletion and is recorded after it.
    let late = compare(&db, at + hours(2), &rows_at(at + hours(2)), &venue).await;
    forget(&db, at + hours(3)).await;
    assert_eq!(one::<i64>(&db, digits).await, 0);
    let tx = db.begin().await.unwrap();
    table_sync::record(&tx, &late, &venue, at + hours(3)).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(one::<i64>(&db, digits).await, 0);
    assert_eq!(press(&db, 1, Which::All, at + hours(3)).await.applied.len(), 0);
}

fn rows_at(at: DateTime<Utc>) -> Vec<BookingEvent> {
    vec![row("B2", at, noon() + hours(40))]
}

#[tokio::test]
async fn a_known_bookings_person_is_not_kept_with_the_difference() {
    let db = database().await;
    apply(&db, &stands(noon(), noon() + hours(30)), noon()).await;
    let at = noon() + hours(1);
    round(&db, at, &[row("A1", at, noon() + hours(31))]).await;
    let event: String = one(&db, "SELECT event FROM table_differences").await;
    assert!(!event.contains("9991234567"), "{event}");
    // Once the table and the booking agree, nothing of the row is kept.
    let at = at + hours(1);
    round(&db, at, &[row("A1", at, noon() + hours(30))]).await;
    let kept = "SELECT count(*) FROM table_differences WHERE event IS NOT NULL OR gone_at IS NULL";
    assert_eq!(one::<i64>(&db, kept).await, 0);
    // Nor where the table is not read any more.
    let read = at + hours(1);
    let rows = [row("A1", read, noon() + hours(30)), row("B2", read, noon() + hours(40))];
    round(&db, read, &rows).await;
    for (hours_later, expected) in [(47, 1), (50, 0)] {
        table_sync::forget(&db, at + hours(hours_later), 10).await.unwrap();
        assert_eq!(one::<i64>(&db, kept).await, expected, "{hours_later}");
    }
    let forgotten = table_sync::forget(&db, at + hours(24 * 40), 10).await.unwrap();
    assert_eq!(forgotten, 2);
}
