//! What Bukza sends.

/// The body of a booking's request, as a real account sends it.
pub const PRODUCTION: &str = include_str!("production_payload.json");
