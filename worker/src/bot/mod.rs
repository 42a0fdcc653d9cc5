//! The bot as clients meet it: what an update means, what follows from it, and writing that down.
//! An update is applied once, in one transaction with its answers; nothing lives in memory.

mod answer;
mod apply;
mod calls;
mod contact;
mod decide;
mod intent;
mod polling;
mod rating_words;
mod update;
mod watch;

pub use answer::{Answer, ClientView};
pub use apply::{Received, Surroundings, apply};
pub use calls::{answer_callback, introduce};
pub(crate) use calls::{call, reason};
pub use decide::{
    Client, Decision, Dialogue, RatedBooking, concerned_booking, decide, proven_phone,
};
pub use intent::{Intent, Sender, rating_data};
pub use polling::Poller;
pub use update::{Listener, NotAnUpdate, Understood};
pub use watch::watch;
