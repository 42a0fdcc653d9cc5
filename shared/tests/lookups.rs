//! What the staff look up: the visits of a day, bookings by code, phone and name, the numbers of a span, and the agenda
//! that is planned once.

#![allow(clippy::unwrap_used, reason = "a test may")]

mod common;

use chrono::{DateTime, Utc};
use common::{STAFF, database, noon};
use sea_orm::ConnectionTrait;
use shared::{
    domain::{
        agenda::{AgendaAt, DueAgenda, Span, day_span, week_span},
        request::VisitAnswer,
        search::SearchTerms,
        status::Meaning,
        time::VenueZone,
    },
    store::{DatabaseConnection, TransactionTrait, agenda, search, venue_stats},
};

const ZONE: VenueZone = VenueZone(chrono_tz::Asia::Yekaterinburg);

/// A booking that begins so many hours after noon: code, name, last name, phone, and further columns with their values.
async fn has(db: &DatabaseConnection, code: &str, hours: i64, who: [&str; 3], more: (&str, &str)) {
    let text = |text: &str| if text.is_empty() { "NULL".into() } else { format!("'{text}'") };
    let [name, last, phone] = who.map(text);
    let (columns, values) = more;
    let start = noon() + common::hours(hours);
    let insert = format!(
        "INSERT INTO bookings (bukza_booking_id, client_name, client_last_name, client_phone, \
         service_name, starts_at, ends_at {columns}) VALUES ('{code}', {name}, {last}, {phone}, 'VR', \
         '{start}', '{start}'::timestamptz + interval '1 hour' {values})"
    );
    db.execute_unprepared(&insert).await.unwrap();
}

async fn run(db: &DatabaseConnection, statement: &str) {
    db.execute_unprepared(statement).await.unwrap();
}

fn today() -> Span {
    day_span(ZONE, ZONE.local(noon()).date_naive()).unwrap()
}

#[tokio::test]
async fn a_day_lists_the_visits_that_stand_with_their_answers_and_who_is_in_the_bot() {
    let db = database().await;
    let none = ("", "");
    has(&db, "LATE", 3, ["Анна", "", ""], none).await;
    has(&db, "EARLY", -2, ["Пётр", "", ""], (", meaning", ", 'pending'")).await;
    has(&db, "GONE", 1, ["Иван", "", ""], (", status, meaning", ", 'cancelled', 'cancelled'"))
        .await;
    has(&db, "REPAIR", 1, ["", "", ""], (", meaning", ", 'ignored'")).await;
    has(&db, "OTHER", 24, ["Мария", "", ""], none).await;
    run(
        &db,
        "INSERT INTO users (id, telegram_id, reachable) VALUES (1, 11, true), (2, 12, false); \
         UPDATE bookings SET user_id = 1 WHERE bukza_booking_id = 'LATE'; \
         UPDATE bookings SET user_id = 2 WHERE bukza_booking_id = 'EARLY'; \
         INSERT INTO visit_answers SELECT id, 1, 'comes', now() FROM bookings \
         WHERE bukza_booking_id = 'LATE'; \
         INSERT INTO visit_answers SELECT id, 7, 'comes', now() FROM bookings \
         WHERE bukza_booking_id = 'EARLY'",
    )
    .await;
    let listed = agenda::visits_in(&db, today(), 10, 0).await.unwrap();
    let shown: Vec<_> = listed
        .iter()
        .map(|it| (it.booking.code.as_str(), it.booking.meaning, it.booking.answer, it.in_bot))
        .collect();
    // An answer to another version is void.
    assert_eq!(
        shown,
        [
            ("EARLY", Meaning::Pending, None, false),
            ("LATE", Meaning::Stands, Some(VisitAnswer::Comes), true)
        ]
    );
    assert_eq!(agenda::count_in(&db, today()).await.unwrap(), 2);
    let second = agenda::visits_in(&db, today(), 1, 1).await.unwrap();
    assert_eq!(second[0].booking.code, "LATE");
}

async fn found(db: &DatabaseConnection, text: &str) -> Vec<String> {
    let terms = SearchTerms::parse(text).unwrap();
    let found = search::find(db, &terms, noon(), 10).await.unwrap();
    found.bookings.into_iter().map(|listed| listed.booking.code).collect()
}

#[tokio::test]
async fn a_booking_is_found_by_code_the_end_of_the_phone_and_the_beginnings_of_names() {
    let db = database().await;
    let none = ("", "");
    has(&db, "C6UDS3", 5, ["АЛЁНА Петрова", "", "+79991234567"], none).await;
    has(&db, "D7VET4", 2, ["Анна-Мария", "Иванова", "+79990004567"], none).await;
    has(&db, "OVER01", -50, ["анна", "", "+79991110000"], none).await;
    has(&db, "OLD001", -24 * 120, ["Анна", "", "+79991110001"], none).await;
    has(&db, "4567", 4, ["O''Neill", "", ""], none).await;
    has(&db, "GONE01", 1, ["Ян", "", ""], (", status, meaning", ", 'cancelled', 'cancelled'"))
        .await;
    for (text, codes) in [
        ("c6uds3", &["C6UDS3"][..]),
        ("C6UDS", &[]),
        // The last digits, and a code that looks like them.
        ("4567", &["D7VET4", "4567", "C6UDS3"]),
        ("8 (999) 123-45-67", &["C6UDS3"]),
        ("+79991234567", &["C6UDS3"]),
        ("5678", &[]),
        ("алена", &["C6UDS3"]),
        ("петр", &["C6UDS3"]),
        ("Петрова Алёна", &["C6UDS3"]),
        ("етрова", &[]),
        // The one to come before the one that is over; visits of long ago are left out.
        ("АНН", &["D7VET4", "OVER01"]),
        ("мария иван", &["D7VET4"]),
        ("анна петрова", &[]),
        ("neil", &["4567"]),
        ("ян", &["GONE01"]),
        ("%%% ___ aa", &[]),
        ("' OR 1=1 --", &[]),
    ] {
        assert_eq!(found(&db, text).await, codes, "{text}");
    }
}

#[tokio::test]
async fn what_is_found_is_bounded_and_the_rest_is_counted() {
    let db = database().await;
    for n in 0..25 {
        has(&db, &format!("M{n:02}"), n, ["Анна", "", ""], ("", "")).await;
    }
    let terms = SearchTerms::parse("анна").unwrap();
    let found = search::find(&db, &terms, noon(), 10).await.unwrap();
    let codes: Vec<_> = found.bookings.iter().map(|it| it.booking.code.as_str()).collect();
    assert_eq!((codes[0], codes[9], codes.len(), found.more), ("M00", "M09", 10, 15));
}

#[tokio::test]
async fn the_numbers_of_a_span() {
    let db = database().await;
    let rated = |stars: &'static str| (", rating, status", stars);
    has(&db, "R1", -3, ["", "", ""], rated(", 5, 'completed'")).await;
    has(&db, "R2", -2, ["", "", ""], rated(", 4, 'completed'")).await;
    has(&db, "N1", -1, ["", "", ""], (", meaning", ", 'no_show'")).await;
    has(&db, "C1", 1, ["", "", ""], (", status, meaning", ", 'cancelled', 'cancelled'")).await;
    has(&db, "I1", 1, ["", "", ""], (", meaning", ", 'ignored'")).await;
    has(&db, "S1", 2, ["", "", ""], ("", "")).await;
    has(&db, "FAR", 24 * 40, ["", "", ""], ("", "")).await;
    let failed = |kind: &str, status: &str, at: DateTime<Utc>| {
        format!(
            "INSERT INTO messages (kind, recipient, due_at, job_id, status, updated_at) \
             VALUES ('{kind}', 'client', now(), 'x', '{status}', '{at}');"
        )
    };
    run(
        &db,
        &[
            "INSERT INTO users (id, telegram_id, reachable) VALUES (1, 11, true), (2, 12, false); \
             UPDATE bookings SET user_id = 1 WHERE bukza_booking_id IN ('R1', 'S1'); \
             UPDATE bookings SET user_id = 2 WHERE bukza_booking_id = 'R2'; \
             INSERT INTO visit_answers SELECT id, 1, 'comes', now() FROM bookings \
             WHERE bukza_booking_id = 'S1'; \
             INSERT INTO visit_answers SELECT id, 1, 'cannot_come', now() FROM bookings \
             WHERE bukza_booking_id = 'R1';"
                .to_owned(),
            failed("reminder", "unknown", noon()),
            failed("confirmation", "failed", noon()),
            failed("confirmation", "sent", noon()),
            failed("answer", "failed", noon()),
            failed("reminder", "failed", noon() - common::hours(24 * 30)),
        ]
        .concat(),
    )
    .await;
    let week = week_span(ZONE, ZONE.local(noon()).date_naive()).unwrap();
    let counts = venue_stats::count(&db, week).await.unwrap();
    let expected = venue_stats::VisitCounts {
        bookings: 5,
        in_bot: 2,
        confirmed: 1,
        cancelled: 1,
        no_shows: 1,
        undelivered: 2,
    };
    assert_eq!(counts, expected);
    let stars = venue_stats::stars(&db, week, 10).await.unwrap();
    let stars: Vec<_> =
        stars.iter().map(|it| (it.service.as_deref(), it.average, it.ratings)).collect();
    assert_eq!(stars, [(Some("VR"), 4.5, 2)]);
}

#[tokio::test]
async fn the_agenda_of_a_day_is_planned_once_by_whoever_comes_first() {
    let db = database().await;
    for n in 0..31 {
        has(&db, &format!("A{n}"), 0, ["", "", ""], ("", "")).await;
    }
    let due_at = AgendaAt::parse("08:00").unwrap().next(ZONE, noon()).unwrap();
    let due = DueAgenda { due_at, day: ZONE.local(noon()).date_naive() };
    let plan = async || {
        let tx = db.begin().await.unwrap();
        let work = agenda::plan(&tx, due, today(), STAFF, due_at).await.unwrap();
        tx.commit().await.unwrap();
        work.map(|work| work.push.len())
    };
    let both = futures::join!(plan(), plan());
    assert!(matches!(both, (Some(2), None) | (None, Some(2))), "{both:?}");
    // Neither a restart nor more visits plan it again.
    has(&db, "MORE", 1, ["", "", ""], ("", "")).await;
    assert_eq!(plan().await, None);
}
