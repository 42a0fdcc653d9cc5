//! A fake Telegram Bot API on a loopback port: it answers, checks and counts as Telegram does, fails
//! as scripted, and lets a test or the demo act as the users of the bot (control API under `/_sim/`). And a fake Bukza
//! with a table of reservations.

mod api;
mod autolinks;
pub mod bukza;
mod chats;
pub mod client;
mod control;
mod faults;
mod groups;
pub mod hostile;
mod html;
mod journal;
mod limits;
mod markup;
mod message_json;
pub mod model;
mod page;
mod people;
mod profile;
mod server;
mod state;
mod stats;
mod updates;
mod user;
mod webhook;

pub use autolinks::autolinks;
pub use client::{Client, ClientError};
pub use html::{Entity, EntityKind};
pub use server::{Running, serve, spawn};
