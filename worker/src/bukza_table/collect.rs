//! Joins the rows of all answers to a snapshot: one booking for each code, and what could not be used.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use shared::{
    bukza::{Fault, RowFaults, Rules, TableCell, cause, read_table_row, table_field},
    domain::{
        event::BookingEvent,
        ids::BookingCode,
        table_columns::{TableColumns, TableField},
    },
};

use super::{
    error::FormFault,
    snapshot::{LEFT_OUT_MAX, LeftOut},
    wire::WireRow,
};

/// Most names of columns that an error lists, and their length in characters.
const THERE_MAX: usize = 40;
const COLUMN_SHOWN: usize = 40;
/// Most names of columns that are remembered.
const COLUMNS_MAX: usize = 1_000;
/// So many rows of which none can be used are no accident.
const USELESS_ROWS: usize = 5;

/// What the answers have shown so far.
#[derive(Debug)]
pub(super) struct Collected<'a> {
    columns: &'a TableColumns,
    rules: &'a Rules,
    taken_at: DateTime<Utc>,
    rows: usize,
    /// What each column holds.
    fields: HashMap<String, Option<TableField>>,
    /// `None`: two different rows have this code.
    bookings: BTreeMap<BookingCode, Option<BookingEvent>>,
    left_out: Vec<LeftOut>,
    left_out_count: usize,
}

/// What a snapshot is made of.
#[derive(Debug)]
pub(super) struct Rows {
    pub bookings: Vec<BookingEvent>,
    pub left_out: Vec<LeftOut>,
    pub left_out_count: usize,
    /// The fields that have a column.
    pub fields: BTreeSet<TableField>,
}

impl<'a> Collected<'a> {
    pub(super) fn new(
        columns: &'a TableColumns,
        rules: &'a Rules,
        taken_at: DateTime<Utc>,
    ) -> Self {
        Self {
            columns,
            rules,
            taken_at,
            rows: 0,
            fields: HashMap::new(),
            bookings: BTreeMap::new(),
            left_out: Vec::new(),
            left_out_count: 0,
        }
    }

    pub(super) fn add(&mut self, rows: Vec<Option<WireRow>>) {
        for row in rows {
            self.rows += 1;
            match row {
                Some(row) => self.add_row(row),
                None => self.leave_out(None, vec![Fault::new("row", "is not an object")]),
            }
        }
    }

    fn add_row(&mut self, row: WireRow) {
        let mut cells = Vec::with_capacity(row.cells.len());
        for cell in row.cells {
            if let Some(field) = self.field(cell.column) {
                cells.push(TableCell { field, value: cell.value, formatted: cell.formatted });
            }
        }
        match read_table_row(&cells, row.order_id.as_deref(), self.rules, self.taken_at) {
            Ok(event) => self.add_booking(event),
            Err(RowFaults { code, faults }) => self.leave_out(code, faults),
        }
    }

    fn field(&mut self, column: String) -> Option<TableField> {
        if let Some(known) = self.fields.get(&column) {
            return *known;
        }
        let field = table_field(&column, self.columns);
        if self.fields.len() < COLUMNS_MAX {
            self.fields.insert(column, field);
        }
        field
    }

    /// The row of a reservation comes twice where two periods meet. Two different rows of one code can't both be true:
    /// neither is used.
    fn add_booking(&mut self, event: BookingEvent) {
        match self.bookings.get_mut(&event.code) {
            None => {
                self.bookings.insert(event.code.clone(), Some(event));
            }
            Some(Some(other)) if event.repeats(other) => {}
            Some(known) => {
                // The first one is left out, too.
                let rows = if known.take().is_some() { 2 } else { 1 };
                for _ in 0..rows {
                    let fault = Fault::new("code", "is the code of another reservation here, too");
                    self.leave_out(Some(event.code.clone()), vec![fault]);
                }
            }
        }
    }

    fn leave_out(&mut self, code: Option<BookingCode>, faults: Vec<Fault>) {
        self.left_out_count += 1;
        if self.left_out.len() < LEFT_OUT_MAX {
            self.left_out.push(LeftOut { code, faults });
        }
    }

    /// All that was read.
    ///
    /// # Errors
    /// When no row has a required column, or no row can be used.
    pub(super) fn finish(self) -> Result<Rows, FormFault> {
        let fields: BTreeSet<TableField> = self.fields.values().copied().flatten().collect();
        let required = TableField::ALL.iter().copied().filter(|field| field.is_required());
        let absent: Vec<_> = required.filter(|field| !fields.contains(field)).collect();
        if self.rows > 0 && !absent.is_empty() {
            let mut there: Vec<String> = self.fields.keys().map(|name| shown(name)).collect();
            there.sort_unstable();
            there.truncate(THERE_MAX);
            return Err(FormFault::ColumnsAbsent { absent, there });
        }
        let bookings: Vec<_> = self.bookings.into_values().flatten().collect();
        if bookings.is_empty() && self.rows >= USELESS_ROWS {
            let faults: Vec<_> = self.left_out.iter().flat_map(|row| row.faults.clone()).collect();
            return Err(FormFault::NoUsableRow { rows: self.rows, cause: cause(&faults) });
        }
        let (left_out, left_out_count) = (self.left_out, self.left_out_count);
        Ok(Rows { bookings, left_out, left_out_count, fields })
    }
}

fn shown(column: &str) -> String {
    column.chars().filter(|c| !c.is_control()).take(COLUMN_SHOWN).collect()
}
