//! What dies, hangs or is cut off, with the real programs. One program, so that its tests, which mostly
//! wait for time limits to pass, wait side by side.

#[path = "../common/mod.rs"]
mod common;

mod crashes;
mod network;
mod outages;
mod stopping;
