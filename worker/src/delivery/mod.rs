//! Delivery: sends the due messages of a chat in order, one at a time, within Telegram's limits, and
//! records each outcome.

mod bad_hours;
mod error;
mod group_pauses;
mod lists;
mod next_due;
mod record_outcome;
mod render;
mod report;
mod sender;
mod side_effects;
mod staff_answer;
mod together;

pub use error::DeliveryError;
pub use group_pauses::GroupPauses;
pub use sender::wake;
