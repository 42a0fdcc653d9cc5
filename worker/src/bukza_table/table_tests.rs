//! The client against the simulated Bukza: what it reads, and that whatever is not understood is an error.

use serde_json::json;
use shared::{
    clock::ManualClock,
    domain::{
        ids::BookingCode,
        phone::PhoneRegion,
        status::{Meaning, StatusRules},
        table_columns::{TableColumns, TableField},
        time::VenueZone,
    },
    settings::BukzaAccess,
};
use simulator::{
    Running,
    bukza::model::{
        BukzaFault, BukzaFaultKind as Kind, BukzaSetup, EMAIL, PASSWORD, Reservation, TABLE_ID,
    },
    client::BukzaClient,
};

use super::*;

struct Bukza {
    simulator: Running,
    owner: BukzaClient,
    clock: ManualClock,
}

fn at(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn from() -> DateTime<Utc> {
    at("2027-01-01T00:00:00Z")
}

fn reservation(number: i64) -> Reservation {
    let start = from() + TimeDelta::minutes(30 * number);
    Reservation::new(&format!("CODE{number}"), &format!("+7999000{number:04}"), start)
}

/// Times of milliseconds.
fn limits() -> Limits {
    Limits {
        between: Duration::from_millis(1),
        backoff: Duration::from_millis(2),
        open: Duration::from_millis(200),
        refused: Duration::from_millis(200),
        timeout: Duration::from_millis(500),
        rows_max: 20,
        ..Limits::default()
    }
}

impl Bukza {
    /// A Bukza with so many reservations, half an hour apart.
    async fn start(reservations: i64) -> Self {
        let simulator = simulator::spawn().await.unwrap();
        let owner = simulator.client().bukza();
        owner.set(&(0..reservations).map(reservation).collect::<Vec<_>>()).await.unwrap();
        Self { simulator, owner, clock: ManualClock::at(at("2026-12-31T12:00:00Z")) }
    }

    fn settings(&self) -> BukzaApi {
        let access = BukzaAccess::Account { email: EMAIL.to_owned(), password: PASSWORD.into() };
        let (url, columns) = (self.simulator.url().parse().unwrap(), TableColumns::default());
        BukzaApi { url, access, table_id: TABLE_ID, columns }
    }

    fn table(&self) -> BukzaTable {
        self.table_with(&self.settings(), limits())
    }

    fn table_with(&self, settings: &BukzaApi, limits: Limits) -> BukzaTable {
        let rules = Rules {
            zone: VenueZone(chrono_tz::Asia::Yekaterinburg),
            region: PhoneRegion::default(),
            statuses: StatusRules::default(),
        };
        BukzaTable::with_limits(settings, &rules, Arc::new(self.clock.clone()), limits).unwrap()
    }
}

async fn read(table: &BukzaTable) -> Result<Snapshot, TableError> {
    table.snapshot(from(), from() + TimeDelta::days(7)).await
}

/// What a fault of the next requests for rows leads to, in a client of its own.
async fn with_fault(bukza: &Bukza, kind: Kind) -> Result<Snapshot, TableError> {
    bukza.owner.script(&BukzaFault::lasting(kind)).await.unwrap();
    let read = read(&bukza.table()).await;
    bukza.owner.clear_faults().await.unwrap();
    read
}

fn absent(error: &TableError) -> Vec<TableField> {
    match error {
        TableError::NotUnderstood(FormFault::ColumnsAbsent { absent, .. }) => absent.clone(),
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_snapshot_has_each_row_as_an_event_of_its_time() {
    let bukza = Bukza::start(2).await;
    let cancelled = reservation(7).with_status("Отменено");
    bukza.owner.put(&[cancelled]).await.unwrap();
    let snapshot = read(&bukza.table()).await.unwrap();
    assert_eq!((snapshot.taken_at, snapshot.from), (bukza.clock.now(), from()));
    let codes: Vec<_> = snapshot.bookings.iter().map(|event| event.code.as_str()).collect();
    assert_eq!(codes, ["CODE0", "CODE1", "CODE7"]);
    let [first, _, cancelled] = snapshot.bookings.as_slice() else { panic!("{snapshot:?}") };
    assert_eq!(first.received_at, snapshot.taken_at);
    assert_eq!(first.visit_time().unwrap().start(), from());
    assert_eq!(first.wall_clock.unwrap().start.to_string(), "2027-01-01 05:00:00");
    assert_eq!(first.details.phone.as_ref().unwrap().as_e164(), "+79990000000");
    assert_eq!(cancelled.meaning(), Meaning::Cancelled);
    assert_eq!((snapshot.left_out_count, snapshot.left_out.len()), (0, 0));
    assert!(snapshot.fields.contains(&TableField::Phone), "{:?}", snapshot.fields);
}

#[tokio::test]
async fn an_empty_table_is_a_snapshot_without_bookings() {
    let bukza = Bukza::start(0).await;
    let table = bukza.table();
    // In a task of its own, as a worker does it.
    let snapshot = tokio::spawn(async move { read(&table).await }).await.unwrap();
    assert!(snapshot.unwrap().bookings.is_empty());
}

#[tokio::test]
async fn whatever_is_not_understood_is_an_error_and_never_a_snapshot() {
    let bukza = Bukza::start(6).await;
    let body = |json| Kind::Body { json };
    let status = |status| Kind::Status { status, retry_after: None };
    let renamed =
        |from: &str| Kind::RenamedColumn { from: from.into(), to: "Колонка".into() };
    for kind in [
        Kind::Html { status: 200 },
        Kind::Truncated,
        status(400),
        status(404),
        status(302),
        body(json!({})),
        body(json!([])),
        body(json!({"rows": null})),
        body(json!({"rows": {"0": {}}})),
        body(json!({"error": "maintenance"})),
        body(json!({"rows": [null, 1, "row", [], true]})),
        body(json!({"rows": [{"orderId": 1, "cells": []}]})),
        body(json!({"rows": [{"id": 1, "columns": {"code": "A"}}]})),
        Kind::NoColumn { column: "bukza_start_date".into() },
        renamed("bukza_reservation_code"),
        renamed("bukza_end_date"),
        renamed("bukza_reservation_status"),
        Kind::Cells {
            column: "bukza_start_date".into(),
            value: Some(json!("2027-01-01T00:00:00.000Z")),
            formatted: Some(json!("1 января")),
        },
        Kind::Cells {
            column: "bukza_reservation_status".into(),
            value: Some(json!(3)),
            formatted: None,
        },
        Kind::Cells { column: "bukza_reservation_code".into(), value: None, formatted: None },
    ] {
        let error = with_fault(&bukza, kind.clone()).await.unwrap_err();
        assert!(matches!(error, TableError::NotUnderstood(_)), "{kind:?}: {error}");
        assert_eq!(error.outcome(), TableOutcome::NotUnderstood);
    }
    let renamed = with_fault(&bukza, renamed("bukza_reservation_status")).await.unwrap_err();
    assert_eq!(absent(&renamed), [TableField::Status]);
    let shown = renamed.to_string();
    assert!(
        shown.contains("no column for reservation_status; there are bukza_end_date,"),
        "{shown}"
    );
    assert!(shown.ends_with("Колонка"), "{shown}");
    assert!(read(&bukza.table()).await.is_ok(), "without faults it is read");
}

#[tokio::test]
async fn a_sign_in_that_is_not_understood_is_an_error() {
    let bukza = Bukza::start(1).await;
    for kind in [
        Kind::Html { status: 200 },
        Kind::Status { status: 404, retry_after: None },
        Kind::Body { json: json!({"token": "t"}) },
        Kind::Body { json: json!({"serverUrl": bukza.simulator.url()}) },
        Kind::Body { json: json!({"token": "t", "serverUrl": "ftp://127.0.0.1"}) },
        Kind::Body { json: json!({"token": "t", "serverUrl": "http://bukza.example.com"}) },
        Kind::Body { json: json!({"token": "two words", "serverUrl": bukza.simulator.url()}) },
    ] {
        bukza.owner.script(&BukzaFault::once(kind.clone()).of_sign_in()).await.unwrap();
        let error = read(&bukza.table()).await.unwrap_err();
        assert!(matches!(error, TableError::NotUnderstood(_)), "{kind:?}: {error}");
    }
    assert_eq!(bukza.owner.count().await.unwrap(), (7, 0), "the token went nowhere");
}

#[tokio::test]
async fn a_column_with_the_owners_name_is_read() {
    let bukza = Bukza::start(6).await;
    let rename = Kind::RenamedColumn {
        from: "bukza_reservation_code".into(),
        to: "Код брони".into(),
    };
    bukza.owner.script(&BukzaFault::lasting(rename)).await.unwrap();
    let mut settings = bukza.settings();
    settings.columns.set(TableField::Code, "Код брони".to_owned());
    let snapshot = read(&bukza.table_with(&settings, limits())).await.unwrap();
    assert_eq!(snapshot.bookings.len(), 6);
}

#[tokio::test]
async fn a_few_unusable_rows_are_left_out_and_named() {
    let bukza = Bukza::start(6).await;
    bukza.owner.put(&[Reservation { code: "-".into(), ..reservation(9) }]).await.unwrap();
    bukza.owner.put(&[reservation(3).with_status("17")]).await.unwrap();
    let snapshot = read(&bukza.table()).await.unwrap();
    assert_eq!((snapshot.bookings.len(), snapshot.left_out_count), (5, 2));
    let named: Vec<_> = snapshot
        .left_out
        .iter()
        .map(|row| (row.code.as_ref().map(BookingCode::as_str), cause(&row.faults)))
        .collect();
    let expected = [
        (Some("CODE3"), "reservation_status:missing".to_owned()),
        (None, "code:missing".to_owned()),
    ];
    assert_eq!(named, expected);
}

#[tokio::test]
async fn half_a_table_is_read_as_it_is() {
    let bukza = Bukza::start(10).await;
    let snapshot = with_fault(&bukza, Kind::HalfTable).await.unwrap();
    assert_eq!(snapshot.bookings.len(), 5, "who compares it refuses it");
}

#[tokio::test]
async fn a_period_with_more_rows_than_an_answer_holds_is_split() {
    let bukza = Bukza::start(150).await;
    bukza.owner.set_up(&BukzaSetup { rows_max: Some(20), ..BukzaSetup::default() }).await.unwrap();
    let snapshot = read(&bukza.table()).await.unwrap();
    assert_eq!(snapshot.bookings.len(), 150);
    let calls = bukza.owner.calls().await.unwrap();
    let full = calls.iter().filter(|call| call.rows >= 20).count();
    assert!(full > 5 && calls.len() < 60, "{full} of {}", calls.len());
    // Twenty in one minute can't be parted.
    let crowd = (0..20).map(|number| reservation(number).moved_to(from()));
    bukza.owner.put(&crowd.collect::<Vec<_>>()).await.unwrap();
    let error = read(&bukza.table()).await.unwrap_err();
    let TableError::TooManyRows { from: start, till } = error else { panic!("{error}") };
    assert!(start <= from() && till > from() && till - start <= SHORTEST, "{start} {till}");
}

#[tokio::test]
async fn five_thousand_rows_are_not_taken_for_the_whole() {
    let bukza = Bukza::start(0).await;
    let many = (0..5_001).map(|number| {
        let start = from() + TimeDelta::minutes(2 * number);
        Reservation { start, end: start + TimeDelta::hours(1), ..reservation(number) }
    });
    bukza.owner.set(&many.collect::<Vec<_>>()).await.unwrap();
    let limits = Limits { rows_max: 5_000, timeout: Duration::from_secs(30), ..limits() };
    let snapshot = read(&bukza.table_with(&bukza.settings(), limits)).await.unwrap();
    assert_eq!(snapshot.bookings.len(), 5_001);
    assert_eq!(bukza.owner.count().await.unwrap(), (1, 3));
}

#[tokio::test]
async fn an_endless_answer_is_not_read() {
    let bukza = Bukza::start(1).await;
    let limits = Limits { timeout: Duration::from_secs(30), ..limits() };
    let padding = Kind::Padding { bytes: 25 * 1024 * 1024 };
    bukza.owner.script(&BukzaFault::lasting(padding)).await.unwrap();
    let error = read(&bukza.table_with(&bukza.settings(), limits)).await.unwrap_err();
    assert_eq!(error, TableError::NotUnderstood(FormFault::TooLarge));
}

#[tokio::test]
async fn a_session_that_is_over_is_renewed_once() {
    let bukza = Bukza::start(1).await;
    let table = bukza.table();
    read(&table).await.unwrap();
    read(&table).await.unwrap();
    assert_eq!(bukza.owner.count().await.unwrap(), (1, 2), "one session serves both");
    bukza.owner.revoke_sessions().await.unwrap();
    assert_eq!(read(&table).await.unwrap().bookings.len(), 1);
    assert_eq!(bukza.owner.count().await.unwrap(), (2, 4));
    // An account without a right to this table.
    let refused = Kind::Status { status: 403, retry_after: None };
    let error = with_fault(&bukza, refused).await.unwrap_err();
    assert_eq!(error, TableError::CredentialsRefused { status: 403 });
    let password = Some("changed".to_owned());
    bukza.owner.set_up(&BukzaSetup { password, ..BukzaSetup::default() }).await.unwrap();
    bukza.owner.revoke_sessions().await.unwrap();
    let (sign_ins, _) = bukza.owner.count().await.unwrap();
    let error = read(&table).await.unwrap_err();
    assert_eq!(error, TableError::CredentialsRefused { status: 401 });
    assert_eq!(bukza.owner.count().await.unwrap().0, sign_ins + 1, "a wrong password is sent once");
}

#[tokio::test]
async fn a_token_handed_in_by_hand_is_used_and_not_renewed() {
    let bukza = Bukza::start(1).await;
    let url = format!("{}/api/account/signin", bukza.simulator.url());
    let request = json!({"email": EMAIL, "password": PASSWORD});
    let answer = reqwest::Client::new().post(url).json(&request).send().await.unwrap();
    let answer: serde_json::Value = answer.json().await.unwrap();
    let text = |key: &str| answer[key].as_str().unwrap().to_owned();
    let access = BukzaAccess::Token(text("token").into());
    let url = text("serverUrl").parse().unwrap();
    let settings = BukzaApi { url, access, ..bukza.settings() };
    let table = bukza.table_with(&settings, limits());
    assert_eq!(read(&table).await.unwrap().bookings.len(), 1);
    bukza.owner.revoke_sessions().await.unwrap();
    let error = read(&table).await.unwrap_err();
    assert_eq!(error, TableError::CredentialsRefused { status: 401 });
    assert_eq!(bukza.owner.count().await.unwrap(), (1, 2));
}

#[tokio::test]
async fn trouble_that_passes_is_waited_for() {
    let bukza = Bukza::start(1).await;
    for kind in [
        Kind::Cut,
        Kind::Html { status: 502 },
        Kind::Status { status: 500, retry_after: None },
        Kind::Status { status: 503, retry_after: None },
        Kind::Status { status: 429, retry_after: Some("0".into()) },
        Kind::Status { status: 503, retry_after: Some("0".into()) },
        Kind::Slow { ms: 2_000 },
    ] {
        let twice = BukzaFault::times(kind.clone(), ATTEMPTS - 1);
        bukza.owner.script(&twice).await.unwrap();
        let snapshot = read(&bukza.table()).await;
        assert_eq!(snapshot.unwrap().bookings.len(), 1, "{kind:?}");
        bukza.owner.clear_faults().await.unwrap();
    }
}

#[tokio::test]
async fn trouble_that_lasts_opens_the_circuit() {
    let bukza = Bukza::start(1).await;
    let table = bukza.table();
    bukza.owner.script(&BukzaFault::lasting(Kind::Html { status: 502 })).await.unwrap();
    let error = read(&table).await.unwrap_err();
    assert_eq!(error, TableError::Unreachable { reason: "HTTP 502".to_owned() });
    let before = bukza.owner.count().await.unwrap();
    assert_eq!(before, (1, 3));
    let paused = read(&table).await.unwrap_err();
    assert!(matches!(paused, TableError::Paused { .. }), "{paused}");
    assert_eq!(bukza.owner.count().await.unwrap(), before, "nothing was sent");
    bukza.owner.clear_faults().await.unwrap();
    tokio::time::sleep(Duration::from_millis(260)).await;
    assert_eq!(read(&table).await.unwrap().bookings.len(), 1);
}

#[tokio::test]
async fn a_demanded_pause_is_kept() {
    let bukza = Bukza::start(1).await;
    let table = bukza.table();
    let limited = Kind::Status { status: 429, retry_after: Some("90".into()) };
    bukza.owner.script(&BukzaFault::once(limited)).await.unwrap();
    let error = read(&table).await.unwrap_err();
    assert_eq!(error, TableError::Limited { retry_after: Duration::from_secs(90) });
    let TableError::Paused { left, .. } = read(&table).await.unwrap_err() else { panic!("sent") };
    assert!(left > Duration::from_secs(80), "{left:?}");
    assert_eq!(bukza.owner.count().await.unwrap(), (1, 1));
}

#[tokio::test]
async fn a_server_that_is_away_is_named_without_secrets() {
    let mut bukza = Bukza::start(1).await;
    let table = bukza.table();
    read(&table).await.unwrap();
    let shown = format!("{table:?}");
    assert!(!shown.contains(PASSWORD) && !shown.contains("session-1"), "{shown}");
    bukza.simulator.stop().await;
    let error = read(&table).await.unwrap_err().to_string();
    assert!(error.starts_with("Bukza can't be reached: "), "{error}");
    assert!(!error.contains(PASSWORD) && !error.contains("session-1"), "{error}");
}

#[test]
fn a_period_is_halved_at_whole_seconds_down_to_a_minute() {
    let (start, end) = (at("2027-01-01T00:00:00Z"), at("2027-01-01T00:03:01.5Z"));
    let (first, second) = halves((start, end)).unwrap();
    assert_eq!((first.0, first.1, second.1), (start, second.0, end));
    assert_eq!(first.1, at("2027-01-01T00:01:30Z"));
    assert_eq!(halves((start, start + SHORTEST)), None);
    assert_eq!(halves((end, start)), None);
}
