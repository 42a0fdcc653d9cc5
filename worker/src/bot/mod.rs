//! The bot as clients meet it: what an update means, what follows from it, and writing that down.
//! An update is applied once, in one transaction with its answers; nothing lives in memory.

mod answer;
mod decide;
mod intent;
mod rating_words;
mod update;

pub use answer::{Answer, ClientView};
pub use decide::{Client, Decision, Dialogue, RatedBooking, concerned_booking, decide};
pub use intent::{Intent, Sender, rating_data};
pub use update::{Listener, NotAnUpdate, Understood};
