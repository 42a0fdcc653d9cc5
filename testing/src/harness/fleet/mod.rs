//! The real programs as processes with their settings, and systems of them around one database and
//! one queue prefix.

mod database;
mod local;
mod program;
mod settings;
mod system;
mod world;

pub use self::{
    database::Database,
    local::{Local, LocalHost},
    program::{Binaries, Program},
    settings::{BUKZA_SECRET, STAFF_CHAT, Settings, TELEGRAM_SECRET},
    system::{Breakable, Site, System},
    world::{Options, TestHost, World},
};
