//! The engine under load and poison and wrong clocks, with the real programs. One program, so that its
//! tests, which mostly wait, wait side by side.

#[path = "../common/mod.rs"]
mod common;

mod clocks;
mod limits;
mod quarantine;
