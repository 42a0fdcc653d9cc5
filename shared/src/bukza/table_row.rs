//! Reads a row of Bukza's own table: its cells become the fields of a web request and are read by the same rules. Pure.

use chrono::{DateTime, Utc};

use super::{
    Fault, Rules,
    body::Body,
    event, fields,
    key::Key,
    known_name,
    lookup::Layers,
    names::{self, Names},
    node::{Node, Object},
};
use crate::domain::{
    event::BookingEvent,
    ids::BookingCode,
    table_columns::{TableColumns, TableField},
};

/// The order's id in the row, which is no cell.
const ORDER_ID: &str = "order_id";

/// The names of [`names::STATUS`] by whose status it is.
const RESERVATION_STATUS: Names =
    &known_name::names(["reservation_status", "bukza_reservation_status", "status"]);
const ORDER_STATUS: Names = &known_name::names(["order_status", "bukza_order_status"]);

/// A cell of a column that is read. A value that is neither text nor number is left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableCell {
    pub field: TableField,
    /// As programs see it.
    pub value: Option<String>,
    /// As people see it in the table.
    pub formatted: Option<String>,
}

/// Why a row can't be used. Holds nothing of a client's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowFaults {
    pub code: Option<BookingCode>,
    /// At least one.
    pub faults: Vec<Fault>,
}

/// What a column holds: by the owner's name for it, else by the names that a web request may use. `None`: it is not read.
#[must_use]
pub fn table_field(column: &str, columns: &TableColumns) -> Option<TableField> {
    let all = || TableField::ALL.iter().copied();
    let column = Key::from(column);
    let is_column = |name: &str| Key::from(name).is_same(&column);
    let own = all().find(|field| columns.of(*field).is_some_and(is_column));
    own.or_else(|| {
        let is_default = |field: TableField| column.is_one_of(names_of(field));
        all().find(|field| columns.of(*field).is_none() && is_default(*field))
    })
}

/// The names that a column may have without the owner's setting.
fn names_of(field: TableField) -> Names {
    match field {
        TableField::Code => names::CODE,
        TableField::Start => names::START,
        TableField::End => names::END,
        TableField::Status => RESERVATION_STATUS,
        TableField::OrderStatus => ORDER_STATUS,
        TableField::Service => names::SERVICE,
        TableField::Zone => names::ZONE,
        TableField::Order => names::ORDER,
        TableField::People => names::PEOPLE,
        TableField::Total => names::TOTAL,
        TableField::Paid => names::PAID,
        TableField::Prepayment => names::PREPAYMENT,
        TableField::Phone => names::PHONE,
        TableField::Name => names::NAME,
        TableField::LastName => names::LAST_NAME,
        TableField::Comment => names::COMMENT,
    }
}

/// Reads a row as an event that was received at `taken_at`.
///
/// # Errors
/// Every fault of code, times and status. A row without a status is refused: a cancelled booking would be read as one
/// that stands.
pub fn read_table_row(
    cells: &[TableCell],
    order_id: Option<&str>,
    rules: &Rules,
    taken_at: DateTime<Utc>,
) -> Result<BookingEvent, RowFaults> {
    let text =
        |field: TableField| cells.iter().filter(|cell| cell.field == field).find_map(text_of);
    // The visitor's fields come last: those before them are trusted.
    let mut entries: Vec<(Key<'_>, Node<'_>)> = Vec::new();
    for field in TableField::ALL {
        if let Some(text) = text(*field) {
            entries.push((field.as_str().into(), Node::Text(text.into())));
        }
    }
    let has = |field: TableField| entries.iter().any(|(name, _)| **name == *field.as_str());
    let (has_status, has_order) = (has(TableField::Status), has(TableField::Order));
    if let Some(id) = order_id {
        entries.insert(0, (ORDER_ID.into(), Node::Text(id.into())));
    }
    let body = Body { fields: Object(entries), ..Body::default() };
    let layers = Layers { item: None, body: &body, query: &[] };
    let read = event::one(&layers, rules, taken_at);
    let no_status = (!has_status).then(|| Fault::new(TableField::Status.as_str(), "is missing"));
    match (read, no_status) {
        (Ok(mut event), None) => {
            // The order's id is not its number, which may be known.
            event.details.order.take_if(|_| !has_order);
            Ok(event)
        }
        (read, no_status) => {
            let faults = read.err().into_iter().flatten().chain(no_status).collect();
            Err(RowFaults { code: fields::code(&layers).ok(), faults })
        }
    }
}

/// The text of a cell. Times are what people see: in which zone the value of a time is, is not known. All else is the
/// value, which has no separators of thousands; of a status, if it is words and not a number of Bukza's own.
fn text_of(cell: &TableCell) -> Option<&str> {
    let is_filled = |text: &&str| !text.trim().is_empty();
    let value = cell.value.as_deref().filter(is_filled);
    let formatted = cell.formatted.as_deref().filter(is_filled);
    let words = |text: &&str| text.chars().any(char::is_alphabetic);
    match cell.field {
        TableField::Start | TableField::End => formatted,
        TableField::Status | TableField::OrderStatus => {
            value.filter(words).or_else(|| formatted.filter(words))
        }
        TableField::Code
        | TableField::Service
        | TableField::Zone
        | TableField::Order
        | TableField::People
        | TableField::Total
        | TableField::Paid
        | TableField::Prepayment
        | TableField::Phone
        | TableField::Name
        | TableField::LastName
        | TableField::Comment => value.or(formatted),
    }
}

#[cfg(test)]
#[path = "table_row_tests.rs"]
mod tests;
