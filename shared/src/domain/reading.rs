//! How a request was read, beside the booking that it describes: what it left empty, what could not be read, which names
//! are unknown. The first requests of an installation are shown to the staff so.

use serde::{Deserialize, Serialize};

/// A field that is read from requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    Start,
    End,
    Status,
    Service,
    Zone,
    Phone,
    Name,
    LastName,
    People,
    Total,
    Prepayment,
    Paid,
    Order,
    OrderPage,
    Comment,
}

impl Field {
    pub const ALL: &[Self] = &[
        Self::Start,
        Self::End,
        Self::Status,
        Self::Service,
        Self::Zone,
        Self::Phone,
        Self::Name,
        Self::LastName,
        Self::People,
        Self::Total,
        Self::Prepayment,
        Self::Paid,
        Self::Order,
        Self::OrderPage,
        Self::Comment,
    ];
}

/// A request's reading. All of it is bounded. Names and values may be a visitor's words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Reading {
    /// Fields that came as an empty value, a dash or an unfilled placeholder.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unfilled: Vec<Field>,
    /// Fields that could not be read, each with its value.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<(Field, String)>,
    /// Fields that the request does not have.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub absent: Vec<Field>,
    /// Names that no field has.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<String>,
    /// How many more there are.
    #[serde(skip_serializing_if = "is_zero")]
    pub unknown_more: usize,
    /// Names that are known and not read: `email`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unused: Vec<String>,
    /// Words of statuses and events beside those that decided the meaning.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub other_words: Vec<String>,
    /// The deciding words have a meaning. Others count as a booking that stands.
    pub words_known: bool,
    /// How many more reservations the request has.
    #[serde(skip_serializing_if = "is_zero")]
    pub more_reservations: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}
