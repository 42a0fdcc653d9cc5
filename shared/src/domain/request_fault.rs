//! What is wrong with a refused request, by field: answered to the sender, kept with the request, shown to
//! the staff.

use serde::{Deserialize, Serialize};

/// One thing that is wrong with one field of a request. Holds no value from the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// `code`, `start`, `reservations[1].end`, …; `body` for the whole.
    pub field: String,
    /// Goes on after the field's name: `is missing`. `bukza::FaultKind` knows each, and its words in other languages.
    pub message: String,
}

impl Fault {
    /// A fault of `field`.
    #[must_use]
    pub fn new(field: impl Into<String>, message: impl ToString) -> Self {
        Self { field: field.into(), message: message.to_string() }
    }
}
