//! The worker's parts: what it says (`texts`) and how it listens to clients (`bot`).
//! The binary wires them.

pub mod bot;
pub mod texts;
