//! What Bukza sends, and its API as it was seen: the sign-in, and a table of reservations. Answers have the recorded forms in
//! `fixtures/`, whatever a client expects.

pub(crate) mod api;
pub(crate) mod control;
mod faults;
mod form;
pub mod model;
pub(crate) mod table;
mod template;

pub use template::{COMMA, FIELDS, Filled, RESERVATIONS, Reservation, Template, block, template};

/// The body of a booking's request, as a real account sends it.
pub const PRODUCTION: &str = include_str!("production_payload.json");
