//! The only room that speaks the Bot API: the client, its calls, the limits of sending, and what
//! Telegram's answers mean.

pub mod limiter;
mod polling;
mod send_message;
mod setup;
mod webhook_monitor;

pub use limiter::Limiter;
pub use polling::Poller;
pub use send_message::{SendText, bot, send};
pub use setup::{answer_callback, register_commands};
pub(crate) use setup::{call, reason};
pub use webhook_monitor::watch;
