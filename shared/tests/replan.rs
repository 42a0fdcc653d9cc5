//! Visits after a change of law, in PostgreSQL: what is moved, what stays, and what a build before leaves behind.

#![allow(unused_must_use, clippy::unwrap_used, reason = "tests, and without a queue")]

mod common;

use chrono::{DateTime, Utc};
use common::*;
use sea_orm::{ConnectionTrait, DbBackend, FromQueryResult, Statement};
use shared::{
    domain::{
        booking::BookingStatus,
        event::BookingEvent,
        ids::BookingCode,
        time::VenueZone,
        venue::Venue,
        wall_clock::{ClockSource, VisitClock},
    },
    store::{
        DatabaseConnection, bookings, events,
        replan::{self, Page},
    },
};

const UFA: VenueZone = VenueZone(chrono_tz::Asia::Yekaterinburg);
/// An hour behind, as if the law had changed.
const SAMARA: VenueZone = VenueZone(chrono_tz::Europe::Samara);

fn in_zone(zone: VenueZone) -> Venue {
    Venue { zone, ..venue() }
}

fn code(text: &str) -> BookingCode {
    BookingCode::parse(text).unwrap()
}

/// A visit in local time, as a program with Ufa's rules reads it.
fn local(name: &str, at: DateTime<Utc>, start: DateTime<Utc>) -> BookingEvent {
    let event = stands(at, start);
    let wall_clock = event.visit_time().map(|visit_time| UFA.shown(visit_time));
    BookingEvent { code: code(name), wall_clock, ..event }
}

async fn book(db: &DatabaseConnection, event: &BookingEvent) {
    events::apply(db, event, &in_zone(UFA), noon()).await.unwrap();
}

async fn found(db: &DatabaseConnection, zone: VenueZone, now: DateTime<Utc>) -> Page {
    replan::page(db, zone, replan::first(now), now).await.unwrap()
}

fn codes(page: &Page) -> Vec<String> {
    page.shifts.iter().map(|shift| shift.code.to_string()).collect()
}

#[derive(FromQueryResult, Debug, PartialEq)]
struct Planned {
    kind: String,
    status: String,
    hours: i64,
    pushed: bool,
}

/// What is planned for the client, with the hours from noon until it is due.
async fn planned(db: &DatabaseConnection) -> Vec<(String, String, i64, bool)> {
    let sql = "SELECT kind, status, (extract(epoch FROM due_at - '2026-03-01T12:00:00Z') / 3600)::bigint \
               AS hours, pushed_at > 'epoch' AS pushed FROM messages WHERE recipient = 'client' ORDER BY id";
    let statement = Statement::from_string(DbBackend::Postgres, sql);
    let rows = Planned::find_by_statement(statement).all(db).await.unwrap();
    rows.into_iter().map(|row| (row.kind, row.status, row.hours, row.pushed)).collect()
}

#[tokio::test]
async fn what_waits_is_retimed_and_what_is_being_sent_is_not() {
    let db = database().await;
    register(&db, CLIENT, noon()).await;
    book(&db, &local("A1", noon(), noon() + hours(70))).await;
    let row = |kind: &str, status: &str, hours, pushed| {
        (kind.to_owned(), status.to_owned(), hours, pushed)
    };
    let before = [
        row("confirmation", "scheduled", 0, true),
        row("reminder", "scheduled", 46, true),
        row("reminder", "scheduled", 68, false),
        row("feedback", "scheduled", 71, false),
    ];
    assert_eq!(planned(&db).await, before);
    assert_eq!(codes(&found(&db, UFA, noon()).await), [""; 0]);
    db.execute_unprepared(
        "UPDATE messages SET status = 'sending', lease_until = now(), lease_owner = 'w' \
         WHERE kind = 'confirmation'",
    )
    .await
    .unwrap();
    // Its expiry is another hour later: the visit is, too.
    let moved = replan::apply(&db, &code("A1"), &in_zone(SAMARA), noon()).await.unwrap();
    let (shift, work) = moved.unwrap();
    assert_eq!(shift.to.start() - shift.from.start(), hours(1));
    // The first reminder is due in 47 hours, and within the horizon; the others are pushed in time.
    assert_eq!((work.push.len(), work.cancel.len()), (1, 3));
    let after = [
        row("confirmation", "sending", 0, true),
        row("reminder", "scheduled", 47, true),
        row("reminder", "scheduled", 69, false),
        row("feedback", "scheduled", 72, false),
    ];
    assert_eq!(planned(&db).await, after);
    assert_eq!(replan::apply(&db, &code("A1"), &in_zone(SAMARA), noon()).await.unwrap(), None);
    assert_eq!(planned(&db).await, after);
    let booking = bookings::by_code(&db, &code("A1")).await.unwrap().unwrap();
    assert_eq!((booking.version, booking.visit_time), (1, Some(shift.to)));
}

#[tokio::test]
async fn cancelled_visits_and_those_that_are_over_stay_and_a_running_one_is_active_again() {
    let db = database().await;
    for (name, start) in [("OVER01", -3), ("RUNS01", -1), ("GONE01", 5), ("NEXT01", 6)] {
        book(&db, &local(name, noon() - hours(10), noon() + hours(start))).await;
    }
    let gone = BookingEvent { code: code("GONE01"), ..cancels(noon() - hours(1)) };
    book(&db, &gone).await;
    events::complete_past(&db, noon(), 10).await.unwrap();
    // By the new rules the visit that has just ended lasts for another hour.
    let page = found(&db, SAMARA, noon()).await;
    assert_eq!(
        (codes(&page), page.visits, page.unknown),
        (vec!["RUNS01".into(), "NEXT01".into()], 2, 0)
    );
    for name in ["OVER01", "RUNS01", "GONE01", "NEXT01", "NONE01"] {
        let moved = replan::apply(&db, &code(name), &in_zone(SAMARA), noon()).await.unwrap();
        assert_eq!(moved.is_some(), name == "RUNS01" || name == "NEXT01", "{name}");
    }
    let running = bookings::by_code(&db, &code("RUNS01")).await.unwrap().unwrap();
    assert_eq!(running.status, BookingStatus::Active);
    assert_eq!(codes(&found(&db, SAMARA, noon()).await), [""; 0]);
}

#[tokio::test]
async fn times_that_a_build_before_has_written_have_no_wall_clock_until_the_next_request() {
    let db = database().await;
    book(&db, &local("A1", noon(), noon() + hours(70))).await;
    // It leaves out what it does not know.
    let before = "UPDATE bookings SET starts_at = starts_at + interval '3 hours', \
                  ends_at = ends_at + interval '3 hours', history = history - 'clock'";
    db.execute_unprepared(before).await.unwrap();
    let clock = async || bookings::by_code(&db, &code("A1")).await.unwrap().unwrap().clock;
    assert_eq!(clock().await, None);
    let page = found(&db, SAMARA, noon()).await;
    assert_eq!((page.shifts.len(), page.visits, page.unknown), (0, 1, 1));
    let again = local("A1", noon() + hours(1), noon() + hours(73));
    book(&db, &again).await;
    let times = again.wall_clock.unwrap();
    assert_eq!(clock().await, Some(VisitClock { times, source: ClockSource::Written }));
    // Without a history, or with one of another request, likewise.
    for history in ["jsonb_set(history, '{other,mark,1}', '\"x\"')", "NULL"] {
        db.execute_unprepared(&format!("UPDATE bookings SET history = {history}")).await.unwrap();
        assert_eq!(clock().await, None, "{history}");
    }
}

#[tokio::test]
async fn a_request_and_a_replan_at_once_leave_one_plan() {
    let db = database().await;
    register(&db, CLIENT, noon()).await;
    for round in 0..10 {
        book(&db, &local("A1", noon() + hours(round), noon() + hours(70 + round))).await;
        let samara = in_zone(SAMARA);
        let again = local("A1", noon() + hours(round) + hours(1) / 2, noon() + hours(70 + round));
        let (code, version) = (code("A1"), round + 1);
        let (request, replan) = tokio::join!(
            events::apply(&db, &again, &samara, noon()),
            replan::apply(&db, &code, &samara, noon())
        );
        request.unwrap();
        replan.unwrap();
        let booking = bookings::by_code(&db, &code).await.unwrap().unwrap();
        assert_eq!(booking.visit_time.unwrap().start(), noon() + hours(71 + round));
        assert_eq!(i64::from(booking.version), version, "no move but the one of each round");
        let waits: Vec<_> =
            planned(&db).await.into_iter().filter(|row| row.1 == "scheduled").collect();
        assert_eq!(waits.len(), 4, "{waits:?}");
        assert!(waits.iter().any(|row| row.0 == "feedback" && row.2 == 72 + round), "{waits:?}");
        // Back to the older rules.
        events::apply(
            &db,
            &local("A1", noon() + hours(round) + hours(1) * 2 / 3, noon() + hours(70 + round)),
            &in_zone(UFA),
            noon(),
        )
        .await
        .unwrap();
    }
}
