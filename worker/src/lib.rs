//! The worker: applies what ingest accepted, sends what is due, and reconciles. `main.rs` only
//! starts what this library holds.

pub mod apalis_runtime;
pub mod app;
pub mod bot;
pub mod bukza_table;
pub mod cli;
pub mod delivery;
pub mod jobs;
pub mod maintenance;
pub mod outbox_batcher;
pub mod preflight;
pub mod run;
pub mod staff_chat;
pub mod table_sync;
pub mod telegram;
pub mod texts;
#[cfg(test)]
mod tls_fixture;
mod worker_pools;
