//! A row is read as the web request of the same reservation is, and what can't be read is refused with its faults.

use serde_json::{Value, json};

use super::*;
use crate::{
    bukza::{Request, read},
    domain::{
        event::Change,
        money::Money,
        phone::PhoneRegion,
        status::{Meaning, StatusRules},
        time::VenueZone,
    },
};

fn rules() -> Rules {
    Rules {
        zone: VenueZone(chrono_tz::Asia::Yekaterinburg),
        region: PhoneRegion::default(),
        statuses: StatusRules::default(),
    }
}

fn now() -> DateTime<Utc> {
    "2025-12-01T00:00:00Z".parse().unwrap()
}

/// A column's name, a value and how it is shown. `none` stands for nothing.
type Cell = (&'static str, String, String);

fn cell(column: &'static str, value: &str, formatted: &str) -> Cell {
    (column, value.to_owned(), formatted.to_owned())
}

/// The recorded row.
fn row() -> Vec<Cell> {
    vec![
        cell("bukza_order_number", "983152077", "983 152 077"),
        cell("bukza_start_date", "2025-12-27T07:00:00.000Z", "27.12.2025 12:00"),
        cell("bukza_end_date", "2025-12-27T08:00:00.000Z", "27.12.2025 13:00"),
        cell("bukza_resource_system_name", "ЛЕН > VR Арена", "ЛЕН > VR Арена"),
        cell("bukza_reservation_status", "Подтверждено", "Подтверждено"),
        cell("bukza_paid", "8990", "8 990,00 ₽"),
        cell("bukza_shares", "10", "10"),
        cell("bukza_reservation_code", "C6UDS3", "C6UDS3"),
        cell("bukza_phone", "+79991234567", "+7 (999) 123-45-67"),
        cell("bukza_first_name", "Алина", "Алина"),
        cell("owners_own", "?", "?"),
    ]
}

fn with(column: &'static str, value: &str, formatted: &str) -> Vec<Cell> {
    let mut row = row();
    for it in row.iter_mut().filter(|it| it.0 == column) {
        *it = cell(column, value, formatted);
    }
    row
}

fn read_row(cells: &[Cell]) -> Result<BookingEvent, RowFaults> {
    read_with(cells, &TableColumns::default())
}

fn read_with(cells: &[Cell], columns: &TableColumns) -> Result<BookingEvent, RowFaults> {
    let text = |text: &str| Some(text.to_owned()).filter(|text| text != "none");
    let known = cells.iter().filter_map(|(column, value, formatted)| {
        let field = table_field(column, columns)?;
        Some(TableCell { field, value: text(value), formatted: text(formatted) })
    });
    let known: Vec<_> = known.collect();
    read_table_row(&known, Some("9831520"), &rules(), now())
}

fn faults(cells: &[Cell]) -> Vec<String> {
    let faults = read_row(cells).unwrap_err().faults.into_iter();
    faults.map(|fault| format!("{} {}", fault.field, fault.message)).collect()
}

#[test]
fn a_row_is_read_as_the_web_request_of_the_same_reservation() {
    let body = json!({
        "code": "C6UDS3",
        "reservation_status": "Подтверждено",
        "start": "27.12.2025 12:00",
        "end": "27.12.2025 13:00",
        "service": "ЛЕН > VR Арена",
        "order": "983152077",
        "id_zakaz": "9831520",
        "paid": "8990",
        "kolvo": "10",
        "phone": "+79991234567",
        "name": "Алина",
    });
    let body = body.to_string();
    let request = Request { query: &[], content_type: None, body: body.as_bytes() };
    let of_request = read(&request, &rules(), now()).unwrap().remove(0);
    let of_row = read_row(&row()).unwrap();
    assert_eq!(of_row.code, of_request.code);
    assert_eq!(of_row.change, of_request.change);
    assert_eq!(of_row.wall_clock, of_request.wall_clock);
    assert_eq!(of_row.status, of_request.status);
    assert_eq!(of_row.details, of_request.details);
    assert_eq!(of_row.details.paid, Some(Money(899_000)));
    assert_eq!(of_row.reading, None, "a table's row is no request that the staff are shown");
    assert_eq!(of_row.received_at, now());
}

#[test]
fn times_are_those_that_people_see() {
    let visit_time = |cells: &[Cell]| read_row(cells).unwrap().visit_time();
    // Bukza could send local times as if they were UTC.
    let as_if = with("bukza_start_date", "2025-12-27T12:00:00.000Z", "27.12.2025 12:00");
    assert_eq!(visit_time(&as_if), visit_time(&row()));
    let no_value = with("bukza_start_date", "none", "27.12.2025 12:00:00");
    assert_eq!(visit_time(&no_value), visit_time(&row()));
    let value_alone = with("bukza_start_date", "2025-12-27T07:00:00.000Z", "none");
    assert_eq!(faults(&value_alone), ["start is missing"]);
    let own_format = with("bukza_start_date", "2025-12-27T07:00:00.000Z", "27 дек., 12:00");
    assert_eq!(faults(&own_format), ["start is not a time: expected dd.MM.yyyy HH:mm or ISO 8601"]);
}

#[test]
fn a_status_is_words_and_never_missing() {
    let status = "bukza_reservation_status";
    let meaning = |cells: &[Cell]| read_row(cells).unwrap().meaning();
    assert_eq!(meaning(&with(status, "Отменено", "Отменено")), Meaning::Cancelled);
    assert_eq!(meaning(&with(status, "17", "Отменено")), Meaning::Cancelled);
    assert_eq!(meaning(&with(status, "none", "Техничка")), Meaning::Ignored);
    for (value, formatted) in [("17", "none"), ("", " "), ("none", "none"), ("17", "3")] {
        let faults = faults(&with(status, value, formatted));
        assert_eq!(faults, ["reservation_status is missing"], "{value} {formatted}");
    }
    // The order's status counts beside the reservation's.
    let mut cells = row();
    cells.push(cell("bukza_order_status", "Заказ отменён", "Заказ отменён"));
    assert_eq!(meaning(&cells), Meaning::Cancelled);
}

#[test]
fn a_cancelled_row_needs_no_times() {
    let mut cells = with("bukza_reservation_status", "Отменено", "Отменено");
    cells.retain(|cell| !cell.0.ends_with("_date"));
    assert_eq!(read_row(&cells).unwrap().change, Change::Cancelled(None));
}

#[test]
fn a_row_without_a_usable_code_is_refused_and_never_keyed_by_its_order() {
    let code = "bukza_reservation_code";
    assert_eq!(faults(&with(code, "none", "none")), ["code is missing"]);
    assert_eq!(faults(&with(code, "-", "")), ["code is missing"]);
    let broken = read_row(&with("bukza_end_date", "none", "27.12.2025 11:00")).unwrap_err();
    assert_eq!(broken.code.unwrap().as_str(), "C6UDS3");
}

#[test]
fn an_orders_id_is_no_number_of_an_order() {
    let mut cells = row();
    cells.retain(|cell| cell.0 != "bukza_order_number");
    let details = read_row(&cells).unwrap().details;
    assert_eq!((details.order, details.order_page.as_deref()), (None, Some("9831520")));
}

#[test]
fn the_owners_column_replaces_the_default_ones() {
    let mut columns = TableColumns::default();
    columns.set(TableField::Code, "Код брони".to_owned());
    columns.set(TableField::Comment, "bukza_phone".to_owned());
    let field = |column: &str| table_field(column, &columns);
    assert_eq!(field("Код брони"), Some(TableField::Code));
    assert_eq!(field("bukza_reservation_code"), None);
    assert_eq!(field("bukza_phone"), Some(TableField::Comment));
    assert_eq!(field("bukza_start_date"), Some(TableField::Start));
    assert_eq!(field("message"), None);
    assert_eq!(field("event"), None);
    let mut cells = row();
    cells.push(cell("Код брони", "OWN1", "OWN1"));
    let event = read_with(&cells, &columns).unwrap();
    assert_eq!((event.code.as_str(), event.details.phone), ("OWN1", None));
}

#[test]
fn each_field_has_default_names_of_its_own() {
    for field in TableField::ALL {
        for name in names_of(*field) {
            assert_eq!(
                table_field(name.text(), &TableColumns::default()),
                Some(*field),
                "{}",
                name.text()
            );
        }
    }
}

proptest::proptest! {
    /// What a visitor typed into one cell changes that cell's field and no other.
    #[test]
    fn a_cell_is_only_its_own_field(name in "\\PC{0,60}", comment in "\\PC{0,60}") {
        let mut cells = with("bukza_first_name", &name, &name);
        cells.push(cell("bukza_comment", &comment, &comment));
        let (event, plain) = (read_row(&cells).unwrap(), read_row(&row()).unwrap());
        proptest::prop_assert_eq!(&event.code, &plain.code);
        proptest::prop_assert_eq!(&event.change, &plain.change);
        proptest::prop_assert_eq!(&event.status, &plain.status);
        proptest::prop_assert_eq!(&event.details.phone, &plain.details.phone);
        proptest::prop_assert_eq!(&event.details.paid, &plain.details.paid);
    }
}

#[test]
fn the_example_of_a_row_is_the_recorded_one() {
    let recorded = include_str!("../../../simulator/fixtures/table.json");
    let recorded: Value = serde_json::from_str(recorded).unwrap();
    let cells = recorded["rows"][0]["cells"].as_array().unwrap();
    let columns: Vec<&str> = cells.iter().map(|cell| cell["type"].as_str().unwrap()).collect();
    let own = row();
    let used: Vec<&str> = own.iter().map(|it| it.0).take(columns.len()).collect();
    assert_eq!(used, columns);
}
