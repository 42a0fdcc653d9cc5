//! What is wrong with a request, by field: told to the sender, kept with the request, shown to
//! the staff.

use serde::{Deserialize, Serialize};

/// One thing that is wrong with one field of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// The field's name as the sender wrote it (`start`); `body` for the whole.
    pub field: String,
    pub message: String,
}
