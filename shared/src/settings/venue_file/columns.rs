//! `[bukza.columns]` of `venue.toml`: the names of the columns in Bukza's own table.

use super::checked_table::{Faults, Table};
use crate::domain::table_columns::{TableColumns, TableField};

/// Longest name of a column, in characters.
const COLUMN_MAX: usize = 100;

/// The columns that the owner named.
pub(super) fn read(root: Table<'_>, faults: &mut Faults<'_>) -> TableColumns {
    let mut columns = TableColumns::default();
    let Some(bukza) = root.get("bukza").and_then(|value| value.table(faults)) else {
        return columns;
    };
    let bukza = Table::new(bukza, "bukza.");
    bukza.allow(&["columns"], faults);
    let Some(named) = bukza.get("columns").and_then(|value| value.table(faults)) else {
        return columns;
    };
    let named = Table::new(named, "bukza.columns.");
    let keys: Vec<&str> = TableField::ALL.iter().map(|field| field.as_str()).collect();
    named.allow(&keys, faults);
    for field in TableField::ALL {
        let Some(value) = named.get(field.as_str()) else { continue };
        let Some(text) = value.text(faults) else { continue };
        let column = text.trim();
        if column.is_empty() {
            value.refuse(faults, "is empty");
        } else if column.chars().count() > COLUMN_MAX || column.chars().any(char::is_control) {
            value.refuse(
                faults,
                format!("is no name of a column, of at most {COLUMN_MAX} characters"),
            );
        } else if let Some(other) = columns.set(*field, column.to_owned()) {
            value.refuse(faults, format!("is the column of {}, too", other.as_str()));
        }
    }
    columns
}
