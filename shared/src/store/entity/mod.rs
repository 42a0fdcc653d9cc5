//! The SeaORM entities, one for each table.

pub mod booking;
pub mod dead_letter;
pub mod inbox;
pub mod message;
pub mod rejected_request;
pub mod user;
