//! The bot: what an update means, the replies that follow, and how both are stored. An update is applied
//! once, in one transaction with its replies.

mod apply;
pub mod command;
mod contact;
mod decide;
pub mod intent;
pub mod keyboard;
mod rating_text;
mod repeats;
mod reply;

pub use apply::{Received, apply};
pub use decide::{
    Client, Decision, Dialogue, RatedBooking, concerned_booking, decide, proven_phone,
};
pub use intent::{Intent, ParsedUpdate, Sender};
pub use reply::{ClientView, Needs, Reply};
