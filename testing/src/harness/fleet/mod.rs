//! The real programs as processes: migrate, ingest, worker and simulator, with their settings, and
//! a world of them around one database and one queue prefix for a test.

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
