//! The bot as clients meet it: what an update means, what follows from it, and writing that down.
//! An update is applied once, in one transaction with its answers; nothing lives in memory.

mod apply;
mod contact;
mod decide;
mod intent;
mod parse_update;
mod rating_text;
mod reply;

pub use apply::{Context, Received, apply};
pub use decide::{
    Client, Decision, Dialogue, RatedBooking, concerned_booking, decide, proven_phone,
};
pub use intent::{Intent, Sender, rating_data};
pub use parse_update::{NotAnUpdate, ParsedUpdate, UpdateParser};
pub use reply::{ClientView, Reply};
