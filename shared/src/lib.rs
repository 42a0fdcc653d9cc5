//! What ingest and worker have in common: domain types and rules, settings, the queue,
//! the PostgreSQL layer and telemetry. Knows neither axum nor apalis workers nor teloxide.

pub mod batcher;
pub mod bukza;
pub mod clock;
pub mod domain;
pub mod json;
pub mod queue;
pub mod settings;
pub mod store;
pub mod telemetry;
