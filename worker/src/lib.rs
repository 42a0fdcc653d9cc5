//! The worker: applies what ingest accepted, delivers what is due, keeps house. `main.rs` only
//! reads settings, wires these parts and runs them.

pub mod app;
pub mod boot;
pub mod bot;
pub mod delivery;
pub mod doctor;
pub mod gauges;
pub mod inbox;
pub mod jobs;
pub mod operator;
pub mod reconcile;
pub mod run;
pub mod runtime;
pub mod texts;
