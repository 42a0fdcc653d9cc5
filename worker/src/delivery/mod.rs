//! Delivery: what is due in a chat is said there, in order, one message at a time, within
//! Telegram's limits, and each message's end is written down.

mod aftermath;
mod courier;
mod desk;
mod head;
mod limiter;
mod render;
mod report;
mod settle;
mod telegram;

pub use courier::{DeliveryError, wake};
pub use desk::Desk;
pub use limiter::{Limiter, Place, Turn};
pub use telegram::bot;
