//! Taking over the Python bot's database: reading it, and writing in batches what `domain::import` decides. Idempotent.

mod bookings;
mod clients;
mod old_database;
mod rows;

pub use bookings::{BATCH, ImportedBooking, Importer};
pub use clients::{ClientFate, fates, register};
pub use old_database::{OldDatabase, OldDatabaseError};
