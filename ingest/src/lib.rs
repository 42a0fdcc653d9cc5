//! The HTTP server for webhooks: checks the caller's secret, reads a Bukza web request or a Telegram update,
//! and stores it as a job in Redis (in PostgreSQL while Redis is away). Stateless.

pub mod enqueue;
pub mod http;
pub mod router;
mod state;
mod webhooks;
