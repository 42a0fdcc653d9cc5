//! The only room that uses the Bot API: the client, its calls, the rate limits, and the parsing of
//! updates. It depends on `bot` and `texts`, which know no type of Telegram.

mod answer;
mod chat;
mod client;
mod copy_message;
mod edit_message;
mod error;
mod families;
pub mod limiter;
mod markup;
mod parse_staff;
mod parse_update;
mod polling;
mod presentation;
mod send_document;
mod send_message;
mod setup;
mod way;
mod ways;
#[cfg(test)]
mod ways_tls_tests;
mod webhook_monitor;

pub use answer::CallError;
pub use chat::{Chat, Member, Missing, missing};
pub use client::{Client, Me, WebhookInfo};
pub use copy_message::{CopyMessage, copy};
pub use edit_message::{EditButtons, EditText, Edited, ThumbUp, edit};
pub use limiter::Limiter;
pub use markup::markup;
pub use parse_update::{NotAnUpdate, UpdateParser};
pub use polling::Poller;
pub use presentation::{PartKind, PartName, differences};
pub use send_document::{SendDocument, send_document};
pub use send_message::{SendText, send};
pub use setup::{answer_callback, register_commands, register_staff_commands};
pub use webhook_monitor::watch;
