//! Which column of Bukza's own table holds what of a booking. The owner chooses the table's columns, so their names
//! can be set (`[bukza.columns]` in `venue.toml`).

use std::collections::BTreeMap;

/// What a column can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TableField {
    Code,
    Start,
    End,
    Status,
    OrderStatus,
    Service,
    Zone,
    Order,
    People,
    Total,
    Paid,
    Prepayment,
    Phone,
    Name,
    LastName,
    Comment,
}

impl TableField {
    pub const ALL: &[Self] = &[
        Self::Code,
        Self::Start,
        Self::End,
        Self::Status,
        Self::OrderStatus,
        Self::Service,
        Self::Zone,
        Self::Order,
        Self::People,
        Self::Total,
        Self::Paid,
        Self::Prepayment,
        Self::Phone,
        Self::Name,
        Self::LastName,
        Self::Comment,
    ];

    /// Its key in `venue.toml`, which is the field's name in a web request, too.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Start => "start",
            Self::End => "end",
            Self::Status => "reservation_status",
            Self::OrderStatus => "order_status",
            Self::Service => "service",
            Self::Zone => "zone",
            Self::Order => "order",
            Self::People => "people",
            Self::Total => "total",
            Self::Paid => "paid",
            Self::Prepayment => "prepayment",
            Self::Phone => "phone",
            Self::Name => "name",
            Self::LastName => "last_name",
            Self::Comment => "comment",
        }
    }

    /// Whether a table without this column is not understood. Without its status a cancelled booking would be read as
    /// one that stands.
    #[must_use]
    pub fn is_required(self) -> bool {
        match self {
            Self::Code | Self::Start | Self::End | Self::Status => true,
            Self::OrderStatus
            | Self::Service
            | Self::Zone
            | Self::Order
            | Self::People
            | Self::Total
            | Self::Paid
            | Self::Prepayment
            | Self::Phone
            | Self::Name
            | Self::LastName
            | Self::Comment => false,
        }
    }
}

/// The names of columns that the owner set. A field without one has the names that a web request may use.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableColumns(BTreeMap<TableField, String>);

impl TableColumns {
    /// Sets a field's column; returns the field that has this column already.
    pub fn set(&mut self, field: TableField, column: String) -> Option<TableField> {
        let taken = self.0.iter().find(|(_, name)| **name == column).map(|(field, _)| *field);
        self.0.insert(field, column);
        taken
    }

    /// The owner's name of a field's column.
    #[must_use]
    pub fn of(&self, field: TableField) -> Option<&str> {
        self.0.get(&field).map(String::as_str)
    }
}
